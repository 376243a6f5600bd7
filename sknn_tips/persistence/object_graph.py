"""The objects that a model consists of, and copies of a model with some objects replaced."""

import copy
from collections.abc import Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from sknn_tips.estimators.base import BaseMLP

Part = tuple[str, Any]
"""The expression for an object, such as ``model.steps[0][1]``, and the object."""

# Objects that are not divided into parts. Networks are packed as a whole.
_WHOLE = (BaseMLP, pd.DataFrame, pd.Series, pd.Index, type, FunctionType, ModuleType)


def parts_of(model: Any) -> Iterator[Part]:
    """Yield the model, and then every object in it, each once."""
    seen: set[int] = set()
    todo = [("model", model)]
    while todo:
        where, part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield where, part
        todo += reversed([(where + how, member) for how, member in members_of(part)])


def members_of(part: Any) -> Iterator[Part]:
    """Yield the direct members of an object, each with the expression for its access."""
    if isinstance(part, _WHOLE):
        return
    if isinstance(part, dict):
        yield from ((f"[{key!r}]", member) for key, member in part.items())
    elif isinstance(part, list | tuple):
        yield from ((f"[{i}]", member) for i, member in enumerate(part))
    elif isinstance(part, np.ndarray):
        if part.dtype == object:
            yield from ((f"[{i}]", member) for i, member in enumerate(part.ravel().tolist()))
    elif isinstance(part, partial):
        yield from ((f".{name}", getattr(part, name)) for name in ("func", "args", "keywords"))
    else:
        yield from ((f".{name}", member) for name, member in getattr(part, "__dict__", {}).items())


def replaced(model: Any, new: dict[int, Any]) -> Any:
    """Return a copy of a model with some objects replaced.

    Parameters
    ----------
    model : object
        The model, which is not changed. The copy shares its arrays.
    new : dict of int to object
        For the ``id`` of an object, its replacement.
    """
    shared = {id(part): part for _, part in parts_of(model) if isinstance(part, np.ndarray)}
    shared = {at: part for at, part in shared.items() if part.dtype != object}
    return copy.deepcopy(model, {**shared, **new})
