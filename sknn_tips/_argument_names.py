"""Errors about unknown names of parameters and arguments, with the name that is meant."""

from collections.abc import Callable, Collection
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, cast

Method = TypeVar("Method", bound=Callable[..., Any])

# What to write, and the names that other libraries or other estimators of scikit-learn use for it.
# The documentation has the same table.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "hidden_layer_sizes": (
        *("hidden_layers", "hidden_sizes", "hidden_size", "hidden_units", "hidden_dim", "layers"),
        *("n_hidden", "n_layers", "num_layers", "units", "n_units", "num_leaves", "max_depth"),
    ),
    "activation": ("activation_fn", "nonlinearity"),
    "init": ("initializer", "kernel_initializer", "weight_init"),
    "dropout": ("dropout_rate", "dropout_prob", "drop_rate"),
    "dropout=1 - keep_prob": ("keep_prob",),
    "input_dropout": ("feature_fraction",),
    "batchnorm": ("batch_norm", "batch_normalization", "use_batchnorm"),
    "layernorm": ("layer_norm", "layer_normalization"),
    "loss": ("criterion", "objective", "loss_fn", "loss_function"),
    'loss="quantile", loss_params={"quantile": ...}': ("quantile",),
    'loss="huber", loss_params={"delta": ...}': ("delta",),
    "class_weight": ("class_weights", "scale_pos_weight"),
    'class_weight="balanced"': ("is_unbalance",),
    "learning_rate_init": ("lr", "eta", "eta0", "initial_learning_rate"),
    "learning_rate": ("schedule", "scheduler", "lr_schedule", "lr_scheduler"),
    'learning_rate="inverse_time", schedule_params={"decay": ...}': ("decay",),
    "max_iter": (
        *("epochs", "n_epochs", "num_epochs", "nb_epoch", "max_epochs", "n_iter", "iterations"),
        *("n_estimators", "num_boost_round"),
    ),
    "beta_1=..., beta_2=...": ("betas",),
    "epsilon": ("eps",),
    "nesterovs_momentum": ("nesterov",),
    "alpha": ("l2", "l2_reg", "lambda_l2", "reg_lambda", "kernel_regularizer"),
    "l1": ("l1_reg", "lambda_l1", "reg_alpha"),
    "activity_l1": ("activity_regularizer",),
    "clip_norm": ("clipnorm", "global_clipnorm", "max_grad_norm", "gradient_clip_val"),
    "clip_value": ("clipvalue",),
    "ema_decay": ("ema_momentum",),
    "early_stopping=True, n_iter_no_change=...": ("patience", "early_stopping_rounds"),
    "early_stopping=True, validation_fraction=...": ("validation_split",),
    "fit(X, y, X_val=..., y_val=...)": (
        *("X_val", "y_val", "validation_data", "eval_set", "valid_sets"),
    ),
    "fit(X, y, sample_weight=...)": ("sample_weight",),
    "tol": ("min_delta",),
    "restore_best": ("restore_best_weights",),
    "warm_start": ("init_model",),
    "metrics": ("metric", "eval_metric", "scoring"),
    "random_state": ("seed", "random_seed"),
    "n_threads": ("n_jobs", "num_threads", "nthread"),
}
MEANT = {other: meant for meant, others in OTHER_NAMES.items() for other in others}


def suggesting(qualified: str) -> Callable[[Method], Method]:
    """Decorate a constructor or method: its error about an unknown argument has a suggestion.

    Parameters
    ----------
    qualified : str
        The name that errors give to the method, such as ``"MLPClassifier.fit"``, where the method
        itself may belong to a base class.
    """

    def decorate(method: Method) -> Method:
        method.__qualname__ = qualified  # which all other errors about arguments name
        known = dict.fromkeys([*signature(method).parameters][1:])  # looked up 50 times a call

        @wraps(method)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            for name in kwargs:
                if name not in known:
                    raise TypeError(
                        f"{qualified}() got an unexpected keyword argument {name!r}."
                        f"{suggestion(name, known, type(self))}"
                    )
            return method(self, *args, **kwargs)

        return cast(Method, call)

    return decorate


def suggestion(name: str, known: Collection[str], estimator: type) -> str:
    """Return a sentence on what to write in place of an unknown name; it may be empty.

    Parameters
    ----------
    name : str
    known : collection of str
        The names that are possible in its place.
    estimator : type
        The class, whose constructor may take it instead.
    """
    meant = name if name in known else MEANT.get(name, name)
    if meant in known:
        return f" Did you mean {meant!r}?"
    constructor = signature(estimator).parameters
    if meant in constructor:
        return f" Write {estimator.__name__}({meant}=...)."
    if "=" in meant:
        is_call = meant.startswith("fit(")
        return f" Write {meant if is_call else f'{estimator.__name__}({meant})'}."
    by_lower = {each.lower(): each for each in (*constructor, *known)}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return suggestion(by_lower[near[0]], known, estimator) if near else ""
