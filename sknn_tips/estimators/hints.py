"""Warnings about parameters that have no effect."""

import math
from collections.abc import Iterable
from typing import Any

from sknn_tips import exceptions
from sknn_tips._registry import shown
from sknn_tips.estimators import networks, plans
from sknn_tips.exceptions import HintWarning
from sknn_tips.hooks.callbacks import unpaired
from sknn_tips.hooks.fits import FitFollower
from sknn_tips.nn.activations import activation_of
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import schedule_of
from sknn_tips.parameters import table
from sknn_tips.runtime.interrupts import called_directly

# The parameters that only some optimizers have, by their names in `Optimizer.estimator_parameters`.
_OF_OPTIMIZERS = {
    "momentum": "momentum",
    "beta_1": "betas",
    "beta_2": "betas",
    "epsilon": "epsilon",
}
_NOT_OF_LINE_SEARCH = ("batch_size", "learning_rate_init", "n_iter_no_change")


def hint(estimator: Any, *, validated: bool) -> None:
    """Warn of parameters without effect, before training.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
    validated : bool
        Whether the user passed a validation set.
    """
    name = plans.optimizer_name(estimator)
    direct = called_directly()  # the candidates of a search often vary such parameters together
    if plans.optimizer_of(estimator).line_search:
        _hint_line_search(estimator, name)
    elif validated or direct:
        _hint_restore(estimator, validated=validated)
    _hint_network(estimator)
    _hint_schedule(estimator, name)
    if direct:
        _hint_unused(estimator, validated=validated)


def hint_partial_fit(estimator: Any) -> None:
    """Warn of parameters that need more than one epoch, and of the network as in `hint`."""
    _hint_network(estimator)
    schedule = estimator.learning_rate
    parts = {
        f"monitor={estimator.monitor!r}": estimator.monitor is not None,
        "restore_best=True": estimator.restore_best,
        f"learning_rate={shown(schedule)}": schedule_of(schedule).has_patience,
    }
    ignored = [part for part, given in parts.items() if given]
    if ignored:
        exceptions.warn(
            f"{' and '.join(ignored)} {'have' if len(ignored) > 1 else 'has'} no effect in"
            " partial_fit, which trains one epoch and has no validation set. Score your own"
            " validation set between the calls, or use fit, with warm_start=True to continue.",
            HintWarning,
        )


def _hint_line_search(estimator: Any, name: str) -> None:
    if estimator.early_stopping:
        exceptions.warn(
            f"early_stopping=True has no effect with {name}, which stops at a minimum of the"
            " training loss. To record the loss of a validation set, pass X_val and y_val.",
            HintWarning,
        )
    if estimator.warm_start and estimator.max_iter == 1:
        exceptions.warn(
            f"warm_start=True and max_iter=1: every call of fit starts {name}"
            " without the curvature that the call before it has found, so a loop of short calls"
            " learns less than one long call. Use one fit with a larger max_iter.",
            HintWarning,
        )
    if not all(isinstance(each, FitFollower) for each in map(unpaired, estimator.callbacks)):
        exceptions.warn(
            f"callbacks are not called by {name}, which has no epochs. Use optimizer='adam' for"
            " them, or read history_ after the fit.",
            HintWarning,
        )
    if estimator.monitor is not None or estimator.restore_best:
        exceptions.warn(
            f"monitor and restore_best have no effect with {name}: it minimises the training loss.",
            HintWarning,
        )


def _hint_restore(estimator: Any, *, validated: bool) -> None:
    """Warn if the training loss determines the best epoch, and maybe nobody meant it."""
    if not estimator.restore_best or estimator.monitor is not None or estimator.early_stopping:
        return
    if validated:
        problem = "watches the training loss, not the validation set that was given."
        remedy = f"Set monitor='val_loss' or 'val_{estimator._score_name}'"
    else:
        problem = "watches the training loss, because there is no validation set."
        remedy = "Pass X_val and y_val with monitor='val_loss', or set early_stopping=True,"
    exceptions.warn(
        f"restore_best=True {problem} {remedy} for the epoch that is best on it, or monitor='loss'"
        " if the training loss is meant.",
        HintWarning,
    )


