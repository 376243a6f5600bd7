import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from sknn_tips.preprocessing import PiecewiseLinearEncoder, TableEncoder
from sknn_tips.preprocessing.table_encoder import _name_out

TABLE = pd.DataFrame(
    {
        "age": [20.0, 30, None, 40, 50],
        "color": ["red", "blue", "green", "red", None],
        "member": [True, False, True, True, False],
        "rooms": [1, 2, 3, 4, 5],
    },
    index=[5, 6, 7, 8, 9],
)


def plain(**options):
    return TableEncoder(numeric="passthrough", **options).set_output(transform="pandas")


def test_numbers_then_missing_indicators_then_levels():
    expected = pd.DataFrame(
        {
            "age": [20.0, 30, 35, 40, 50],
            "rooms": [1, 2, 3, 4, 5],
            "age_missing": [0, 0, 1, 0, 0],
            "color_blue": [0, 1, 0, 0, 0],
            "color_green": [0, 0, 1, 0, 0],
            "color_red": [1, 0, 0, 1, 0],
            "color_nan": [0, 0, 0, 0, 1],
            "member_True": [1, 0, 1, 1, 0],
        },
        index=TABLE.index,
        dtype=np.float32,
    )
    before = TABLE.copy()
    encoder = plain()
    pd.testing.assert_frame_equal(encoder.fit_transform(TABLE), expected)
    pd.testing.assert_frame_equal(encoder.transform(TABLE), expected)
    pd.testing.assert_frame_equal(TABLE, before)


def test_what_is_missing_only_later_is_replaced_by_median_or_most_frequent_level():
    encoder = plain().fit(TABLE)
    new = pd.DataFrame({"age": [None], "color": ["pink"], "member": [None], "rooms": [None]})
    (row,) = encoder.transform(new).to_dict("records")
    assert row["age"] == 35
    assert row["age_missing"] == 1
    assert row["rooms"] == 3
    assert row["member_True"] == 1
    assert row["color_nan"] == 1  # unseen, and missing is a level of this column


def test_unseen_levels_are_infrequent_where_there_is_such_a_level():
    X = pd.DataFrame({"a": list("xxxyyz")})
    encoder = plain(max_levels=1).fit(X)
    encoded = encoder.transform(pd.DataFrame({"a": ["x", "y", "new", None]}))
    assert list(encoded) == ["a_x"]
    assert encoded["a_x"].tolist() == [1, 0, 0, 1]


def test_numbers_are_encoded_piecewise_by_default(rng):
    X = rng.normal(size=(100, 2))
    encoder = TableEncoder().fit(X)
    expected = PiecewiseLinearEncoder().fit_transform(X)
    encoded = encoder.transform(X)
    assert encoded.dtype == np.float32
    assert encoded.flags.c_contiguous
    assert_allclose(encoded, expected, atol=1e-6)
    assert list(encoder.get_feature_names_out()[[0, 1, 17]]) == ["x0", "x0_bin0", "x1"]


@pytest.mark.parametrize("categorical", [None, OneHotEncoder(handle_unknown="ignore")])
def test_results_are_dense(categorical):
    encoded = TableEncoder(categorical=categorical).fit_transform(TABLE)
    assert isinstance(encoded, np.ndarray)
    assert encoded.dtype == np.float32


def test_tables_of_one_kind_of_column():
    for columns in (["age", "rooms"], ["color", "member"]):
        X = TABLE[columns]
        encoder = plain()
        both = plain().fit_transform(TABLE)
        encoded = encoder.fit_transform(X)
        pd.testing.assert_frame_equal(encoded, both[list(encoded)])


def test_drop():
    assert TableEncoder("drop").fit(TABLE).get_feature_names_out()[0] == "color_blue"
    encoder = TableEncoder("passthrough", "drop").fit(TABLE)
    assert list(encoder.get_feature_names_out()) == ["age", "rooms", "age_missing"]


def test_one_row():
    encoder = TableEncoder().fit(TABLE)
    encoded = encoder.transform(TABLE)
    for i in range(len(TABLE)):
        assert_array_equal(encoder.transform(TABLE.iloc[[i]]), encoded[[i]])


def test_an_array_of_bools():
    X = np.array([[True, False], [False, False], [True, True]])
    encoder = TableEncoder()
    assert_array_equal(encoder.fit_transform(X), X)
    assert list(encoder.get_feature_names_out()) == ["x0_True", "x1_True"]


def test_polars_and_arrays_give_what_pandas_gives():
    polars = pytest.importorskip("polars", reason="polars is optional")
    encoder = TableEncoder().fit(TABLE)
    expected = encoder.transform(TABLE)
    values = TABLE.astype(object).where(TABLE.notna(), None)
    table = polars.DataFrame({name: column.tolist() for name, column in values.items()})
    assert_array_equal(encoder.transform(table), expected)
    assert_array_equal(TableEncoder().fit_transform(table), expected)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but TableEncoder"):
        assert_array_equal(encoder.transform(TABLE.to_numpy(object)), expected)
    unnamed = TableEncoder().fit(TABLE.to_numpy(object))
    assert_array_equal(unnamed.transform(TABLE.to_numpy(object).tolist()), expected)


