"""The order of the examples in the gallery: their groups, and the examples of each group."""

from pathlib import Path

ORDER = {
    "first_steps": ["classification", "regression", "learning_rates", "early_stopping", "stop_at"],
    "tables": ["table", "intervals", "out_of_core"],
    "searches": ["search_in_threads", "search_with_optuna"],
    "what_went_wrong": ["doctor", "scaling", "regularisers", "ensemble"],
    "lectures": [
        "softmax_toy",
        "softmax_by_hand",
        "softmax_mnist",
        "xor",
        "fashion_mnist",
        "ladder_keras",
        "ladder_torch",
        "claims",
    ],
}


class ReadingOrder:
    """Sort the examples of a group as in `ORDER`.

    Parameters
    ----------
    src_dir : str
        The folder of the group.
    """

    def __init__(self, src_dir: str) -> None:
        self._order = ORDER.get(Path(src_dir).name, [])

    def __call__(self, filename: str) -> int:
        """Return the position of an example."""
        return self._order.index(Path(filename).stem.removeprefix("plot_"))

    def __repr__(self) -> str:
        """Return a constant, so that an unchanged configuration is recognised as such."""
        return "<ReadingOrder>"
