"""Saving and loading of models that contain networks as a skops file: a zip of JSON and arrays.

skops saves the estimators of scikit-learn. Each network is replaced by the content of the file that
`save_model` writes for it (`stored.py`), so that there is only one format of networks. When a file
is loaded, only types that skops trusts by default or that are in `known.TRUSTED` are allowed.
"""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import MetadataRequest

from sknn_tips import __version__
from sknn_tips._compat.sklearn import make_scorer_anew, requests_of_scorer
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.exceptions import ModelFileError, reason_of
from sknn_tips.persistence.allowed_types import ESTIMATORS, TRUSTED
from sknn_tips.persistence.archive import damaged, decode_archive, encode_archive, too_new
from sknn_tips.persistence.bounds import check_positions
from sknn_tips.persistence.object_graph import members_of, parts_of, replaced
from sknn_tips.persistence.packing import packed
from sknn_tips.persistence.rebuilding import rebuilt
from sknn_tips.persistence.schema import check_calls, read_schema
from sknn_tips.persistence.stored import StoredFrame, StoredNetwork
from sknn_tips.persistence.trials import check_ours
from sknn_tips.persistence.values import Unpacker
from sknn_tips.persistence.zip_archive import TooLargeError, expanded, stored

# Incremented when an older version of the package could misinterpret new files.
PROTOCOL = 1
_START = b"PK\x03\x04"
_DUMP = "Save it with joblib.dump, which pickles any object."
# Types of dict keys that skops saves as text and restores correctly. It does not restore bool,
# because bool("False") is True.
_KEYS = (str, int, float, np.integer, np.floating, np.str_)


def holds_ours(model: Any) -> bool:
    """Return whether a model contains an estimator of this package."""
    return any(
        isinstance(part, BaseMLP)
        or (isinstance(part, BaseEstimator) and type(part).__module__.startswith("sknn_tips."))
        for _, part in parts_of(model)
    )


def is_whole(data: bytes) -> bool:
    """Return whether a file is a zip archive, as written by `encode_whole`."""
    return data.startswith(_START)


def encode_whole(model: Any) -> tuple[bytes, list[str]]:
    """Return the bytes of a file, and the names of parts of networks that were left out as code.

    Raises
    ------
    TypeError
        If the model contains an object that cannot be saved, or could not be loaded.
    """
    library = _skops("writes")
    stored, left_out = _stored(model)
    content = {"protocol": PROTOCOL, "written_by": __version__, "model": model}
    try:
        plain = replaced(content, stored)
        data = _dumped(library, plain)
    except Exception as error:  # __reduce__ of an object may raise errors of any type
        where, part = _cannot(library, model, stored)
        raise TypeError(
            f"save_model cannot write {where}, of type {_name(type(part))}: {error}. {_DUMP}"
        ) from error
    unknown = set(library.get_untrusted_types(data=data)) - set(TRUSTED)
    if unknown:
        named = ", ".join(sorted(unknown))
        where = next((f", as in {w}" for w, part in parts_of(model) if _name(part) in unknown), "")
        raise TypeError(
            f"save_model cannot write {named}{where}: a file of data holds estimators and splitters"
            f" of scikit-learn and of sknn_tips, numbers and text. {_DUMP}"
        )
    return data, left_out


def decode_whole(data: bytes, path: str | os.PathLike[str]) -> Any:
    """Return the model of a file.

    Raises
    ------
    ModelFileError
        If the file is of another kind, newer than this package, truncated or changed, or contains
        unknown types.
    """
    library = _skops("reads")
    with _not_ours(path):
        entries = expanded(data)
        schema = read_schema(entries)
        data = stored(entries)
    _check_types(library, data, path)
    with damaged(path):
        check_calls(schema, entries)
        content = library.loads(data, trusted=TRUSTED)
    if not isinstance(content, dict) or "protocol" not in content:
        raise ModelFileError(
            f"{os.fspath(path)!r} is a file of skops, but not one that save_model wrote. Read it"
            " with skops.io.load."
        )
    with damaged(path):
        newer = content["protocol"] > PROTOCOL
    if newer:
        raise ModelFileError(too_new(path, content, PROTOCOL))
    with damaged(path):
        plain = content["model"]
        check_positions(part for _, part in parts_of(plain))
        model = replaced(plain, dict(_restored(plain, path)))
        for _, part in parts_of(model):
            make_scorer_anew(part)
        check_ours(part for _, part in parts_of(model))
        return model


