"""X and y of an ensemble: errors name the problem and a remedy."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing import TableEncoder

RNG = np.random.RandomState(0)
X = pd.DataFrame(RNG.normal(size=(40, 3)), columns=["a", "b", "c"])
Y = (X["a"] > 0).astype(int).to_numpy()
CLASSIFIER = FoldEnsembleClassifier(
    make_pipeline(TableEncoder("passthrough"), LogisticRegression()), cv=2, shared_steps=True
)
REGRESSOR = FoldEnsembleRegressor(LinearRegression(), cv=2)
each = pytest.mark.parametrize("model", [CLASSIFIER, REGRESSOR])


@each
def test_the_name_of_a_column_is_no_target(model):
    df = X.assign(target=Y)
    with pytest.raises(DataError, match=r"^y='target' is text.*: (fit\(.*\))\.$") as error:
        model.fit(df, "target")
    model_fitted = eval(f"model.{str(error.value).split(': ')[1][:-1]}", {"model": model, "df": df})
    assert model_fitted.n_features_in_ == 3


@each
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("form", [np.array, list, pd.Series, pd.DataFrame])
def test_missing_and_infinite_targets_are_counted(model, bad, form):
    y = Y.astype(float)
    y[[3, 5]] = bad
    with pytest.raises(DataError, match=r"^Input y contains .*: 2 of 40 rows, .*position 3\. Drop"):
        model.fit(X, form(y))


def test_text_that_looks_like_a_missing_number_is_a_label():
    labels = np.array(["1", "nan"])[Y]
    assert CLASSIFIER.fit(X, labels).classes_.tolist() == ["1", "nan"]


@each
def test_a_row_of_a_frame_is_no_table(model):
    model.fit(X, Y)
    with pytest.raises(DataError, match=r"^X is a Series.* X\.iloc\[\[0\]\]"):
        model.predict(X.iloc[0])
    assert model.predict(X.iloc[[0]]).shape == (1,)


@each
def test_the_remedy_for_other_columns(model):
    model.fit(X, Y)
    with pytest.raises(DataError, match=r"(?s)now missing:\n- b\nRename or add these columns"):
        model.predict(X.drop(columns="b"))
    for other in (X[["c", "b", "a"]], X.assign(d=0)):
        with pytest.raises(DataError, match=r"(?s)\nPass X\[model.feature_names_in_\], with"):
            model.predict(other)
        expected = model.predict(X)
        np.testing.assert_allclose(model.predict(other[model.feature_names_in_]), expected)


@each
def test_of_an_array_only_the_ensemble_misses_the_names(model):
    expected = model.fit(X, Y).predict(X)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.testing.assert_array_equal(model.predict(X.to_numpy()), expected)
    assert [str(warning.message).split()[8] for warning in caught] == [type(model).__name__]
