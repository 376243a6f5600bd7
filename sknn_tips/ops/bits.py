"""Dropout masks from random bits; the compiled executor draws the same bits."""

from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Bits = np.random.BitGenerator | torch.Generator
"""numpy's Philox on a CPU, whose C interface works without the interpreter; torch's on a GPU."""

_WORDS_OF_PHILOX = 13


def threshold_of(p: float) -> dict[str, float]:
    """Return the constants of the operation "dropout" that drops a share `p` of the values.

    The decision for each value uses 16 random bits, so the error of `p` is at most 1 / 131,072.
    """
    n_dropped = min(round(p * 2**16), 2**16 - 1)
    return {"n_dropped": n_dropped, "scale": 2**16 / (2**16 - n_dropped)}


def draw_kept(
    bits: Bits | None, *, out: torch.Tensor, n_dropped: float, scale: float
) -> torch.Tensor:
    """Fill `out` with the dropout factors: 0, or `scale` for a value that is kept.

    One 64-bit word decides for four values. This takes a fifth of the time of `bernoulli_`.

    Parameters
    ----------
    bits : BitGenerator, torch.Generator or None
        None for torch's global generator.
    out : torch.Tensor
    n_dropped : float
        For how many of the 65,536 possible 16-bit numbers a value is dropped.
    scale : float
        The factor of the values that are kept.
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
    """Return the random generator for masks on a device."""
    if device.type == "cpu":
        return np.random.Philox(seed)
    return torch.Generator(device).manual_seed(seed)


def draws_on(bits: Bits | None, device: torch.device) -> bool:
    """Return whether this generator can draw masks for tensors on a device."""
    if isinstance(bits, torch.Generator):
        return bits.device == device
    return bits is not None and device.type == "cpu"


def bits_state(bits: Bits | None) -> NDArray[np.uint8] | None:
    """Return the complete state of the random generator, as bytes."""
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
    """Restore the state that `bits_state` returned.

    A state from another type of device, or from a file of an earlier version, is used as a seed.

    Raises
    ------
    ValueError
        If the state is not valid for any generator.
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
    # numpy does not validate these values
    if position > 4 or has_half > 1 or half >= 2**32:
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
