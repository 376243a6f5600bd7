"""Weights of estimators in their average by greedy selection (Caruana et al., 2004)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# Weights are multiples of 1 / N_ROUNDS. Finer weights would fit the noise of the left-out folds.
N_ROUNDS = 50


def greedy_weights(
    predictions: NDArray, loss: Callable[[NDArray], NDArray], sample_weight: NDArray
) -> NDArray:
    """Return weights for which the weighted average has a small loss.

    Each round selects, with replacement, the estimator that most improves the average of all
    estimators selected so far ("Ensemble selection from libraries of models", Caruana et al., ICML
    2004).

    Parameters
    ----------
    predictions : ndarray of shape (n_estimators, n_values)
        The values to average: the probabilities of the true class for a classifier, the residuals
        for a regressor.
    loss : callable
        An elementwise function from averages to losses.
    sample_weight : ndarray of shape (n_values,)

    Returns
    -------
    weights : ndarray of shape (n_estimators,)
        The weights, which sum to 1. They are equal if there are no values.
    """
    n_estimators, n_values = predictions.shape
    if n_estimators == 1 or n_values == 0:
        return np.full(n_estimators, 1 / n_estimators)
    chosen, total = np.zeros(n_estimators), np.zeros(n_values)
    for n_chosen in range(1, N_ROUNDS + 1):
        losses = loss((total + predictions) / n_chosen) @ sample_weight
        best = np.argmin(losses)
        chosen[best] += 1
        total += predictions[best]
    return chosen / N_ROUNDS
