"""How tips reach the user: as warnings, as an error, as lines beside the progress."""

import multiprocessing
from collections.abc import Sequence
from typing import Any

from sknn_tips import exceptions
from sknn_tips.exceptions import DivergedWarning, TipError, TipWarning
from sknn_tips.tips.examining import tips_of
from sknn_tips.tips.tip import HINT, SEVERE, Tip
from sknn_tips.training.interrupts import called_directly
from sknn_tips.training.record import FitRecord

# The values of the parameter `tips`.
MODES = ("warn", "all", "ignore", "raise")

# What no check looks at, and what may be large or code.
_LEFT_OUT = {"callbacks", "metrics", "random_state", "tips", "verbose"}

# Codes that were warned about since the last fit that the user called: the fits of a search say
# everything once.
_told: set[str] = set()


def parameters_of(estimator: Any) -> dict[str, Any]:
    """Return the parameters that checks may look at."""
    names = estimator._get_param_names()
    return {name: getattr(estimator, name) for name in names if name not in _LEFT_OUT}


def remarks(record: FitRecord) -> list[str]:
    """Return what goes wrong so far, a line each, for those who follow the fit."""
    return [f"{tip.code}: {tip.seen}" for tip in tips_of(record) if tip.severity == SEVERE]


def tell(tips: Sequence[Tip], mode: str, kept: str) -> None:
    """Warn of the tips that `mode` asks for; of divergence in any case.

    Parameters
    ----------
    tips : sequence of Tip
    mode : {"warn", "all", "ignore", "raise"}
    kept : str
        After a divergence, which weights the network has.
    """
    if called_directly():
        _told.clear()
    diverged = next((tip for tip in tips if tip.code == "diverged"), None)
    if diverged is not None:  # the others are its causes and effects
        seen = f"{diverged.code}: {diverged.seen} {kept} {diverged.why} {diverged.advice}"
        exceptions.warn(seen + others(tips, diverged), DivergedWarning)
        return
    wanted = {"warn": (SEVERE,), "all": (SEVERE, HINT)}.get(mode, ())
    for tip in tips:
        if tip.severity in wanted and tip.code not in _told and not _in_loky_worker():
            _told.add(tip.code)
            exceptions.warn(str(tip), TipWarning)


def others(tips: Sequence[Tip], tip: Tip) -> str:
    """Return a sentence with the codes of the other tips."""
    codes = [other.code for other in tips if other is not tip]
    return f" Other tips: {', '.join(codes)}." if codes else ""


def check(tips: Sequence[Tip], mode: str) -> None:
    """Raise what is severe, where `mode` asks for it."""
    severe = [tip for tip in tips if tip.severity == SEVERE]
    if mode == "raise" and severe:
        raise TipError("\n".join(map(str, severe)), severe)


def _in_loky_worker() -> bool:
    return multiprocessing.current_process().name.startswith("LokyProcess")
