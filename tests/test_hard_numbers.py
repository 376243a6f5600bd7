"""Numbers and memory layouts at the edge: extreme values, many classes, every form of an array."""

import numpy as np
import pytest
from scipy import sparse

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.data import features
from sknn_tips.exceptions import NonFiniteWeightsError

RNG = np.random.RandomState(0)
WHOLE = RNG.randint(0, 2, (60, 5))  # each dtype can hold it
Y = (WHOLE.sum(axis=1) > 2).astype(int)
COMMON = {"max_iter": 4, "tol": None, "tips": "ignore", "random_state": 0}


def net(estimator=MLPClassifier, **changed):
    return estimator(**{"hidden_layer_sizes": 8, **COMMON, **changed})


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def read_only_csr(array):
    matrix = sparse.csr_array(array)
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix


def long_indices(array):
    matrix = sparse.csr_array(array)
    matrix.indices, matrix.indptr = (
        part.astype(np.int64) for part in (matrix.indices, matrix.indptr)
    )
    return matrix


DTYPES = ["f2", "f4", "f8", "g", "i1", "u1", "i4", "i8", "u8", "?", ">f2", ">f4", ">f8", ">i4", "O"]
FORMS = {
    **{f"dtype {name}": lambda X, name=name: X.astype(name) for name in DTYPES},
    "Fortran": lambda X: np.asfortranarray(X.astype(float)),
    "Fortran float32": lambda X: np.asfortranarray(X.astype(np.float32)),
    "read-only": lambda X: read_only(X.astype(float)),
    "read-only float32": lambda X: read_only(X.astype(np.float32)),
    "strided": lambda X: np.repeat(X.astype(np.float32), 2, axis=1)[:, ::2],
    "reversed": lambda X: X[::-1].astype(float)[::-1],
    "unaligned": lambda X: (
        np.frombuffer(b"x" + X.astype(float).tobytes(), np.uint8)[1:].view(float).reshape(X.shape)
    ),
    "csr of integers": sparse.csr_matrix,
    "csr of booleans": lambda X: sparse.csr_array(X.astype(bool)),
    "csr, read-only": lambda X: read_only_csr(X.astype(float)),
    "csr, 64-bit indices": lambda X: long_indices(X.astype(float)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"solver": "lbfgs"}], ids=str)
def test_every_form_of_an_array_trains_the_same_model(form, options):
    expected = net(**options).fit(WHOLE, Y).predict_proba(WHOLE)
    X = FORMS[form](WHOLE)
    fitted = net(**options).fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_proba(WHOLE), expected)
    np.testing.assert_allclose(fitted.predict_proba(X), expected, atol=1e-6)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4", "i2"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("budget", [2**28, 0], ids=["read at once", "read by batches"])
def test_a_read_only_memory_map(tmp_path, monkeypatch, dtype, order, budget):
    expected = net().fit(WHOLE, Y).predict_proba(WHOLE)
    np.save(tmp_path / "X.npy", WHOLE.astype(dtype, order=order))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    monkeypatch.setattr(features, "DENSE_BUDGET_BYTES", budget)
    fitted = net().fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_proba(WHOLE), expected)
    np.testing.assert_allclose(fitted.predict_proba(X), expected, atol=1e-6)


@pytest.mark.parametrize("form", [read_only, lambda a: a.astype(">f8"), lambda a: a[::-1][::-1]])
def test_every_form_of_targets_and_weights(form):
    weight = RNG.randint(1, 4, 60).astype(float)
    expected = net(MLPRegressor).fit(WHOLE, Y, sample_weight=weight).predict(WHOLE)
    fitted = net(MLPRegressor).fit(WHOLE, form(Y.astype(float)), sample_weight=form(weight))
    np.testing.assert_array_equal(fitted.predict(WHOLE), expected)


OPTIONS = [
    {},
    {"solver": "sgd"},
    {"solver": "lbfgs"},
    {"optimizer": "nadam"},
    {"batchnorm": True},
    {"layernorm": True},
    {"dtype": "float64"},
    {"input_scaling": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("scale", [1e-310, 1e-40, 1e30, 1e37])
@pytest.mark.filterwarnings("ignore::sknn_tips.exceptions.DivergedWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_tiny_and_huge_features(estimator, options, scale):
    X = np.random.RandomState(1).normal(size=(60, 4))
    try:
        fitted = net(estimator, **options).fit(X * scale, Y)
    except NonFiniteWeightsError as error:
        assert scale > 1, error  # noqa: PT017 the same call may succeed
        assert "largest feature is column" in str(error)  # noqa: PT017
    else:
        assert np.isfinite(fitted.predict(X * scale)).all()


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("other", [0.0, 1e-320, 1e-40])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_tiny_and_huge_weights(options, other):
    """Samples of no weight beside those of 1e12 have no influence."""
    X = np.random.RandomState(1).normal(size=(60, 4))
    weight = np.where(np.arange(60) % 2, 1e12, other)
    fitted = net(**options).fit(X, Y, sample_weight=weight)
    assert np.isfinite(fitted.predict_proba(X)).all()
    if "batchnorm" not in options:
        X_changed = np.where(weight[:, None] < 1, -X, X)
        again = net(**options).fit(X_changed, Y, sample_weight=weight)
        np.testing.assert_allclose(again.predict_proba(X), fitted.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"batchnorm": True}, {"class_weight": "balanced"}])
@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")  # scikit-learn 1.7
def test_one_sample_per_class(options):
    X = np.random.RandomState(0).normal(size=(50, 3))
    assert net(**options).fit(X, np.arange(50)).predict_proba(X).shape == (50, 50)
    fitted = net(solver="lbfgs", max_iter=300, alpha=0).fit(X, np.arange(50))
    assert fitted.score(X, np.arange(50)) > 0.5


def test_two_thousand_classes():
    X, y = np.random.RandomState(0).normal(size=(4000, 20)), np.arange(4000) % 2000
    probability = net(max_iter=2).fit(X, y).predict_proba(X)
    assert probability.shape == (4000, 2000)
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)


def test_two_hundred_thousand_sparse_columns():
    """As dense float32, X would take 1.6 GB."""
    X = sparse.random_array((2000, 200_000), density=1e-4, format="csr", rng=0)
    fitted = net(max_iter=1).fit(X, np.arange(2000) % 2)
    assert np.isfinite(fitted.predict_proba(X[:50])).all()
