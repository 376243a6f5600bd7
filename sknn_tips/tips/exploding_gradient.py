"""A gradient that is, or at times becomes, far too large."""

import numpy as np

from sknn_tips.tips.reading import data_size, updates
from sknn_tips.tips.tip import Check, Tip, fires
from sknn_tips.tips.unscaled_input import UnscaledInput
from sknn_tips.tips.unscaled_target import UnscaledTarget
from sknn_tips.training.record import FitRecord

# The norm of the whole gradient on scaled data: at most 2.6 on 13 tables with sensible settings.
LARGE = 10.0
CAUSES: tuple[Check, ...] = (UnscaledInput(), UnscaledTarget())


class ExplodingGradient(Check):
    """Measures the gradient, where the data are scaled."""

    code = "exploding-gradient"
    title = "The gradient explodes"
    why = "One update with such a gradient throws away what all updates before it have learnt."

    def not_applicable(self, record: FitRecord) -> str:
        if not updates(record):
            return "no gradient was looked at"
        return "the data are not scaled, so no gradient is" if fires(CAUSES, record) else ""

    def look(self, record: FitRecord) -> Tip | None:
        norms = [float(np.linalg.norm(probe.gradient)) for probe in updates(record)]
        if not max(norms) > LARGE * data_size(record):
            return None
        epoch = updates(record)[int(np.argmax(norms))].epoch
        seen = (
            f"The gradient had the norm {max(norms):.3g} in epoch {epoch} (usual: about 1), and"
            f" {np.median(norms):.3g} as a rule."
        )
        return self.tip(seen, {"clip_norm": 1.0}, also="Or lower learning_rate_init.")
