"""Versions of the installed libraries, and information on the hardware and the executor."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import threadpoolctl
import torch

from sknn_tips import __version__
from sknn_tips.ops import native

_NEEDED = ["scikit-learn", "torch", "skorch", "numpy", "scipy", "pandas", "joblib", "threadpoolctl"]
_EXTRAS = ["matplotlib", "rich", "safetensors", "skops", "tensorboard", "pyarrow", "distributed"]
_EXTRAS += ["onnx", "skl2onnx", "onnxruntime"]


def show_versions() -> None:
    """Print information for bug reports.

    It includes the versions of Python and of the libraries, the libraries for matrix products and
    thread pools, whether there is a GPU, and the executor that trains small networks: the compiled
    one, with its instruction set, or calls from Python, with the reason.

    Examples
    --------
    >>> from sknn_tips import show_versions
    >>> show_versions()
    System:
        python: ...
    """
    for title, lines in _sections().items():
        print(f"{title}:")
        for name, value in lines:
            print(f"    {name}: {value}")


def _sections() -> dict[str, list[tuple[str, str]]]:
    return {
        "System": [
            ("python", sys.version.replace("\n", " ")),
            ("executable", sys.executable),
            ("machine", platform.platform()),
        ],
        "Libraries": [("sknn_tips", __version__), *((name, _version(name)) for name in _NEEDED)],
        "Extras": [(name, _version(name)) for name in _EXTRAS],
        "Training": [("executor", _executor()), ("GPU", _gpu())],
        "Threads": list(_threads()),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _executor() -> str:
    compiled = native.module()
    if compiled is None:
        return f"calls from Python: {native.unsupported_reason(torch.empty(0))}"
    return f"compiled, {compiled.instruction_set()}"


def _gpu() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "none"


def _threads() -> Iterator[tuple[str, str]]:
    """Yield name and description of each library for matrix products or thread pools."""
    if native.module() is None:
        yield "products", "numpy's and torch's"
    else:
        yield "products", "own code for small ones, for larger ones scipy's BLAS"
    for library in threadpoolctl.threadpool_info():
        number = f"{library['num_threads']} threads"
        parts = [library["internal_api"], library.get("version"), library.get("architecture")]
        known = " ".join(part for part in parts if part)
        yield library["filepath"].replace("\\", "/").split("/")[-1], f"{known}, {number}"