def _hint_network(estimator: Any) -> None:
    layers = networks.hidden_layers(estimator)
    used = [layer.activation for layer in layers]
    for name in dict.fromkeys(each for each in used if not activation_of(each).passes_gradient):
        exceptions.warn(
            f"activation={shown(name)} has the derivative 0 everywhere, so no gradient reaches the"
            " layers in front of it: they keep their initial weights. Assign coefs_ and intercepts_"
            " by hand, or use 'relu' or 'logistic'.",
            HintWarning,
        )
    of_layers = ("dropout", "batchnorm", "layernorm", "activity_l1")
    ignored = [name for name in of_layers if not layers and _is_set(getattr(estimator, name))]
    if ignored:
        exceptions.warn(
            f"{' and '.join(ignored)} {'act' if len(ignored) > 1 else 'acts'} on hidden layers, and"
            f" hidden_layer_sizes={estimator.hidden_layer_sizes!r} has none. For the input there is"
            " input_dropout.",
            HintWarning,
        )


def _is_set(value: Any) -> bool:
    """Return whether a parameter is on; an empty list with one value per layer is not."""
    return networks.is_single(value) and bool(value)


def _hint_schedule(estimator: Any, name: str) -> None:
    schedule, optimizer = estimator.learning_rate, plans.optimizer_of(estimator)
    if schedule == "constant":
        return
    if optimizer.line_search and not schedule_of(schedule).sgd_only:
        exceptions.warn(
            f"learning_rate={shown(schedule)} has no effect with {name}, which searches for the"
            " length of each step. Use optimizer='adam' for a schedule.",
            HintWarning,
        )


def _hint_unused(estimator: Any, *, validated: bool) -> None:
    """Warn of parameters that differ from their defaults, and need a value of another one.

    An infinite `n_iter_no_change` never stops training, and neither does ``tol=None``.
    """
    rows = table(estimator._table)
    needs = _needs_of_stopping(estimator, validated=validated) | _needs_of_optimizer(estimator)
    has_none, have_none = "has no effect: it needs", "have no effect: they need"
    unused: dict[str, list[str]] = {}
    for name, need in needs.items():
        value = getattr(estimator, name)
        if value not in (rows[name].default, "auto", math.inf):
            unused.setdefault(need, []).append(f"{name}={shown(value)}")
    sentences = [
        f"{' and '.join(given)} {has_none if len(given) == 1 else have_none} {need}."
        for need, given in unused.items()
    ]
    if sentences:
        exceptions.warn(" ".join(sentences), HintWarning)


def _needs_of_optimizer(estimator: Any) -> dict[str, str]:
    """Return the parameters of other optimizers and schedules, with what each of them needs."""
    optimizer, schedule = plans.optimizer_of(estimator), schedule_of(estimator.learning_rate)
    needs = {
        name: _one_of(n for n, each in OPTIMIZERS.items() if option in each.estimator_parameters)
        for name, option in _OF_OPTIMIZERS.items()
        if option not in optimizer.estimator_parameters and getattr(estimator, name)  # 0 is off
    }
    if estimator.learning_rate != "invscaling":
        needs["power_t"] = "learning_rate='invscaling'"
    if schedule.sgd_only and not optimizer.is_sgd_family:
        family = _one_of(name for name, each in OPTIMIZERS.items() if each.is_sgd_family)
        needs["learning_rate"] = f"{family}. 'cosine' acts on all optimizers but 'lbfgs'"
    elif schedule.needs_stopping_rule and estimator.tol is None:
        needs["learning_rate"] = "a number for tol"
    if optimizer.line_search:
        needs |= dict.fromkeys(_NOT_OF_LINE_SEARCH, "another optimizer, such as 'adam'")
    else:
        needs["max_fun"] = "optimizer='lbfgs'"
    return needs


def _needs_of_stopping(estimator: Any, *, validated: bool) -> dict[str, str]:
    """Return the parameters of rules that are switched off, with what switches them on."""
    needs = {}
    if not estimator.early_stopping:
        needs["validation_fraction"] = "early_stopping=True"
    elif validated:
        needs["validation_fraction"] = "a fit without X_val, which replaces the split"
    if estimator.tol is None:
        needs["n_iter_no_change"] = "a number for tol"
    return needs


def _one_of(optimizers: Iterable[str]) -> str:
    *names, last = map(repr, optimizers)
    return f"optimizer={', '.join(names)} or {last}" if names else f"optimizer={last}"
