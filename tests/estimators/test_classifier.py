import pickle

import numpy as np
import pytest
import sklearn.neural_network
from scipy import sparse
from sklearn.datasets import make_multilabel_classification
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import compute_sample_weight

from sknn_tips import MLPClassifier, load_model, save_model

QUICK = {"hidden_layer_sizes": 16, "max_iter": 20, "tol": None, "random_state": 0}
QUICK |= {"learning_rate_init": 0.02}
EXACT = {"hidden_layer_sizes": 8, "optimizer": "gd", "dtype": "float64", "max_iter": 15}
EXACT |= {"tol": None, "random_state": 0, "learning_rate_init": 0.1}


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["ant", "bee", "cat"]),
        np.array(["ant", "bee", "cat"], dtype=object),
        np.array([-1, 5, 7]),
        np.array([-1.0, 2.0, 7.0]),
        np.array([False, True]),
        np.array(["no", "yes"]),
        np.array([1, 2]),
    ],
    ids=str,
)
def test_labels_of_any_type(digits, labels):
    X, y = digits[0], labels[digits[1] % len(labels)]
    clf = MLPClassifier(**QUICK).fit(X, y)
    np.testing.assert_array_equal(clf.classes_, np.sort(labels))
    predicted = clf.predict(X)
    assert predicted.dtype == y.dtype
    assert predicted.shape == y.shape
    assert clf.score(X, y) > 0.8
    p = clf.predict_proba(X)
    assert p.shape == (300, len(labels))
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(clf.classes_[p.argmax(axis=1)], predicted)
    np.testing.assert_allclose(clf.predict_log_proba(X), np.log(p), rtol=1e-5)
    logits = clf.decision_function(X)
    assert logits.shape == ((300,) if len(labels) == 2 else (300, len(labels)))
    if len(labels) == 2:
        np.testing.assert_allclose(1 / (1 + np.exp(-logits)), p[:, 1], rtol=1e-4, atol=1e-6)


def test_labels_do_not_change_what_is_learnt(digits):
    X, y = digits
    names = np.array(list("abcdefghij"))
    plain, named = MLPClassifier(**QUICK).fit(X, y), MLPClassifier(**QUICK).fit(X, names[y])
    np.testing.assert_array_equal(plain.coefs_[0], named.coefs_[0])
    np.testing.assert_array_equal(names[plain.predict(X)], named.predict(X))


def test_one_class(digits):
    X = digits[0][:20]
    for early_stopping in (False, True):
        clf = MLPClassifier(**QUICK, early_stopping=early_stopping).fit(X, ["only"] * 20)
        assert clf.predict(X).tolist() == ["only"] * 20
        np.testing.assert_array_equal(clf.predict_proba(X), np.ones((20, 1)))
        np.testing.assert_array_equal(clf.predict_log_proba(X), np.zeros((20, 1)))
        assert clf.decision_function(X).shape == (20,)
        assert clf.out_activation_ == "logistic"


def test_multilabel():
    X, Y = make_multilabel_classification(n_samples=200, n_classes=4, random_state=0)
    clf = MLPClassifier(50, max_iter=200, tol=None, learning_rate_init=0.01, random_state=0)
    clf.fit(X, Y, X_val=X, y_val=Y)
    assert clf.predict(X).shape == Y.shape
    assert clf.score(X, Y) > 0.9
    assert clf.predict_proba(X).shape == clf.decision_function(X).shape == Y.shape
    assert clf.history_["val_accuracy"].iloc[-1] == clf.score(X, Y)
    assert (clf.n_outputs_, clf.out_activation_) == (4, "logistic")


def test_a_column_of_labels_is_flattened_with_a_warning(digits):
    X, y = digits
    with pytest.warns(DataConversionWarning, match="1d array was expected"):
        clf = MLPClassifier(**QUICK).fit(X, y[:, None])
    assert clf.predict(X).shape == y.shape


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize("n_classes", [2, 10])
def test_losses(digits, loss, n_classes):
    X, y = digits[0], digits[1] % n_classes
    clf = MLPClassifier(32, loss=loss, max_iter=60, learning_rate_init=0.01, tol=None)
    assert clf.set_params(random_state=0).fit(X, y).score(X, y) > 0.97


def test_xor_with_squared_error():
    """D3 of the lectures: 2-8-1 with relu and sigmoid, 33 parameters."""
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    clf = MLPClassifier(8, loss="squared_error", learning_rate_init=0.02, max_iter=1000, tol=None)
    clf.set_params(random_state=0, init="glorot_uniform").fit(X, y)
    assert clf.score(X, y) == 1
    assert sum(c.size for c in clf.coefs_ + clf.intercepts_) == 33


# -- weights ---------------------------------------------------------------------------------------


