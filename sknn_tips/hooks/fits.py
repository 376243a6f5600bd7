"""Callbacks that follow a whole fit: they see the fitted estimator, and whether the fit failed."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from sknn_tips.hooks.callbacks import OwnCallback, unpaired


class FitFollower(OwnCallback):
    """A callback that is called around a fit, besides its hooks during training."""

    @abstractmethod
    def around(self, estimator: Any, continuing: bool) -> AbstractContextManager[None]:
        """Return a context manager that is entered before the data is checked.

        An error of the fit is raised in the context. At its end, the estimator is fitted.

        Parameters
        ----------
        estimator : MLPClassifier or MLPRegressor
        continuing : bool
            Whether an earlier training is continued.
        """


@contextmanager
def followed(estimator: Any, continuing: bool) -> Iterator[None]:
    """Let the callbacks of an estimator follow the fit in the context."""
    with ExitStack() as stack:
        for callback in map(unpaired, estimator.callbacks):
            if isinstance(callback, FitFollower):
                stack.enter_context(callback.around(estimator, continuing))
        yield
