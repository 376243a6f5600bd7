from contextlib import contextmanager

import pytest

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import HintWarning
from sknn_tips.hooks.fits import FitFollower

QUICK = {"hidden_layer_sizes": 8, "max_iter": 2, "tol": None, "random_state": 0}


class Notes(FitFollower):
    def __init__(self, fails=False):
        self.calls_, self.fails = [], fails

    @contextmanager
    def around(self, estimator, continuing):
        if self.fails:
            raise OSError("no connection")
        self.calls_.append(("begin", continuing))
        try:
            yield
        except Exception as error:
            self.calls_.append(("failed", type(error).__name__, hasattr(estimator, "net_")))
            raise
        self.calls_.append(("end", estimator.n_iter_, len(estimator.tips_) >= 0))

    def on_epoch_end(self, net, **kwargs):
        self.calls_.append("epoch")


@pytest.mark.parametrize("pair", [False, True])
def test_the_end_sees_the_fitted_estimator(digits, pair):
    notes = Notes()
    clf = MLPClassifier(**QUICK, callbacks=[("notes", notes) if pair else notes]).fit(*digits)
    assert notes.calls_ == [("begin", False), "epoch", "epoch", ("end", 2, True)]
    notes.calls_.clear()
    clf.partial_fit(*digits)
    assert notes.calls_ == [("begin", True), "epoch", ("end", 1, True)]


def test_an_error_of_the_fit_is_raised_in_the_context(digits):
    notes = Notes()
    clf = MLPClassifier(**QUICK, callbacks=[notes])
    with pytest.raises(ValueError, match=r"inconsistent|samples"):
        clf.fit(digits[0], digits[1][:-1])
    assert notes.calls_ == [("begin", False), ("failed", "ValueError", False)]


def test_one_that_cannot_begin_ends_those_before_it(digits):
    notes, other = Notes(), Notes(fails=True)
    with pytest.raises(OSError, match="no connection"):
        MLPClassifier(**QUICK, callbacks=[notes, other]).fit(*digits)
    assert notes.calls_ == [("begin", False), ("failed", "OSError", False)]


def test_lbfgs_is_followed_without_a_hint(digits, recwarn):
    notes = Notes()
    clf = MLPClassifier(solver="lbfgs", max_iter=500, alpha=1.0, callbacks=[notes]).fit(*digits)
    assert notes.calls_ == [("begin", False), ("end", clf.n_iter_, True)]
    assert not [each for each in recwarn if issubclass(each.category, HintWarning)]
