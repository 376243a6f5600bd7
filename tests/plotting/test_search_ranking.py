import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sknn_tips.plotting.candidates import Candidates
from sknn_tips.plotting.search_ranking import draw_ranking, table_lines

CANDIDATES = Candidates(
    parameters=pd.DataFrame(
        {"rate": [0.1, 0.025, 10], "kind": ["relu", "tanh", "elu"], "on": [True, False, None]},
        dtype=object,
    ),
    scores=np.array([0.3, 0.9, 0.5]),
    spreads=np.array([0.1, 0.2, 0.3]),
    best=1,
    score_name="accuracy",
    lower_is_better=False,
    n_folds=5,
)


def test_rows_of_text_stand_in_columns():
    assert table_lines(CANDIDATES, [1, 2, 0]) == [
        " rate  kind  on   ",
        "0.025  tanh  False",
        "   10  elu   None ",
        "  0.1  relu  True ",
    ]


def test_a_halving_search_names_its_resource():
    halving = Candidates(**vars(CANDIDATES) | {"resource": "n", "resources": np.array([5, 9, 5])})
    assert [line[-3:] for line in table_lines(halving, [1, 2])] == ["  n", "  9", "  5"]


def test_the_best_is_on_top():
    _, ax = plt.subplots()
    bars, star = draw_ranking(ax, CANDIDATES, [1, 2, 0])
    assert bars.lines[0].get_xydata().tolist() == [[0.9, 0], [0.5, 1], [0.3, 2]]
    assert star.get_xydata().tolist() == [[0.9, 0]]
    bottom, top = ax.get_ylim()
    assert bottom > top
    assert bars.get_label() == "mean ± std of 5 folds"
    assert ax.get_xlabel() == "accuracy"


def test_the_header_stands_over_its_columns(boxes):
    figure, ax = plt.subplots(layout="constrained", figsize=(8, 4))
    draw_ranking(ax, CANDIDATES, [1, 2, 0])
    header, row = boxes(figure, ax.texts[0], ax.get_yticklabels()[0])
    assert abs(header.x1 - row.x1) < 2
    assert abs(header.x0 - row.x0) < 2
    assert header.y0 > row.y1
