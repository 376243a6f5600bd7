"""Try classes and functions of the user, given in place of a name, before training."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from sknn_tips._registry import name_of

# torch has one global generator, and a search fits in several threads.
_LOCK = threading.RLock()


@contextmanager
def own_draws(seed: int) -> Iterator[None]:
    """Seed torch's global generator for a while; afterwards it is what it was."""
    with _LOCK, torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed GPUs, too
        yield


@contextmanager
def tried(parameter: str, given: Any, remedy: str, seed: int | None = None) -> Iterator[None]:
    """Turn what goes wrong when an object is called into an error that names it and the remedy.

    Without a `seed` for what it draws it must not draw: in training it would move torch's global
    generator, and `random_state` would not decide on the result.
    """
    with own_draws(seed or 0):
        before = torch.get_rng_state()
        try:
            yield
            if seed is None and not torch.equal(before, torch.get_rng_state()):
                raise ValueError(
                    "it draws random numbers from torch's global generator, which random_state does"
                    " not seed"
                )
        except Exception as error:
            what = str(error).strip().rstrip(".") or repr(error)
            raise ValueError(f"{parameter}={name_of(given)}: {what}. {remedy}") from error
