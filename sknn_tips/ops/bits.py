"""Dropout's masks, from random bits that the compiled executor draws as this one does."""

from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Bits = np.random.BitGenerator | torch.Generator
"""numpy's Philox on a CPU, whose C interface needs no interpreter; torch's own on a GPU."""

_WORDS_OF_PHILOX = 13


def threshold_of(p: float) -> dict[str, float]:
    """Return the constants of the operation "dropout" for a share `p` that is dropped.

    Sixteen random bits decide a value, so `p` is met to 1 / 131,072.
    """
    n_dropped = min(round(p * 2**16), 2**16 - 1)
    return {"n_dropped": n_dropped, "scale": 2**16 / (2**16 - n_dropped)}


def draw_kept(
    bits: Bits | None, *, out: torch.Tensor, n_dropped: float, scale: float
) -> torch.Tensor:
    """Fill `out` with what dropout multiplies by: 0, or `scale` for a value that is kept.

    Four values are decided by one word of 64 bits. It takes a fifth of the time of `bernoulli_`.

    Parameters
    ----------
    bits : BitGenerator, torch.Generator or None
        None for torch's global one.
    out : torch.Tensor
    n_dropped : float
        Of the 65,536 values of 16 bits, how many drop a value.
    scale : float
    """
    n_words = -(-out.numel() // 4)
    if isinstance(bits, np.random.BitGenerator):
        raw: Any = bits.random_raw(n_words)
        words = torch.from_numpy(raw.view(np.int64))
    else:
        words = torch.empty(n_words, dtype=torch.int64, device=out.device)
        words.random_(-(2**63), None, generator=bits)
    kept = words.view(torch.int16)[: out.numel()].view(out.shape)
    torch.ge(kept, int(n_dropped) - 2**15, out=out)
    return out.mul_(scale)


def make_bits(seed: int, device: torch.device) -> Bits:
    """Return what draws masks on a device."""
    if device.type == "cpu":
        return np.random.Philox(seed)
    return torch.Generator(device).manual_seed(seed)


def draws_on(bits: Bits | None, device: torch.device) -> bool:
    """Say whether these bits can be drawn for tensors on a device."""
    if isinstance(bits, torch.Generator):
        return bits.device == device
    return bits is not None and device.type == "cpu"


def bits_state(bits: Bits | None) -> NDArray[np.uint8] | None:
    """Return all that decides on the bits to come, as bytes."""
    if bits is None:
        return None
    if isinstance(bits, torch.Generator):
        state: NDArray[np.uint8] = bits.get_state().numpy().copy()
        return state
    known: Any = bits.state
    inner = known["state"]
    rest = [known["buffer_pos"], known["has_uint32"], known["uinteger"]]
    words = [*inner["counter"], *inner["key"], *known["buffer"], *rest]
    return np.array(words, dtype=np.uint64).view(np.uint8)


def set_bits_state(bits: Bits, state: NDArray[np.uint8]) -> None:
    """Go on where other bits were when `bits_state` saw them.

    A state of another kind of device, or of a file of an earlier version, is a seed.

    Raises
    ------
    ValueError
        When it is a state that no generator has.
    """
    if isinstance(bits, torch.Generator):
        if len(state) == len(bits.get_state()):
            bits.set_state(torch.from_numpy(state.copy()))
        else:
            bits.manual_seed(_seed(state))
        return
    if len(state) != 8 * _WORDS_OF_PHILOX:
        bits.state = np.random.Philox(_seed(state)).state
        return
    words = np.frombuffer(state.tobytes(), np.uint64)
    position, has_half, half = (int(word) for word in words[10:])
    if position > 4 or has_half > 1 or half >= 2**32:  # numpy does not check it
        raise ValueError(f"a random generator has the position {position} in a buffer of 4 words")
    bits.state = {
        "bit_generator": "Philox",
        "state": {"counter": words[:4], "key": words[4:6]},
        "buffer": words[6:10],
        "buffer_pos": position,
        "has_uint32": has_half,
        "uinteger": half,
    }


def _seed(state: NDArray[np.uint8]) -> int:
    return int.from_bytes(blake2b(state.tobytes(), digest_size=7).digest(), "little")
