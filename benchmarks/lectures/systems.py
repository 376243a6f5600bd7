"""All experiments, in the order in which they are trained."""

from benchmarks.lectures.pictures import PICTURES
from benchmarks.lectures.system import System
from benchmarks.lectures.toys import TOYS

SYSTEMS = [*PICTURES, *TOYS]


def select(only: str | None) -> list[System]:
    """Return the system with this id, or those whose id is this id followed by ``.`` or ``-``.

    Raises
    ------
    ValueError
        If there is no such system.
    """
    if only is None:
        return SYSTEMS
    found = [s for s in SYSTEMS if s.id == only or s.id.startswith((f"{only}.", f"{only}-"))]
    if not found:
        known = ", ".join(system.id for system in SYSTEMS)
        raise ValueError(f"--only {only}: there is no such row. Known are {known}.")
    return found
