"""Callbacks for the parameter `callbacks`, which also accepts those of skorch (`skorch.callbacks`).

A callback stops training by setting ``net.stop_training = True`` or by returning True from a hook.

skorch's ``TensorBoard(SummaryWriter(...))`` works if `fit` is called directly. The writer is an
open file, which can be neither copied nor pickled. For a search, `clone` and `pickle`, write a
callback that opens it when training begins, in an attribute whose name ends in ``_``::

    class Log(skorch.callbacks.Callback):
        def __init__(self, folder):
            self.folder = folder

        def on_train_begin(self, net, **kwargs):
            self.writer_ = SummaryWriter(self.folder)

        def on_epoch_end(self, net, **kwargs):
            row = net.history[-1]
            self.writer_.add_scalar("loss", row["train_loss"], row["epoch"])

        def on_train_end(self, net, **kwargs):
            self.writer_.close()
"""

import os
from string import Formatter
from typing import Any
from uuid import uuid4

import numpy as np

from sknn_tips.hooks.callbacks import LambdaCallback, StopAt, Watcher
from sknn_tips.hooks.output_folders import output_path
from sknn_tips.persistence.weights import write_weights
from sknn_tips.state.net import Net

__all__ = ["LambdaCallback", "ModelCheckpoint", "StopAt"]


class ModelCheckpoint(Watcher):
    """Write the weights to a file after each epoch that was the best so far, or after every epoch.

    Parameters
    ----------
    path : str or path
        The file, in an existing folder; the usual extension is ``.safetensors``. It may contain
        ``{epoch}`` and columns of `history_`, as in ``"{epoch:03d}-{val_loss:.4f}.safetensors"``;
        otherwise the file is overwritten. In a search, an ensemble or a worker, each fit writes to
        a new subfolder named ``fit-`` and a random number, so that no fit overwrites the file of
        another.
    monitor : str, default="val_loss"
        The column of `history_` that determines the best epoch; skorch's name of it is also
        accepted.
    save_best_only : bool, default=True
        If False, write after every epoch, and ignore `monitor`.
    larger_is_better : bool, default=None
        Whether larger values of `monitor` are better. None is determined from the metric.

    Attributes
    ----------
    path_ : str or None
        The file that was written last.
    best_ : float or None
        The value of `monitor` in the best epoch; None if `save_best_only` is False.
    best_epoch_ : int or None
        The best epoch, counted from 1. Later fits with ``warm_start`` and `partial_fit` continue
        counting.

    Raises
    ------
    OSError, UnknownOptionError, TypeError, ValueError, ImportError
        In `fit`, before training: if the file cannot be written, if `path` is not a path, if the
        column does not exist, or if the library safetensors is not installed (``pip install
        'sknn_tips[save]'``).

    See Also
    --------
    sknn_tips.load_weights : Load the weights of such a file into a fitted estimator.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tips import MLPClassifier, load_weights
    >>> from sknn_tips.callbacks import ModelCheckpoint
    >>> X, y = load_iris(return_X_y=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     best = ModelCheckpoint(os.path.join(folder, "best.safetensors"), monitor="loss")
    ...     clf = MLPClassifier(8, max_iter=5, tol=None, callbacks=[best]).fit(X, y)
    ...     _ = load_weights(clf, best.path_)
    >>> best.best_epoch_
    5
    """

    path_: str | None
    best_: float | None
    best_epoch_: int | None

    def __init__(
        self,
        path: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = True,
        *,
        larger_is_better: bool | None = None,
    ) -> None:
        self.path = path
        self.monitor = monitor
        self.save_best_only = save_best_only
        self.larger_is_better = larger_is_better

    def on_train_begin(self, net: Net, X: Any = None, y: Any = None, **kwargs: Any) -> None:
        if not isinstance(self.path, str | os.PathLike):
            raise TypeError(
                f"ModelCheckpoint: path={self.path!r} must be the path of a file, such as"
                " 'best.safetensors'."
            )
        if self.save_best_only:
            self.sign_ = 1 if self.direction(net, self.monitor, "monitor") else -1
        self._check_names(net)
        self.place_ = output_path(self.path)
        self._rehearse(net)
        if not net.history or not hasattr(self, "path_"):  # otherwise training is continued
            self.path_ = self.best_ = self.best_epoch_ = None

    def on_epoch_end(
        self, net: Net, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> None:
        epoch = net.history[-1]["epoch"]
        if self.save_best_only:
            value = self.value(net, self.monitor, "monitor")
            best = -np.inf if self.best_ is None else self.sign_ * self.best_
            if not self.sign_ * value > best:  # true for NaN, too
                return
            self.best_, self.best_epoch_ = value, epoch
        figures = {
            name: self.value(net, name, "column of path") for name in self._names if name != "epoch"
        }
        self.path_ = self.place_.format(epoch=epoch, **figures)
        write_weights(net.module_, self.path_, net.criterion_.out_activation)

    @property
    def _names(self) -> list[str]:
        """The names in the braces of `path`."""
        parts = Formatter().parse(os.fspath(self.path))
        return [name for _, name, _, _ in parts if name is not None]

    def _check_names(self, net: Net) -> None:
        """Raise an error if `path` cannot be formatted, or names an unknown column."""
        try:
            columns = [name for name in self._names if name != "epoch"]
            os.fspath(self.path).format(epoch=1, **dict.fromkeys(columns, 0.5))
        except (IndexError, KeyError, ValueError) as error:
            raise ValueError(
                f"{self!r}: the path cannot be filled in: {error}. Braces hold epoch, a whole"
                " number, or a column of history_, as in '{epoch:03d}-{val_loss:.4f}'."
            ) from error
        for name in columns:
            self.check_column(net, name, "column of path")

    def _rehearse(self, net: Net) -> None:
        """Write a temporary file to the folder of `path`, so that errors occur before training."""
        if os.path.isdir(self.place_ or os.curdir):
            raise IsADirectoryError(
                f"{self!r}: the path is a folder. Add the name of a file to it."
            )
        trial = f"{self.place_}.{uuid4().hex[:8]}"
        try:
            write_weights(net.module_, trial, net.criterion_.out_activation)
        except OSError as error:
            raise type(error)(error.errno, error.strerror, self.place_) from error
        os.remove(trial)
