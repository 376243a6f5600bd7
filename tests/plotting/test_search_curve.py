import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sknn_tips.plotting.candidates import Candidates
from sknn_tips.plotting.search_curve import draw_curve


def drawn(scores, name="alpha", resources=None, **parameters):
    scores = np.array(scores, dtype=float)
    candidates = Candidates(
        parameters=pd.DataFrame(parameters, dtype=object),
        scores=scores,
        spreads=np.full(len(scores), 0.1),
        best=int(np.nanargmax(scores)),
        score_name="score",
        lower_is_better=False,
        n_folds=3,
        resource=None if resources is None else "n_samples",
        resources=None if resources is None else np.array(resources),
    )
    _, ax = plt.subplots()
    return ax, {h.get_label(): h for h in draw_curve(ax, candidates, name)}


def test_numbers_are_joined_in_order_with_a_band():
    ax, handles = drawn([0.5, 0.9, 0.7], alpha=[1.0, 0.1, 0.01])
    line = handles["mean ± std of 3 folds"]
    assert line.get_xydata().tolist() == [[0.01, 0.7], [0.1, 0.9], [1.0, 0.5]]
    (band,) = ax.collections
    edges = band.get_paths()[0].vertices[:, 1]
    assert (edges.min().round(6), edges.max().round(6)) == (0.4, 1.0)
    assert handles["best"].get_xydata().tolist() == [[0.1, 0.9]]
    assert ax.get_xscale() == "log"


def test_names_are_not_joined():
    ax, handles = drawn([0.5, 0.9], alpha=["relu", "tanh"])
    bars = handles["mean ± std of 3 folds"]
    assert bars.lines[0].get_linestyle() == "None"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["relu", "tanh"]


def test_the_best_of_each_value_where_other_parameters_vary():
    alpha, other = [1, 1, 2, 2], ["a", "b", "a", "b"]
    _, handles = drawn([0.1, 0.3, 0.6, 0.5], alpha=alpha, other=other)
    line = handles["best of each value, mean ± std of 3 folds"]
    assert line.get_xydata().tolist() == [[1.0, 0.3], [2.0, 0.6]]
    assert len(handles["a candidate"].get_xydata()) == 4


def test_points_alone_where_every_value_is_new():
    ax, handles = drawn([0.1, 0.3, 0.6], alpha=[1, 2, 3], other=["a", "b", "a"])
    assert set(handles) == {"a candidate", "best"}
    assert not ax.collections


def test_failures_are_crossed_out():
    _, handles = drawn([0.1, np.nan, 0.6], alpha=[1, 2, 3])
    assert handles["failed"].get_xdata().tolist() == [2.0]
    assert handles["mean ± std of 3 folds"].get_xdata().tolist() == [1.0, 3.0]


def test_a_curve_for_each_amount_of_a_resource():
    _, handles = drawn([0.1, 0.3, 0.2, 0.6], alpha=[1, 2, 3, 2], resources=[10, 10, 10, 20])
    assert list(handles) == ["n_samples = 10", "n_samples = 20", "best"]
    assert len(handles["n_samples = 10"].get_xdata()) == 3
    assert handles["n_samples = 20"].get_xydata().tolist() == [[2.0, 0.6]]
