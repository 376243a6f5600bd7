"""Hypothesis strategies of parameters and small data sets, valid ones and others."""

import os
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.model_selection import KFold

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.metrics.metrics import CLASSIFIER_METRICS, REGRESSOR_METRICS
from sknn_tips.nn import initializers
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.initializers import INITIALIZERS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES, options_of
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES
from sknn_tips.parameters import ClassifierParameters, RegressorParameters, table

# `make soak` sets the number of cases of each test. Without it, the same few are tried every time.
N_CASES = os.environ.get("SKNN_TIPS_CASES")
several_cases = settings(
    max_examples=int(N_CASES or 12),
    derandomize=N_CASES is None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

# -- parameters ------------------------------------------------------------------------------------


def positive(largest: float) -> st.SearchStrategy[float]:
    """Return numbers between 1e-6 and `largest`, equally likely in every decade."""
    return st.floats(-6, np.log10(largest)).map(lambda power: float(10**power))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


FLAG = st.booleans()
BELOW_ONE = st.floats(0, 0.99)
PER_LAYER = {
    "activation": st.sampled_from(
        sorted(set(ACTIVATIONS) - {"step"})
    ),  # with which nothing is learned
    "dropout": BELOW_ONE,
    "batchnorm": st.sampled_from([True, False, "before", "after"]),
}
# The options of activations, initialisers, optimizers and schedules.
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "a": st.floats(0, 2),
    "alpha": st.floats(0, 0.99),
    "amsgrad": FLAG,
    "approximate": st.sampled_from(["none", "tanh"]),
    "beta": st.floats(0.1, 5),
    "betas": st.tuples(BELOW_ONE, BELOW_ONE) | st.just((0, 0.9)),
    "centered": FLAG,
    "dampening": BELOW_ONE,
    "decay": st.floats(0, 10),
    "delta": positive(10),
    "div_factor": st.floats(1, 100),
    "draw_biases": FLAG,
    "eps": positive(1),
    "factor": st.floats(0.1, 0.9),
    "final_div_factor": st.floats(1, 1e5),
    "gain": st.floats(0.1, 3),
    "gamma": st.floats(0.1, 1),
    "high": st.floats(0.01, 1),
    "initial_accumulator_value": st.floats(0, 1),
    "low": st.floats(-1, 0),
    "lr_decay": st.floats(0, 1),
    "mean": st.floats(-1, 1),
    "min_rate": st.floats(0, 1e-6),
    "mode": st.sampled_from(["fan_in", "fan_out"]),
    "momentum": BELOW_ONE,
    "momentum_decay": st.floats(0, 0.1),
    "negative_slope": st.floats(-1, 1),
    "nesterov": st.just(False),  # with dampening it is an error
    "patience": st.integers(0, 3),
    "pct_start": st.floats(0.1, 0.9),
    "pieces": st.integers(2, 4),
    "quantile": st.floats(0.05, 0.95),
    "rho": BELOW_ONE,
    "std": st.floats(0.01, 1),
    "step_size": st.integers(1, 4),
    "threshold": st.floats(0, 20),
    "warmup": st.floats(0, 0.9),
}
# Valid values of all parameters without dependencies on others.
VALID: dict[str, st.SearchStrategy[Any]] = {
    "alpha": st.just(0.0) | positive(10),
    "batch_size": st.sampled_from(["auto", "sqrt"]) | st.integers(2, 50),
    "learning_rate_init": st.just("auto") | positive(1),
    "power_t": st.floats(0, 2),
    "max_iter": st.integers(1, 6),
    "shuffle": FLAG,
    "random_state": st.integers(0, 2**32 - 1),
    "tol": optional(positive(1)),
    "verbose": st.just(0),
    "warm_start": FLAG,
    "momentum": BELOW_ONE,
    "nesterovs_momentum": FLAG,
    "early_stopping": FLAG,
    "validation_fraction": st.floats(0.1, 0.5) | st.just(KFold(3)),
    "beta_1": BELOW_ONE,
    "beta_2": BELOW_ONE,
    "epsilon": positive(1),
    "n_iter_no_change": st.integers(1, 5) | st.just(np.inf),
    "max_fun": st.integers(1, 50),
    "input_dropout": BELOW_ONE,
    "layernorm": FLAG,
    "input_scaling": FLAG,
    "weight_decay": optional(st.just(0.0) | positive(1)),
    "ema_decay": optional(BELOW_ONE),
    "l1": st.just(0.0) | positive(1),
    "activity_l1": st.just(0.0) | positive(1),
    "monitor": st.sampled_from([None, "loss"]),
    "restore_best": optional(FLAG),
    "callbacks": st.just(()),
    "tips": st.sampled_from(["warn", "all", "ignore"]),
    "device": st.sampled_from(["auto", "cpu"]),
    "dtype": st.sampled_from(["auto", "float32", "float64"]),
    "n_threads": st.sampled_from([None, 1, 2]),
    # of one of the two estimators
    "class_weight": st.sampled_from([None, "balanced"]),
    "label_smoothing": BELOW_ONE,
    "normalize_y": FLAG,
}
KINDS = {
    "classifier": (MLPClassifier, table(ClassifierParameters)),
    "regressor": (MLPRegressor, table(RegressorParameters)),
}


