"""The weights of several estimators in their average: greedy selection (Caruana et al., 2004)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# Weights are multiples of 1 / N_ROUNDS. Finer ones would fit the noise of the left-out folds.
N_ROUNDS = 50


def greedy_weights(
    predictions: NDArray, loss: Callable[[NDArray], NDArray], sample_weight: NDArray
) -> NDArray:
    """Return the weights of an average with a small loss.

    In every round the estimator is chosen, with replacement, that improves the average of those
    chosen so far most ("Ensemble selection from libraries of models", Caruana et al., ICML 2004).

    Parameters
    ----------
    predictions : ndarray of shape (n_estimators, n_values)
        What is averaged: of a classifier the probabilities of the true class, of a regressor the
        residuals.
    loss : callable
        Elementwise, from averages to their losses.
    sample_weight : ndarray of shape (n_values,)

    Returns
    -------
    weights : ndarray of shape (n_estimators,)
        They sum to 1; equal ones where there are no values.
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
