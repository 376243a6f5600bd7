"""HTML of fitted estimators: scikit-learn's diagram, and below it learning curves and tips."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from sklearn.base import BaseEstimator

from sknn_tips.estimators.learning_curve import Curves, learning_curves
from sknn_tips.tips.findings import by_code
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
    return (
        '<div class="sknn-tips-fit" style="margin:0.5em 0;max-width:60em">'
        f"<div>{escape(_caption(fits))}</div>{curves}{_tips(fits)}</div>"
    )


def _caption(fits: Sequence[Any]) -> str:
    epochs = [len(fit.net_.history) for fit in fits]
    if len(fits) == 1:
        return f"{epochs[0]} epochs; stop_reason_: {fits[0].stop_reason_}"
    shortest, longest = min(epochs), max(epochs)
    number = f"{longest}" if shortest == longest else f"{shortest} to {longest}"
    return f"{len(fits)} networks, {number} epochs each"


def _tips(fits: Sequence[Any]) -> str:
    """Return each tip once, with the number of networks that it was found in."""
    items = [_item(same, len(fits)) for same in by_code(fit.tips_ for fit in fits)]
    if not items:
        return "<div>No tips: no check found a problem.</div>"
    return f'<ul style="margin:0.3em 0;padding-left:1.4em">{"".join(items)}</ul>'


def _item(same: list[Tip], n_fits: int) -> str:
    tip = same[0]
    color = _SEVERE if tip.severity == SEVERE else _HINT
    note = f" (in {len(same)} of {n_fits} networks)" if n_fits > 1 else ""
    return (
        f'<li><b style="color:{color}">{escape(tip.severity)}</b>'
        f" <b>{escape(tip.code)}</b>{note}: {escape(tip.seen)} {escape(tip.advice)}</li>"
    )
