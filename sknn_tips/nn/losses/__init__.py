"""The loss functions; each is an object with link, per-sample loss, target encoding, operations."""

from sknn_tips.nn.losses.base import Loss, Places
from sknn_tips.nn.losses.classification import CLASSIFIER_LOSSES, classifier_loss
from sknn_tips.nn.losses.regression import REGRESSOR_LOSSES, OwnLoss, loss_of, options_of

LOSSES: dict[str, type[Loss]] = {
    kind.__name__: kind
    for kind in (
        *REGRESSOR_LOSSES.values(),
        *(kind for pair in CLASSIFIER_LOSSES.values() for kind in (pair.softmax, pair.logistic)),
    )
}
"""All losses by the names of their classes, which stored networks contain."""

__all__ = [
    "CLASSIFIER_LOSSES",
    "LOSSES",
    "REGRESSOR_LOSSES",
    "Loss",
    "OwnLoss",
    "Places",
    "classifier_loss",
    "loss_of",
    "options_of",
]
