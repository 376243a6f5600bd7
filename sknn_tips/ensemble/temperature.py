"""Temperature scaling: one divisor of the log probabilities (Guo et al., 2017)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

# One outside would say that the probabilities are no use, or that few samples were left out.
SMALLEST, LARGEST = 0.2, 5.0


def rescale(proba: NDArray, temperature: float) -> NDArray:
    """Return ``softmax(log(proba) / temperature)``; a probability of 0 stays 0.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
    temperature : float
        Below 1 for sharper probabilities, above 1 for flatter ones.

    Returns
    -------
    rescaled : ndarray of shape (n_samples, n_classes)
        Float64; each row sums to 1.
    """
    powers = proba.astype(np.float64) ** (1 / temperature)
    rescaled: NDArray = powers / powers.sum(axis=1, keepdims=True)
    return rescaled


def fit_temperature(proba: NDArray, codes: NDArray, sample_weight: NDArray) -> float:
    """Return the temperature at which probabilities have the smallest log loss.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
    codes : ndarray of shape (n_samples,)
        The column of each sample's class.
    sample_weight : ndarray of shape (n_samples,)

    Returns
    -------
    temperature : float
        From 0.2 to 5; 1 where nothing can be learnt from the samples.
    """
    # No temperature changes a probability of 0: such samples, most of all of classes that the
    # training part lacked, have no say.
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
