"""Check for batches so large that an epoch has few updates."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# At most this many updates per epoch are few, if there are enough samples for more.
FEW_UPDATES, MANY_ROWS = 3, 1000
USUAL = 200


class BatchTooLarge(Check):
    """Check the number of updates per epoch."""

    code = "batch-too-large"
    title = "The batches are large"
    why = "With smaller batches an epoch takes the same time, but makes more updates."

    def not_applicable(self, record: FitRecord) -> str:
        return f"{record.optimizer} uses all samples in each step" if record.full_batch else ""

    def examine(self, record: FitRecord) -> Tip | None:
        an_epoch = -(-record.n_rows // record.batch_size)
        if record.n_rows < MANY_ROWS or an_epoch > FEW_UPDATES:
            return None
        seen = (
            f"{record.n_rows:,} samples in batches of {record.batch_size:,} make {an_epoch} updates"
        )
        return self.tip(f"{seen} per epoch.", {"batch_size": USUAL}, severity=HINT)
