"""All experiments, in the order in which they are worth training."""

from benchmarks.lectures.pictures import PICTURES
from benchmarks.lectures.system import System
from benchmarks.lectures.toys import TOYS

SYSTEMS = [*PICTURES, *TOYS]


def select(only: str | None) -> list[System]:
    """Return the system of this id, or those whose id goes on after it with ``.`` or ``-``.

    Raises
    ------
    ValueError
        When there is none.
    """
    if only is None:
        return SYSTEMS
    found = [s for s in SYSTEMS if s.id == only or s.id.startswith((f"{only}.", f"{only}-"))]
    if not found:
        known = ", ".join(system.id for system in SYSTEMS)
        raise ValueError(f"--only {only}: there is no such row. Known are {known}.")
    return found
