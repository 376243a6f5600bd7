"""One safetensors file: tensors, and a JSON document in its header.

The document is the text under "sknn_tips" in the header's ``__metadata__``; under "sha256" it holds
a checksum of all else, without a key, so it finds accidents and not forgery. Reading builds
strings, numbers and arrays, and nothing else.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from types import ModuleType
from typing import Any

from numpy.typing import NDArray

from sknn_tips.exceptions import ModelFileError
from sknn_tips.persistence.files import read_bytes, write_bytes

# Raised when a reader of today could misunderstand what is written.
PROTOCOL = 1
_DOCUMENT = "sknn_tips"
# safetensors reads headers of 100 million bytes, in which every quotation mark takes two.
_LARGEST_DOCUMENT = 80_000_000

Content = tuple[dict[str, Any] | None, dict[str, NDArray]]
"""Document and tensors."""

# What each kind of file holds, and what reads it.
LOADERS = {"model": ("a model", "load_model"), "weights": ("weights", "load_weights")}

# How other files begin that are handed in by mistake.
_OTHER_FILES = {
    b"\x80": "It looks like a pickle. If you trust where it comes from, read it with joblib.load.",
    b"PK": "It looks like a zip archive, as torch.save writes it, and save_model of a Pipeline.",
    b"\x89PNG": "It looks like a PNG picture.",
    b"\x89HDF": "It looks like an HDF5 file, as Keras writes it.",
}


def write_archive(
    path: str | os.PathLike[str],
    kind: str,
    document: Mapping[str, Any],
    tensors: Mapping[str, NDArray],
) -> None:
    """Write document and tensors into one file.

    Parameters
    ----------
    path : str or path
    kind, document, tensors
        As in `encode_archive`.
    """
    write_bytes(path, encode_archive(kind, document, tensors))


def encode_archive(kind: str, document: Mapping[str, Any], tensors: Mapping[str, NDArray]) -> bytes:
    """Return document and tensors as the bytes of a file.

    Parameters
    ----------
    kind : {"model", "weights"}
    document : dict
        What JSON can hold; numbers must be finite.
    tensors : dict of str to ndarray
        In C order and native byte order.
    """
    library = _safetensors("writes")
    head = {"protocol": PROTOCOL, "kind": kind, "written_by": version("sknn_tips")}
    described = {**head, **document}
    described["sha256"] = checksum(described, tensors)
    text = json.dumps(described, allow_nan=False)
    if len(text) > _LARGEST_DOCUMENT:
        raise ValueError(
            f"The description without the weights has {len(text):,} characters, most of them"
            f" history; a file holds {_LARGEST_DOCUMENT:,}. Save with joblib.dump instead."
        )
    data: bytes = library.save(dict(tensors), metadata={_DOCUMENT: text})
    return data


def read_archive(path: str | os.PathLike[str], kind: str) -> Content:
    """Return document and tensors of a file; OSError when it cannot be read."""
    _safetensors("reads")  # before anything else is said of the file
    return decode_archive(read_bytes(path), path, kind)


def decode_archive(data: bytes, path: str | os.PathLike[str], kind: str) -> Content:
    """Return the document and tensors that a file holds.

    Parameters
    ----------
    data : bytes
        All of the file.
    path : str or path
        Where it was read, for the errors.
    kind : {"model", "weights"}
        What is expected. For weights, any safetensors file will do; its document is then None.

    Raises
    ------
    ModelFileError
        When the file is of another kind, newer than this package, truncated or changed.
    """
    metadata, tensors = _parsed(data, path)
    if _DOCUMENT not in metadata:
        if kind == "weights":
            return None, tensors
        raise ModelFileError(
            f"{os.fspath(path)!r} is a safetensors file, but not one that save_model of sknn_tips"
            " wrote. Weights alone are read with load_weights(estimator, path)."
        )
    with damaged(path):
        document = json.loads(metadata[_DOCUMENT])
        newer = document["protocol"] > PROTOCOL
    if newer:
        raise ModelFileError(too_new(path, document, PROTOCOL))
    with damaged(path):
        if document.pop("sha256") != checksum(document, tensors):
            raise ValueError("its checksum does not agree with what is in it")
        found = document["kind"]
        content, loader = LOADERS[found]
    if found != kind:
        raise ModelFileError(f"{os.fspath(path)!r} holds {content}; read it with {loader}.")
    return document, tensors


def checksum(document: Mapping[str, Any], tensors: Mapping[str, NDArray]) -> str:
    """Return the sha256 of the document and of every tensor's name, type, shape and bytes."""
    digest = sha256(json.dumps(document, allow_nan=False).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\n{name} {tensor.dtype.name} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


@contextmanager
def damaged(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say of whatever goes wrong inside that the file is not as it was written."""
    try:
        yield
    except ModelFileError:  # of a file inside the file; it says all
        raise
    except Exception as error:  # what a changed file sets off in numpy or torch has many types
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or repr(error)
        raise ModelFileError(
            f"{os.fspath(path)!r} is damaged or was changed after it was written: {reason}. Copy"
            " the file again from where it came, or save the model again."
        ) from error


def _parsed(data: bytes, path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, NDArray]]:
    library = _safetensors("reads")
    try:
        tensors = library.load(data)
        return _metadata(data), tensors
    except KeyError as error:  # the library looks every type of number up in numpy's
        raise ModelFileError(
            f"{os.fspath(path)!r} holds numbers of the type {error.args[0]}, which numpy has not."
            " Convert them where the file comes from, in torch by tensor.float(), and save them"
            " again as float32."
        ) from error
    except Exception as error:  # of many types: the library's own, KeyError, RecursionError ...
        raise ModelFileError(_not_readable(path, data, error)) from error


def _metadata(data: bytes) -> dict[str, str]:
    """Return the header's free part; the library, which read the rest, gives it for paths only."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]).get("__metadata__") or {}


def _not_readable(path: str | os.PathLike[str], data: bytes, error: Exception) -> str:
    text = f"{os.fspath(path)!r} is not a file of sknn_tips, or is truncated or damaged"
    if not data:
        return f"{text}: it is empty."
    for start, hint in _OTHER_FILES.items():
        if data.startswith(start):
            return f"{text}. {hint}"
    return f"{text}: {len(data):,} bytes, {error}."


def too_new(path: str | os.PathLike[str], document: dict[str, Any], newest: int) -> str:
    """Return the message for a file of a later protocol than the newest that is read."""
    return (
        f"{os.fspath(path)!r} was written by sknn_tips {document.get('written_by')} with protocol"
        f" {document['protocol']}; sknn_tips {version('sknn_tips')} reads up to {newest}. Update"
        " with: pip install --upgrade sknn_tips"
    )


def _safetensors(does: str) -> ModuleType:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            f"What {does} these files is the library safetensors, which is not installed. Run:"
            " pip install 'sknn_tips[save]'"
        ) from error
    return safetensors.numpy
