"""Hypothesis strategies of parameters and small data sets, valid ones and others."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from scipy import sparse
from sklearn.model_selection import KFold

from sknn_tips.metrics.metrics import CLASSIFIER_METRICS, REGRESSOR_METRICS
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.initializers import INITIALIZERS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES

# -- parameters ------------------------------------------------------------------------------------


def positive(largest: float) -> st.SearchStrategy[float]:
    """Return numbers between 1e-6 and `largest`, equally likely in every decade."""
    return st.floats(-6, np.log10(largest)).map(lambda power: float(10**power))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


FLAG = st.booleans()
BELOW_ONE = st.floats(0, 0.99)
WIDTHS = st.lists(st.integers(1, 8), max_size=3)
NAMES = st.sampled_from(sorted(ACTIVATIONS))

# Values of each parameter that are valid by themselves. Those of two parameters may not go together.
VALID: dict[str, st.SearchStrategy[Any]] = {
    "hidden_layer_sizes": WIDTHS.map(tuple) | st.integers(1, 9) | st.sampled_from(["4x2", ()]),
    "activation": NAMES | st.lists(NAMES, min_size=1, max_size=2),
    "solver": st.sampled_from(["adam", "sgd", "lbfgs"]),
    "alpha": st.just(0.0) | positive(10),
    "batch_size": st.sampled_from(["auto", "sqrt"]) | st.integers(1, 50),
    "learning_rate": st.sampled_from(sorted(SCHEDULES)),
    "learning_rate_init": st.just("auto") | positive(100),
    "power_t": st.floats(0, 2),
    "max_iter": st.integers(1, 6),
    "shuffle": FLAG,
    "random_state": st.integers(0, 2**32 - 1) | st.builds(np.random.RandomState, st.integers(0, 9)),
    "tol": optional(positive(1)),
    "verbose": st.just(0),
    "warm_start": FLAG,
    "momentum": st.floats(0, 1),
    "nesterovs_momentum": FLAG,
    "early_stopping": FLAG,
    "validation_fraction": st.floats(0.05, 0.9) | st.just(KFold(3)),
    "beta_1": BELOW_ONE,
    "beta_2": BELOW_ONE,
    "epsilon": positive(1),
    "n_iter_no_change": st.integers(1, 5) | st.just(np.inf),
    "max_fun": st.integers(1, 50),
    "init": st.sampled_from(["auto", *sorted(INITIALIZERS)]),
    "init_params": optional(st.just({"draw_biases": True})),
    "activation_params": st.sampled_from([None, {"pieces": 3}, {"alpha": 0.5}]),
    "dropout": BELOW_ONE | st.lists(BELOW_ONE, min_size=1, max_size=2),
    "input_dropout": BELOW_ONE,
    "batchnorm": st.sampled_from([True, False, "before", "after", ["before", False]]),
    "layernorm": FLAG,
    "input_scaling": FLAG,
    "optimizer": optional(st.sampled_from(sorted(OPTIMIZERS))),
    "optimizer_params": st.sampled_from([None, {}, {"rho": 0.8}, {"amsgrad": True}, {"eps": 1e-3}]),
    "schedule_params": st.sampled_from(
        [None, {"gamma": 0.9}, {"step_size": 2}, {"decay": 0.1}, {"patience": 1}, {"min_rate": 1e-5}]
    ),
    "weight_decay": optional(st.just(0.0) | positive(10)),
    "clip_norm": optional(positive(10)),
    "clip_value": optional(positive(10)),
    "ema_decay": optional(BELOW_ONE),
    "l1": st.just(0.0) | positive(1),
    "activity_l1": st.just(0.0) | positive(1),
    "metrics": st.lists(
        st.sampled_from(sorted({*CLASSIFIER_METRICS, *REGRESSOR_METRICS})), max_size=2
    ),
    "monitor": st.sampled_from([None, "loss", "val_loss", "train_accuracy", "r2"]),
    "restore_best": optional(FLAG),
    "callbacks": st.just(()),
    "tips": st.sampled_from(["warn", "all", "ignore"]),
    "device": st.sampled_from(["auto", "cpu"]),
    "dtype": st.sampled_from(["auto", "float32", "float64"]),
    "n_threads": st.sampled_from([None, 1, 2]),
    # of one of the two estimators
    "loss": st.sampled_from(sorted({*CLASSIFIER_LOSSES, *REGRESSOR_LOSSES})),
    "class_weight": st.sampled_from([None, "balanced", {0: 2.0, 1: 0.5}]),
    "label_smoothing": BELOW_ONE,
    "loss_params": st.sampled_from([None, {"delta": 0.5}, {"quantile": 0.9}]),
    "normalize_y": FLAG,
}
# Values of every kind, most of which are wrong for most parameters.
ANYTHING = st.sampled_from(
    [
        *[None, True, False, 0, 1, -1, 2, 0.0, 0.5, -0.5, 1e-320, 1e39, 1e300, np.nan, np.inf],
        *[10**400, "", "relu", "auto", b"x", (), [], [0.5], {}, {"a": 1}, {0: 1e39}, object(), int],
        *[np.array(0), np.array(0.5), np.array([1, 2]), np.float32(0.1), np.int8(3), np.bool_(True)],
        *[np.datetime64("2020-01-01"), 1 + 2j, range(3), "1x99999999", -(10**400), print],
    ]
)
# Values that are valid, but would make a test run for hours.
ENDLESS = {"max_iter": (10**400,), "max_fun": (10**400,)}


def valid_parameters(names: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return up to eight parameters of an estimator with valid values."""
    chosen = st.lists(st.sampled_from(sorted(names)), unique=True, max_size=8)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: VALID[key] for key in keys}))


