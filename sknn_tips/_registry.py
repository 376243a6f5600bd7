"""Look up names in a registry, with errors that list the choices; names of objects in messages."""

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

from sknn_tips.exceptions import UnknownOptionError

T = TypeVar("T")

# Names used by Keras, torch or statistics for options that have another name here.
OTHER_NAMES = {
    "acc": "accuracy",
    "binary_crossentropy": "log_loss",
    "categorical_crossentropy": "log_loss",
    "cross_entropy": "log_loss",
    "crossentropy": "log_loss",
    "false": "ignore",
    "glorot": "glorot_uniform",
    "he": "he_normal",
    "kaiming": "he_normal",
    "l2": "squared_error",
    "lecun": "lecun_normal",
    "leaky": "leaky_relu",
    "mae": "absolute_error",
    "mean_absolute_error": "absolute_error",
    "mse": "squared_error",
    "mean_squared_error": "squared_error",
    "swish": "silu",
    "xavier": "glorot_uniform",
    **dict.fromkeys(("none", "off", "silent"), "ignore"),
}


def lookup(registry: Mapping[str, T], name: object, parameter: str) -> T:
    """Return ``registry[name]``, or raise an error with the parameter and its choices."""
    if isinstance(name, str) and name in registry:
        return registry[name]
    raise UnknownOptionError(unknown_option(name, registry, parameter))


def canonical(
    registry: Mapping[str, Any], aliases: Mapping[str, str], given: Any, parameter: str
) -> Any:
    """Return the main name of an entry, or an object of the user unchanged.

    Raises
    ------
    UnknownOptionError
        If it is neither; the message lists the names and aliases.
    """
    if callable(given):
        return given
    lookup({**registry, **aliases}, given, parameter)
    return aliases.get(given, given)


def name_of(value: Any) -> str:
    """Return a name as it is, and of a class or function the name, where `repr` would be long.

    The options of a `functools.partial` are named, too; a list is written with its names.
    """
    if isinstance(value, list | tuple) and any(map(callable, value)):
        return f"[{', '.join(name_of(v) if callable(v) else repr(v) for v in value)}]"
    if isinstance(value, partial):
        options = [*map(repr, value.args), *(f"{k}={v!r}" for k, v in value.keywords.items())]
        return f"{name_of(value.func)}({', '.join(options)})"
    return value if isinstance(value, str) else getattr(value, "__name__", repr(value))


def shown(value: Any) -> str:
    """Return what an error says of a parameter's value: a name in quotes, else `name_of`."""
    return repr(value) if isinstance(value, str) else name_of(value)


def unknown_option(value: object, choices: Iterable[str], parameter: str) -> str:
    """Return the error message for an unknown option, with the closest name and all names."""
    names = sorted(choices)
    listed = ", ".join(repr(name) for name in names)
    return f"{parameter}={value!r} is not known.{guess(value, names)} Choose one of: {listed}."


def guess(value: object, names: Collection[str]) -> str:
    """Return a sentence with the name that a value resembles, or an empty string."""
    if not isinstance(value, str):
        return ""
    typed = value.lower()
    near = get_close_matches(typed, names, n=1, cutoff=0.6)
    if OTHER_NAMES.get(typed) in names:
        near = [OTHER_NAMES[typed]]
    return f" Did you mean {near[0]!r}?" if near else ""


def check_options(
    options: Mapping[str, object],
    allowed: Iterable[str],
    parameter: str,
    owner: str,
    *,
    own: bool = False,
) -> None:
    """Raise an error unless every key of `options` is allowed.

    Parameters
    ----------
    options : mapping
        The value of a parameter such as ``optimizer_params``.
    allowed : iterable of str
        The valid keys.
    parameter, owner : str
        Names for the error message: the parameter, and the object that takes the options.
    own : bool, default=False
        Whether this object is a class or function of the user.
    """
    names = sorted(set(allowed))
    for key in options:
        if key not in names:
            takes = "It takes " + (", ".join(map(repr, names)) or "no options") + "."
            takes += " Options of your own class or function are set by functools.partial." * own
            raise UnknownOptionError(
                f"{parameter} has the key {key!r}, which {owner} does not take."
                f"{guess(key, names)} {takes}"
            )
