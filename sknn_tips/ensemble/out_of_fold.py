"""Out-of-fold predictions: for each sample, those of the members that have left it out."""

import numpy as np
from numpy.typing import NDArray


def mean_of_samples(predictions: NDArray, samples: NDArray, n_samples: int) -> NDArray:
    """Return the mean prediction for each sample, or NaN if there is none.

    Parameters
    ----------
    predictions : ndarray of shape (n_predictions,) or (n_predictions, n_columns)
    samples : ndarray of shape (n_predictions,)
        The index of the sample of each prediction.
    n_samples : int

    Returns
    -------
    means : ndarray of shape (n_samples,) or (n_samples, n_columns)
    """
    totals = np.zeros((n_samples, *predictions.shape[1:]))
    np.add.at(totals, samples, predictions)
    counts = np.bincount(samples, minlength=n_samples)
    with np.errstate(invalid="ignore"):
        return (totals.T / counts).T
