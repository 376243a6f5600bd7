import pytest

from sknn_tips.datasets._subsets import subset_rows
from sknn_tips.exceptions import UnknownOptionError


@pytest.mark.parametrize(("subset", "rows"), [("train", "abc"), ("test", "de"), ("all", "abcde")])
def test_the_rows_to_train_on_come_first(subset, rows):
    assert "abcde"[subset_rows(subset, n_train=3)] == rows


@pytest.mark.parametrize("wrong", ["tset", None, 0])
def test_another_subset_lists_the_three(wrong):
    with pytest.raises(UnknownOptionError, match=r"subset=.*'all', 'test', 'train'"):
        subset_rows(wrong, n_train=3)
