"""Running all checks on a record."""

from collections.abc import Iterable, Sequence

from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import SEVERE, Finding, Tip, find


def examine(record: FitRecord) -> dict[str, Finding]:
    """Return the finding of every check, by code."""
    record.found.clear()  # the record may have changed since the last call
    return {code: find(check, record) for code, check in CHECKS.items()}


def tips_of(record: FitRecord) -> list[Tip]:
    """Return the tips of a record, severe ones first, causes before effects."""
    return tips_among(examine(record))


def tips_among(findings: dict[str, Finding]) -> list[Tip]:
    """Return the tips among the findings, in the order of `tips_of`."""
    tips = [found for found in findings.values() if isinstance(found, Tip)]
    return sorted(tips, key=lambda tip: tip.severity != SEVERE)


def by_code(fits: Iterable[Sequence[Tip]]) -> list[list[Tip]]:
    """Return the tips of several fits, those with one code together, severe ones first."""
    found: dict[str, list[Tip]] = {}
    for tips in fits:
        for tip in tips:
            found.setdefault(tip.code, []).append(tip)
    groups = [sorted(group, key=lambda tip: tip.severity != SEVERE) for group in found.values()]
    return sorted(groups, key=lambda group: group[0].severity != SEVERE)


def severe_so_far(record: FitRecord) -> dict[str, str]:
    """Return the severe problems of a training that is still running, one line for each code."""
    severe = [tip for tip in tips_of(record) if tip.severity == SEVERE]
    return {tip.code: f"{tip.code}: {tip.seen}" for tip in severe}
