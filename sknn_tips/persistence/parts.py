"""The objects that a model consists of, and copies of it with some of them replaced."""

import copy
from collections.abc import Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from sknn_tips.estimators.base import BaseMLP

Part = tuple[str, Any]
"""The expression that leads to an object, such as ``model.steps[0][1]``, and the object."""

# Objects without parts of their own. Ours are packed as one.
_WHOLE = (BaseMLP, pd.DataFrame, pd.Series, pd.Index, type, FunctionType, ModuleType)


def parts_of(model: Any) -> Iterator[Part]:
    """Yield every object inside a model once, the model first."""
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
    """Yield what an object holds, and how it is reached from there."""
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
    """Return a copy of a model, with other objects in the place of some.

    Parameters
    ----------
    model : object
        Not changed. The copy shares its arrays.
    new : dict of int to object
        By the ``id`` of an object, what stands in its place.
    """
    shared = {id(part): part for _, part in parts_of(model) if isinstance(part, np.ndarray)}
    shared = {at: part for at, part in shared.items() if part.dtype != object}
    return copy.deepcopy(model, {**shared, **new})
