import pickle

import numpy as np
import pytest
from sklearn.model_selection import PredefinedSplit, TimeSeriesSplit

from sknn_tips import MLPClassifier
from sknn_tips.estimators import held_out
from sknn_tips.estimators.held_out import split
from sknn_tips.exceptions import HintWarning


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
    train, test = split(X, np.zeros(12), TimeSeriesSplit(3), rng, codes=None)
    assert test.tolist() == [3, 4, 5]
    assert train.tolist() == [0, 1, 2]
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
    original = held_out.split

    def spy(*args, **kwargs):
        splits.append(original(*args, **kwargs))
        return splits[-1]

    monkeypatch.setattr(held_out, "split", spy)
    clf = MLPClassifier(max_iter=2, early_stopping=True, warm_start=True, tol=None, random_state=0)
    copy = pickle.loads(pickle.dumps(clf.fit(*digits)))
    clf.fit(*digits)
    copy.fit(*digits)
    for _, test in splits[1:]:
        np.testing.assert_array_equal(test, splits[0][1])
