"""When to stop: scikit-learn's rule of too many epochs without enough improvement."""

import math


class Patience:
    """Count epochs that did not improve by `tol`.

    Parameters
    ----------
    tol : float or None
        None never counts, so training runs for all its epochs.
    n_iter_no_change : float
        Training may stop once the count is *above* this, as in scikit-learn.
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
        """Take one epoch's value; return whether it is the best so far (strictly)."""
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
    """Count how often the rate shall fall because a figure stopped improving.

    Parameters
    ----------
    patience : int
        Epochs without improvement that are borne; the next one lowers the rate.
    threshold : float
        What counts as an improvement.
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
        """Take one epoch's value; return whether it lowers the rate."""
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
