"""Reading and writing of safetensors files with tensors, and a JSON document in the header.

The document is the value of "sknn_tips" in ``__metadata__`` of the header. Its field "sha256" is a
checksum of everything else. The checksum is without a key, so it detects accidental changes, but
not manipulation. Reading only creates strings, numbers and arrays.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from types import ModuleType
from typing import Any

from numpy.typing import NDArray

from sknn_tips import __version__
from sknn_tips.exceptions import ModelFileError, reason_of
from sknn_tips.runtime.files import read_bytes, write_bytes

# Incremented when an older version of the package could misinterpret new files.
PROTOCOL = 2
_DOCUMENT = "sknn_tips"
# safetensors reads headers of up to 100 million bytes, and quotation marks are escaped with two.
_LARGEST_DOCUMENT = 80_000_000

Content = tuple[dict[str, Any] | None, dict[str, NDArray]]
"""Document and tensors."""

# The content of each kind of file, and the function that loads it.
LOADERS = {"model": ("a model", "load_model"), "weights": ("weights", "load_weights")}

# First bytes of other file formats that may be passed by mistake.
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
    """Write document and tensors to a file.

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
        JSON values; numbers must be finite.
    tensors : dict of str to ndarray
        Arrays in C order and native byte order.
    """
    library = _safetensors("writes")
    head = {"protocol": PROTOCOL, "kind": kind, "written_by": __version__}
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
    """Return document and tensors of a file; raise OSError if it cannot be read."""
    _safetensors("reads")  # if it is not installed, this error is raised first
    return decode_archive(read_bytes(path), path, kind)


def decode_archive(data: bytes, path: str | os.PathLike[str], kind: str) -> Content:
    """Return the document and tensors in the bytes of a file.

    Parameters
    ----------
    data : bytes
        The content of the file.
    path : str or path
        The path of the file, for error messages.
    kind : {"model", "weights"}
        The expected kind. For weights, any safetensors file is accepted; its document may be None.

    Raises
    ------
    ModelFileError
        If the file is of another kind, newer than this package, truncated or changed.
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
    """Return the sha256 of the document and of name, type, shape and bytes of all tensors."""
    digest = sha256(json.dumps(document, allow_nan=False).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\n{name} {tensor.dtype.name} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


@contextmanager
def damaged(path: str | os.PathLike[str]) -> Iterator[None]:
    """Convert all errors in the context to a ModelFileError for a damaged or changed file.

    A warning that a filter turns into an error is not converted: that a file was written with
    another version of scikit-learn does not mean that it is damaged.
    """
    try:
        yield
    except (ModelFileError, Warning):  # these have complete messages
        raise
    except Exception as error:  # a changed file may cause errors of any type in numpy or torch
        raise ModelFileError(
            f"{os.fspath(path)!r} is damaged or was changed after it was written:"
            f" {reason_of(error)}. Copy the file again from where it came, or save the model again."
        ) from error


def _parsed(data: bytes, path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, NDArray]]:
    library = _safetensors("reads")
    try:
        tensors = library.load(data)
        return _metadata(data), tensors
    except KeyError as error:  # the library looks up the dtype in a dict of numpy dtypes
        raise ModelFileError(
            f"{os.fspath(path)!r} has numbers of the type {error.args[0]}, which numpy does not"
            " support. Convert them before saving, in torch by tensor.float(), and save them again"
            " as float32."
        ) from error
    except Exception as error:  # may be of many types, such as those of safetensors or JSON
        raise ModelFileError(_not_readable(path, data, error)) from error


def _metadata(data: bytes) -> dict[str, str]:
    """Return ``__metadata__`` of the header, which safetensors only returns for paths."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]).get("__metadata__") or {}


def _not_readable(path: str | os.PathLike[str], data: bytes, error: Exception) -> str:
    text = f"{os.fspath(path)!r} is not a file of sknn_tips, or is truncated or damaged"
    if not data:
        return f"{text}: it is empty. Save the model again."
    for start, hint in _OTHER_FILES.items():
        if data.startswith(start):
            return f"{text}. {hint} If it was one of sknn_tips, copy it again from where it came."
    return (
        f"{text}: {len(data):,} bytes, {error}. Copy the file again from where it came, or save the"
        " model again."
    )


def too_new(path: str | os.PathLike[str], document: dict[str, Any], newest: int) -> str:
    """Return the error message for a file with a newer protocol than supported."""
    return (
        f"{os.fspath(path)!r} was written by sknn_tips {document.get('written_by')} with protocol"
        f" {document['protocol']}; sknn_tips {__version__} reads up to {newest}. Update"
        " with: pip install --upgrade sknn_tips"
    )


def _safetensors(does: str) -> ModuleType:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            f"The library safetensors, which {does} these files, is not installed. Run:"
            " pip install 'sknn_tips[save]'"
        ) from error
    return safetensors.numpy
