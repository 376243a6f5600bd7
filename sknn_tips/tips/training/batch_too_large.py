"""So few updates an epoch that training takes many epochs."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# Updates an epoch, where there are rows enough for more.
FEW_UPDATES, MANY_ROWS = 3, 1000
USUAL = 200


class BatchTooLarge(Check):
    """Counts the updates of an epoch."""

    code = "batch-too-large"
    title = "The batches are large"
    why = "An epoch costs the same time with smaller batches, and brings that many more updates."

    def not_applicable(self, record: FitRecord) -> str:
        return f"{record.optimizer} takes all rows at once" if record.full_batch else ""

    def look(self, record: FitRecord) -> Tip | None:
        an_epoch = -(-record.n_rows // record.batch_size)
        if record.n_rows < MANY_ROWS or an_epoch > FEW_UPDATES:
            return None
        seen = (
            f"{record.n_rows:,} rows in batches of {record.batch_size:,} are {an_epoch} updates an"
        )
        return self.tip(f"{seen} epoch.", {"batch_size": USUAL}, severity=HINT)
