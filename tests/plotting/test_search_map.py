import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from sknn_tips.plotting.candidates import Candidates
from sknn_tips.plotting.search_map import draw_map, table_shape


def candidates_of(scores, lower_is_better=False, **parameters):
    scores = np.array(scores, dtype=float)
    return Candidates(
        parameters=pd.DataFrame(parameters, dtype=object),
        scores=scores,
        spreads=np.full(len(scores), 0.05),
        best=int(np.nanargmin(scores) if lower_is_better else np.nanargmax(scores)),
        score_name="score",
        lower_is_better=lower_is_better,
        n_folds=3,
    )


def cells(ax):
    """Return the text of each cell by its place."""
    return {tuple(map(float, text.get_position())): text.get_text() for text in ax.texts}


def frame(ax):
    (found,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return found.get_xy()


GRID = {"rate": [0.1, 0.1, 0.01, 0.01], "kind": ["relu", "tanh", "relu", "tanh"]}


def test_a_grid_is_a_table():
    candidates = candidates_of([0.1, 0.2, 0.3, 0.444], **GRID)
    _, ax = plt.subplots()
    assert draw_map(ax, candidates, ["rate", "kind"]) == []
    assert table_shape(candidates, ["rate", "kind"]) == (2, 2)
    assert cells(ax) == {
        (0.5, 0.5): "0.300\n±0.050",
        (0.5, 1.5): "0.444\n±0.050",
        (1.5, 0.5): "0.100\n±0.050",
        (1.5, 1.5): "0.200\n±0.050",
    }
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.01", "0.1"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["relu", "tanh"]
    assert frame(ax) == (0, 1)


def test_a_failed_and_a_missing_cell():
    kept = {name: values[:3] for name, values in GRID.items()}
    _, ax = plt.subplots()
    draw_map(ax, candidates_of([0.1, np.nan, 0.3], **kept), ["rate", "kind"])
    assert cells(ax)[1.5, 1.5] == "failed"
    assert (0.5, 1.5) not in cells(ax)


def test_a_cell_shows_the_best_over_the_other_parameters():
    doubled = {name: values * 2 for name, values in GRID.items()}
    scores = [0.1, 0.2, 0.3, 0.4, 0.9, 0.1, np.nan, 0.1]
    _, ax = plt.subplots()
    draw_map(ax, candidates_of(scores, other=[1] * 4 + [2] * 4, **doubled), ["rate", "kind"])
    assert [cells(ax)[place][:5] for place in [(1.5, 0.5), (0.5, 0.5)]] == ["0.900", "0.300"]


def test_bright_is_good_for_errors_too():
    for lower in (False, True):
        candidates = candidates_of([1.0, 2.0, 3.0, 4.0], lower, **GRID)
        _, ax = plt.subplots()
        draw_map(ax, candidates, ["rate", "kind"])
        mesh = ax.collections[0]
        brightness = mesh.to_rgba(candidates.scores)[:, :3].sum(axis=1)
        assert brightness.argmax() == candidates.best


@pytest.mark.parametrize(
    ("scores", "first"), [([0.00012, 0.1], "0.100"), ([166.5, 54.7], "54.7"), ([2e6, 3], "3")]
)
def test_as_many_decimals_as_the_largest_needs(scores, first):
    _, ax = plt.subplots()
    draw_map(ax, candidates_of(scores, rate=[1, 2], kind=["a", "a"]), ["rate", "kind"])
    assert cells(ax)[1.5, 0.5].split("\n")[0] == first


def test_small_cells_have_no_numbers():
    n = 30
    _, ax = plt.subplots()
    draw_map(ax, candidates_of(np.arange(n), rate=list(range(n)), kind=["a"] * n), ["rate", "kind"])
    assert not ax.texts


def test_scattered_values_are_points(rng):
    rate, alpha = 10 ** rng.uniform(-4, 0, (2, 20))
    candidates = candidates_of(np.r_[np.nan, rng.uniform(size=19)], rate=rate, alpha=alpha)
    _, ax = plt.subplots()
    handles = draw_map(ax, candidates, ["rate", "alpha"])
    assert table_shape(candidates, ["rate", "alpha"]) is None
    assert [handle.get_label() for handle in handles] == ["failed", "best"]
    best = candidates.best
    assert handles[1].get_xydata().tolist() == [[rate[best], alpha[best]]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_names_against_numbers(rng):
    rate, kind = 10 ** rng.uniform(-4, 0, 20), ["relu", "tanh"] * 10
    candidates = candidates_of(np.arange(20), rate=rate, kind=kind)
    _, ax = plt.subplots()
    draw_map(ax, candidates, ["rate", "kind"])
    # 20 x 2 cells for 20 candidates: half of a table is full
    assert table_shape(candidates, ["rate", "kind"]) == (20, 2)
    three = candidates_of(np.arange(20), rate=rate, kind=["a", "b", "c", "d"] * 5)
    assert table_shape(three, ["rate", "kind"]) is None
