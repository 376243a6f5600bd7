"""A warning for file names with the suffix of another format."""

import os
from pathlib import Path

from sknn_tips import exceptions
from sknn_tips.exceptions import HintWarning

_OTHERS = {
    ".pkl": "a pickle",
    ".pickle": "a pickle",
    ".joblib": "a file of joblib",
    ".pt": "a file of torch",
    ".pth": "a file of torch",
    ".onnx": "an ONNX graph",
}


def check_suffix(path: str | os.PathLike[str], usual: str) -> None:
    """Warn if other programs would read the file as another format, by its name.

    Parameters
    ----------
    path : str or path
    usual : {".safetensors", ".skops"}
        The usual suffix of the format that is written.
    """
    suffix = Path(path).suffix
    if suffix in _OTHERS:
        exceptions.warn(
            f"The file {os.fspath(path)!r} has the format {usual[1:]}, and is not"
            f" {_OTHERS[suffix]}. Use the suffix {usual!r}.",
            HintWarning,
        )
