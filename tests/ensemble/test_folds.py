import warnings

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, StratifiedKFold

from sknn_tips.ensemble.folds import make_folds
from sknn_tips.exceptions import DataError

Y = np.array(["a", "b", "c"]).repeat([20, 10, 2])
X = np.zeros((len(Y), 1))


def folds_of(cv, y=Y, *, stratify=True, **params):
    return make_folds(cv, np.zeros((len(y), 1)), y, params, stratify=stratify, random_state=0)


def assert_same(found, expected):
    for pair, other in zip(found, expected, strict=True):
        for part, of_other in zip(pair, other, strict=True):
            np.testing.assert_array_equal(part, of_other)


def test_int_is_shuffled_and_stratified():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = list(StratifiedKFold(4, shuffle=True, random_state=0).split(X, Y))
    assert_same(folds_of(4), expected)


def test_int_of_a_regression_is_shuffled():
    expected = KFold(4, shuffle=True, random_state=0).split(X)
    assert_same(folds_of(4, stratify=False), expected)


def test_every_class_rarer_than_there_are_folds():
    y = np.arange(4).repeat(2)
    folds = folds_of(5, y)
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), range(8))


def test_no_warning_of_rare_classes():
    folds_of(4)
    folds_of(StratifiedKFold(4))


def test_splitter_with_groups():
    groups = np.arange(len(Y)) % 3
    for train, test in folds_of(GroupKFold(3), groups=groups):
        assert not set(groups[train]) & set(groups[test])


def test_a_splitter_with_groups_that_are_not_given():
    with pytest.raises(DataError, match=r"'groups'.*Pass the group of each sample: fit\(X, y, gro"):
        make_folds(GroupKFold(2), X, Y, {}, stratify=True, random_state=0)
    params = {"groups": np.zeros(len(Y))}
    with pytest.raises(ValueError, match="Cannot have number of splits n_splits=2 greater"):
        make_folds(GroupKFold(2), X, Y, params, stratify=True, random_state=0)


def test_iterables_of_indices_masks_and_nothing():
    mask = np.arange(len(Y)) < 30
    (train, test), (_, nothing) = folds_of(iter([(mask, ~mask), ([0, 1], [])]))
    np.testing.assert_array_equal(train, range(30))
    np.testing.assert_array_equal(test, [30, 31])
    assert nothing.shape == (0,)


def test_none_is_scikit_learns_default():
    assert_same(folds_of(None), folds_of(StratifiedKFold(5)))


def test_fewer_samples_than_folds():
    with pytest.raises(DataError, match=r"cv=5 needs at least 5 .*n_samples = 3. Use cv=3"):
        folds_of(5, Y[:3])
    with pytest.raises(DataError, match="Use more samples"):
        folds_of(5, Y[:1])


def test_no_fold_and_nothing_to_train_on():
    with pytest.raises(DataError, match=r"cv=\[\] gives no fold"):
        folds_of([])
    with pytest.raises(DataError, match=r"Fold 1 of .* has no samples to train on"):
        folds_of([([0], [1]), ([], [1])])


def test_shuffle_split_leaves_samples_out_several_times():
    assert len(folds_of(ShuffleSplit(7, random_state=0))) == 7
