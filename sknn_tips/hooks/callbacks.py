"""Our own callbacks besides skorch's, and the hooks of callbacks."""

from collections.abc import Callable, Iterable
from inspect import signature
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import clone

from sknn_tips._registry import unknown_option
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.metrics.metrics import SCORES
from sknn_tips.metrics.monitor import split_name
from sknn_tips.state.history import shown_columns
from sknn_tips.state.net import Callback, Net

# The keyword arguments of each hook, which follow the net.
TRAINING_HOOKS = {
    "on_train_begin": ("X", "y"),
    "on_epoch_begin": ("dataset_train", "dataset_valid"),
    "on_batch_begin": ("batch", "training"),
    "on_grad_computed": ("named_parameters", "batch", "training"),
    "on_batch_end": ("batch", "training", "loss", "y_pred"),
    "on_epoch_end": ("dataset_train", "dataset_valid"),
    "on_train_end": ("X", "y"),
}
PREDICT_HOOKS = {
    "on_predict_begin": ("X",),
    "on_predict_batch_begin": ("batch",),
    "on_predict_batch_end": ("batch", "y_pred"),
    "on_predict_end": ("X", "y_pred"),
}
HOOKS = TRAINING_HOOKS | PREDICT_HOOKS


class OwnCallback(Callback):
    """A callback whose repr shows its parameters."""

    def __repr__(self) -> str:
        given = self.get_params(deep=False).items()
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given)})"


class LambdaCallback(OwnCallback):
    """Call functions during training and prediction.

    Parameters
    ----------
    **hooks : callable
        Functions ``f(net, **kwargs)`` by the name of their hook; `net` is the skorch net, with the
        loss and metrics of all epochs in ``net.history``. The hooks of training, with their keyword
        arguments: ``on_train_begin`` and ``on_train_end`` (X, y), ``on_epoch_begin`` and
        ``on_epoch_end`` (dataset_train, dataset_valid), ``on_batch_begin`` (batch, training),
        ``on_grad_computed`` (named_parameters, batch, training), ``on_batch_end`` (batch, training,
        loss, y_pred). The hooks of prediction, called by `predict` and all other methods that
        predict: ``on_predict_begin`` (X), ``on_predict_batch_begin`` (batch),
        ``on_predict_batch_end`` (batch, y_pred), ``on_predict_end`` (X, y_pred). There `batch` is
        an array (n, n_features) of samples that are computed together, often all of them; `y_pred`
        is the raw output of the last layer, before softmax etc., (n, n_outputs).

        A training hook ends training by returning True or by setting ``net.stop_training = True``:
        a batch hook after the batch, an epoch hook after the epoch.

    Raises
    ------
    TypeError
        For a hook that does not exist, or a value that cannot be called with its arguments.

    Notes
    -----
    Batch hooks slow down training, since they are called at every step. As in Keras, validation
    during training calls no prediction hook. Python's pickle accepts only functions that a module
    defines under a name, not a ``lambda``; joblib accepts both, so a search with `n_jobs` runs with
    either.

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
            _check_takes(name, function)
        self.__dict__.update(hooks)


def _check_takes(hook: str, function: Callable[..., Any]) -> None:
    """Raise an error unless the function accepts the arguments of its hook."""
    try:
        takes = signature(function)
    except ValueError:  # a built-in function without a signature
        return
    try:
        takes.bind(None, **dict.fromkeys(HOOKS[hook]))
    except TypeError as error:
        name = getattr(function, "__name__", repr(function))
        raise TypeError(
            f"LambdaCallback: {hook}={name} gets net and, by keyword, {', '.join(HOOKS[hook])}:"
            f" {error}. Write it as a function of (net, **kwargs), as lambda net, **kwargs: ..."
        ) from error


class Watcher(OwnCallback):
    """A callback that reads columns of the history, by skorch's names or those of `history_`."""

    larger_is_better: bool | None

    def check_column(self, net: Net, name: str, parameter: str) -> str | None:
        """Return skorch's name of a column, before training.

        Return None if this is known only after the first epoch, since another callback may add the
        column.

        Raises
        ------
        UnknownOptionError
            If there will be no such column. The message names the parameter that refers to it.
        """
        found = _column(net.columns, name)
        if found is None and not _others(net.callbacks_):
            raise self._unknown(net, name, parameter)
        return found

    def value(self, net: Net, name: str, parameter: str) -> float:
        """Return the value of a column in the last epoch."""
        row = net.history[-1]
        found = _column(row, name)
        if found is not None:
            return float(row[found])
        own = [callback for _, callback in net.callbacks_].index(self)
        behind = _others(net.callbacks_[own + 1 :])
        if not behind:
            raise self._unknown(net, name, parameter, row)
        raise UnknownOptionError(
            f"{self!r}: {parameter}={name!r} is not recorded yet when this callback is called. The"
            " callback that records it must come before it in callbacks. These come after it:"
            f" {', '.join(behind)}."
        )

    def direction(self, net: Net, name: str, parameter: str) -> bool:
        """Return whether larger values of a column are better, before training."""
        column = self.check_column(net, name, parameter)
        if self.larger_is_better is not None:
            return self.larger_is_better
        if column is None:
            raise self._unknown(net, name, parameter)
        larger = net.columns[column]
        if larger is None:
            raise ValueError(
                f"{self!r}: nothing says whether {name} is better when it is larger. Write"
                " larger_is_better=True or False."
            )
        return larger

    def _unknown(
        self, net: Net, name: str, parameter: str, row: Iterable[str] = ()
    ) -> UnknownOptionError:
        part, figure = split_name(name)
        is_figure = f"train_{figure}" in net.columns or figure in SCORES
        if part == "valid" and name != figure and is_figure and "valid_loss" not in net.columns:
            return UnknownOptionError(
                f"{self!r}: {parameter}={name!r} is a metric of the validation set, and there is"
                " none. Pass X_val and y_val to fit, or set early_stopping=True, which holds out"
                " samples. A metric of the training samples is named without val_."
            )
        columns = shown_columns([*net.columns, *row]).values()
        others = " A column of another callback needs larger_is_better=True or False."
        return UnknownOptionError(
            f"{self!r}: {unknown_option(name, columns, parameter)} These columns are recorded. To"
            " record val_ columns, pass X_val or set early_stopping=True; to record another metric,"
            f" add its name to metrics.{others if self.larger_is_better is None else ''}"
        )


