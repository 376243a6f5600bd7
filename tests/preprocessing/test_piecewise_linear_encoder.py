import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from sknn_tips.exceptions import DataError
from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    piecewise_linear_encoder,
)

columns = arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.floats(-1e6, 1e6, allow_subnormal=False) | st.integers(-3, 3).map(float),
)


def formula(x, edges):
    """Return the encoding of one feature, as the paper has it."""
    return np.clip((x[:, None] - edges[:-1]) / np.diff(edges), 0, 1)


def test_is_the_formula_of_the_paper_beside_the_scaled_number(rng):
    X = rng.normal(size=(300, 2)) * [1, 100]
    encoded = PiecewiseLinearEncoder(n_bins=8).fit_transform(X)
    assert encoded.shape == (300, 18)
    assert_array_equal(encoded[:, [0, 9]], SquashingScaler().fit_transform(X))
    for j, block in enumerate((encoded[:, 1:9], encoded[:, 10:])):
        edges = np.quantile(X[:, j], np.linspace(0, 1, 9))
        assert_allclose(block, formula(X[:, j], edges), rtol=1e-12, atol=1e-12)


@settings(deadline=None)
@given(columns, st.integers(2, 20))
def test_components_rise_with_x_and_give_it_back(x, n_bins):
    encoder = PiecewiseLinearEncoder(n_bins).fit(x[:, None])
    (edges,) = encoder.bin_edges_
    assert len(edges) <= n_bins + 1
    assert (edges[0], edges[-1]) == (x.min(), x.max())
    assert (np.diff(edges) > 0).all()
    new = np.sort(np.r_[x, edges, x.min() - 1, x.max() + 1, -np.inf, np.inf])
    encoded = encoder.transform(new[:, None])
    components = encoded[:, 1:]
    assert components.shape[1] == (len(edges) - 1 if len(edges) > 2 else 0)
    assert (np.diff(encoded[:, 0]) >= -1e-15).all()  # the scaled number: but for rounding
    assert (components[1:] >= components[:-1]).all()
    assert ((components >= 0) & (components <= 1)).all()
    if components.size:
        back = edges[0] + components @ np.diff(edges)
        assert_allclose(back, np.clip(new, x.min(), x.max()), atol=1e-9 * np.abs(x).max())


def test_the_bins_of_a_mostly_zero_feature_are_where_it_is_not_zero(rng):
    positive = rng.exponential(size=100)
    x = np.r_[np.zeros(900), positive]
    (edges,) = PiecewiseLinearEncoder().fit(x[:, None]).bin_edges_
    # 1000 samples in 16 bins are 62.5 a bin: 100 samples make three of at least half as many
    assert_array_equal(edges, np.r_[0, np.quantile(positive, [0, 1 / 3, 2 / 3, 1])])


def test_frequent_values_are_edges():
    x = np.repeat(np.arange(6.0), [500, 300, 100, 50, 2, 1])
    (edges,) = PiecewiseLinearEncoder().fit(x[:, None]).bin_edges_
    assert_array_equal(edges, [0, 1, 2, 3, 5])  # two fours and a five share a bin


@pytest.mark.parametrize("x", [[4.0, 4.0, 4.0], [0.0, 1.0, 1.0], [5.0], [np.nan, 2.0]])
def test_features_of_fewer_than_two_bins_have_the_scaled_number_alone(x):
    X = np.array(x)[:, None]
    encoder = PiecewiseLinearEncoder().fit(X)
    assert_array_equal(encoder.transform(X), SquashingScaler().fit_transform(X))
    assert list(encoder.get_feature_names_out()) == ["x0"]


def test_missing_and_infinite_numbers(rng):
    x = np.r_[rng.normal(size=50), np.nan, np.inf, -np.inf]
    encoder = PiecewiseLinearEncoder(n_bins=4).fit(x[:, None])
    assert_array_equal(
        encoder.bin_edges_, PiecewiseLinearEncoder(n_bins=4).fit(x[:50, None]).bin_edges_
    )
    missing, largest, smallest = encoder.transform(x[50:, None])
    assert np.isnan(missing).all()
    assert_array_equal(largest, [3, 1, 1, 1, 1])
    assert_array_equal(smallest, [-3, 0, 0, 0, 0])


def test_an_all_missing_feature_stays_missing():
    X = np.array([[np.nan, 1.0], [np.nan, 2.0], [np.nan, 3.0]])
    encoder = PiecewiseLinearEncoder(n_bins=2).fit(X)
    assert len(encoder.bin_edges_[0]) == 0
    assert_array_equal(encoder.transform(X)[1], [np.nan, 0, 1, 0])


