"""Error messages for labels that a classifier cannot learn: lists of labels, and mixed types."""

from typing import Any

import numpy as np
import pandas as pd


def explain_labels(y: Any) -> str | None:
    """Describe labels that are lists or of several types; scikit-learn's errors are those of numpy.

    Return None if there are none.
    """
    if isinstance(y, np.ndarray | pd.Series):
        labels = y.tolist() if y.dtype == object and y.ndim == 1 else []
    else:
        labels = y if isinstance(y, list | tuple) else []
    return _explain_lists(labels) or (_explain_types(labels) if hasattr(y, "dtype") else None)


def _explain_lists(labels: Any) -> str | None:
    """Describe lists of different lengths and sets; others are a matrix, which is another error."""
    if not all(isinstance(label, list | tuple | set | frozenset) for label in labels):
        return None
    if len({len(label) for label in labels}) < 2 and not any(
        isinstance(label, set | frozenset) for label in labels
    ):
        return None
    return (
        "y holds lists of labels. For several labels per sample pass a 0/1 matrix with one column"
        " per label: sklearn.preprocessing.MultiLabelBinarizer().fit_transform(y)."
    )


def _explain_types(labels: Any) -> str | None:
    """Describe text beside other labels. In a list, numpy makes text of all of them."""
    text = next((label for label in labels if isinstance(label, str)), None)
    other = next((label for label in labels if not isinstance(label, str)), None)
    if text is None or other is None:
        return None
    return (
        f"y holds labels of several types, such as {text!r} and {other!r}, which have no order."
        " Convert them to one type, as by y.astype(str)."
    )
