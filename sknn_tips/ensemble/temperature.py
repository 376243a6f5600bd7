"""Temperature scaling: division of the log probabilities by one number (Guo et al., 2017)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

# A temperature outside this range would mean that the probabilities are useless, or that there are
# too few left-out samples.
SMALLEST, LARGEST = 0.2, 5.0


def rescale(proba: NDArray, temperature: float) -> NDArray:
    """Return ``softmax(log(proba) / temperature)``; a probability of 0 remains 0.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
    temperature : float
        Below 1 for sharper probabilities, above 1 for flatter ones.

    Returns
    -------
    rescaled : ndarray of shape (n_samples, n_classes)
        float64; each row sums to 1.
    """
    powers = proba.astype(np.float64) ** (1 / temperature)
    rescaled: NDArray = powers / powers.sum(axis=1, keepdims=True)
    return rescaled


def fit_temperature(proba: NDArray, codes: NDArray, sample_weight: NDArray) -> float:
    """Return the temperature with the smallest log loss of the probabilities.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
    codes : ndarray of shape (n_samples,)
        The column of the class of each sample.
    sample_weight : ndarray of shape (n_samples,)

    Returns
    -------
    temperature : float
        From 0.2 to 5; 1 if no sample can be used.
    """
    # Samples whose class has probability 0 are ignored, because no temperature changes it. This
    # applies above all to samples of classes that are not in the training part.
    counted = (proba[np.arange(len(codes)), codes] > 0) & (sample_weight > 0)
    if not counted.any():
        return 1.0
    with np.errstate(divide="ignore"):
        log_proba = np.log(proba[counted].astype(np.float64))
    of_class = log_proba[np.arange(len(log_proba)), codes[counted]]
    weight = sample_weight[counted] / sample_weight[counted].sum()

    def log_loss(log_temperature: float) -> float:
        factor = np.exp(-log_temperature)
        loss: float = weight @ (logsumexp(factor * log_proba, axis=1) - factor * of_class)
        return loss

    found = minimize_scalar(log_loss, bounds=np.log([SMALLEST, LARGEST]), method="bounded")
    return float(np.exp(found.x))
