"""All checks over one record."""

from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import SEVERE, Finding, Tip, find


def examine(record: FitRecord) -> dict[str, Finding]:
    """Return what every check finds, by code."""
    record.found.clear()  # it may have grown since
    return {code: find(check, record) for code, check in CHECKS.items()}


def tips_of(record: FitRecord) -> list[Tip]:
    """Return the tips that fire, the severe ones first, causes before effects."""
    return tips_among(examine(record))


def tips_among(findings: dict[str, Finding]) -> list[Tip]:
    """Return those of the findings that are tips, in the order of `tips_of`."""
    tips = [found for found in findings.values() if isinstance(found, Tip)]
    return sorted(tips, key=lambda tip: tip.severity != SEVERE)


def severe_so_far(record: FitRecord) -> dict[str, str]:
    """Return what goes wrong in a training that is not over, one line for each code."""
    severe = [tip for tip in tips_of(record) if tip.severity == SEVERE]
    return {tip.code: f"{tip.code}: {tip.seen}" for tip in severe}
