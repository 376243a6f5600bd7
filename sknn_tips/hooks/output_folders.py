"""Folders for the files of parallel fits: each fit in a search or a worker gets one of its own.

A fit that the user calls directly writes to the given paths.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from sknn_tips.hooks.callbacks import unpaired
from sknn_tips.runtime.interrupts import called_directly


def own_folder(parent: str | os.PathLike[str]) -> str:
    """Create a folder in `parent` that no other process or thread uses, and return its path."""
    folder = os.path.join(parent, f"fit-{uuid4().hex[:12]}")
    os.makedirs(folder)  # raises an error if it exists already
    return folder


def output_path(path: str | os.PathLike[str]) -> str:
    """Return where a fit writes the file `path`: there, or in a new folder beside it."""
    if called_directly():
        return os.fspath(path)
    parent, name = os.path.split(path)
    return os.path.join(own_folder(parent), name)


@contextmanager
def separate_files(callbacks: Iterable[Any]) -> Iterator[None]:
    """Make skorch's checkpoints write to a folder of this fit if other fits may run in parallel.

    Their parameters are restored afterwards; ``dirname_`` is the folder that they wrote to.
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
    """Return the parameters that determine the files of one of skorch's checkpoints."""
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
        if os.path.isabs(file):  # when skorch joins the two, an absolute path replaces `dirname`
            setattr(callback, name, os.path.join(own_folder(folder), base))
        elif folder:
            os.makedirs(os.path.join(callback.dirname, folder), exist_ok=True)
