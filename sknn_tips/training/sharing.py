"""What fits of one search would make alike from the same data: made once.

Whoever makes something from data asks `once` for it. Alone, it is made; in a search whose fits
share, it is made by the first that asks, and kept as long as one of them uses it.
"""

from collections.abc import Callable, Hashable, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Made = TypeVar("Made")
Key = tuple[str, tuple[int, ...], Hashable]


class Entry:
    """Something made, and what it was made from, which so keeps its identity."""

    def __init__(self, sources: tuple[Any, ...], value: Any) -> None:
        self.sources, self.value = sources, value


Entries = MutableMapping[Key, Entry]


def no_entries() -> Entries:
    """Return what fits share as long as one of them holds it: nothing yet."""
    return WeakValueDictionary()


class Share:
    """What one fit has in common with others.

    Parameters
    ----------
    entries : Entries
        The same for all of them.
    """

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self.held: list[Entry] = []

    def once(
        self,
        name: str,
        sources: tuple[Any, ...],
        options: Hashable,
        make: Callable[[], Made],
    ) -> Made:
        """Return what was made from these very objects with equal options, or make it."""
        key = name, tuple(map(id, sources)), options
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(sources, make())
        if entry not in self.held:
            self.held.append(entry)
        value: Made = entry.value
        return value

    def has_made(self, thing: Any) -> bool:
        """Say whether something is, or is in a pair that is, what `once` returned."""
        found = [entry.value for entry in self.held]
        return any(thing is each for value in found for each in (value, *_parts(value)))


SHARE: ContextVar[Share | None] = ContextVar("SHARE", default=None)
"""Of the fit that runs; None where it has nothing in common with others."""


def once(name: str, source: Any, options: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` returns, or what it returned to another fit with the same source.

    Parameters
    ----------
    name : str
        Of what is made.
    source : object
        What it is made from. Where no other fit has this very object, `make` is just called.
    options : Hashable
        What else decides on it.
    make : callable
    """
    share = SHARE.get()
    if share is None or not share.has_made(source):
        return make()
    return share.once(name, (source,), options, make)


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()
