"""A network that cannot, or must not, learn more."""

from typing import Any

import numpy as np

from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.reading import CODES, penalty_of, share_left
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, SEVERE, Check, Tip, fires
from sknn_tips.tips.training.bad_init import BadInit
from sknn_tips.tips.training.dead_units import DeadUnits
from sknn_tips.tips.training.learning_rate_too_large import LearningRateTooLarge
from sknn_tips.tips.training.learning_rate_too_small import LearningRateTooSmall
from sknn_tips.tips.training.not_converged import NotConverged
from sknn_tips.tips.training.vanishing_gradient import VanishingGradient

# The share of the loss of the best constant answer that is left at the end. Noisy tables leave .45
# to .75 with sensible settings (phoneme with a linear model .8).
NOTHING_LEARNT, LITTLE_LEARNT = 0.9, 0.5
# With alpha=1, l1=.001 or dropout of .5 credit_g leaves .60 to .75 (four splits), and predicts as
# well as without; with alpha=300, l1=.05 or dropout of .9 digits leave 1.0. The value is between.
MUCH_LEFT = 0.85
# What holds a network back when little was learnt, besides large penalties.
NARROW = 8
MUCH_DROPOUT = 0.5
FEWEST_UPDATES = 100
# They leave the loss high, too, and have remedies of their own.
CAUSES: tuple[Check, ...] = (
    UnscaledInput(),
    UnscaledTarget(),
    BadInit(),
    LearningRateTooLarge(),
    LearningRateTooSmall(),
    VanishingGradient(),
)


class Underfitting(Check):
    """Asks what was learnt, beyond what needs no features, and what held the network back."""

    code = "underfitting"
    title = "The network underfits"
    why = "Even the training rows are not learnt, so no other rows can be predicted well."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.is_over or record.non_finite is not None:
            return "training has not come to an end of its own"
        few = record.n_updates < FEWEST_UPDATES
        return f"after {record.n_updates} updates nobody can tell" if few else ""

    def look(self, record: FitRecord) -> Tip | None:
        left, held_by = share_left(record), _held_by(record)
        stuck = left > NOTHING_LEARNT and not fires((DeadUnits(), NotConverged()), record)
        if not (stuck or (left > LITTLE_LEARNT and held_by)) or fires(CAUSES, record):
            return None
        seen = (
            f"After {len(record.losses)} epochs {left:.0%} of the loss of the best constant answer"
            f" is left on the training rows{_with(record, held_by)}."
        )
        # else the rest may be noise, or there is nothing to learn, or a linear model is wanted
        narrow = "hidden_layer_sizes" in held_by
        severe = held_by and record.activations and (narrow or left > MUCH_LEFT)
        remedy = held_by or {"hidden_layer_sizes": _larger(record)}
        also = "" if held_by else CODES
        return self.tip(seen, remedy, severity=SEVERE if severe else HINT, also=also)


def _larger(record: FitRecord) -> tuple[int, ...]:
    hidden = record.widths[1:-1]
    return tuple(max(100, 2 * units) for units in hidden) or (100, 100)


def _held_by(record: FitRecord) -> dict[str, Any]:
    """Return what would let the network learn more; nothing where nothing holds it back."""
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
    return f", with {held}" if held else ""
