"""Looking a name up in a dict, with an error that lists the choices."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from sknn_tips.exceptions import UnknownOptionError

T = TypeVar("T")

# Names that Keras, torch and statistics have for what is called otherwise here.
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
    """Return ``registry[name]``, or raise an error that names the parameter and its choices."""
    if isinstance(name, str) and name in registry:
        return registry[name]
    raise UnknownOptionError(unknown_option(name, registry, parameter))


def unknown_option(value: object, choices: Iterable[str], parameter: str) -> str:
    """Describe a wrong option: the value, the nearest valid name and the whole list."""
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
    """Raise unless every key of a dict parameter is an option of its owner.

    Parameters
    ----------
    options : mapping
        Such as ``optimizer_params``.
    allowed : iterable of str
    parameter, owner : str
        Names for the error: of the parameter, and of what takes the options.
    """
    names = sorted(set(allowed))
    for key in options:
        if key not in names:
            takes = "It takes " + (", ".join(map(repr, names)) or "no options") + "."
            raise UnknownOptionError(
                f"{parameter} has the key {key!r}, which {owner} does not take."
                f"{_guess(key, names)} {takes}"
            )
