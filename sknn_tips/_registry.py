"""Looking a name up in a dict, with an error that lists the choices."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from sknn_tips.exceptions import UnknownOptionError

T = TypeVar("T")


def lookup(registry: Mapping[str, T], name: object, parameter: str) -> T:
    """Return ``registry[name]``, or raise an error that names the parameter and its choices."""
    if isinstance(name, str) and name in registry:
        return registry[name]
    raise UnknownOptionError(unknown_option(name, registry, parameter))


def unknown_option(value: object, choices: Iterable[str], parameter: str) -> str:
    """Describe a wrong option: the value, the nearest valid name and the whole list."""
    names = sorted(choices)
    near = get_close_matches(str(value).lower(), names, n=1, cutoff=0.6)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(repr(name) for name in names) or "none"
    return f"{parameter}={value!r} is not known.{guess} Choose one of: {listed}."


def check_options(options: Mapping[str, object], allowed: Iterable[str], parameter: str) -> None:
    """Raise unless every key of a dict parameter such as ``optimizer_params`` is allowed."""
    allowed = list(allowed)
    for key in options:
        if key not in allowed:
            raise UnknownOptionError(unknown_option(key, allowed, f"a key of {parameter}"))
