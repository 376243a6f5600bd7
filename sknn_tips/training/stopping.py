"""Stopping rules: count the epochs without enough improvement, as scikit-learn does."""

import math


class Patience:
    """Count epochs that did not improve by `tol`.

    Parameters
    ----------
    tol : float or None
        With None nothing is counted, so training runs for all its epochs.
    n_iter_no_change : float
        Training may stop once the count is *above* this value, as in scikit-learn.
    larger_is_better : bool
        True for a score, False for a loss.

    Attributes
    ----------
    best : float
    count : int
    """

    def __init__(
        self, tol: float | None, n_iter_no_change: float, *, larger_is_better: bool
    ) -> None:
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.sign = 1.0 if larger_is_better else -1.0
        self.best = -math.inf * self.sign
        self.count = 0

    def update(self, value: float) -> bool:
        """Process the value of an epoch; return whether it is strictly the best so far."""
        gain = self.sign * (value - self.best)
        if self.tol is not None:
            # written so that NaN counts as no improvement; the first epoch's gain is infinite
            self.count = 0 if gain >= self.tol else self.count + 1
        if gain > 0:
            self.best = value
            return True
        return False

    @property
    def exhausted(self) -> bool:
        return self.count > self.n_iter_no_change


class Plateau:
    """Count how often the learning rate has to be lowered because a value stopped improving.

    Parameters
    ----------
    patience : int
        Number of epochs without improvement that are tolerated; the next one lowers the rate.
    threshold : float
        Changes above this value count as an improvement.
    larger_is_better : bool

    Attributes
    ----------
    reductions : int
    """

    def __init__(self, patience: int, threshold: float, *, larger_is_better: bool) -> None:
        self.patience, self.threshold = patience, threshold
        self.sign = 1.0 if larger_is_better else -1.0
        self.best = -math.inf
        self.count = 0
        self.reductions = 0

    def update(self, value: float) -> bool:
        """Process the value of an epoch; return whether the rate is lowered."""
        if self.sign * value > self.best + self.threshold:
            self.best = self.sign * value
            self.count = 0
            return False
        self.count += 1
        if self.count <= self.patience:
            return False
        self.reduce()
        return True

    def reduce(self) -> None:
        """Lower the rate now."""
        self.count = 0
        self.reductions += 1
