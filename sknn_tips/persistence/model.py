"""A fitted estimator in one file of data: its parameters, its net and how it was trained.

The file is a translation of what pickle gets (``__getstate__`` and ``training/copies.py``), so the
two cannot disagree on what belongs to an estimator.
"""

import os
import reprlib
from collections.abc import Iterable
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sknn_tips import exceptions
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.exceptions import HintWarning
from sknn_tips.persistence import routing
from sknn_tips.persistence.archive import damaged, read_archive, write_archive
from sknn_tips.persistence.known import ESTIMATORS, is_attribute
from sknn_tips.persistence.rebuilding import rebuilt
from sknn_tips.persistence.values import Json, Packer, Unpacker

# Parameters that may hold code of the user, which no file of data can.
_MAY_BE_CODE = ("callbacks", "metrics", "validation_fraction")
# What scikit-learn's `set_callbacks` keeps on an estimator.
_SKLEARN_CALLBACKS = "_skl_callbacks"

# Where a model that holds ours keeps it.
_INNER = {
    Pipeline: "model[-1]",
    BaseSearchCV: "model.best_estimator_",
    TransformedTargetRegressor: "model.regressor_",
}


def save_model(est: BaseMLP, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to one file, from which training can go on.

    The file is in the format safetensors: weights, moments of the optimizer and states of the
    random generators as tensors, everything else as JSON. It holds no pickle, and loading it
    executes nothing. Its checksum has no key: it finds accidents, not forgery. Needs the library
    safetensors: ``pip install 'sknn_tips[save]'``.

    Parameters
    ----------
    est : MLPClassifier or MLPRegressor
        Fitted. A Pipeline or search is saved as a whole by ``joblib.dump`` or ``skops.io.dump``.
    path : str or path
        Of the file; the usual ending is ``.safetensors``. An older file is replaced, in one step.

    Raises
    ------
    NotFittedError
        Before `est` is fitted.
    TypeError
        When `est` is none of ours, a parameter holds an object that is not data, or you gave `est`
        an attribute whose name does not end in an underscore. Callbacks,
        functions in `metrics` and a splitter in `validation_fraction` are left out instead, with a
        `HintWarning`: the parameter has its default in the loaded estimator.
    OSError
        When the file cannot be written.
    ImportError
        Without safetensors.

    See Also
    --------
    load_model : Read the file.
    save_weights : Write the weights alone, for other programs.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tips import MLPClassifier, load_model, save_model
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier(tol=None, max_iter=20).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "iris.safetensors")
    ...     save_model(clf, path)
    ...     loaded = load_model(path)
    >>> bool((loaded.predict_proba(X) == clf.predict_proba(X)).all())
    True
    """
    _check_kind(est)
    check_is_fitted(est)
    state = _state(est)
    packer = Packer()
    left_out = [_SKLEARN_CALLBACKS] if state.pop(_SKLEARN_CALLBACKS, None) else []
    document: dict[str, Json] = {"class": type(est).__name__}
    document["parameters"] = _pack_parameters(est, state, packer, left_out)
    document["requests"] = packer.pack(routing.requests_of(est), "requests")
    document["net"] = _pack(packer, state.pop("net_"), "net_")
    state.pop(routing.ATTRIBUTE, None)
    _check_attributes(type(est), state)
    document["fitted"] = {name: _pack(packer, value, name) for name, value in state.items()}
    _warn_of(left_out)
    write_archive(path, "model", document, packer.tensors)


def load_model(path: str | os.PathLike[str]) -> BaseMLP:
    """Read an estimator that `save_model` wrote; nothing in the file is executed.

    The checksum in the file has no key: it finds accidents, not forgery. Whoever can write the file
    can choose the weights, and so the predictions.

    It predicts the same to the last bit, and `partial_fit` or a warm start trains on as if it had
    never stopped. Trained on a GPU, it is loaded to the CPU where there is none.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    est : MLPClassifier or MLPRegressor
        Fitted.

    Raises
    ------
    ModelFileError
        When the file is of another kind, truncated, changed, or of a newer version of sknn_tips.
    OSError
        When there is no such file, or it cannot be read.
    ImportError
        Without the library safetensors: ``pip install 'sknn_tips[save]'``.

    See Also
    --------
    save_model : Write the file, with an example.
    """
    document, tensors = read_archive(path, "model")
    with damaged(path):
        assert document is not None
        return rebuilt(document, Unpacker(tensors))


def _check_kind(est: Any) -> None:
    name = type(est).__name__
    if ESTIMATORS.get(name) is type(est):
        return
    inner = next((where for kind, where in _INNER.items() if isinstance(est, kind)), None)
    alone = f", or the network alone with save_model({inner}, path)" if inner else ""
    raise TypeError(
        f"save_model got {name}, and writes an MLPClassifier or MLPRegressor of sknn_tips. Save"
        f" the whole with joblib.dump(model, path) or skops.io.dump(model, path){alone}."
    )


def _state(est: BaseMLP) -> dict[str, Any]:
    """Return what pickle gets, with the callbacks, which pickle would have to copy."""
    twin = object.__new__(type(est))
    twin.__dict__.update({**vars(est), "callbacks": ()})
    return {**twin.__getstate__(), "callbacks": est.callbacks}


def _pack_parameters(
    est: BaseMLP, state: dict[str, Any], packer: Packer, left_out: list[str]
) -> dict[str, Json]:
    """Take the parameters out of the state; name in `left_out` those that hold code."""
    packed = {}
    for name in est._get_param_names():
        value = state.pop(name)
        try:
            packed[name] = packer.pack(value, f"parameters.{name}")
        except TypeError as error:
            if name in _MAY_BE_CODE:
                left_out.append(name)
                continue
            raise TypeError(
                f"save_model cannot write the parameter {name}={reprlib.repr(value)}: {error}."
                " Set it to numbers, text, None, lists, tuples, dicts or numpy arrays of these, or"
                " save with joblib.dump, which pickles any object."
            ) from error
    return packed


def _check_attributes(kind: type[BaseMLP], names: Iterable[str]) -> None:
    """Reject at once what `load_model` would: attributes that are nobody's but the user's."""
    for name in names:
        if not is_attribute(kind, name):
            raise TypeError(
                f"save_model cannot write the attribute {name!r}: a file holds fitted attributes,"
                " whose names end in an underscore and are no part of the class. Rename or delete"
                " it, or save with joblib.dump, which pickles any object."
            )


def _pack(packer: Packer, value: Any, attribute: str) -> Json:
    try:
        return packer.pack(value, attribute)
    except TypeError as error:
        raise TypeError(
            f"save_model cannot write what the attribute {attribute} holds: {error}. Save with"
            " joblib.dump, which pickles any object."
        ) from error


def _warn_of(left_out: list[str]) -> None:
    if not left_out:
        return
    names = ["what set_callbacks was given" if n == _SKLEARN_CALLBACKS else n for n in left_out]
    exceptions.warn(
        f"save_model left out {' and '.join(names)}: code cannot be written to a file of data. The"
        " loaded estimator has the defaults there; set yours again with set_params, or save with"
        " joblib.dump.",
        HintWarning,
    )
