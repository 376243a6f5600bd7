import pickle

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, PredefinedSplit, TimeSeriesSplit

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.estimators import validation_split
from sknn_tips.estimators.validation_split import split
from sknn_tips.exceptions import DataError, HintWarning


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_classes_keep_their_shares(n_classes, rng):
    codes = np.repeat(np.arange(n_classes), 30)
    train, test = split(codes[:, None], codes, 0.2, rng, codes=codes)
    np.testing.assert_array_equal(np.sort(np.r_[train, test]), np.arange(len(codes)))
    np.testing.assert_array_equal(np.bincount(codes[test]), np.full(n_classes, 6))


def test_a_class_too_small_to_stratify_is_hinted_at(rng):
    codes = np.array([0] * 20 + [1] * 20 + [2])
    with pytest.warns(HintWarning, match="smallest class 1 "):
        _, test = split(codes[:, None], codes, 0.2, rng, codes=codes)
    assert len(test) == 9


def test_more_classes_than_validation_rows_is_hinted_at(rng):
    codes = np.repeat(np.arange(20), 2)
    with pytest.warns(HintWarning, match="number of classes 20, number of validation rows 4"):
        split(codes[:, None], codes, 0.1, rng, codes=codes)


def test_too_small_a_validation_set(rng):
    with pytest.raises(ValueError, match=r"validation set is too small: 1 of 5.*Increase"):
        split(np.ones((5, 1)), np.ones(5), 0.1, rng, codes=None)


def test_a_splitter_decides(rng):
    X = np.zeros((12, 1))
    train, test = split(X, np.zeros(12), KFold(3), rng, codes=None)
    assert test.tolist() == [0, 1, 2, 3]
    assert train.tolist() == [4, 5, 6, 7, 8, 9, 10, 11]
    fold = PredefinedSplit([-1] * 8 + [0] * 4)
    assert split(X, np.zeros(12), fold, rng, codes=None)[1].tolist() == [8, 9, 10, 11]


def test_a_splitter_as_validation_fraction(digits):
    X, y = digits
    fold = PredefinedSplit(np.r_[np.full(250, -1), np.zeros(50)])
    kwargs = {"early_stopping": True, "max_iter": 5, "tol": None, "random_state": 0}
    ours = MLPClassifier(validation_fraction=fold, **kwargs).fit(X, y)
    given = MLPClassifier(**kwargs).fit(X[:250], y[:250], X_val=X[250:], y_val=y[250:])
    assert ours.validation_scores_ == given.validation_scores_


def test_a_warm_start_never_validates_on_rows_it_was_trained_on(digits, monkeypatch):
    splits = []
    original = validation_split.split

    def spy(*args, **kwargs):
        splits.append(original(*args, **kwargs))
        return splits[-1]

    monkeypatch.setattr(validation_split, "split", spy)
    clf = MLPClassifier(max_iter=2, early_stopping=True, warm_start=True, tol=None, random_state=0)
    copy = pickle.loads(pickle.dumps(clf.fit(*digits)))
    clf.fit(*digits)
    copy.fit(*digits)
    for _, test in splits[1:]:
        np.testing.assert_array_equal(test, splits[0][1])


def test_rows_that_the_first_split_leaves_out_are_hinted_at(rng):
    X, y = np.zeros((600, 1)), np.zeros(600)
    words = r"has 200 of 600 rows \(100 to train on and 100 for validation\).*PredefinedSplit"
    with pytest.warns(HintWarning, match=words):
        split(X, y, TimeSeriesSplit(), rng, codes=None)


def test_the_remedy_in_the_hint_takes_the_last_rows_and_leaves_none_out(rng, recwarn):
    n, k = 12, 3
    fold = PredefinedSplit(np.r_[np.full(n - k, -1), np.zeros(k)])
    train, test = split(np.zeros((n, 1)), np.zeros(n), fold, rng, codes=None)
    assert (train.tolist(), test.tolist()) == (list(range(9)), [9, 10, 11])
    assert not recwarn


class NoSplit:
    def split(self, X, y):
        return iter([])

    def __repr__(self):
        return "<NoSplit>"


@pytest.mark.parametrize(
    ("splitter", "words"),
    [
        (PredefinedSplit([-1] * 650 + [0] * 50), "names row 699, and X has 600 rows"),
        (GroupKFold(), "GroupKFold.* cannot split these rows: The 'groups' .*X_val and y_val"),
        (NoSplit(), "validation_fraction=<NoSplit> gives no split"),
    ],
    ids=str,
)
def test_a_splitter_that_does_not_suit_the_rows(rng, splitter, words):
    with pytest.raises(DataError, match=words):
        split(np.zeros((600, 1)), np.zeros(600), splitter, rng, codes=None)


@pytest.mark.parametrize(
    ("y", "fraction", "words"),
    [
        (["ok"] * 49 + ["rare"], 0.1, "y have only 1 member: 'rare'. Give each class at least 2"),
        ([0, 1], 0.1, "y have only 1 member: 0 and 1. Give each class at least 2 samples, or pass"),
        ([0], 0.1, r"validation set is too small: 1 of 1 rows\. Increase 'validation_fraction'"),
        ([0, 0, 1, 1], 0.1, "validation set is too small: 1 of 4 rows"),
        ([0, 1, 2] * 3, 0.1, "validation set is too small: 1 of 9 rows"),
        ([0, 1] * 10, 0.99, "validation_fraction=0.99 leaves 0 of 20 rows for training, where 2"),
        ([0, 1] * 10, 0.95, "validation_fraction=0.95 leaves 1 of 20 rows for training, where 2"),
        ([0] * 20, 0.99, "validation_fraction=0.99 leaves 0 of 20 rows for training, where 1"),
    ],
)
def test_too_few_samples_are_an_error_in_terms_of_y(y, fraction, words):
    net = MLPClassifier(early_stopping=True, validation_fraction=fraction)
    with pytest.raises(ValueError, match=words):
        net.fit(np.zeros((len(y), 2)), np.array(y))


def test_too_few_samples_of_a_regressor():
    with pytest.raises(ValueError, match="validation set is too small: 1 of 5 rows"):
        MLPRegressor(early_stopping=True).fit(np.zeros((5, 2)), np.zeros(5))
    with pytest.raises(DataError, match="leaves 0 of 5 rows for training, where 1 are needed"):
        MLPRegressor(early_stopping=True, validation_fraction=0.99).fit(
            np.zeros((5, 2)), np.zeros(5)
        )
