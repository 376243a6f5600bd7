"""Call scikit-learn's own callbacks (version 1.9 and later): a fit and its epochs are tasks.

They are set with ``set_callbacks`` and are independent of those of the parameter `callbacks`.
"""

from collections.abc import Callable
from typing import Any

from sknn_tips._compat.sklearn import begin_callbacks, has_callbacks
from sknn_tips.state import copies
from sknn_tips.state.net import Net


class Epochs:
    """Interface to follow the epochs of a fit; this base class does nothing."""

    def begin(self) -> None:
        """Begin an epoch."""

    def end(self, net: Net) -> bool:
        """End an epoch; return whether training should stop."""
        return False

    def close(self) -> None:
        """End the fit, when the estimator is fitted."""


NO_CALLBACKS = Epochs()


class Task(Epochs):
    """Call scikit-learn's callbacks.

    The training loop gets it as an argument. It must not be stored, since it holds the data of the
    fit.

    Parameters
    ----------
    estimator : estimator
        An estimator with callbacks, its own or propagated by a meta-estimator.
    max_epochs : int
    X, y : array-like
        As passed by the user; callbacks may compute scores on them.
    sample_weight : array-like or None
    fitted_attributes : callable
        Returns the fitted attributes of the estimator, given a net.
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
        """Return the fitted attributes with a copy of the net, for callbacks that predict."""
        if not net.flat.all_finite():  # training diverged, which is reported elsewhere
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
    """Begin the task of a fit on data (X, y, sample_weight), if the estimator has callbacks."""
    if not has_callbacks(estimator):
        return NO_CALLBACKS
    return Task(estimator, max_epochs, *data, fitted_attributes)
