"""Frames of polars as X and y."""

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor

polars = pytest.importorskip("polars", reason="polars is an optional input")

NET = {"hidden_layer_sizes": 16, "max_iter": 30, "tol": None, "random_state": 0}
NET |= {"learning_rate_init": 0.01}


@pytest.fixture
def frame(table):
    X, y = table(300, 0)
    return X.drop(columns="city").fillna(0.5), X["city"].fillna("?"), y


def test_names_and_predictions_are_those_of_pandas(frame):
    X, _, y = frame
    model = MLPRegressor(**NET).fit(polars.DataFrame(X.to_dict("list")), polars.Series(y))
    assert model.feature_names_in_.tolist() == list(X)
    expected = MLPRegressor(**NET).fit(X, y).predict(X)
    np.testing.assert_array_equal(model.predict(polars.DataFrame(X.to_dict("list"))), expected)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(polars.DataFrame(X.rename(columns=str.upper).to_dict("list")))


def test_steps_that_hand_frames_of_polars_on(frame):
    X, city, y = frame
    data = polars.DataFrame({**X.to_dict("list"), "city": city.tolist()})
    columns = make_column_transformer(
        (StandardScaler(), list(X)), (OneHotEncoder(sparse_output=False), ["city"])
    )
    model = make_pipeline(columns, MLPClassifier(**NET)).set_output(transform="polars")
    labels = polars.Series(np.where(y > np.median(y), "high", "low"))
    search = GridSearchCV(model, {"mlpclassifier__alpha": [1e-4, 1e3]}, cv=2)
    search.fit(data, labels)
    assert search.best_params_ == {"mlpclassifier__alpha": 1e-4}
    assert search.best_score_ > 0.7
    assert search.best_estimator_[-1].feature_names_in_[-1] == "onehotencoder__city_Rome"
