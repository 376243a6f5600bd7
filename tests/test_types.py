"""The types of the public interface, as a user's type checker sees them.

`make types` checks each `assert_type`, and that each line with a "type: ignore" is an error. pytest
runs the same lines, and compares the values with the types.
"""

from pathlib import Path
from types import UnionType
from typing import Any, assert_type, get_type_hints

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import sknn_tips
from sknn_tips import (
    MLPClassifier,
    MLPRegressor,
    datasets,
    diagnose,
    evaluate,
    learning_rate_range,
    load_model,
    load_weights,
    report,
    save_model,
    save_weights,
    stacked,
    summary,
    tabular_pipeline,
)
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.estimators.fitted import FittedMLP
from sknn_tips.inspection.diagnosis import Diagnosis
from sknn_tips.inspection.reporting import Report
from sknn_tips.inspection.summarising import Summary
from sknn_tips.plotting import LearningRateRangeDisplay, TrainingHistoryDisplay
from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    TableCleaner,
    TableEncoder,
)
from sknn_tips.tips.tip import Tip

X: NDArray = np.random.default_rng(0).standard_normal((60, 3))
Y: NDArray = (X[:, 0] > 0).astype(int)


def classifier() -> MLPClassifier:
    return MLPClassifier(4, max_iter=3, tol=None, random_state=0)


def regressor() -> MLPRegressor:
    return MLPRegressor(hidden_layer_sizes="4x2", max_iter=3, tol=None, random_state=0)


def test_methods_of_the_classifier() -> None:
    net = assert_type(classifier().fit(X, Y, X_val=X, y_val=Y), MLPClassifier)
    assert net is assert_type(net.partial_fit(X, Y), MLPClassifier)
    assert net is assert_type(net.set_params(alpha=0.1), MLPClassifier)
    assert isinstance(assert_type(net.predict(X), NDArray), np.ndarray)
    assert isinstance(assert_type(net.predict_proba(X), NDArray), np.ndarray)
    assert isinstance(assert_type(net.predict_log_proba(X), NDArray), np.ndarray)
    assert isinstance(assert_type(net.decision_function(X), NDArray), np.ndarray)
    assert isinstance(assert_type(net.classes_, NDArray), np.ndarray)
    assert isinstance(assert_type(net.score(X, Y), float), float)


def test_methods_of_the_regressor() -> None:
    net = assert_type(regressor().fit(X, Y, np.ones(60)), MLPRegressor)
    assert net is assert_type(net.partial_fit(X, Y), MLPRegressor)
    assert net is assert_type(net.set_params(alpha=0.1), MLPRegressor)
    assert isinstance(assert_type(net.predict(X), NDArray), np.ndarray)
    assert isinstance(assert_type(net.score(X, Y), float), float)


def test_a_subclass_keeps_its_type() -> None:
    class Own(MLPClassifier):
        """A class of the user."""

    assert isinstance(assert_type(Own(4, max_iter=2, tol=None).fit(X, Y), Own), Own)


def test_fitted_attributes() -> None:
    net = classifier().fit(X, Y)
    assert_type(net.loss_, float)
    assert_type(net.loss_curve_, list[float])
    assert_type(net.best_loss_, float | None)
    assert_type(net.validation_scores_, list[float] | None)
    assert_type(net.best_validation_score_, float | None)
    assert_type(net.best_epoch_, int)
    assert_type(net.n_iter_, int)
    assert_type(net.n_features_in_, int)
    assert_type(net.coefs_, list[NDArray])
    assert_type(net.stop_reason_, str)
    assert_type(net.device_, str)
    assert isinstance(assert_type(net.history_, pd.DataFrame), pd.DataFrame)
    assert_type(net.tips_, list[Tip])


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("made", [classifier, regressor])
def test_fitted_attributes_have_the_types_that_are_written(made: Any, early_stopping: bool) -> None:
    stopping = {"early_stopping": True, "validation_fraction": 0.5} if early_stopping else {}
    net = made().set_params(**stopping)
    net.fit(pd.DataFrame(X, columns=["a", "b", "c"]), Y)
    types = get_type_hints(FittedMLP)
    assert len(types) > 15
    for name, expected in types.items():
        value = getattr(net, name)
        if isinstance(expected, UnionType):  # float | None
            expected = expected.__args__[0] if value is not None else type(None)
        assert isinstance(value, getattr(expected, "__origin__", expected)), name
        if getattr(expected, "__origin__", None) is list:
            [member] = expected.__args__
            member = getattr(member, "__origin__", member)
            assert all(isinstance(item, member) for item in value), name


