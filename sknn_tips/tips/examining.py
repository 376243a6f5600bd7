"""All checks over one record."""

from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.tip import SEVERE, Tip
from sknn_tips.training.record import FitRecord

Finding = Tip | str | None
"""A tip; or why the check is not applicable; or None, where it was applied and is silent."""


def examine(record: FitRecord) -> dict[str, Finding]:
    """Return what every check finds, by code."""
    found: dict[str, Finding] = {}
    for code, check in CHECKS.items():
        found[code] = check.not_applicable(record) or check.look(record)
    return found


def tips_of(record: FitRecord) -> list[Tip]:
    """Return the tips that fire, the severe ones first, causes before effects."""
    tips = [found for found in examine(record).values() if isinstance(found, Tip)]
    return sorted(tips, key=lambda tip: tip.severity != SEVERE)