@st.composite
def _layers(draw: st.DrawFn) -> dict[str, Any]:
    widths = draw(st.lists(st.integers(1, 8), max_size=3))
    written = [tuple(widths), widths] + (["5x2"] if len(widths) == 2 else [])
    found: dict[str, Any] = {"hidden_layer_sizes": draw(st.sampled_from(written))}
    for name in draw(st.lists(st.sampled_from(sorted(PER_LAYER)), unique=True)):
        several = st.lists(PER_LAYER[name], min_size=len(widths), max_size=len(widths))
        found[name] = draw(PER_LAYER[name] | several)
    used = found.get("activation", "relu")
    names = [used] if isinstance(used, str) else used
    options = {option for name in names for option in ACTIVATIONS[name].options}
    return found | draw(_some_options("activation_params", options))


@st.composite
def _some_options(
    draw: st.DrawFn, parameter: str, names: Any, needed: Any = ()
) -> dict[str, dict[str, Any]]:
    """Return a dict parameter with some of these options, and all those that are needed."""
    chosen = set(draw(st.lists(st.sampled_from(sorted(names))))) if names else set()
    if not chosen | set(needed):
        return draw(st.sampled_from([{}, {parameter: None}, {parameter: {}}]))
    return {parameter: {name: draw(OPTIONS[name]) for name in sorted(chosen | set(needed))}}


@st.composite
def _init(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(INITIALIZERS)))
    return {"init": name, **draw(_some_options("init_params", initializers.options_of(name)))}


@st.composite
def _schedule(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(SCHEDULES)))
    schedule = SCHEDULES[name]
    options = draw(_some_options("schedule_params", schedule.options, schedule.needed))
    return {"learning_rate": name, **options}


