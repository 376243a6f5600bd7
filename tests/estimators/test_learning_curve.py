"""The small picture of learning curves."""

import re

import pytest

from sknn_tips.estimators.learning_curve import Curves, learning_curves


def points(svg, color):
    """Return the positions of the curve of this colour."""
    [path] = re.findall(rf'<path d="(M[^"]*)" fill="none" stroke="{color}"', svg)
    return [tuple(map(float, point.split())) for point in re.split("[ML]", path)[1:]]


TRAINING, VALIDATION = "#0072B2", "#D55E00"


def test_lower_losses_are_lower_in_the_picture():
    svg = learning_curves([Curves([4.0, 2.0, 1.0], [4.0, 3.0, 2.0], 3)])
    (x0, y0), (x1, y1), (x2, y2) = points(svg, TRAINING)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y1 - y0 == pytest.approx(2 * (y2 - y1), abs=0.3)  # y grows downwards
    assert points(svg, VALIDATION)[2][1] == y1
    assert "best epoch 3: 2" in svg


def test_a_loss_that_explodes_is_on_a_logarithmic_scale():
    svg = learning_curves([Curves([1.0, 1e3, 1e6], [], 1)])
    (_, y0), (_, y1), (_, y2) = points(svg, TRAINING)
    assert "log scale" in svg
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)


def test_long_trainings_are_thinned_and_losses_that_are_not_finite_left_out():
    svg = learning_curves([Curves([float(n) for n in range(5000, 0, -1)], [], 5000)])
    assert len(points(svg, TRAINING)) <= 242
    assert len(points(learning_curves([Curves([2.0, float("inf"), 1.0], [], 3)]), TRAINING)) == 4
    assert learning_curves([Curves([float("nan")], [], 1)]) == ""
