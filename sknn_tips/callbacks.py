"""Callbacks for the parameter `callbacks`, which takes all of skorch's (`skorch.callbacks`) too.

A callback stops training by ``net.stop_training = True`` or by returning True from a hook.

skorch's ``TensorBoard(SummaryWriter(...))`` works in a fit called directly. The writer is an open
file, though, which can be neither copied nor pickled, so for a search, `clone` and `pickle` open it
when training begins, under a name that ends in ``_``::

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
from sknn_tips.hooks.folders import place_of
from sknn_tips.persistence.weights import write_weights
from sknn_tips.state.net import Net

__all__ = ["LambdaCallback", "ModelCheckpoint", "StopAt"]


class ModelCheckpoint(Watcher):
    """Write the weights to a file after each epoch that was the best so far, or after every epoch.

    Parameters
    ----------
    path : str or path
        Of the file, in a folder that exists; the usual ending is ``.safetensors``. It may hold
        ``{epoch}`` and columns of `history_`, as in ``"{epoch:03d}-{val_loss:.4f}.safetensors"``;
        without them the file is replaced. In a search, an ensemble or a worker every fit puts it
        into a new folder of that folder, ``fit-`` and a random number, so that none overwrites
        the file of another.
    monitor : str, default="val_loss"
        The column of `history_` that decides which epoch is the best; skorch's name does too.
    save_best_only : bool, default=True
        False writes after every epoch, and does not look at `monitor`.
    larger_is_better : bool, default=None
        Whether `monitor` is a score. None asks the metric.

    Attributes
    ----------
    path_ : str or None
        The file written last.
    best_ : float or None
        The monitored figure of the best epoch; None where `save_best_only` is False.
    best_epoch_ : int or None
        The epoch of it, from 1; further fits of ``warm_start`` and `partial_fit` count on.

    Raises
    ------
    OSError, UnknownOptionError, TypeError, ValueError, ImportError
        In `fit`, before training: when the file cannot be written, `path` is no path, the column
        will not be there, or the library safetensors is not (``pip install 'sknn_tips[save]'``).

    See Also
    --------
    sknn_tips.load_weights : Put the weights of such a file into a fitted estimator.

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
        self.place_ = place_of(self.path)
        self._rehearse(net)
        if not net.history or not hasattr(self, "path_"):  # else training goes on
            self.path_ = self.best_ = self.best_epoch_ = None

    def on_epoch_end(
        self, net: Net, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> None:
        epoch = net.history[-1]["epoch"]
        if self.save_best_only:
            value = self.value(net, self.monitor, "monitor")
            best = -np.inf if self.best_ is None else self.sign_ * self.best_
            if not self.sign_ * value > best:  # NaN is no improvement
                return
            self.best_, self.best_epoch_ = value, epoch
        figures = {
            name: self.value(net, name, "column of path") for name in self._names if name != "epoch"
        }
        self.path_ = self.place_.format(epoch=epoch, **figures)
        write_weights(net.module_, self.path_, net.criterion_.out_activation)

    @property
    def _names(self) -> list[str]:
        """What stands in the braces of `path`."""
        parts = Formatter().parse(os.fspath(self.path))
        return [name for _, name, _, _ in parts if name is not None]

    def _check_names(self, net: Net) -> None:
        """Try the braces of `path` on made-up figures."""
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
        """Write a file beside the one to come, so that what cannot be written fails now."""
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
