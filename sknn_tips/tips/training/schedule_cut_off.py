"""Check whether training ended long before its learning rate schedule."""

from sknn_tips._registry import shown
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# The last learning rate, divided by the largest one. At half of it, a cosine schedule has done half
# of its epochs.
HIGH = 0.5
STOPS = ("converged", "early_stopping")


class ScheduleCutOff(Check):
    """Check the last learning rate of a schedule that ends with `max_iter`."""

    code = "schedule-cut-off"
    title = "The learning rate schedule was cut off"
    why = "The schedule spans max_iter epochs, so the small rates at its end were never used."

    def not_applicable(self, record: FitRecord) -> str:
        if not record.schedule_has_end:
            return "the schedule of the learning rate has no end"
        return "" if record.is_over else "training is not over"

    def examine(self, record: FitRecord) -> Tip | None:
        if record.stop_reason not in STOPS or not record.rates[-1] > HIGH * max(record.rates):
            return None
        epochs, name = len(record.losses), shown(record.parameters["learning_rate"])
        seen = (
            f"With learning_rate={name} and max_iter={record.parameters['max_iter']}, training"
            f" stopped after {epochs} epochs, when the rate was {record.rates[-1]:.2g} (largest:"
            f" {max(record.rates):.2g})."
        )
        also = f"With max_iter={epochs} as well, it is as many epochs as now."
        return self.tip(seen, {"tol": None}, severity=HINT, also=also)
