"""The tips of an ensemble: those of its networks, each once."""

from dataclasses import replace
from typing import Any

from sknn_tips.estimators.unwrapping import networks_by_fold
from sknn_tips.tips.findings import by_code
from sknn_tips.tips.tip import Tip


def tips_of_members(ensemble: Any) -> list[Tip]:
    """Return one tip for each code, which says in how many networks it was found."""
    networks = networks_by_fold(ensemble).values()
    return [
        replace(same[0], seen=f"In {len(same)} of {len(networks)} networks; in one: {same[0].seen}")
        for same in by_code(net.tips_ for net in networks)
    ]
