"""A report on a fitted model as one HTML page."""

from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from sknn_tips._compat.sklearn import num_samples
from sknn_tips.ensemble.base import FoldEnsemble
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import find_fitted, layers, networks_by_fold
from sknn_tips.inspection import report_html, report_sections, report_text
from sknn_tips.inspection.evaluating import evaluate
from sknn_tips.inspection.predicting import predictions
from sknn_tips.inspection.report_scores import scores
from sknn_tips.inspection.report_search import searches
from sknn_tips.nn.losses.regression import Quantile
from sknn_tips.plotting import style


@dataclass(frozen=True)
class Report:
    """A report on a model, as returned by `report`.

    A notebook shows the page, and `print` a short text.

    Attributes
    ----------
    title : str
    html : str
        The page, which needs no other files.
    text : str
        Title, model, scores and what the tips have seen.
    """

    title: str
    html: str = field(repr=False)
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file.

        Parameters
        ----------
        path : str or path-like
            The name of the file, such as ``"report.html"``. An existing file is replaced.
        """
        Path(path).write_text(self.html, encoding="utf-8")

    def _repr_html_(self) -> str:
        # in a frame, so that the page and the notebook do not change each other's styles
        return (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.html)}" sandbox=""'
            ' style="width:100%;height:40rem;border:0"></iframe>'
        )


def report(
    model: Any, X: Any, y: Any, *, sample_weight: Any = None, title: str | None = None
) -> Report:
    """Write scores, learning curves, tips and parameters of a fitted model as one HTML page.

    The page is one file without scripts and without links to other files, for instance to send by
    mail. Of a classifier it has a table per class and the confusion matrix; of a regressor a
    picture of the residuals; of a search a ranking of the candidates. With the quantile loss, the
    pinball loss is a score. It requires the extra ``plot``: ``pip install 'sknn_tips[plot]'``.

    Parameters
    ----------
    model : estimator
        A fitted MLPClassifier or MLPRegressor; a FoldEnsembleClassifier or FoldEnsembleRegressor,
        such as that of `tabular_pipeline`; or a Pipeline, TransformedTargetRegressor or search
        that contains one of them.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Samples to score the model with, as for `model.predict`. Use samples that it was not
        trained on.
    y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_outputs)
        Their class labels or target values.
    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights for the scores; None weights all samples equally.
    title : str, default=None
        The title of the page. None is "Report: " and the class of the model.

    Returns
    -------
    Report
        ``save(path)`` writes the page to a file, ``html`` is the page, and `print` shows a short
        text.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    TypeError
        If the model contains none of the estimators of sknn_tips.
    ValueError
        If X, y and the weights do not match, or y has classes that the model was not fitted with.
    ImportError
        If matplotlib is not installed.

    See Also
    --------
    evaluate : Loss and metrics as a dict.
    diagnose : Fit a model and report the findings of all checks.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import train_test_split
    >>> from sknn_tips import MLPClassifier, report
    >>> X, X_test, y, y_test = train_test_split(*load_iris(return_X_y=True), random_state=0)
    >>> net = MLPClassifier(learning_rate_init=0.01, tol=None, random_state=0).fit(X, y)
    >>> page = report(net, X_test, y_test, title="Iris")
    >>> page
    Report(title='Iris')
    >>> print(page)  # doctest: +ELLIPSIS
    Iris
    Model: MLPClassifier
    Scored on 38 samples, ...
    <BLANKLINE>
    Scores
      accuracy ...
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page.save(Path(folder) / "iris.html")
    """
    chain = layers(model)
    ensemble = chain[-1] if isinstance(chain[-1], FoldEnsemble) else None
    if ensemble is None:
        networks = {"": find_fitted(model, "report", besides="a fold ensemble, ").estimator}
    else:
        check_is_fitted(ensemble)
        networks = networks_by_fold(ensemble)
    style.pyplot("report")  # raises the error before any work
    quantile = _quantile(list(networks.values()))
    given = predictions(model, X, y, sample_weight, quantile)
    further = evaluate(model, X, given.y, sample_weight) if ensemble is None else {}
    title = f"Report: {type(chain[-1]).__name__}" if title is None else title
    model_line, scored_line = _about(chain, num_samples(X))
    rows, scores_section = scores(given, further)
    parts = (
        report_html.paragraph(model_line),
        report_html.paragraph(scored_line, soft=True),
        scores_section,
        report_sections.curves(networks),
        report_sections.tips(networks),
        searches(chain),
        report_sections.training(networks, ensemble),
        report_sections.parameters(chain),
        report_sections.network(networks),
        report_sections.versions(),
    )
    text = report_text.text((title, model_line, scored_line), rows, networks)
    return Report(title, report_html.page(title, *parts), text)


def _quantile(networks: list[BaseMLP]) -> float | None:
    """Return the quantile that all networks predict, or None."""
    losses = [net.net_.criterion_ for net in networks]
    found = {loss.quantile if isinstance(loss, Quantile) else None for loss in losses}
    return found.pop() if len(found) == 1 else None


def _about(chain: list[Any], n_samples: int) -> tuple[str, str]:
    now = datetime.now().astimezone()
    return (
        f"Model: {report_sections.described(chain)}",
        f"Scored on {n_samples:,} sample{'s' * (n_samples != 1)}, {now:%Y-%m-%d %H:%M %Z}.",
    )