def _dumped(library: ModuleType, plain: Any) -> bytes:
    """Return the bytes of a file that `decode_whole` accepts."""
    # Higher compression levels are slower and save little; without compression, trees need three
    # times the space.
    data: bytes = library.dumps(plain, compression=ZIP_DEFLATED, compresslevel=3)
    try:
        content = expanded(data)
    except TooLargeError:  # many equal numbers
        data = library.dumps(plain, compression=ZIP_STORED)
        content = expanded(data)
    schema = read_schema(content)
    if set(library.get_untrusted_types(data=data)) <= set(TRUSTED):  # else the caller names them
        check_calls(schema, content)
    return data


def _stored(model: Any) -> tuple[dict[int, Any], list[str]]:
    """Return the replacements of networks and DataFrames by id, and the names of left-out parts."""
    replacements: dict[int, Any] = {}
    left_out: dict[str, None] = {}
    for where, part in parts_of(model):
        try:
            if isinstance(part, BaseMLP) and type(part) in ESTIMATORS.values():
                document, tensors, of_part = packed(part)
                left_out |= dict.fromkeys(of_part)
                replacements[id(part)] = StoredNetwork(encode_archive("model", document, tensors))
            elif isinstance(part, pd.DataFrame):
                replacements[id(part)] = StoredFrame.of(part)
            elif isinstance(part, dict):
                _check_keys(part)
            elif (requests := requests_of_scorer(part)) is not None:
                replacements[id(requests)] = None  # `decode_whole` makes the scorer anew
            elif isinstance(part, MetadataRequest) and id(part) not in replacements:
                raise TypeError(
                    "save_model cannot write metadata requests (set_fit_request and similar"
                    f" methods) of estimators other than networks. {_DUMP}"
                )
        except TypeError as error:
            raise TypeError(f"{error} It is a part of the model: {where}.") from error
    return replacements, list(left_out)


def _restored(plain: Any, path: str | os.PathLike[str]) -> Iterator[tuple[int, Any]]:
    for _, part in parts_of(plain):
        if isinstance(part, StoredNetwork):
            document, tensors = decode_archive(part.archive, path, "model")
            assert document is not None
            yield id(part), rebuilt(document, Unpacker(tensors))
        elif isinstance(part, StoredFrame):
            yield id(part), part.frame()


def _check_keys(part: dict[Any, Any]) -> None:
    """Raise an error for keys that cannot be restored, since they are saved as text."""
    for key in part:
        if not isinstance(key, _KEYS) or isinstance(key, bool):
            raise TypeError(
                f"save_model cannot write a dict with the key {key!r}, which is neither text nor a"
                f" number. {_DUMP}"
            )
    if len({str(key) for key in part}) < len(part):
        raise TypeError(f"save_model cannot write a dict with keys of equal text. {_DUMP}")


@contextmanager
def _not_ours(path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # may be of many types, such as those of zipfile, JSON or skops
        raise ModelFileError(
            f"{os.fspath(path)!r} is a zip archive, but not one that save_model wrote, or is"
            f" truncated or damaged: {reason_of(error)}. Copy the file again from where it came, or"
            " save the model again."
        ) from error


def _check_types(library: ModuleType, data: bytes, path: str | os.PathLike[str]) -> None:
    with _not_ours(path):
        named = set(library.get_untrusted_types(data=data))
    unknown = sorted(named - set(TRUSTED))
    if unknown:
        raise ModelFileError(
            f"{os.fspath(path)!r} holds {', '.join(unknown)}, which save_model of sknn_tips"
            f" {__version__} does not write. If it is of a newer version, update with: pip"
            " install --upgrade sknn_tips. If skops.io.dump wrote it, and you trust where it comes"
            " from, read it with skops.io.load."
        )


def _cannot(library: ModuleType, model: Any, stored: dict[int, Any]) -> tuple[str, Any]:
    """Return the smallest part that skops cannot save, preceded by the expression for it."""

    def fails(part: Any) -> bool:
        try:
            library.dumps(replaced(part, stored))
        except Exception:
            return True
        return False

    where, part, seen = "model", model, {id(model)}
    while True:
        inner = (each for each in members_of(part) if id(each[1]) not in seen and fails(each[1]))
        found = next(inner, None)
        if found is None:
            return where, part
        where, part = where + found[0], found[1]
        seen.add(id(part))


def _name(part: Any) -> str:
    kind = part if hasattr(part, "__qualname__") else type(part)
    return f"{kind.__module__}.{kind.__qualname__}"


def _skops(does: str) -> ModuleType:
    try:
        return importlib.import_module("skops.io")
    except ImportError as error:
        raise ImportError(
            f"The library skops, which {does} files of models with several parts, is not"
            " installed. Run: pip install 'sknn_tips[save]'"
        ) from error