def test_another_table_is_an_error_of_scikit_learn():
    encoder = TableEncoder().fit(TABLE)
    with pytest.raises(ValueError, match="yet now missing:\n- color"):
        encoder.transform(TABLE.drop(columns="color"))
    with pytest.raises(ValueError, match="3 features, but TableEncoder is expecting 2"):
        TableEncoder().fit(np.eye(2)).transform(np.eye(3))


class CrossFitted(TransformerMixin, BaseEstimator):
    """As TargetEncoder: fit_transform gives something else than transform, and needs y."""

    def fit(self, X, y):
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X, y):
        self.mean_ = np.mean(y)
        return np.asarray(y)[:, None]

    def transform(self, X):
        return np.full((len(X), 1), self.mean_)


def test_fit_transform_is_that_of_a_transformer_that_cross_fits():
    encoder = TableEncoder("drop", CrossFitted())
    y = [1, 2, 3, 4, 5]
    assert_array_equal(encoder.fit_transform(TABLE, y), np.c_[y])
    assert_array_equal(encoder.transform(TABLE), [[3]] * 5)


def test_target_encoder(rng):
    X = pd.DataFrame({"a": list("xyz") * 20})
    y = (X["a"] == "y") * 1.0
    encoded = TableEncoder(categorical=TargetEncoder(smooth=0)).fit(X, y).transform(X)
    assert_allclose(encoded.ravel(), y)


def test_y_reaches_the_tree_bins(rng):
    X, y = rng.normal(size=(100, 1)), rng.normal(size=100)
    numeric = PiecewiseLinearEncoder(strategy="tree")
    assert_allclose(
        TableEncoder(numeric).fit_transform(X, y), numeric.fit_transform(X, y), atol=1e-6
    )
    with pytest.raises(ValueError, match="requires y"):
        TableEncoder(numeric).fit(X)


def test_parameters_of_the_parts_can_be_searched():
    encoder = TableEncoder(numeric=PiecewiseLinearEncoder(), categorical=OneHotEncoder())
    encoder.set_params(numeric__n_bins=2, categorical__drop="first")
    assert list(encoder.fit(TABLE).get_feature_names_out()[:3]) == ["age", "age_bin0", "age_bin1"]
    model = make_pipeline(encoder, DecisionTreeClassifier(random_state=0))
    grid = {
        "tableencoder__numeric__n_bins": [2, 4],
        "tableencoder__numeric": [PiecewiseLinearEncoder(), StandardScaler(), "passthrough"],
    }
    repeated = pd.concat([TABLE] * 6)
    search = GridSearchCV(model, [{k: v} for k, v in grid.items()], cv=2, error_score="raise")
    assert search.fit(repeated, repeated["member"]).best_score_ == 1


def test_the_given_transformers_are_not_fitted():
    numeric = StandardScaler()
    TableEncoder(numeric).fit(TABLE)
    assert not hasattr(numeric, "mean_")


class Halves(TransformerMixin, BaseEstimator):
    """A transformer without names and set_output."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.asarray(X) / 2


@pytest.mark.parametrize("output", ["default", "pandas"])
@pytest.mark.parametrize(
    "numeric", [Halves(), StandardScaler().set_output(transform="pandas"), None]
)
def test_global_and_own_output_settings_do_not_matter_inside(numeric, output):
    expected = TableEncoder(numeric).fit_transform(TABLE)
    encoder = TableEncoder(numeric).set_output(transform="default")
    with config_context(transform_output=output):
        assert_array_equal(encoder.fit_transform(TABLE), expected)
        assert_array_equal(encoder.transform(TABLE), expected)


def test_ordinal_codes():
    encoded = plain(categorical=OrdinalEncoder(encoded_missing_value=-1)).fit_transform(TABLE)
    assert encoded["color"].tolist() == [2, 0, 1, 2, -1]


def test_survives_pickle_and_clone():
    encoder = TableEncoder(StandardScaler(), max_levels=2).fit(TABLE)
    copy = pickle.loads(pickle.dumps(encoder))
    assert_array_equal(copy.transform(TABLE), encoder.transform(TABLE))
    assert list(copy.get_feature_names_out()) == list(encoder.get_feature_names_out())
    assert clone(encoder).get_params()["max_levels"] == 2


@pytest.mark.parametrize(
    "parameters", [{"numeric": "bins"}, {"categorical": "passthrough"}, {"max_levels": 0}]
)
def test_impossible_parameters(parameters):
    with pytest.raises(ValueError, match=f"'{next(iter(parameters))}' parameter"):
        TableEncoder(**parameters).fit(TABLE)


def test_names_that_look_like_those_of_indicators():
    X = pd.DataFrame({"a__b": [1.0, None], "missingindicator_a__b": [1.0, 2.0]})
    names = ["a__b", "missingindicator_a__b", "a__b_missing"]
    assert list(TableEncoder("passthrough").fit(X).get_feature_names_out()) == names


def test_an_encoder_in_a_file_of_an_earlier_version_has_the_same_names():
    encoder = plain().fit(TABLE)
    names = list(encoder.get_feature_names_out())
    encoder.transformer_.verbose_feature_names_out = _name_out
    assert list(encoder.get_feature_names_out()) == names
    assert list(encoder.transform(TABLE)) == names
