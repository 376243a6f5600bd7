"""Batch norm over a handful of rows."""

from sknn_tips.tips.reading import uses_batchnorm
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip

# The deviation of n values is known to 1 / sqrt(2 n): 25 % with 8, 12 % with 32.
SMALL, USUAL = 8, 32


class BatchnormSmallBatch(Check):
    """Compares the batch with what a mean and a deviation need."""

    code = "batchnorm-small-batch"
    title = "Batch norm with small batches"
    why = (
        "The mean and deviation of a few rows are noise, and differ from the running ones that"
        " predictions use."
    )

    def not_applicable(self, record: FitRecord) -> str:
        return "" if uses_batchnorm(record) else "there is no batch norm"

    def look(self, record: FitRecord) -> Tip | None:
        if record.batch_size >= SMALL:
            return None
        seen = f"Batch norm has batches of {record.batch_size} rows."
        if record.n_rows < USUAL:
            return self.tip(seen, {"batchnorm": False, "layernorm": True})
        also = "Or layernorm=True in place of batchnorm."
        return self.tip(seen, {"batch_size": USUAL}, also=also)
