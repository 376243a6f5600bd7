"""Check for a network that is large for the number of samples."""

from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import HINT, Check, Tip

# Parameters per sample. The default of 100 units has 4 to 6 on tables of 150 to 1,500 samples, and
# networks with 20 to 50 parameters per sample predict as well as smaller ones (digits, with up to
# eight layers of 64 units).
MANY, USUAL = 100.0, 20.0
FEWEST_UNITS = 8


class TooManyParameters(Check):
    """Compare the number of parameters with the number of samples."""

    code = "too-many-parameters"
    title = "The network is large for so few samples"
    why = "It can memorise every sample, and a smaller network trains faster."

    def not_applicable(self, record: FitRecord) -> str:
        return "" if record.activations else "there is no hidden layer to make smaller"

    def examine(self, record: FitRecord) -> Tip | None:
        a_row = record.n_parameters / record.n_rows
        hidden = record.widths[1:-1]
        if a_row <= MANY or max(hidden) <= FEWEST_UNITS:
            return None
        seen = f"There are {record.n_parameters:,} parameters for {record.n_rows:,} samples."
        # the number of parameters between hidden layers is proportional to the square of the width
        part = (USUAL / a_row) ** (0.5 if len(hidden) > 1 else 1.0)
        sizes = tuple(max(FEWEST_UNITS, round(units * part)) for units in hidden)
        remedy = {"hidden_layer_sizes": sizes}
        return self.tip(seen, remedy, severity=HINT, also="Or regularise: dropout=0.2, alpha.")
