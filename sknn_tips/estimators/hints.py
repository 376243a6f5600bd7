"""Warnings about parameters that have no effect, except if scikit-learn does not warn either."""

from typing import Any

from sknn_tips import exceptions
from sknn_tips._registry import shown
from sknn_tips.estimators import networks, plans
from sknn_tips.exceptions import HintWarning
from sknn_tips.hooks.callbacks import unpaired
from sknn_tips.hooks.fits import FitFollower
from sknn_tips.nn.activations import activation_of
from sknn_tips.optim.schedules import schedule_of


def hint(estimator: Any, *, validated: bool) -> None:
    """Warn of parameters without effect, before training.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
    validated : bool
        Whether the user passed a validation set.
    """
    name = plans.optimizer_name(estimator)
    if plans.optimizer_of(estimator).line_search:
        _hint_line_search(estimator, name)
    elif validated:
        _hint_restore(estimator)
    _hint_network(estimator)
    _hint_schedule(estimator, name)


def hint_partial_fit(estimator: Any) -> None:
    """Warn of parameters that need more than one epoch."""
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


def _hint_restore(estimator: Any) -> None:
    """Warn if the training loss determines the best epoch although there is a validation set."""
    if estimator.restore_best and estimator.monitor is None and not estimator.early_stopping:
        exceptions.warn(
            "restore_best=True watches the training loss, not the validation set that was given."
            f" Set monitor='val_loss' or 'val_{estimator._score_name}' for the epoch that is best"
            " on it, or monitor='loss' if the training loss is meant.",
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
    sgd_only = schedule_of(schedule).sgd_only
    if optimizer.line_search and not sgd_only:
        exceptions.warn(
            f"learning_rate={shown(schedule)} has no effect with {name}, which searches for the"
            " length of each step. Use optimizer='adam' for a schedule.",
            HintWarning,
        )
    as_sklearn = estimator.optimizer is None and optimizer.in_sklearn
    if sgd_only and not optimizer.is_sgd_family and not as_sklearn:
        exceptions.warn(
            f"learning_rate={schedule!r} acts on the SGD family only; with optimizer={shown(name)}"
            " the rate stays constant. learning_rate='cosine' acts on every optimizer.",
            HintWarning,
        )