@st.composite
def _optimizer(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    options = draw(_some_options("optimizer_params", OPTIMIZERS[name].options))
    if OPTIMIZERS[name].in_sklearn and draw(FLAG):
        return {"solver": name, **options}
    return {"optimizer": name, **options}


@st.composite
def _loss(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    losses = {"classifier": CLASSIFIER_LOSSES, "regressor": REGRESSOR_LOSSES}[kind]
    name = draw(st.sampled_from(sorted(losses)))
    if kind == "classifier":
        return {"loss": name}
    return {"loss": name, **draw(_some_options("loss_params", options_of(name)))}


@st.composite
def _clip(draw: st.DrawFn) -> dict[str, Any]:
    return {draw(st.sampled_from(["clip_norm", "clip_value"])): draw(optional(positive(10)))}


@st.composite
def _metrics(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    names = sorted({"classifier": CLASSIFIER_METRICS, "regressor": REGRESSOR_METRICS}[kind])
    return {"metrics": draw(st.lists(st.sampled_from(names), max_size=2))}


# The groups of parameters that depend on each other, and all names that are in them.
GROUPS = {
    "layers": ("hidden_layer_sizes", "activation_params", *PER_LAYER),
    "init": ("init", "init_params"),
    "schedule": ("learning_rate", "schedule_params"),
    "optimizer": ("solver", "optimizer", "optimizer_params"),
    "loss": ("loss", "loss_params"),
    "clip": ("clip_norm", "clip_value"),
    "metrics": ("metrics",),
}


@st.composite
def valid_parameters(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Return valid parameters of an estimator, some of which may not go together."""
    names = KINDS[kind][1]
    chosen = st.lists(st.sampled_from(sorted(set(VALID) & set(names))), unique=True, max_size=5)
    parameters = {name: draw(VALID[name]) for name in draw(chosen)}
    groups = {
        "layers": _layers(),
        "init": _init(),
        "schedule": _schedule(),
        "optimizer": _optimizer(),
        "loss": _loss(kind),
        "clip": _clip(),
        "metrics": _metrics(kind),
    }
    for group in draw(st.lists(st.sampled_from(sorted(groups)), unique=True, max_size=4)):
        parameters |= draw(groups[group])
    return {"hidden_layer_sizes": 5, "max_iter": 3} | parameters


# Values of every kind, most of which are wrong for most parameters.
ANYTHING = st.sampled_from(
    [
        *[None, True, False, 0, 1, -1, 2, 0.0, 0.5, -0.5, 1e-320, 1e39, 1e300, np.nan, np.inf],
        *[10**400, "", "relu", "auto", b"x", (), [], [0.5], {}, {"a": 1}, {0: 1e39}, object(), int],
        *[
            np.array(0),
            np.array(0.5),
            np.array([1, 2]),
            np.float32(0.1),
            np.int8(3),
            np.bool_(True),
        ],
        *[np.datetime64("2020-01-01"), 1 + 2j, range(3), "1x99999999", -(10**400), print],
    ]
)
# Values that are valid, but would make a test run for hours.
ENDLESS = {"max_iter": (10**400,), "max_fun": (10**400,)}


@st.composite
def any_parameters(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Return parameters of an estimator, one or two of them with values of any kind."""
    parameters = draw(valid_parameters(kind))
    names = sorted(KINDS[kind][1])
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2)):
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


def _cast(X: np.ndarray, dtype: Any) -> np.ndarray:
    with np.errstate(over="ignore"):
        return X.astype(dtype)


def _read_only(X: np.ndarray) -> np.ndarray:
    X = X.copy()
    X.flags.writeable = False
    return X


FORMS = {
    "float64": np.asarray,
    "float32": partial(_cast, dtype=np.float32),
    "float16": partial(_cast, dtype=np.float16),
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
    """Return a data set; a healthy one has enough samples, with ordinary numbers."""
    rng = np.random.RandomState(draw(st.integers(0, 1000)))
    n = draw(st.integers(24, 40) if healthy else st.integers(1, 30))
    X = rng.randn(n, draw(st.integers(1, 5)))
    if not healthy:
        X *= draw(st.sampled_from([*[1.0] * 8, 0.0, 1e-300, 1e-40, 1e3, 1e20, 1e38, 1e300]))
        X[0, 0] = draw(st.sampled_from([*[X[0, 0]] * 8, 1e6, np.nan, np.inf]))
    kind = draw(st.sampled_from(sorted(targets)))
    y = targets[kind](rng, n)
    weights = sorted(set(WEIGHTS) - {"large"} if healthy else WEIGHTS)
    weight = WEIGHTS[draw(st.sampled_from(weights))](rng, n)
    return Data(FORMS[draw(st.sampled_from(sorted(FORMS)))](X), y, weight, kind)
