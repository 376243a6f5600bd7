"""Names of several estimators in one plot: given ones, or the parameters that differ."""

from collections.abc import Iterable, Sequence
from itertools import chain, count
from typing import Any, TypeVar

from sklearn.base import BaseEstimator

from sknn_tips.plotting.style import shorten

T = TypeVar("T")

_LONGEST = 45


def named(
    items: Sequence[T], names: str | Sequence[str] | None, default: Sequence[Any]
) -> dict[str, T]:
    """Return a dict of the items by name.

    Parameters
    ----------
    items : sequence
    names : str, sequence of str or None
        The names passed by the user.
    default : sequence
        The names if `names` is None.

    Raises
    ------
    ValueError
        If there is no item, if there are too few or too many names, or if they are not distinct.
    """
    if not items:
        raise ValueError("There is nothing to draw. Pass at least one.")
    given = [names] if isinstance(names, str) else list(default if names is None else names)
    texts = [str(name) for name in given]
    if len(texts) != len(items):
        raise ValueError(
            f"names={names!r} has {len(texts)} names for {len(items)} curves. Pass one for each."
        )
    if len(set(texts)) < len(texts):
        raise ValueError(
            f"The names {texts} are not distinct. Give each curve its own by names=[...]."
        )
    return dict(zip(texts, items, strict=True))


def names_by_parameters(estimators: Sequence[BaseEstimator]) -> list[str]:
    """Return names made of the parameters in which the estimators differ, or numbered names."""
    kinds = [type(estimator).__name__ for estimator in estimators]
    if len(kinds) == 1:
        return kinds
    parameters = [estimator.get_params(deep=False) for estimator in estimators]
    names = ["" for _ in estimators]
    if len(set(kinds)) == 1:
        keys = [key for key in parameters[0] if len({repr(each[key]) for each in parameters}) > 1]
        names = [", ".join(f"{key}={shorten(each[key])}" for key in keys) for each in parameters]
    if len(set(names)) < len(names) or any(len(name) > _LONGEST for name in names):
        return [f"{kind} {number}" for number, kind in enumerate(kinds, 1)]
    return names


def distinct(names: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Return the names, with a number appended to those in `taken`."""
    seen = set(taken)
    found = []
    for name in names:
        numbered = (f"{name} {number}" for number in count(2))
        found.append(next(text for text in chain([name], numbered) if text not in seen))
        seen.add(found[-1])
    return found
