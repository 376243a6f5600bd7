"""A fitted model in one file of data: a network alone, or a model that holds ours."""

import os
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sknn_tips import exceptions
from sknn_tips._compat.sklearn import CALLBACKS, BaseSearchCV
from sknn_tips.exceptions import HintWarning
from sknn_tips.persistence.archive import damaged, decode_archive, encode_archive
from sknn_tips.persistence.files import read_bytes, write_bytes
from sknn_tips.persistence.known import ESTIMATORS
from sknn_tips.persistence.packing import packed
from sknn_tips.persistence.rebuilding import rebuilt
from sknn_tips.persistence.values import Unpacker
from sknn_tips.persistence.whole import decode_whole, encode_whole, holds_ours, is_whole

# Where a model that holds ours keeps it.
_INNER = {
    Pipeline: "model[-1]",
    BaseSearchCV: "model.best_estimator_",
    TransformedTargetRegressor: "model.regressor_",
}


def save_model(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to one file of data, from which training can go on.

    The file holds no pickle, and loading it executes nothing. A network alone is a file in the
    format safetensors: weights, moments of the optimizer and states of the random generators as
    tensors, everything else as JSON. A model of several parts is a file of the library skops, in
    which each network stands in that format. Checksums have no key: they find accidents, not
    forgery. Needs the libraries safetensors and, for several parts, skops:
    ``pip install 'sknn_tips[save]'``.

    Parameters
    ----------
    model : estimator
        Fitted: an MLPClassifier or MLPRegressor, what :func:`sknn_tips.tabular_pipeline` returns,
        or a Pipeline, FoldEnsemble or another meta-estimator of scikit-learn with an estimator of
        sknn_tips in it.
    path : str or path
        Of the file; the usual ending is ``.safetensors`` for a network, ``.skops`` for several
        parts. An older file is replaced, in one step.

    Raises
    ------
    NotFittedError
        Before `model` is fitted.
    TypeError
        When no estimator of sknn_tips is in `model`, when it holds an object that is neither data
        nor an estimator or splitter of scikit-learn, as a class or function of your own in the
        place of a name (`activation`, `optimizer`, ...), or when you gave a network an attribute
        whose name does not end in an underscore. Callbacks, functions in `metrics` and a splitter
        in `validation_fraction` of a network are left out instead, with a `HintWarning`: the
        parameter has its default in the loaded estimator.
    OSError
        When the file cannot be written.
    ImportError
        Without safetensors or skops.

    See Also
    --------
    load_model : Read the file.
    save_weights : Write the weights alone, for other programs.

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

    The network alone, without the scaler in front of it:

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
    write_bytes(path, data)


def load_model(path: str | os.PathLike[str]) -> Any:
    """Read a model that `save_model` wrote; nothing in the file is executed.

    It predicts the same to the last bit, and `partial_fit` or a warm start trains on as if it had
    never stopped. Trained on a GPU, it is loaded to the CPU where there is none.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    model : estimator
        Fitted.

    Raises
    ------
    ModelFileError
        When the file is of another kind, truncated, changed, or of a newer version of sknn_tips,
        or when it names a type that `save_model` does not write.
    OSError
        When there is no such file, or it cannot be read.
    ImportError
        Without the library safetensors or skops: ``pip install 'sknn_tips[save]'``.

    See Also
    --------
    save_model : Write the file, with an example.

    Notes
    -----
    Checksums in the file have no key: they find accidents, not forgery. Whoever can write the file
    can choose the weights, and so the predictions. scikit-learn's compiled estimators, such as
    trees, use numbers of the file as positions in memory. Those in the nodes of trees are checked
    here; but let nobody whom you do not trust write files with estimators of scikit-learn in them,
    since a forged one may still crash Python when the model predicts.
    """
    data = read_bytes(path)
    if is_whole(data):
        return decode_whole(data, path)
    document, tensors = decode_archive(data, path, "model")
    with damaged(path):
        assert document is not None
        return rebuilt(document, Unpacker(tensors))


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
    names = ["what set_callbacks was given" if n == CALLBACKS else n for n in left_out]
    exceptions.warn(
        f"save_model left out {' and '.join(names)}: code cannot be written to a file of data. The"
        " loaded estimator has the defaults there; set yours again with set_params, or save with"
        " joblib.dump.",
        HintWarning,
    )
