import warnings

import pytest

from sknn_tips.ensemble.distinct_warnings import distinct_warnings


def warn_thrice():
    for text in ("slow", "slow", "fast"):
        with warnings.catch_warnings():  # joblib's tasks do so, and Python forgets what it showed
            warnings.warn(text, UserWarning, stacklevel=2)


def test_each_text_once():
    with warnings.catch_warnings(record=True) as caught, distinct_warnings():
        warnings.simplefilter("always")
        warn_thrice()
        warnings.warn("slow", RuntimeWarning, stacklevel=1)
    assert [(each.category, str(each.message)) for each in caught] == [
        (UserWarning, "slow"),
        (UserWarning, "fast"),
        (RuntimeWarning, "slow"),
    ]


def test_each_context_begins_anew():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            with distinct_warnings():
                warn_thrice()
    assert len(caught) == 4


def test_filters_act_as_always():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distinct_warnings():
            warn_thrice()
    with distinct_warnings(), pytest.raises(UserWarning, match="slow"):
        warn_thrice()


def test_leaves_nothing_behind():
    before = warnings.showwarning
    with distinct_warnings():
        pass
    assert warnings.showwarning is before