@st.composite
def any_parameters(draw: st.DrawFn, names: Any) -> dict[str, Any]:
    """Return parameters of an estimator, one or two of them with values of any kind."""
    parameters = draw(valid_parameters(names))
    for name in draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=2)):
        value = draw(ANYTHING)
        if not any(value is each for each in ENDLESS.get(name, ())):
            parameters[name] = value
    return parameters


# -- data ------------------------------------------------------------------------------------------


class Data(NamedTuple):
    """The arguments of `fit`, and the kind of the target."""

    X: Any
    y: Any
    sample_weight: Any
    kind: str


def _read_only(X: np.ndarray) -> np.ndarray:
    X = X.copy()
    X.flags.writeable = False
    return X


FORMS = {
    "float64": np.asarray,
    "float32": lambda X: X.astype(np.float32),
    "float16": lambda X: X.astype(np.float16),
    "Fortran order": np.asfortranarray,
    "read-only": _read_only,
    "every other column": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "big-endian": lambda X: X.astype(">f8"),
    "list": np.ndarray.tolist,
    "frame": lambda X: pd.DataFrame(X, columns=[f"column {i}" for i in range(X.shape[1])]),
    "csr": sparse.csr_matrix,
    "csc array": sparse.csc_array,
}
CLASS_TARGETS = {
    "two classes": lambda rng, n: np.arange(n) % 2,
    "text": lambda rng, n: np.array(["ham", "spam", "egg"])[np.arange(n) % 3],
    "booleans": lambda rng, n: rng.rand(n) < 0.5,
    "many classes": lambda rng, n: np.arange(n),
    "one class": lambda rng, n: np.zeros(n, int),
    "labels": lambda rng, n: rng.randint(0, 2, (n, 3)),
    "sparse labels": lambda rng, n: sparse.csr_matrix(rng.randint(0, 2, (n, 2))),
    "a column": lambda rng, n: (np.arange(n) % 2).reshape(-1, 1),
}
VALUE_TARGETS = {
    "values": lambda rng, n: rng.randn(n),
    "two outputs": lambda rng, n: rng.randn(n, 2),
    "counts": lambda rng, n: rng.poisson(2, n),
    "positive": lambda rng, n: rng.exponential(1, n) + 0.1,
    "constant": lambda rng, n: np.full(n, 3.0),
    "large": lambda rng, n: rng.randn(n) * 1e9,
    "tiny": lambda rng, n: rng.randn(n) * 1e-30,
}
WEIGHTS = {
    "none": lambda rng, n: None,
    "random": lambda rng, n: rng.rand(n),
    "zeros and ones": lambda rng, n: np.arange(n) % 2,
    "large": lambda rng, n: np.r_[1e12, np.ones(n - 1)],
}


@st.composite
def data(draw: st.DrawFn, targets: dict[str, Any], *, healthy: bool = False) -> Data:
    """Return a data set; a healthy one has enough samples of an ordinary size for any parameters."""
    rng = np.random.RandomState(draw(st.integers(0, 1000)))
    n = draw(st.integers(24, 40) if healthy else st.integers(1, 30))
    X = rng.randn(n, draw(st.integers(1, 5)))
    if not healthy:
        X *= draw(st.sampled_from([1.0, 1.0, 1.0, 0.0, 1e-300, 1e-40, 1e3, 1e20, 1e38, 1e300]))
        X[0, 0] = draw(st.sampled_from([X[0, 0], X[0, 0], 1e6, np.nan, np.inf]))
    # float16 ends at 65504, which is no fault of the estimator
    forms = [name for name in FORMS if name != "float16" or np.abs(X).max() < 6e4]
    kind = draw(st.sampled_from(sorted(targets)))
    y = targets[kind](rng, n)
    weight = WEIGHTS[draw(st.sampled_from(sorted(WEIGHTS)))](rng, n)
    return Data(FORMS[draw(st.sampled_from(forms))](X), y, weight, kind)