class StopAt(Watcher):
    """Stop training at the end of the epoch in which a metric or loss reaches a threshold.

    Parameters
    ----------
    metric : str
        A column of `history_`, such as "val_loss", or "accuracy" for the training accuracy (with
        ``metrics=["accuracy"]``). skorch's names ("valid_loss") are accepted too.
    threshold : float
        Training stops when a score is at or above it, or a loss or error is at or below it.
    larger_is_better : bool, default=None
        Whether `metric` is a score. None takes this from the metric. It must be given for a column
        that another callback writes, and for a metric function of unknown direction.

    Raises
    ------
    UnknownOptionError
        In `fit`, if no such column is recorded.

    Notes
    -----
    ``StopAt("accuracy", 0.8)`` is the callback of the lecture on Fashion-MNIST: it ends training
    at a training accuracy of 80 %.

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
        self.larger_is_better_ = self.direction(net, self.metric, "metric")

    def on_epoch_end(
        self, net: Net, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> bool:
        value = self.value(net, self.metric, "metric")
        return value >= self.threshold if self.larger_is_better_ else value <= self.threshold


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and not np.isnan(float(value))


def unpaired(given: Any) -> Any:
    """Return the callback of a skorch pair (name, callback), or the argument if it is no pair."""
    paired = isinstance(given, tuple | list) and len(given) == 2 and isinstance(given[0], str)
    return given[1] if paired else given


def check_callbacks(callbacks: Iterable[Any]) -> None:
    """Raise an error unless all are callback objects (not classes) that skorch accepts."""
    for given in callbacks:
        callback = unpaired(given)
        if isinstance(callback, type):
            raise ValueError(
                f"callbacks holds the class {callback.__name__}. Write {callback.__name__}(), with"
                " its parameters."
            )
        if not isinstance(callback, Callback):
            raise ValueError(
                f"callbacks holds {given!r}. Each must be a callback of sknn_tips.callbacks or"
                " skorch, such as skorch.callbacks.EarlyStopping(), an object of a class of yours"
                " that derives from skorch.callbacks.Callback, or a pair of a name and one."
            )


def prediction_caller(net: Net, callbacks: Iterable[Any]) -> Callable[..., None] | None:
    """Return a function that calls a prediction hook of all callbacks; None if none has one."""
    watching = [
        each for each in map(unpaired, callbacks) if any(hasattr(each, h) for h in PREDICT_HOOKS)
    ]
    if not watching:
        return None

    def tell(hook: str, **kwargs: Any) -> None:
        for callback in watching:
            if hasattr(callback, hook):
                getattr(callback, hook)(net, **kwargs)

    return tell


def to_pickle(callbacks: Any) -> Any:
    """Return the callbacks without their state, which may hold tensors; our own keep theirs."""
    if isinstance(callbacks, OwnCallback):
        return callbacks
    if isinstance(callbacks, list | tuple):
        return type(callbacks)(to_pickle(each) for each in callbacks)
    return clone(callbacks, safe=False)


def _column(columns: Iterable[str], name: str) -> str | None:
    """Return skorch's name of a column, given that name or the name in ``history_``."""
    skorchs = {shown: column for column, shown in shown_columns(columns).items()}
    return skorchs.get(name, name if name in columns else None)


def _others(callbacks: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the names of the callbacks that may record columns of their own."""
    return [name for name, callback in callbacks if not isinstance(callback, Watcher)]
