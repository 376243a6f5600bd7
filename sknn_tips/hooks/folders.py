"""Files of fits that run beside each other: every fit that a search or a worker runs has a folder.

A fit called directly writes where it is told to.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sknn_tips.hooks.callbacks import unpaired
from sknn_tips.runtime.interrupts import called_directly


def own_folder(parent: str | os.PathLike[str]) -> str:
    """Make a folder in `parent` that no other process or thread has, and return its path."""
    folder = os.path.join(parent, f"fit-{uuid4().hex[:12]}")
    os.makedirs(folder)  # raises where the name is taken
    return folder


def place_of(path: str | os.PathLike[str]) -> str:
    """Return where a fit writes the file `path`: there, or in a folder of its own beside it."""
    if called_directly():
        return os.fspath(path)
    parent, name = os.path.split(path)
    return os.path.join(own_folder(parent), name)


@contextmanager
def separate_files(callbacks: Iterable[Any]) -> Iterator[None]:
    """Send skorch's checkpoints into a folder of this fit where another may run beside it.

    Their parameters are put back afterwards; where they wrote is then in ``dirname_``.
    """
    if called_directly():
        yield
        return
    writing = [each for each in map(unpaired, callbacks) if hasattr(each, "dirname")]
    before = [_paths(each) for each in writing]
    try:
        for callback in writing:
            _redirect(callback)
        yield
    finally:
        for callback, paths in zip(writing, before, strict=True):
            vars(callback).update(paths)


def _paths(callback: Any) -> dict[str, Any]:
    """Return the parameters that say where one of skorch's checkpoints writes."""
    return {
        name: value
        for name, value in vars(callback).items()
        if name == "dirname" or name.startswith("f_")
    }


def _redirect(callback: Any) -> None:
    callback.dirname = callback.dirname_ = own_folder(callback.dirname)
    for name, file in _paths(callback).items():
        if name == "dirname" or not isinstance(file, str):
            continue
        folder, base = os.path.split(file)
        if os.path.isabs(file):  # skorch joins it to `dirname`, which then does not count
            setattr(callback, name, os.path.join(own_folder(folder), base))
        elif folder:
            os.makedirs(os.path.join(callback.dirname, folder), exist_ok=True)
