"""Check for a network that is too small, or too strongly regularised, to learn the data."""

from typing import Any

import numpy as np

from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.quantities import CODES, penalty_of, share_left
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, SEVERE, Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit
from sknn_tips.tips.training.dead_units import DeadUnits
from sknn_tips.tips.training.learning_rate_too_large import LearningRateTooLarge
from sknn_tips.tips.training.learning_rate_too_small import LearningRateTooSmall
from sknn_tips.tips.training.not_converged import NotConverged
from sknn_tips.tips.training.vanishing_gradient import VanishingGradient

# The final loss divided by the loss of the best constant prediction. On noisy tables it is .45 to
# .75 with sensible settings (.8 on phoneme with a linear model).
NOTHING_LEARNT, LITTLE_LEARNT = 0.9, 0.5
# On credit_g it is .60 to .75 (four splits) with alpha=1, l1=.001 or dropout of .5, and predictions
# are as good as without; on digits it is 1.0 with alpha=300, l1=.05 or dropout of .9. The threshold
# lies in between.
MUCH_LEFT = 0.85
# If little was learnt, these restrict the network, as large penalties do: layers with fewer than
# NARROW units, and dropout of at least MUCH_DROPOUT.
NARROW = 8
MUCH_DROPOUT = 0.5
FEWEST_UPDATES = 100
# These causes leave the loss high, too, and have tips of their own.
CAUSES: tuple[Check, ...] = (
    UnscaledInput(),
    UnscaledTarget(),
    BadInit(),
    LearningRateTooLarge(),
    LearningRateTooSmall(),
    VanishingGradient(),
)


class Underfitting(Check):
    """Compare the final loss with that of a constant prediction, and find what limits learning."""

    code = "underfitting"
    title = "The network underfits"
    why = "Even the training samples are not learnt, so new samples cannot be predicted well."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.is_over or record.non_finite is not None:
            return "training is not over, or it diverged"
        few = record.n_updates < FEWEST_UPDATES
        return f"{record.n_updates} updates are too few to tell" if few else ""

    def examine(self, record: FitRecord) -> Tip | None:
        left, held_by = share_left(record), _held_by(record)
        stuck = left > NOTHING_LEARNT and not fires((DeadUnits(), NotConverged()), record)
        if not (stuck or (left > LITTLE_LEARNT and held_by)) or fires(CAUSES, record):
            return None
        seen = (
            f"After {len(record.losses)} epochs the loss on the training samples is still"
            f" {left:.0%} of that of the best constant prediction{_with(record, held_by)}."
        )
        # otherwise a hint, since the targets may be noise or a linear model may be wanted
        narrow = "hidden_layer_sizes" in held_by
        severe = held_by and record.activations and (narrow or left > MUCH_LEFT)
        remedy = held_by or {"hidden_layer_sizes": _larger(record)}
        also = "" if held_by else CODES
        return self.tip(seen, remedy, severity=SEVERE if severe else HINT, also=also)


def _larger(record: FitRecord) -> tuple[int, ...]:
    hidden = record.widths[1:-1]
    return tuple(max(100, 2 * units) for units in hidden) or (100, 100)


def _held_by(record: FitRecord) -> dict[str, Any]:
    """Return parameters that let the network learn more; empty if nothing limits it."""
    if penalty := penalty_of(record):
        return penalty
    if _most(record.parameters.get("dropout", 0.0)) >= MUCH_DROPOUT:
        return {"dropout": 0.1}
    hidden = record.widths[1:-1]
    if not hidden or min(hidden) < min(NARROW, record.widths[-1], record.widths[0]):
        return {"hidden_layer_sizes": (100,)}
    return {}


def _most(value: Any) -> float:
    return float(np.max(value, initial=0.0))


def _with(record: FitRecord, remedy: dict[str, Any]) -> str:
    held = ", ".join(f"{name}={record.parameters.get(name)!r}" for name in remedy)
    if "alpha" in remedy and record.typical_weight != 1:
        held += f" and sample weights of about {record.typical_weight:.2g}"
    return f", with {held}" if held else ""
