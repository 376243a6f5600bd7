"""Saving and loading of a fitted model: a network, or a model that contains networks."""

import os
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sknn_tips import exceptions
from sknn_tips._compat.sklearn import CALLBACKS, BaseSearchCV
from sknn_tips.exceptions import HintWarning
from sknn_tips.persistence.allowed_types import ESTIMATORS
from sknn_tips.persistence.archive import damaged, decode_archive, encode_archive
from sknn_tips.persistence.packing import packed
from sknn_tips.persistence.rebuilding import rebuilt
from sknn_tips.persistence.skops_file import decode_whole, encode_whole, holds_ours, is_whole
from sknn_tips.persistence.suffixes import check_suffix
from sknn_tips.persistence.values import Unpacker
from sknn_tips.runtime.files import read_bytes, write_bytes

# The expression for the network in a model that contains one.
_INNER = {
    Pipeline: "model[-1]",
    BaseSearchCV: "model.best_estimator_",
    TransformedTargetRegressor: "model.regressor_",
}


def save_model(model: Any, path: str | os.PathLike[str]) -> None:
    """Save a fitted model to a data file, from which training can be continued.

    The file contains no pickle, and loading it executes no code. A single network is saved in the
    safetensors format: weights, optimizer state and states of the random generators as tensors,
    everything else as JSON. A model of several parts is saved in the format of the library skops,
    and contains each network in the safetensors format. Checksums are without a key: they detect
    accidental changes, but not manipulation. This requires the libraries safetensors and, for
    models of several parts, skops: ``pip install 'sknn_tips[save]'``.

    Parameters
    ----------
    model : estimator
        A fitted MLPClassifier or MLPRegressor, a model of :func:`sknn_tips.tabular_pipeline`, or a
        Pipeline, FoldEnsemble or another meta-estimator of scikit-learn that contains an estimator
        of sknn_tips.
    path : str or path
        The path of the file; the usual extension is ``.safetensors`` for a network, and ``.skops``
        for a model of several parts. A `HintWarning` is issued for that of another format, such as
        ``.pkl``. An existing file is replaced atomically.

    Raises
    ------
    NotFittedError
        If `model` is not fitted.
    TypeError
        If `model` contains no estimator of sknn_tips, if it contains an object that is neither data
        nor an estimator or splitter of scikit-learn, such as your own class or function in place
        of a name (`activation`, `optimizer`, ...), or if the user has set an attribute of a
        network whose name does not end in an underscore. Callbacks, functions in `metrics` and a
        splitter in `validation_fraction` of a network raise no error, but are left out with a
        `HintWarning`: the parameter has its default in the loaded estimator.
    OSError
        If the file cannot be written.
    ImportError
        If safetensors or skops is not installed.

    See Also
    --------
    load_model : Load the model.
    save_weights : Save only the weights, for other programs.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips import MLPClassifier, load_model, save_model
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), MLPClassifier(tol=None, max_iter=20)).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "iris.skops")
    ...     save_model(model, path)
    ...     loaded = load_model(path)
    >>> bool((loaded.predict_proba(X) == model.predict_proba(X)).all())
    True

    Save only the network, without the scaler:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "iris.safetensors")
    ...     save_model(model[-1], path)
    ...     net = load_model(path)
    >>> net
    MLPClassifier(max_iter=20, tol=None)
    """
    alone = type(model) in ESTIMATORS.values()
    if not alone and not holds_ours(model):
        raise TypeError(
            f"save_model got {type(model).__name__}, in which there is no estimator of sknn_tips."
            " Save it with skops.io.dump(model, path), or with joblib.dump(model, path), which"
            " pickles any object."
        )
    check_is_fitted(model)
    if alone:
        document, tensors, left_out = packed(model)
        data = encode_archive("model", document, tensors)
    else:
        data, left_out = _encode_whole(model)
    _warn_of(left_out)
    check_suffix(path, ".safetensors" if alone else ".skops")
    write_bytes(path, data)


def load_model(path: str | os.PathLike[str]) -> Any:
    """Load a model that was saved by `save_model`; no code of the file is executed.

    The predictions are identical to those of the saved model, and `partial_fit` or a warm start
    continues training as if it had not been interrupted. A model trained on a GPU is loaded to the
    CPU if there is no GPU.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    model : estimator
        The fitted model.

    Raises
    ------
    ModelFileError
        If the file is of another kind, truncated, changed, or of a newer version of sknn_tips, or
        if it contains a type that `save_model` does not write.
    OSError
        If the file does not exist or cannot be read.
    ImportError
        If safetensors or skops is not installed: ``pip install 'sknn_tips[save]'``.

    See Also
    --------
    save_model : Save a model, with an example.

    Notes
    -----
    Checksums in the file are without a key: they detect accidental changes, but not manipulation.
    A person who can write the file can choose the weights, and thus the predictions. Memory and
    time are limited in proportion to the size of the file; it may expand to 64 MiB or to 100 times
    its size. scikit-learn's compiled estimators, such as trees, use numbers of the file as
    positions in memory. Those in the nodes of trees are checked here. Nevertheless, do not load
    files with estimators of scikit-learn from a source that you do not trust, since a manipulated
    file may crash Python when the model predicts.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tips import MLPClassifier, load_model, save_model
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier(tol=None, max_iter=20).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "iris.safetensors")
    ...     save_model(net, path)
    ...     loaded = load_model(path)
    >>> bool((loaded.predict_proba(X) == net.predict_proba(X)).all())
    True
    """
    data = read_bytes(path)
    if is_whole(data):
        return decode_whole(data, path)
    document, tensors = decode_archive(data, path, "model")
    with damaged(path):
        assert document is not None
        model = rebuilt(document, Unpacker(tensors))
        check_is_fitted(model)
        return model


def _encode_whole(model: Any) -> tuple[bytes, list[str]]:
    try:
        return encode_whole(model)
    except TypeError as error:
        inner = next((where for kind, where in _INNER.items() if isinstance(model, kind)), None)
        if inner:
            error.add_note(f"Without the rest it is written by save_model({inner}, path).")
        raise


def _warn_of(left_out: list[str]) -> None:
    if not left_out:
        return
    names = ["the callbacks of set_callbacks" if n == CALLBACKS else n for n in left_out]
    exceptions.warn(
        f"save_model left out {' and '.join(names)}: code cannot be written to a file of data. The"
        " loaded estimator has the defaults there; set yours again with set_params, or save with"
        " joblib.dump.",
        HintWarning,
    )