def test_weights_are_repetitions(digits, rng):
    X, y = digits[0][:100], digits[1][:100]
    repeats = rng.randint(0, 4, 100)
    weighted = MLPClassifier(**EXACT).fit(X, y, sample_weight=repeats)
    repeated = MLPClassifier(**EXACT).fit(np.repeat(X, repeats, axis=0), np.repeat(y, repeats))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_balanced_gives_each_class_the_same_total(digits, rng, weighted):
    keep = (digits[1] < 3) & (
        rng.rand(300) < [0.2, 0.9, 0.5, 0, 0, 0, 0, 0, 0, 0][0] + digits[1] * 0.3
    )
    X, y = digits[0][keep], digits[1][keep]
    weight = rng.rand(len(y)) if weighted else np.ones(len(y))
    totals = np.bincount(y, weights=weight)
    factor = totals.sum() / (3 * totals)
    balanced = MLPClassifier(**EXACT, class_weight="balanced").fit(X, y, sample_weight=weight)
    by_hand = MLPClassifier(**EXACT).fit(X, y, sample_weight=weight * factor[y])
    np.testing.assert_array_equal(balanced.coefs_[0], by_hand.coefs_[0])


def test_a_dict_weighs_its_classes_and_leaves_the_others(digits):
    X, y = digits
    by_dict = MLPClassifier(**EXACT, class_weight={3: 5.0, 7: 0.5}).fit(X, y)
    weight = np.where(y == 3, 5.0, np.where(y == 7, 0.5, 1.0))
    by_hand = MLPClassifier(**EXACT).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(by_dict.coefs_[0], by_hand.coefs_[0])


def test_a_dict_may_name_a_class_that_this_fold_has_not(digits):
    X, y = digits[0], digits[1] % 2
    weights = {0: 1.0, 1: 2.0, 2: 3.0}
    found = MLPClassifier(**EXACT, class_weight=weights).fit(X, y)
    by_hand = MLPClassifier(**EXACT, class_weight={0: 1.0, 1: 2.0}).fit(X, y)
    np.testing.assert_array_equal(found.coefs_[0], by_hand.coefs_[0])


@pytest.mark.parametrize("weights", [{0: -1, 1: 1}, {0: 0, 1: 0}, {0: np.nan}, {0: "a"}])
def test_class_weights_are_numbers(digits, weights):
    with pytest.raises(ValueError, match=r"class_weight=.*numbers >= 0"):
        MLPClassifier(class_weight=weights).fit(digits[0], digits[1] % 2)


def test_balanced_multilabel_counts_weighted_samples(digits, rng):
    X, Y = digits[0], np.c_[digits[1] % 2, digits[1] > 6].astype(int)
    repeats = rng.randint(1, 4, len(X))
    weighted = MLPClassifier(**EXACT, class_weight="balanced").fit(X, Y, sample_weight=repeats)
    repeated = MLPClassifier(**EXACT, class_weight="balanced")
    repeated.fit(np.repeat(X, repeats, axis=0), np.repeat(Y, repeats, axis=0))
    np.testing.assert_allclose(weighted.coefs_[0], repeated.coefs_[0], rtol=1e-9)


def test_class_weight_of_multilabel_targets(digits):
    X, Y = digits[0], np.c_[digits[1] % 2, digits[1] > 4].astype(int)
    for class_weight in ("balanced", [{0: 1, 1: 3}, {0: 2, 1: 1}]):
        found = MLPClassifier(**EXACT, class_weight=class_weight).fit(X, Y)
        weight = compute_sample_weight(class_weight, Y)
        np.testing.assert_array_equal(
            found.coefs_[0], MLPClassifier(**EXACT).fit(X, Y, sample_weight=weight).coefs_[0]
        )


def test_balanced_in_partial_fit_counts_all_calls(digits):
    X, y = digits
    whole = MLPClassifier(**EXACT, class_weight="balanced").fit(X, y)
    pieces = MLPClassifier(**EXACT, class_weight="balanced")
    for _ in range(15):
        pieces.partial_fit(X, y, classes=np.arange(10))
    np.testing.assert_allclose(whole.coefs_[0], pieces.coefs_[0], rtol=1e-9)


def test_class_weight_does_not_touch_the_validation_set(digits):
    X, y = digits
    for class_weight in (None, {0: 100.0}):
        clf = MLPClassifier(**QUICK, class_weight=class_weight)
        clf.fit(X, y, X_val=X, y_val=y)
        p = clf.predict_proba(X)[np.arange(300), y]
        assert clf.history_["val_loss"].iloc[-1] == pytest.approx(-np.log(p).mean(), rel=1e-4)


# -- classes over several calls --------------------------------------------------------------------


def test_partial_fit_needs_all_classes_once(digits):
    X, y = digits
    with pytest.raises(ValueError, match="classes must be passed"):
        MLPClassifier().partial_fit(X, y)
    clf = MLPClassifier(**QUICK).partial_fit(X[y < 5], y[y < 5], classes=np.arange(10))
    assert clf.predict_proba(X).shape == (300, 10)
    clf.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"not in `self.classes_`"):
        clf.partial_fit(X, y + 1)
    with pytest.raises(ValueError, match="not the same as on last call"):
        clf.partial_fit(X, y, classes=[1, 2])