TARGETS = {
    "binary": (lambda x: np.where(np.abs(x) < 0.4, "in", "out"), DecisionTreeClassifier),
    "multiclass": (lambda x: np.digitize(x, [-1, 0, 0.7]), DecisionTreeClassifier),
    "continuous": (lambda x: np.sin(3 * x), DecisionTreeRegressor),
    "counts": (lambda x: np.round(1e4 * np.exp(x)).astype(int), DecisionTreeRegressor),
    "two outputs": (lambda x: np.c_[x > 0, x > 1].astype(float), DecisionTreeRegressor),
}


@pytest.mark.parametrize(("target", "tree"), TARGETS.values(), ids=list(TARGETS))
def test_tree_edges_are_the_thresholds_of_a_tree(rng, target, tree):
    X = rng.normal(size=(400, 2)).astype(np.float32)
    y = target(X[:, 0])
    encoder = PiecewiseLinearEncoder(n_bins=6, strategy="tree").fit(X, y)
    for x, edges in zip(X.T, encoder.bin_edges_, strict=True):
        fitted = tree(max_leaf_nodes=6, min_samples_leaf=3, random_state=0).fit(x[:, None], y)
        thresholds = fitted.tree_.threshold[fitted.tree_.feature >= 0]
        assert_allclose(edges, np.unique(np.r_[x.min(), thresholds, x.max()]), rtol=1e-6)


def test_tree_edges_of_numbers_that_float32_cannot_tell_apart(rng):
    x = 1.7e9 + np.arange(200) / 10
    (edges,) = PiecewiseLinearEncoder(strategy="tree").fit(x[:, None], x > x[120]).bin_edges_
    assert_allclose(edges, [x[0], (x[120] + x[121]) / 2, x[-1]], rtol=1e-15)
    (edges,) = PiecewiseLinearEncoder(strategy="tree").fit(x[:, None] * 1e60, x > x[9]).bin_edges_
    assert len(edges) == 3


def test_tree_leaves_out_missing_numbers(rng):
    X = rng.normal(size=(100, 1))
    y = X[:, 0] > 0
    encoder = PiecewiseLinearEncoder(strategy="tree")
    expected = clone(encoder).fit(X, y).bin_edges_
    X_missing, y_missing = np.r_[X, [[np.nan], [np.inf]]], np.r_[y, True, False]
    assert_array_equal(encoder.fit(X_missing, y_missing).bin_edges_, expected)
    assert len(encoder.fit(np.full((3, 1), np.nan), [0, 1, 0]).bin_edges_[0]) == 0


def test_tree_needs_y():
    with pytest.raises(DataError, match=r'strategy="tree" requires y .* set strategy="quantile"'):
        PiecewiseLinearEncoder(strategy="tree").fit([[1.0], [2.0]])


@pytest.mark.parametrize("parameters", [{"n_bins": 1}, {"strategy": "uniform"}])
def test_impossible_parameters(parameters):
    with pytest.raises(ValueError, match=f"'{next(iter(parameters))}' parameter"):
        PiecewiseLinearEncoder(**parameters).fit([[1.0], [2.0]])


def test_float32_stays_float32(rng):
    X = rng.normal(size=(50, 3))
    encoder = PiecewiseLinearEncoder().fit(X)
    narrow = encoder.transform(X.astype(np.float32))
    assert narrow.dtype == np.float32
    assert_allclose(narrow, encoder.transform(X), atol=1e-5)