def test_misspelt_names_are_errors() -> None:
    with pytest.raises(TypeError, match="droput"):
        MLPClassifier(droput=0.1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="loss_params"):
        MLPClassifier(loss_params={})  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="X_valid"):
        classifier().fit(X, Y, X_valid=X)  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="MLPClasifier"):
        _ = sknn_tips.MLPClasifier  # type: ignore[attr-defined]


def test_functions_of_a_model() -> None:
    net = classifier().fit(X, Y)
    assert isinstance(assert_type(summary(net), Summary), Summary)
    assert isinstance(assert_type(evaluate(net, X, Y), dict[str, float]), dict)
    diagnosis = assert_type(diagnose(net, X, Y), Diagnosis)
    assert isinstance(assert_type(diagnosis.to_frame(), pd.DataFrame), pd.DataFrame)
    page = assert_type(report(net, X, Y), Report)
    assert isinstance(assert_type(page.html, str), str)
    assert isinstance(assert_type(page.text, str), str)
    with stacked():
        net.fit(X, Y)


def test_displays() -> None:
    pytest.importorskip("matplotlib")
    net = classifier().fit(X, Y)
    display = assert_type(TrainingHistoryDisplay.from_estimator(net), TrainingHistoryDisplay)
    assert display is assert_type(display.plot(), TrainingHistoryDisplay)
    found = assert_type(
        learning_rate_range(net, X, Y, n_updates=20, lowest=1e-3), LearningRateRangeDisplay
    )
    assert isinstance(found, LearningRateRangeDisplay)


def test_files(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    net = classifier().fit(X, Y)
    save_model(net, tmp_path / "model.safetensors")
    # Any, since the file determines the class; annotate it: net: MLPClassifier = load_model(...).
    assert isinstance(assert_type(load_model(tmp_path / "model.safetensors"), Any), MLPClassifier)
    save_weights(net, str(tmp_path / "weights.safetensors"))
    assert load_weights(net, str(tmp_path / "weights.safetensors")) is net


def test_tables() -> None:
    model = assert_type(
        tabular_pipeline("classifier", cv=2), FoldEnsembleClassifier | FoldEnsembleRegressor
    )
    assert isinstance(model, FoldEnsembleClassifier)
    ensemble = FoldEnsembleClassifier(classifier(), cv=2, random_state=0)
    assert ensemble is assert_type(ensemble.fit(X, Y), FoldEnsembleClassifier)
    assert isinstance(assert_type(ensemble.predict_proba(X), NDArray), np.ndarray)
    assert isinstance(assert_type(ensemble.classes_, NDArray), np.ndarray)
    assert isinstance(assert_type(ensemble.score(X, Y), float), float)
    assert isinstance(assert_type(ensemble.oof_score_, float), float)


def test_transformers() -> None:
    scaler = assert_type(SquashingScaler().fit(X), SquashingScaler)
    assert isinstance(assert_type(scaler.transform(X), NDArray), np.ndarray)
    bins = assert_type(PiecewiseLinearEncoder().fit(X), PiecewiseLinearEncoder)
    assert isinstance(assert_type(bins.transform(X), NDArray), np.ndarray)
    cleaner = assert_type(TableCleaner().fit(X), TableCleaner)
    assert isinstance(assert_type(cleaner.transform(X), pd.DataFrame), pd.DataFrame)
    encoder = assert_type(TableEncoder().fit(X), TableEncoder)
    assert isinstance(assert_type(encoder.transform(X), NDArray[np.float32]), np.ndarray)


def test_data_sets() -> None:
    inputs, target = datasets.load_xor(return_X_y=True)
    assert len(inputs) == len(target) == 4
    assert isinstance(assert_type(datasets.is_available("mnist"), bool), bool)
