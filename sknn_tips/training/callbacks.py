"""Callbacks of our own beside skorch's, and the hooks that callbacks have."""

from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import clone

from sknn_tips._registry import unknown_option
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.training.history import shown_figures, shown_name
from sknn_tips.training.net import Callback, Net

TRAINING_HOOKS = (
    "on_train_begin",
    "on_epoch_begin",
    "on_batch_begin",
    "on_grad_computed",
    "on_batch_end",
    "on_epoch_end",
    "on_train_end",
)
PREDICT_HOOKS = (
    "on_predict_begin",
    "on_predict_batch_begin",
    "on_predict_batch_end",
    "on_predict_end",
)
HOOKS = (*TRAINING_HOOKS, *PREDICT_HOOKS)


class OwnCallback(Callback):
    """A callback that shows its parameters."""

    def __repr__(self) -> str:
        given = self.get_params(deep=False).items()
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given)})"


class LambdaCallback(OwnCallback):
    """Call functions during training and prediction.

    Parameters
    ----------
    **hooks : callable
        Functions ``f(net, **kwargs)`` by the name of their hook; `net` is the skorch net, with the
        figures of all epochs in ``net.history``. In training, with what they get by keyword:
        ``on_train_begin`` and ``on_train_end`` (X, y), ``on_epoch_begin`` and ``on_epoch_end``
        (dataset_train, dataset_valid), ``on_batch_begin`` (batch, training), ``on_grad_computed``
        (named_parameters, batch, training), ``on_batch_end`` (batch, training, loss, y_pred). In
        `predict` and all that predicts: ``on_predict_begin`` (X), ``on_predict_batch_begin``
        (batch), ``on_predict_batch_end`` (batch, y_pred), ``on_predict_end`` (X, y_pred). There a
        batch is what is computed at once, (n, n_features), often all rows; `y_pred` is the raw
        output of the last layer, before softmax and the like, (n, n_outputs).

        A hook of training ends it by returning True, or with ``net.stop_training = True``: a hook
        of batches after the batch, one of epochs after the epoch.

    Raises
    ------
    TypeError
        For a hook that does not exist, or a value that cannot be called.

    Notes
    -----
    Hooks of batches slow training down: they are called at every step. Validation in training
    calls no hook of prediction, as in Keras. Python's pickle takes functions that a module defines
    by name, and no ``lambda``; joblib takes both, so a search with `n_jobs` runs with either.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.callbacks import LambdaCallback
    >>> rates = []
    >>> note = LambdaCallback(on_epoch_end=lambda net, **_: rates.append(net.history[-1]["lr"]))
    >>> clf = MLPClassifier(8, max_iter=3, tol=None, callbacks=[note])
    >>> _ = clf.fit(*load_digits(return_X_y=True))
    >>> rates
    [0.001, 0.001, 0.001]
    """

    def __init__(self, **hooks: Callable[..., Any]) -> None:
        for name, function in hooks.items():
            if name not in HOOKS:
                raise TypeError(unknown_option(name, HOOKS, "LambdaCallback: hook"))
            if not callable(function):
                raise TypeError(f"{name}={function!r} must be a function of (net, **kwargs).")
        self.__dict__.update(hooks)


class Watcher(OwnCallback):
    """A callback that looks at columns of the history, under skorch's names or `history_`'s."""

    larger_is_better: bool | None

    def check_column(self, net: Net, name: str) -> str | None:
        """Return skorch's name of a column before training.

        None where only the first epoch can tell, since other callbacks add columns of their own.

        Raises
        ------
        UnknownOptionError
            When there will be no such column.
        """
        found = _column(net.columns, name)
        if found is None and all(isinstance(each, Watcher) for _, each in net.callbacks_):
            raise self._unknown(name, map(shown_name, net.columns))
        return found

    def value(self, net: Net, name: str) -> float:
        """Return the last epoch's figure."""
        row = net.history[-1]
        found = _column(row, name)
        if found is None:
            raise self._unknown(name, shown_figures(row))
        return float(row[found])

    def direction(self, net: Net, name: str) -> bool:
        """Return before training whether a column is better when it is larger."""
        column = self.check_column(net, name)
        if self.larger_is_better is not None:
            return self.larger_is_better
        if column is None:
            raise self._unknown(name, map(shown_name, net.columns))
        larger = net.columns[column]
        if larger is None:
            raise ValueError(
                f"{self!r}: nothing says whether {name} is better when it is larger. Write"
                " larger_is_better=True or False."
            )
        return larger

    def _unknown(self, name: str, columns: Iterable[str]) -> UnknownOptionError:
        return UnknownOptionError(
            f"{self!r}: {unknown_option(name, columns, 'column')} These are recorded here; val_"
            " needs X_val or early_stopping=True, another metric its name in metrics, and a column"
            " of another callback larger_is_better=True or False."
        )


class StopAt(Watcher):
    """Stop training at the end of the epoch in which a figure reaches a threshold.

    Parameters
    ----------
    metric : str
        A column of `history_`, such as "val_loss", or "accuracy" for that of the training rows
        (with ``metrics=["accuracy"]``). skorch's name of it ("valid_loss") does too.
    threshold : float
        A score stops training when it is at or above it, a loss or an error at or below it.
    larger_is_better : bool, default=None
        Whether `metric` is a score. None asks the metric; it must be given for a function of which
        nothing says it, and for a column that another callback writes.

    Raises
    ------
    UnknownOptionError
        In `fit`: when no such column is recorded.

    Notes
    -----
    ``StopAt("accuracy", 0.8)`` is the callback of the lecture on Fashion-MNIST: it ends training
    at 80 % on the training rows.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.callbacks import StopAt
    >>> clf = MLPClassifier(metrics=["accuracy"], callbacks=[StopAt("accuracy", 0.8)])
    >>> clf.fit(*load_digits(return_X_y=True)).stop_reason_
    'callback'
    """

    def __init__(
        self, metric: str, threshold: float, *, larger_is_better: bool | None = None
    ) -> None:
        self.metric: str = metric
        self.threshold: float = threshold
        self.larger_is_better = larger_is_better

    def on_train_begin(self, net: Net, X: Any = None, y: Any = None, **kwargs: Any) -> None:
        if not _is_number(self.threshold):
            raise ValueError(f"{self!r}: threshold must be a number.")
        self.larger_is_better_ = self.direction(net, self.metric)

    def on_epoch_end(
        self, net: Net, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> bool:
        value = self.value(net, self.metric)
        return value >= self.threshold if self.larger_is_better_ else value <= self.threshold


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and not np.isnan(float(value))


def teller(net: Net, callbacks: Iterable[Any]) -> Callable[..., None] | None:
    """Return a function that calls a hook of prediction, or None when no callback has any."""
    unnamed = [each[1] if isinstance(each, tuple) else each for each in callbacks]
    watching = [each for each in unnamed if any(hasattr(each, hook) for hook in PREDICT_HOOKS)]
    if not watching:
        return None

    def tell(hook: str, **kwargs: Any) -> None:
        for callback in watching:
            if hasattr(callback, hook):
                getattr(callback, hook)(net, **kwargs)

    return tell


def to_pickle(callbacks: Any) -> Any:
    """Return a list of callbacks without their state, which may be tensors, but for our own."""
    if isinstance(callbacks, OwnCallback):
        return callbacks
    if isinstance(callbacks, list | tuple):
        return type(callbacks)(to_pickle(each) for each in callbacks)
    return clone(callbacks, safe=False)


def _column(columns: Mapping[str, Any], name: str) -> str | None:
    if name in columns:
        return name
    return next((column for column in columns if shown_name(column) == name), None)
