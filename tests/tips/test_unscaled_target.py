import numpy as np
import pytest

from sknn_tips.training.record import Columns

CODE = "unscaled-target"


@pytest.mark.parametrize(("scale", "shift"), [(77, 152), (1e-4, 0)])
def test_normalising_cures_it(cure, regressor, diabetes, scale, shift):
    X, X_val, y, y_val = diabetes
    data = X, X_val, y * scale + shift, y_val * scale + shift
    tip, cured = cure(CODE, regressor(max_iter=20), data)
    assert f"deviation {np.std(y * scale):.3g}" in tip.seen
    assert cured.normalize_y


@pytest.mark.parametrize("y", [np.arange(10.0), np.full(10, 1e6)], ids=["digits", "constant"])
def test_small_numbers_and_constants_are_fine(y, finding):
    assert finding(CODE, loss="SquaredError", target=Columns.of(y[:, None])) is None


def test_the_worst_of_several_outputs_counts(finding, rng):
    Y = rng.normal(size=(100, 2)) * (1, 500)
    assert "column 1" in finding(CODE, loss="Huber", target=Columns.of(Y)).seen


@pytest.mark.parametrize(
    ("loss", "target", "why"),
    [
        ("SoftmaxLogLoss", None, "classifier"),
        ("PoissonLoss", Columns.of(np.arange(100.0)[:, None]), "logarithms"),
        ("SquaredError", Columns.of(np.arange(4.0)[:, None] * 100), "few rows"),
    ],
)
def test_not_applicable(loss, target, why, finding):
    assert why in finding(CODE, loss=loss, target=target)
