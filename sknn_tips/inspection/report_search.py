"""The searches in a report: best parameters, and a ranking of the candidates."""

from typing import Any

from sknn_tips._compat.sklearn import BaseSearchCV
from sknn_tips.inspection import report_html as html
from sknn_tips.plotting import style
from sknn_tips.plotting.candidates import Candidates, read_candidates

_MOST_ROWS = 10


def searches(layers: list[Any]) -> str:
    """Return the best parameters of each search in the model, and a ranking of its candidates."""
    found = [layer for layer in layers if isinstance(layer, BaseSearchCV)]
    parts = [_search(layer) for layer in found if hasattr(layer, "best_params_")]
    return html.section("Search", *parts)


def _search(search: Any) -> str:
    # a halving search has a row for each candidate of each iteration
    n = getattr(search, "n_candidates_", [len(search.cv_results_["params"])])[0]
    text = f"{type(search).__name__} tried {n:,} candidate{'s' * (n != 1)}."
    rows = [(name, html.code(value)) for name, value in search.best_params_.items()]
    best = html.table(("parameter", "best value"), rows, code=[0, 1])
    try:
        candidates = read_candidates(search, None, "report")
    except ValueError:  # all scores are NaN, or a function chose the best by several metrics
        return html.paragraph(text) + best
    return html.paragraph(text) + best + _ranking(candidates)


def _ranking(candidates: Candidates) -> str:
    rows = candidates.ranked
    shown = rows[:_MOST_ROWS]
    columns = _searched(candidates, shown)
    scores, spreads = candidates.scores[shown], candidates.spreads[shown]
    table = html.table(
        ("rank", *columns, f"mean test {candidates.score_name}", "std"),
        zip(range(1, len(shown) + 1), *columns.values(), scores, spreads, strict=True),
        code=range(1, 1 + len(columns)),
        note=_note(candidates),
    )
    title = f"The best {len(shown)} of {len(rows):,} candidates"
    drawn = [_picture(candidates, rows)] if len(rows) > 1 else []
    heading = html.heading(title if len(shown) < len(rows) else "Candidates")
    return heading + table + html.pictures(drawn)


def _searched(candidates: Candidates, rows: list[int]) -> dict[str, list[str]]:
    """Return the values of the searched parameters, and the resource of a halving search."""
    columns: dict[str, Any] = {
        str(name): values.iloc[rows] for name, values in candidates.parameters.items()
    }
    if candidates.resources is not None:
        columns[str(candidates.resource)] = candidates.resources[rows]
    return {name: [style.shorten(value) for value in values] for name, values in columns.items()}


def _note(candidates: Candidates) -> str:
    note = f"Test scores: {candidates.spread_label}."
    note += " Lower is better." if candidates.lower_is_better else ""
    n_failed = int(candidates.failed.sum())
    return f"{note} Candidates without a score: {n_failed}." if n_failed else note


def _picture(candidates: Candidates, rows: list[int]) -> str:
    """Return a picture of mean and standard deviation of the scores in the order of the ranks."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(5.2, 3.8), layout="constrained")
    axes = figure.subplots()
    scores, spreads = candidates.scores[rows], candidates.spreads[rows]
    look: dict[str, Any] = {"color": style.PALETTE[0], "elinewidth": style.LINE_WIDTH}
    points = axes.errorbar(
        range(1, len(rows) + 1), scores, yerr=spreads, fmt="o", markersize=4, **look
    )
    points.set_label(candidates.spread_label)
    star = style.draw_star(axes, 1, scores[0])
    style.legend(figure, [axes], [points, *star], own=True)
    axes.set(xlabel="rank", ylabel=candidates.score_label)
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1))
    style.tidy(axes)
    return html.picture(figure, "Scores of the candidates by rank")
