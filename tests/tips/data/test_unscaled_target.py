import numpy as np
import pytest

from sknn_tips.tips.record import Columns

CODE = "unscaled-target"


@pytest.mark.parametrize(("scale", "shift"), [(77, 152), (1e-4, 0)])
def test_normalising_cures_it(cure, regressor, diabetes, scale, shift):
    X, X_val, y, y_val = diabetes
    data = X, X_val, y * scale + shift, y_val * scale + shift
    tip, cured = cure(CODE, regressor(max_iter=20), data)
    assert f"deviation {np.std(y * scale):.3g}" in tip.seen
    assert cured.normalize_y


@pytest.mark.parametrize("y", [np.arange(10.0), np.full(10, 2.0)], ids=["digits", "constant"])
def test_small_numbers_and_constants_are_fine(y, finding):
    assert finding(CODE, loss="SquaredError", target=Columns.of(y[:, None])) is None


@pytest.mark.parametrize(
    ("change", "which"),
    [
        (lambda y: np.c_[y, 1e-3 * y], "column 1"),
        (lambda y: np.c_[9 + 0.05 * y, y], "column 0"),
        (lambda y: 0 * y + 5000, "y has the mean 5e+03"),
    ],
    ids=["one tiny", "far from 0", "constant"],
)
def test_what_the_output_layer_can_hardly_reach_is_noticed_and_cured(
    regressor, diabetes, change, which
):
    X, _, y, _ = diabetes
    sick = regressor(max_iter=60, tips="ignore").fit(X, change(y))
    (tip,) = [tip for tip in sick.tips_ if tip.code == CODE]
    assert which in tip.seen
    cured = regressor(max_iter=60, tips="ignore", **tip.remedy).fit(X, change(y))
    assert CODE not in [tip.code for tip in cured.tips_]
    unit = np.where(change(y).std(axis=0) > 1e-9, change(y).std(axis=0), 1)
    wrong = [np.mean(np.abs(est.predict(X) - change(y)) / unit) for est in (sick, cured)]
    assert wrong[1] < 0.5 * wrong[0]


def test_if_y_is_scaled_by_the_first_call_that_call_is_the_remedy(regressor, diabetes):
    X, _, y, _ = diabetes
    model = regressor(normalize_y=True, tips="ignore").partial_fit(X, y)
    assert CODE not in [tip.code for tip in model.tips_]
    (tip,) = [tip for tip in model.partial_fit(X, 1000 * y).tips_ if tip.code == CODE]
    assert "although it is scaled as in the first call" in tip.seen
    assert "normalize_y" not in tip.advice
    assert "start again" in tip.advice


def test_the_worst_of_several_outputs_counts(finding, rng):
    Y = rng.normal(size=(100, 2)) * (1, 500)
    assert "column 1" in finding(CODE, loss="Huber", target=Columns.of(Y)).seen


@pytest.mark.parametrize(
    ("loss", "target", "why"),
    [
        ("SoftmaxLogLoss", None, "classifier"),
        ("PoissonLoss", Columns.of(np.arange(100.0)[:, None]), "logarithm"),
        ("SquaredError", Columns.of(np.arange(4.0)[:, None] * 100), "few samples"),
    ],
)
def test_not_applicable(loss, target, why, finding):
    assert why in finding(CODE, loss=loss, target=target)
