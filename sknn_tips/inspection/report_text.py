"""The plain text of a report: title, model, scores and what the tips have seen."""

from collections.abc import Iterable

from sknn_tips.inspection.report_html import number
from sknn_tips.inspection.report_scores import Rows
from sknn_tips.inspection.report_sections import NO_TIPS, Networks, kind_of_tip
from sknn_tips.tips.findings import by_code


def text(head: Iterable[str], scores: Rows, networks: Networks) -> str:
    """Return the text.

    Parameters
    ----------
    head : iterable of str
        The first lines: title and model.
    scores : list of (str, float)
    networks : dict of str to estimator
        The networks whose tips are listed; without any, there are no tips.
    """
    return "\n".join([*head, "", "Scores", *_scores(scores), *_tips(networks)])


def _scores(scores: Rows) -> list[str]:
    """Return a line for each score, names left- and numbers right-aligned."""
    values = [number(value) for _, value in scores]
    left, right = max(len(name) for name, _ in scores), max(map(len, values))
    return [
        f"  {name:{left}}  {value:>{right}}"
        for (name, _), value in zip(scores, values, strict=True)
    ]


def _tips(networks: Networks) -> list[str]:
    if not networks:
        return []
    found = by_code(net.tips_ for net in networks.values())
    lines = [f"{kind_of_tip(same, len(networks))}. {same[0].seen}" for same in found]
    return ["", "Tips", *(f"  {line}" for line in lines or [NO_TIPS])]
