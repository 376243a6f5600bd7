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
from collections.abc import Iterator
from contextlib import contextmanager
from string import Formatter
from typing import Any, Self
from uuid import uuid4

import numpy as np

from sknn_tips.estimators.plans import optimizer_of
from sknn_tips.hooks import mlflow_runs
from sknn_tips.hooks.callbacks import LambdaCallback, StopAt, Watcher
from sknn_tips.hooks.fits import FitFollower
from sknn_tips.hooks.output_folders import output_path
from sknn_tips.persistence.weights import write_weights
from sknn_tips.plotting.history import picture_of
from sknn_tips.plotting.style import pyplot
from sknn_tips.state.net import Net

__all__ = ["LambdaCallback", "MLflowLogger", "ModelCheckpoint", "StopAt"]

# Epochs are sent to MLflow at most once in this many seconds, since a request takes milliseconds.
SECONDS_BETWEEN_REQUESTS = 1.0
# Fitted attributes that are logged as metrics, if they are numbers.
_RESULTS = ("n_iter_", "best_epoch_", "best_loss_", "best_validation_score_")


class MLflowLogger(FitFollower):
    """Log a fit to MLflow: parameters, the history, the tips and a picture of the curves.

    If `fit` is called directly, it logs into the active run, and starts a run of its own if there
    is none. A run of its own ends as FINISHED, or as FAILED if the fit raises an error. In a
    search, an ensemble or a worker, each fit starts its own run, nested in the active one.
    ``partial_fit`` and a warm start continue in the run of the previous fit.

    Parameters
    ----------
    run_id : str, default=None
        The run to log into, or in which runs of a search are nested. None is the active run. It
        must be given if copies for other threads or processes are made there, as by
        scikit-learn's ensembles, since each thread has its own active run.
    run_name : str, default=None
        The name of a new run. None is a random name by MLflow.
    pictures : bool, default=True
        Whether the picture is logged, which needs matplotlib.

    Attributes
    ----------
    run_id_ : str
        The run of the last fit.

    Raises
    ------
    ImportError
        In `fit`, before training: if mlflow is not installed (``pip install 'sknn_tips[mlflow]'``).
    ValueError
        In `fit`, before training: if the run has parameters of another fit.

    Notes
    -----
    The parameters of the estimator are logged under their names, except `callbacks`; every numeric
    column of ``history_`` as a metric, the epoch as its step; the metrics ``n_iter``,
    ``best_epoch`` and, if they exist, ``best_loss`` and ``best_validation_score``; the tag
    ``stop_reason``; the artifacts ``tips.txt`` and ``training_history.png``. The model itself is
    logged by ``mlflow.sklearn.log_model``. The server and the experiment are those of
    ``mlflow.set_tracking_uri`` and ``mlflow.set_experiment``.

    Examples
    --------
    >>> from sknn_tips import MLPClassifier
    >>> from sknn_tips.callbacks import MLflowLogger
    >>> clf = MLPClassifier(callbacks=[MLflowLogger()])
    >>> clf.fit(X, y)  # doctest: +SKIP
    """

    run_id_: str
    outer_: str | None = None

    def __init__(
        self, run_id: str | None = None, *, run_name: str | None = None, pictures: bool = True
    ) -> None:
        self.run_id = run_id
        self.run_name = run_name
        self.pictures = pictures

    def __sklearn_clone__(self) -> Self:
        """Return a copy that knows the active run, which other threads and processes do not."""
        copy = type(self)(**self.get_params(deep=False))
        copy.outer_ = mlflow_runs.active_run() or self.outer_
        return copy

    @contextmanager
    def around(self, estimator: Any, continuing: bool) -> Iterator[None]:
        resumed = getattr(self, "run_id_", None) if continuing else None
        if self.pictures:
            pyplot("MLflowLogger")
        with mlflow_runs.run_of_fit(self.run_id, self.run_name, self.outer_, resumed) as run:
            self.run_id_ = run.info.run_id
            given = estimator.get_params(deep=False)
            del given["callbacks"]
            mlflow_runs.log_parameters(self.run_id_, given, continuing)
            self.rows_: list[tuple[int, dict[str, Any]]] = []
            self.last_request_ = mlflow_runs.now()
            n_before = len(estimator.net_.history) if continuing else 0
            try:
                yield
            finally:
                self._log_epochs()  # also those of a fit that failed
                self.outer_ = None
            if optimizer_of(estimator).line_search:  # which calls no callbacks
                history = estimator.net_.history
                new = [(mlflow_runs.now(), history[i]) for i in range(n_before, len(history))]
                mlflow_runs.log_rows(self.run_id_, new)
            self._log_results(estimator)

    def on_epoch_begin(
        self, net: Net, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> None:
        """Log the epochs before, whose rows all callbacks have completed."""
        if mlflow_runs.now() - self.last_request_ >= 1000 * SECONDS_BETWEEN_REQUESTS:
            self._log_epochs()

    def on_epoch_end(
        self, net: Net, dataset_train: Any = None, dataset_valid: Any = None, **kwargs: Any
    ) -> None:
        self.rows_.append((mlflow_runs.now(), net.history[-1]))

    def _log_epochs(self) -> None:
        mlflow_runs.log_rows(self.run_id_, self.rows_)
        self.rows_, self.last_request_ = [], mlflow_runs.now()

    def _log_results(self, estimator: Any) -> None:
        client = mlflow_runs.mlflow().MlflowClient()
        found = {name.rstrip("_"): getattr(estimator, name, None) for name in _RESULTS}
        mlflow_runs.log_numbers(self.run_id_, found)
        client.set_tag(self.run_id_, "stop_reason", estimator.stop_reason_)
        tips = "\n\n".join(map(str, estimator.tips_)) or "No problem was found."
        client.log_text(self.run_id_, f"{tips}\n", "tips.txt")
        if self.pictures:
            client.log_figure(self.run_id_, picture_of(estimator), "training_history.png")


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
