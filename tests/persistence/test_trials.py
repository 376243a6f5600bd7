"""Forged values of this package's transformers and ensembles are found at loading."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.persistence.object_graph import parts_of
from sknn_tips.persistence.trials import check_ours
from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    TableCleaner,
    TableEncoder,
)

X = np.arange(24.0).reshape(12, 2)
Y = np.arange(12) % 2
TABLE = pd.DataFrame(X, columns=["a", "b"]).assign(city=["Rome", "Oslo", None] * 4)


def check(model):
    check_ours(part for _, part in parts_of(model))


def forged(model, **attributes):
    vars(model).update(attributes)
    return model


def test_what_is_fitted_or_not_passes():
    for encoder in (PiecewiseLinearEncoder(), SquashingScaler(), TableCleaner(), TableEncoder()):
        check(encoder)
        check(encoder.fit(X, Y))
    check(TableEncoder().fit(TABLE, Y))
    check(TableCleaner().fit(TABLE))
    check(FoldEnsembleClassifier(LogisticRegression(), cv=2))
    check(FoldEnsembleClassifier(LogisticRegression(), cv=2).fit(X, Y))
    for y in (Y, X, X[:, 0]):
        check(FoldEnsembleRegressor(LinearRegression(), cv=2).fit(X, y))


@pytest.mark.parametrize(
    "attributes",
    [{"bin_edges_": 3}, {"bin_edges_": [None, []]}, {"scaler_": None}, {"n_features_in_": 5}],
    ids=str,
)
def test_an_encoder(attributes):
    with pytest.raises((ValueError, TypeError, AttributeError)):
        check(forged(PiecewiseLinearEncoder().fit(X), **attributes))


def test_a_scaler():
    for center in ("a", np.zeros(3), np.zeros((4, 2)), None):
        with pytest.raises((ValueError, TypeError)):
            check(forged(SquashingScaler().fit(X), center_=center))


def test_tables():
    with pytest.raises((ValueError, TypeError)):
        check(forged(TableCleaner().fit(TABLE), columns_=[]))
    with pytest.raises((ValueError, TypeError, AttributeError)):
        check(forged(TableEncoder().fit(TABLE, Y), transformer_=3))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"estimators_": {"logisticregression": 3}}, "are 3, not a list"),
        ({"estimators_": {"logisticregression": []}}, "not a list"),
        ({"weights_": {"logisticregression": "a"}}, "weight of 'logisticregression' is 'a'"),
        ({"temperatures_": {"logisticregression": None}}, "temperature is None"),
        ({"classes_": [0, 1]}, "not an array of labels"),
        ({"classes_": np.array([0, 7])}, "a member has classes"),
        ({"classes_": np.array(3)}, "not an array of labels"),
    ],
    ids=str,
)
def test_an_ensemble_of_classifiers(attributes, message):
    model = FoldEnsembleClassifier(LogisticRegression(), cv=2).fit(X, Y)
    with pytest.raises(ValueError, match=message):
        check(forged(model, **attributes))


@pytest.mark.parametrize("attributes", [{"_scale": "a"}, {"_range": (None, 1.0)}], ids=str)
def test_an_ensemble_of_regressors(attributes):
    model = FoldEnsembleRegressor(LinearRegression(), cv=2).fit(X, Y)
    with pytest.raises(ValueError, match="scale or range of y"):
        check(forged(model, **attributes))


@pytest.mark.parametrize("name", ["estimators_", "steps_", "weights_"])
def test_an_ensemble_that_lacks_a_part(name):
    model = FoldEnsembleRegressor(LinearRegression(), cv=2).fit(X, Y)
    del vars(model)[name]
    with pytest.raises(AttributeError, match=name):
        check(model)


def test_an_ensemble_with_steps_that_are_none():
    model = FoldEnsembleRegressor(LinearRegression(), cv=2).fit(X, Y)
    with pytest.raises(ValueError, match="the steps of 'linearregression' are 3"):
        check(forged(model, steps_={"linearregression": 3}))
