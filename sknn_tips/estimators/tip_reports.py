"""Report tips to the user, as warnings or as an error."""

import multiprocessing
from collections.abc import Sequence
from typing import ClassVar

from sknn_tips import exceptions
from sknn_tips.exceptions import DivergedWarning, TipError, TipWarning
from sknn_tips.runtime.interrupts import called_directly
from sknn_tips.tips.tip import HINT, SEVERE, Tip


class _Told:
    """Codes of the warnings since the user's last call: the fits of a search warn once per code.

    Calls are distinguished by their line in the user's code, so that a search that is called in a
    loop also warns once.
    """

    codes: ClassVar[set[str]] = set()
    line: ClassVar[exceptions.Line | None] = None

    @classmethod
    def begin(cls) -> None:
        """Clear the codes if this is another call of the user."""
        line = exceptions.line_of_user()
        if called_directly() or (line is not None and line != cls.line):
            cls.codes.clear()
            cls.line = line


def tell(tips: Sequence[Tip], mode: str, kept: str) -> None:
    """Issue warnings for the tips that `mode` selects, and for divergence in any case.

    Parameters
    ----------
    tips : sequence of Tip
    mode : {"warn", "all", "ignore", "raise"}
    kept : str
        A sentence on the weights that the network has after divergence.
    """
    _Told.begin()
    diverged = next((tip for tip in tips if tip.code == "diverged"), None)
    if diverged is not None:  # the other tips are causes or effects of it
        seen = f"{diverged.code}: {diverged.seen} {kept} {diverged.why} {diverged.advice}"
        exceptions.warn(seen + others(tips, diverged), DivergedWarning)
        return
    wanted = {"warn": (SEVERE,), "all": (SEVERE, HINT)}.get(mode, ())
    for tip in tips:
        if tip.severity in wanted and tip.code not in _Told.codes and not _in_loky_worker():
            _Told.codes.add(tip.code)
            exceptions.warn(str(tip), TipWarning)


def others(tips: Sequence[Tip], tip: Tip) -> str:
    """Return a sentence with the codes of the other tips."""
    codes = [other.code for other in tips if other is not tip]
    return f" Other tips: {', '.join(codes)}." if codes else ""


def check(tips: Sequence[Tip], mode: str) -> None:
    """Raise an error for severe tips, if `mode` is "raise"."""
    severe = [tip for tip in tips if tip.severity == SEVERE]
    if mode == "raise" and severe:
        raise TipError("\n".join(map(str, severe)), severe)


def _in_loky_worker() -> bool:
    return multiprocessing.current_process().name.startswith("LokyProcess")
