"""Check for batch norm with small batches."""

from sknn_tips.tips.quantities import uses_batchnorm
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip

# The relative error of the standard deviation of n values is 1 / sqrt(2 n): 25 % with 8 values,
# 12 % with 32.
SMALL, USUAL = 8, 32


class BatchnormSmallBatch(Check):
    """Check whether batches are large enough to estimate a mean and a standard deviation."""

    code = "batchnorm-small-batch"
    title = "Batch norm with small batches"
    why = (
        "The mean and standard deviation of a few samples are noisy, and differ from the running"
        " ones that predictions use."
    )

    def not_applicable(self, record: FitRecord) -> str:
        return "" if uses_batchnorm(record) else "there is no batch norm"

    def examine(self, record: FitRecord) -> Tip | None:
        if record.batch_size >= SMALL:
            return None
        seen = f"Batch norm is used with batches of {record.batch_size} samples."
        if record.n_rows < USUAL:
            return self.tip(seen, {"batchnorm": False, "layernorm": True})
        also = "Or use layernorm=True instead of batchnorm."
        return self.tip(seen, {"batch_size": USUAL}, also=also)
