"""Conversion of an estimator to a JSON document and tensors.

They contain its parameters, its net and its training state. The document is converted from the
state that is pickled (``__getstate__`` and ``state/copies.py``), so both always contain the same
parts of an estimator. `rebuilding` is the inverse.
"""

import reprlib
from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from sknn_tips._compat.sklearn import CALLBACKS, REQUESTS
from sknn_tips._registry import name_of
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.persistence.allowed_types import is_attribute
from sknn_tips.persistence.values import Json, Packer

# Parameters that accept an object in place of a name.
_NAMED = ("activation", "init", "learning_rate", "loss", "optimizer")
# Parameters that may contain code of the user, which cannot be stored in a data file.
_MAY_BE_CODE = ("callbacks", "metrics", "validation_fraction")


def packed(est: BaseMLP) -> tuple[dict[str, Json], dict[str, NDArray], list[str]]:
    """Return the document, the tensors, and the names of parts that were left out as code.

    Parameters
    ----------
    est : MLPClassifier or MLPRegressor
        An instance of exactly one of these classes. If it is not fitted, its net is None.

    Raises
    ------
    TypeError
        If a parameter or attribute contains an object that is not data.
    """
    state = _state(est)
    packer = Packer()
    left_out = [CALLBACKS] if state.pop(CALLBACKS, None) else []
    document: dict[str, Json] = {"class": type(est).__name__}
    document["parameters"] = _pack_parameters(est, state, packer, left_out)
    document["requests"] = packer.pack(state.pop(REQUESTS, {}), "requests")
    document["net"] = _pack(packer, state.pop("net_", None), "net_")
    _check_attributes(type(est), state)
    document["fitted"] = {name: _pack(packer, value, name) for name, value in state.items()}
    return document, packer.tensors, left_out


def _state(est: BaseMLP) -> dict[str, Any]:
    """Return the pickled state, with the original callbacks instead of copies."""
    twin = object.__new__(type(est))
    twin.__dict__.update({**vars(est), "callbacks": ()})
    return {**twin.__getstate__(), "callbacks": est.callbacks}


def _pack_parameters(
    est: BaseMLP, state: dict[str, Any], packer: Packer, left_out: list[str]
) -> dict[str, Json]:
    """Remove the parameters from the state and pack them; add those with code to `left_out`."""
    packed = {}
    for name in est._get_param_names():
        value = state.pop(name)
        try:
            packed[name] = packer.pack(value, f"parameters.{name}")
        except TypeError as error:
            if name in _MAY_BE_CODE:
                left_out.append(name)
                continue
            if name in _NAMED:
                raise TypeError(
                    f"save_model cannot write {name}={name_of(value)}: a file of data holds names"
                    f" and no code. Fit with a name as {name}, or save with joblib.dump or pickle."
                ) from error
            raise TypeError(
                f"save_model cannot write the parameter {name}={reprlib.repr(value)}: {error}."
                " Set it to numbers, text, None, lists, tuples, dicts or numpy arrays of these, or"
                " save with joblib.dump, which pickles any object."
            ) from error
    return packed


def _check_attributes(kind: type[BaseMLP], names: Iterable[str]) -> None:
    """Raise an error for attributes set by the user, which `load_model` would reject."""
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
