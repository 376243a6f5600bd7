"""Training and test samples of a data set."""

from sknn_tips._registry import lookup


def subset_rows(subset: str, n_train: int) -> slice:
    """Return the slice of a subset; the first ``n_train`` samples are the training set."""
    places = {"train": slice(None, n_train), "test": slice(n_train, None), "all": slice(None)}
    return lookup(places, subset, "subset")
