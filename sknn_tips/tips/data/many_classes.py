"""Check for a target of a classifier that looks like a quantity."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import Check, Tip

# Classes that are numbers, and the mean number of samples per class: 2.1 if the target of the
# diabetes data is taken for classes; 10 for the faces of Olivetti, and 180 for the digits. Toy data
# have few samples, but few classes, too.
MANY, FEW_SAMPLES = 30, 3.0


class ManyClasses(Check):
    """Compare the number of classes that are numbers with the number of samples."""

    code = "many-classes"
    title = "The target looks like a quantity"
    why = (
        "A classifier learns every value as a class of its own, without the order of the values,"
        " and has hardly any samples of each."
    )

    def not_applicable(self, record: FitRecord) -> str:
        if record.class_counts is None or not record.numeric_classes:
            return "there are no classes that are numbers"
        return "partial_fit may get few samples at a time" if record.incremental else ""

    def examine(self, record: FitRecord) -> Tip | None:
        n_classes = sum(count > 0 for count in record.class_counts or [])
        if n_classes < MANY or record.n_rows >= FEW_SAMPLES * n_classes:
            return None
        seen = f"y has {n_classes:,} different numbers in {record.n_rows:,} samples."
        return self.tip(seen, "MLPRegressor")
