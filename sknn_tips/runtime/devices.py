"""Choose the device of a fit."""

import torch

from sknn_tips._compat.joblib import nesting_level

# Floating-point operations of one step above which a GPU is worth its kernel launches. According to
# `benchmarks/gpu.py` on an H200, one CPU thread takes half the time of the GPU at 5 MFLOP, three
# quarters at 17, and five times as long at 200, where CUDA graphs save the launches. A step without
# CUDA graphs launches some 60 kernels of about 6 us each.
FLOP_WORTH_A_GPU = 5e7


def resolve_device(device: str, flop: float) -> torch.device:
    """Convert the `device` parameter to a torch device, or raise an error if it is unavailable.

    Parameters
    ----------
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"`` ...
    flop : float
        Floating-point operations of one training step. ``"auto"`` chooses a GPU if there are many
        and the fit does not run in a joblib worker.
    """
    if device == "auto":
        worth_it = flop > FLOP_WORTH_A_GPU and not _in_worker() and torch.cuda.is_available()
        return torch.device("cuda" if worth_it else "cpu")
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"device={device!r} is not a device. Use 'auto', 'cpu', 'cuda', 'cuda:0' or 'mps'."
        ) from error
    if found.type == "cuda":
        _check_cuda(device, found)
    elif found.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError(f"device={device!r}: this machine has no MPS device. Use device='auto'.")
    elif found.type not in ("cpu", "mps"):
        raise ValueError(f"device={device!r} is not supported. Use 'auto', 'cpu', 'cuda' or 'mps'.")
    return found


def _check_cuda(name: str, device: torch.device) -> None:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        built = "" if torch.backends.cuda.is_built() else " (this torch is built without CUDA)"
        raise ValueError(
            f"device={name!r}: torch finds no CUDA device here{built}. Use device='auto', which"
            " takes a GPU only where there is one, or device='cpu'."
        )
    if device.index is not None and device.index >= count:
        raise ValueError(
            f"device={name!r}: there are {count} CUDA devices here, 'cuda:0' to 'cuda:{count - 1}'."
        )


def _in_worker() -> bool:
    return nesting_level() > 0
