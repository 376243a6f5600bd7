"""HTML of fitted estimators: scikit-learn's diagram, and below it learning curves and tips."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from sklearn.base import BaseEstimator

from sknn_tips.estimators.learning_curve import Curves, learning_curves
from sknn_tips.tips.tip import SEVERE, Tip

# Colours that are readable on white and on black.
_SEVERE, _HINT = "#D55E00", "#7a8794"


class FitHTML(BaseEstimator):
    """Base class that shows more than scikit-learn's diagram in a notebook, once it is fitted.

    With ``sklearn.set_config(display="text")`` there is no HTML, as for any estimator.
    """

    @abstractmethod
    def _fit_html(self) -> str:
        """Return the HTML for below the diagram, "" if the estimator is not fitted."""

    @property
    def _repr_html_(self) -> Callable[[], str]:
        diagram: Callable[[], str] = super()._repr_html_  # AttributeError if there is to be none
        return lambda: diagram() + self._fit_html()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._fit_html()
        return bundle


def html_of_fits(fits: Sequence[Any]) -> str:
    """Return the learning curves and the tips of fitted networks as HTML; "" if there are none.

    Parameters
    ----------
    fits : sequence of (MLPClassifier or MLPRegressor)
        The estimator itself, or the members of an ensemble.
    """
    if not fits:
        return ""
    curves = learning_curves([Curves.of(fit.net_.history, fit.best_epoch_) for fit in fits])
    return block(_caption(fits), curves, tips_html(_counted(fits)))


def _caption(fits: Sequence[Any]) -> str:
    epochs = [len(fit.net_.history) for fit in fits]
    if len(fits) == 1:
        return f"{epochs[0]} epochs; stop_reason_: {fits[0].stop_reason_}"
    shortest, longest = min(epochs), max(epochs)
    number = f"{longest}" if shortest == longest else f"{shortest} to {longest}"
    return f"{len(fits)} networks, {number} epochs each"


def _counted(fits: Sequence[Any]) -> list[tuple[Tip, str]]:
    """Return each tip once, with the number of networks that it was found in."""
    found: dict[str, list[Tip]] = {}
    for fit in fits:
        for tip in fit.tips_:
            found.setdefault(tip.code, []).append(tip)
    several = len(fits) > 1
    return [
        (tips[0], f"in {len(tips)} of {len(fits)} networks" if several else "")
        for tips in found.values()
    ]


def block(caption: str, picture: str, tips: str) -> str:
    """Return the HTML for below the diagram.

    Parameters
    ----------
    caption : str
        Text, which is escaped.
    picture, tips : str
        HTML.
    """
    return (
        '<div class="sknn-tips-fit" style="margin:0.5em 0;max-width:60em">'
        f"<div>{escape(caption)}</div>{picture}{tips}</div>"
    )


def tips_html(tips: Sequence[tuple[Tip, str]]) -> str:
    """Return tips, each with a note that may be empty, as HTML."""
    if not tips:
        return "<div>No tips: no check found a problem.</div>"
    items = "".join(_item(tip, note) for tip, note in tips)
    return f'<ul style="margin:0.3em 0;padding-left:1.4em">{items}</ul>'


def _item(tip: Tip, note: str) -> str:
    color = _SEVERE if tip.severity == SEVERE else _HINT
    note = f" ({escape(note)})" if note else ""
    return (
        f'<li><b style="color:{color}">{escape(tip.severity)}</b>'
        f" <b>{escape(tip.code)}</b>{note}: {escape(tip.seen)} {escape(tip.advice)}</li>"
    )
