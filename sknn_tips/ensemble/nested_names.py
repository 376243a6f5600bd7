"""Errors about names of parameters that belong to a part of a model."""

from difflib import get_close_matches
from typing import Any, NoReturn

from sknn_tips._argument_names import MEANT


def nested_names(model: Any, name: str) -> list[str]:
    """Return the parameters that `name` may stand for, such as ["nets__net__alpha"] for "alpha".

    It may be a name of another library, such as "l2". Without any, return the most similar
    parameter.
    """
    names, (*prefix, last) = list(model.get_params()), name.split("__")
    last = MEANT.get(last, last)
    found = [
        each for each in names if each.split("__")[-1] == last and {*prefix} <= {*each.split("__")}
    ]
    return found or get_close_matches(name, names, n=1, cutoff=0.7)


def raise_invalid_name(model: Any, params: dict[str, Any], error: ValueError) -> NoReturn:
    """Raise an error of `set_params` again; if it is about an unknown name, say what is meant."""
    for name in params:
        if not any(f"Invalid parameter {part!r}" in str(error) for part in name.split("__")):
            continue
        found = nested_names(model, name)
        meant = f"Did you mean {' or '.join(map(repr, found))}?" if found else ""
        raise ValueError(  # without the repr of the model, which has more than 20 lines
            f"Invalid parameter {name!r} for estimator {type(model).__name__}."
            f" {meant or 'See model.get_params() for all parameters.'}"
        ) from None
    raise error
