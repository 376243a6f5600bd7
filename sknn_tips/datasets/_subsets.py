"""The parts of a data set that comes with rows to train on and rows to test on."""

from sknn_tips._registry import lookup


def subset_rows(subset: str, n_train: int) -> slice:
    """Return where a subset lies among all rows, of which the first ``n_train`` are to train on."""
    places = {"train": slice(None, n_train), "test": slice(n_train, None), "all": slice(None)}
    return lookup(places, subset, "subset")
