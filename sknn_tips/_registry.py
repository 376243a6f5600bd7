"""Look up names in a registry; the error message for an unknown name lists the choices."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from sknn_tips.exceptions import UnknownOptionError

T = TypeVar("T")

# Names used by Keras, torch or statistics for options that have another name here.
OTHER_NAMES = {
    "acc": "accuracy",
    "binary_crossentropy": "log_loss",
    "categorical_crossentropy": "log_loss",
    "cross_entropy": "log_loss",
    "crossentropy": "log_loss",
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
}


def lookup(registry: Mapping[str, T], name: object, parameter: str) -> T:
    """Return ``registry[name]``, or raise an error with the parameter and its choices."""
    if isinstance(name, str) and name in registry:
        return registry[name]
    raise UnknownOptionError(unknown_option(name, registry, parameter))


def unknown_option(value: object, choices: Iterable[str], parameter: str) -> str:
    """Return the error message for an unknown option, with the closest name and all names."""
    names = sorted(choices)
    listed = ", ".join(repr(name) for name in names)
    return f"{parameter}={value!r} is not known.{_guess(value, names)} Choose one of: {listed}."


def _guess(value: object, names: list[str]) -> str:
    if not isinstance(value, str):
        return ""
    typed = value.lower()
    near = get_close_matches(typed, names, n=1, cutoff=0.6)
    if OTHER_NAMES.get(typed) in names:
        near = [OTHER_NAMES[typed]]
    return f" Did you mean {near[0]!r}?" if near else ""


def check_options(
    options: Mapping[str, object], allowed: Iterable[str], parameter: str, owner: str
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
    """
    names = sorted(set(allowed))
    for key in options:
        if key not in names:
            takes = "It takes " + (", ".join(map(repr, names)) or "no options") + "."
            raise UnknownOptionError(
                f"{parameter} has the key {key!r}, which {owner} does not take."
                f"{_guess(key, names)} {takes}"
            )
