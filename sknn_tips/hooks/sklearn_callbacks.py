"""scikit-learn's own callbacks, from its version 1.9 on: a fit and its epochs as its tasks.

They are set with ``set_callbacks`` and have nothing to do with those of the parameter `callbacks`.
"""

from collections.abc import Callable
from typing import Any

from sknn_tips._compat.sklearn import begin_callbacks, has_callbacks
from sknn_tips.state import copies
from sknn_tips.state.net import Net


class Epochs:
    """Follows the epochs of a fit; this one does nothing."""

    def begin(self) -> None:
        """Take note that an epoch begins."""

    def end(self, net: Net) -> bool:
        """Take note that an epoch is over; return whether training shall stop."""
        return False

    def close(self) -> None:
        """Take note that the estimator is fitted."""


NOBODY = Epochs()


class Task(Epochs):
    """Tells scikit-learn's callbacks.

    The loop gets it as an argument, and nothing keeps it: it holds the data of the fit.

    Parameters
    ----------
    estimator : estimator
        With callbacks, set on it or handed down by what it is in.
    max_epochs : int
    X, y : array-like
        As the user gave them: callbacks may score on them.
    sample_weight : array-like or None
    fitted_attributes : callable
        Returns what the estimator has after fit, from a net.
    """

    def __init__(
        self,
        estimator: Any,
        max_epochs: int,
        X: Any,
        y: Any,
        sample_weight: Any,
        fitted_attributes: Callable[[Net], dict[str, Any]],
    ) -> None:
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self.given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self.fitted_attributes = fitted_attributes
        self.context = begin_callbacks(estimator, max_epochs)
        self.context.call_on_fit_task_begin(**self.given)

    def begin(self) -> None:
        self.epoch = self.context.subcontext(task_name="epoch")
        self.epoch.call_on_fit_task_begin(**self.given)

    def end(self, net: Net) -> bool:
        return self.epoch.call_on_fit_task_end(
            **self.given,
            reconstruction_attributes=lambda: self._attributes(net),
        )

    def _attributes(self, net: Net) -> dict[str, Any] | None:
        """Return a copy, which later epochs do not change, for callbacks that predict."""
        if not net.flat.all_finite():  # training diverged, and says so itself
            return None
        return self.fitted_attributes(copies.from_arrays(copies.to_arrays(net)))

    def close(self) -> None:
        self.context.call_on_fit_task_end(**self.given, reconstruction_attributes={})


def follow(
    estimator: Any,
    max_epochs: int,
    data: tuple[Any, Any, Any],
    fitted_attributes: Callable[[Net], dict[str, Any]],
) -> Epochs:
    """Begin the task of a fit on data (X, y, sample_weight), where anybody wants to know."""
    if not has_callbacks(estimator):
        return NOBODY
    return Task(estimator, max_epochs, *data, fitted_attributes)