def test_memory_is_that_of_the_result(rng):
    X = rng.normal(size=(20_000, 20)).astype(np.float32)
    encoder = PiecewiseLinearEncoder().fit(X)
    tracemalloc.start()
    encoded = encoder.transform(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.3 * encoded.nbytes


def test_names_and_output_container(rng):
    X = pd.DataFrame({"age": rng.normal(size=9), "sex": [0, 1, 1] * 3}, index=range(10, 19))
    encoder = PiecewiseLinearEncoder(n_bins=2).set_output(transform="pandas")
    encoded = encoder.fit_transform(X)
    assert list(encoded) == ["age", "age_bin0", "age_bin1", "sex"]
    assert encoded.index.equals(X.index)
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        encoder.get_feature_names_out(["a", "b"])


def test_the_bound_of_the_scaled_number(rng):
    X = rng.normal(size=(30, 1))
    encoded = PiecewiseLinearEncoder(max_absolute_value=1.0).fit_transform(X)
    assert_array_equal(encoded[:, :1], SquashingScaler(1.0).fit_transform(X))


def codes_of_shops(rng, n_shops=60, n=1500):
    """Return codes without an order, as numbers, and a target that differs from shop to shop."""
    shop = rng.randint(0, n_shops, n)
    return shop * 1.0, rng.normal(size=n_shops)[shop] + rng.normal(size=n) / 2


@pytest.mark.parametrize("kind", ["numbers", "classes", "outputs", "indicators"])
def test_each_value_is_an_edge_where_the_bins_do_not_suffice(rng, kind):
    shop, y = codes_of_shops(rng)
    smooth = rng.randint(0, 60, 1500) * 1.0
    y = {
        "numbers": y + smooth / 30,
        "classes": np.where(y > 0, "high", "low"),
        "outputs": np.c_[smooth, y],
        "indicators": sparse.csr_matrix(np.c_[rng.rand(1500) > 0.5, y > 0].astype(int)),
    }[kind]
    encoder = PiecewiseLinearEncoder().fit(np.c_[smooth, shop], y)
    assert [len(edges) for edges in encoder.bin_edges_] == [17, 60]
    np.testing.assert_array_equal(encoder.bin_edges_[1], np.arange(60))
    assert PiecewiseLinearEncoder().fit(np.c_[shop]).bin_edges_[0].size == 17  # without y


def test_few_or_many_values_have_no_edges_of_their_own(rng):
    shop, y = codes_of_shops(rng)
    for largest in (0, 59):
        encoder = PiecewiseLinearEncoder(max_values=largest).fit(shop[:, None], y)
        assert len(encoder.bin_edges_[0]) == 17
    few = PiecewiseLinearEncoder().fit(shop[:, None] % 9, y)
    np.testing.assert_array_equal(few.bin_edges_[0], np.arange(9))


def test_noise_is_no_reason_for_edges(rng):
    X = rng.randint(0, 100, (800, 30)) * 1.0
    encoder = PiecewiseLinearEncoder().fit(X, rng.randint(0, 3, 800))
    assert {len(edges) for edges in encoder.bin_edges_} == {17}


def test_all_features_together_have_a_limited_number_of_edges(rng):
    shop, y = codes_of_shops(rng, n_shops=240, n=6000)
    X = np.stack([(shop * factor) % 241 for factor in (1, 2, 3, 4, 5, 6)], axis=1)
    encoder = PiecewiseLinearEncoder().fit(X, y)
    assert sorted(len(edges) for edges in encoder.bin_edges_) == [17, 17, 240, 240, 240, 240]


def test_many_samples_have_fewer_edges(rng, monkeypatch):
    shop, y = codes_of_shops(rng)
    for most, n_edges in ((59 * 1500, 17), (60 * 1500, 60)):
        monkeypatch.setattr(piecewise_linear_encoder, "MOST_CELLS", most)
        encoder = PiecewiseLinearEncoder().fit(shop[:, None], y)
        assert len(encoder.bin_edges_[0]) == n_edges


def test_missing_values_of_codes_are_left_out(rng):
    shop, y = codes_of_shops(rng)
    shop[:200] = np.nan
    y[:200] = 1e9
    encoder = PiecewiseLinearEncoder().fit(shop[:, None], y)
    np.testing.assert_array_equal(encoder.bin_edges_[0], np.arange(60))


@pytest.mark.parametrize(
    "y", [[None] * 1500, [np.nan] * 1500, [1.0, 2.0], "text"], ids=["None", "NaN", "few", "text"]
)
def test_a_target_that_is_none_leaves_the_bins(rng, y):
    shop, _ = codes_of_shops(rng)
    encoder = PiecewiseLinearEncoder().fit(shop[:, None], y)
    assert len(encoder.bin_edges_[0]) == 17


def test_an_encoder_of_an_earlier_version_has_the_bins_of_then(rng):
    shop, y = codes_of_shops(rng)
    state = PiecewiseLinearEncoder().fit(shop[:, None]).__getstate__()
    del state["max_values"]
    encoder = PiecewiseLinearEncoder()
    encoder.__setstate__(state)
    assert repr(encoder) == "PiecewiseLinearEncoder(max_values=0)"
    assert len(clone(encoder).fit(shop[:, None], y).bin_edges_[0]) == 17