def test_the_kind_of_target_cannot_change(digits):
    X, y = digits[0], digits[1] % 3
    Y = np.eye(3, dtype=int)[y]
    labels, indicator = MLPClassifier(**QUICK).fit(X, y), MLPClassifier(**QUICK).fit(X, Y)
    with pytest.raises(ValueError, match=r"\(300, 3\), and y was one column of labels"):
        labels.partial_fit(X, Y)
    with pytest.raises(ValueError, match=r"\(300,\), and y was an indicator matrix of 3 columns"):
        indicator.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"\(300, 2\), and y was an indicator"):
        indicator.partial_fit(X, Y[:, :2])


def test_classes_of_an_indicator_are_its_columns(digits):
    X, Y = digits[0], np.c_[digits[1] % 2, digits[1] > 4, digits[1] > 6].astype(int)
    with pytest.raises(ValueError, match=r"classes=np.arange\(3\)"):
        MLPClassifier().partial_fit(X, Y, classes=[0, 1])
    clf = MLPClassifier().partial_fit(X, Y, classes=np.arange(3))
    clf.partial_fit(X, Y, classes=np.arange(3))


def test_a_failed_first_partial_fit_leaves_no_classes(digits):
    X, y = digits
    clf = MLPClassifier(alpha=-1)
    with pytest.raises(ValueError, match="alpha"):
        clf.partial_fit(X, y, classes=np.arange(10))
    clf = MLPClassifier()
    with pytest.raises(ValueError, match="NaN"):
        clf.partial_fit(np.where(X > 0.9, np.nan, X), y, classes=np.arange(10))
    assert not hasattr(clf, "classes_")


def test_partial_fit_is_only_there_where_it_can_be():
    assert hasattr(MLPClassifier(), "partial_fit")
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
    net = MLPClassifier(optimizer="lbfgs")
    assert not hasattr(net, "partial_fit")
    words = r"^This 'MLPClassifier' has no attribute 'partial_fit': .* Use optimizer='adam'\.$"
    with pytest.raises(AttributeError, match=words):
        net.partial_fit([[0], [1]], [0, 1])
    with pytest.raises(ValueError, match="does not support early_stopping"):
        MLPClassifier(early_stopping=True).partial_fit([[0.0], [1.0]], [0, 1], classes=[0, 1])


def test_early_stopping_of_many_classes_is_stratified(digits, monkeypatch):
    from sknn_tips.estimators import validation_split

    seen = []
    original = validation_split.split
    monkeypatch.setattr(
        validation_split,
        "split",
        lambda *a, **k: seen.append((k["codes"], original(*a, **k))) or seen[-1][1],
    )
    MLPClassifier(**QUICK, early_stopping=True, validation_fraction=0.2).fit(*digits)
    codes, (_, test) = seen[0]
    shares = np.bincount(codes[test]) / np.bincount(codes)
    assert shares.min() > 0.15
    assert shares.max() < 0.25


def test_label_smoothing_keeps_from_being_certain(digits):
    settings = {"max_iter": 100, "learning_rate_init": 0.01, "tol": None, "random_state": 0}
    largest = [
        MLPClassifier(**settings, label_smoothing=share).fit(*digits).predict_proba(digits[0]).max()
        for share in (0.0, 0.2)
    ]
    assert largest[0] > 0.999
    assert largest[1] < 0.95


def test_metrics_have_sample_weights_and_no_class_weights(digits):
    weight = np.random.RandomState(0).rand(len(digits[0]))
    clf = MLPClassifier(**QUICK, class_weight={0: 100.0}, metrics=["accuracy"])
    clf.fit(*digits, sample_weight=weight)
    expected = clf.score(*digits, sample_weight=weight)
    assert clf.history_["accuracy"].iloc[-1] == pytest.approx(expected)


def test_a_sparse_indicator_gives_sparse_predictions():
    X, y = make_multilabel_classification(60, 5, random_state=0)
    net = {"hidden_layer_sizes": 5, "max_iter": 3, "tol": None, "random_state": 0}
    theirs = sklearn.neural_network.MLPClassifier(tol=1e9)  # ends soon, without a warning
    dense = MLPClassifier(**net).fit(X, y)
    clf = MLPClassifier(**net).fit(X, sparse.csr_matrix(y))
    labels = clf.predict(X)
    assert type(labels) is type(theirs.fit(X, sparse.csr_matrix(y)).predict(X))
    np.testing.assert_array_equal(labels.toarray(), dense.predict(X))
    assert isinstance(clf.predict_proba(X), np.ndarray)
    assert clf.score(X, sparse.csr_matrix(y)) == dense.score(X, y)
    assert sparse.issparse(pickle.loads(pickle.dumps(clf)).predict(X))
    assert isinstance(clf.fit(X, y).predict(X), np.ndarray)


def test_a_model_file_keeps_that_predictions_are_sparse(tmp_path):
    pytest.importorskip("safetensors")
    X, y = make_multilabel_classification(60, 5, random_state=0)
    clf = MLPClassifier(5, max_iter=3, tol=None, random_state=0).fit(X, sparse.csr_matrix(y))
    save_model(clf, tmp_path / "net.safetensors")
    assert sparse.issparse(load_model(tmp_path / "net.safetensors").predict(X))
