import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.runtime.interrupts import (
    CANCELLED,
    Cancelled,
    called_directly,
    deferred,
    raised_in_code,
    uninterrupted,
)
from sknn_tips.step.autograd_step import AutogradStep
from sknn_tips.training.lbfgs import Objective

ANSWERS = []


class Asks(ClassifierMixin, BaseEstimator):
    """Notes, in every fit, whether it was called directly."""

    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y, sample_weight=None):
        ANSWERS.append(called_directly())
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.resize(self.classes_, len(X))


X, Y = np.arange(24.0).reshape(12, 2), np.tile([0, 1], 6)
CALLERS = {
    "itself": (lambda: Asks().fit(X, Y), True),
    "Pipeline": (lambda: make_pipeline(StandardScaler(), Asks()).fit(X, Y), True),
    "GridSearchCV": (
        lambda: GridSearchCV(Asks(), {"x": [1, 2]}, cv=2, refit=False).fit(X, Y),
        False,
    ),
    "cross_val_score": (lambda: cross_val_score(Asks(), X, Y, cv=2), False),
    "AdaBoost": (lambda: AdaBoostClassifier(Asks(), n_estimators=2).fit(X, Y), False),
    "Parallel": (lambda: Parallel(n_jobs=1)(delayed(Asks().fit)(X, Y) for _ in range(2)), False),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_who_called(caller):
    ANSWERS.clear()
    call, expected = CALLERS[caller]
    call()
    assert ANSWERS
    assert set(ANSWERS) == {expected}


def test_the_first_ctrl_c_waits_and_the_second_does_not():
    with deferred() as pressed:
        assert not pressed()
        signal.raise_signal(signal.SIGINT)
        assert pressed()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_users_and_threads_are_left_alone():
    seen = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with deferred() as pressed:
            signal.raise_signal(signal.SIGINT)
            assert not pressed()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]

    def in_thread():
        with deferred() as pressed:
            seen.append(pressed())

    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    assert seen[-1] is False


def test_ctrl_c_that_nobody_asked_for_takes_effect_at_the_end():
    reached = []

    def pressed_late():
        with deferred() as pressed:
            assert not pressed()
            signal.raise_signal(signal.SIGINT)
            reached.append(True)

    with pytest.raises(KeyboardInterrupt):
        pressed_late()
    assert reached


@pytest.mark.parametrize("solver", ["adam", "nadam", "lbfgs"])
def test_a_plain_search_is_interrupted_between_two_updates(solver, monkeypatch, step_class):
    """Not in an update, where torch's switch of autograd would stay off."""
    kind = {"adam": step_class, "nadam": AutogradStep, "lbfgs": Objective}[solver]
    original, finished = kind.__call__, []

    def pressed(*arguments):
        signal.raise_signal(signal.SIGINT)
        found = original(*arguments)
        finished.append(True)
        return found

    monkeypatch.setattr(kind, "__call__", pressed)
    net = MLPClassifier(8, solver=solver, max_iter=9, tol=None, tips="ignore")
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(net, X, Y, cv=2)
    assert finished == [True]
    assert torch.is_grad_enabled()


def test_ctrl_c_takes_effect_after_a_block_that_must_not_be_interrupted():
    reached = []

    def pressed_within():
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            reached.append(True)

    with pytest.raises(KeyboardInterrupt):
        pressed_within()
    assert reached
    with uninterrupted():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# The first update by a class of torch.optim imports many modules, except for our own names of
# optimizers without callbacks.
FIRST_OPTIMIZER = """
import signal, sys, threading, time
import numpy as np
import torch
from sklearn.model_selection import cross_val_score
from skorch.callbacks import Callback
from sknn_tips import MLPClassifier

class Interrupt:  # an import hook that presses Ctrl-C in the middle of the import
    def find_spec(self, name, path=None, target=None):
        if name == "sympy.core":
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)  # as who waits a second presses again

sys.meta_path.insert(0, Interrupt())
net = MLPClassifier(4, max_iter=2, tips="ignore", tol=None, {options})
X, y = np.eye(8), np.arange(8) % 2
try:
    cross_val_score(net, X, y, cv=2)
except KeyboardInterrupt:
    print("interrupted")
print(net.fit(X, y).n_iter_)
"""


@pytest.mark.parametrize(
    "options",
    [
        pytest.param("optimizer=torch.optim.NAdam", id="class"),
        pytest.param('optimizer="nadam", callbacks=[Callback()]', id="callbacks"),
    ],
)
def test_ctrl_c_in_the_first_optimizer_of_a_process(options):
    code = FIRST_OPTIMIZER.format(options=options)
    how = {"capture_output": True, "text": True, "check": True}
    found = subprocess.run([sys.executable, "-c", code], **how)
    assert found.stdout.split() == ["interrupted", "2"]


def test_a_raise_statement_is_told_from_ctrl_c():
    for trigger, expected in [(raise_it, True), (press_it, False)]:
        with pytest.raises(KeyboardInterrupt) as found:
            trigger()
        assert raised_in_code(found.value) is expected


def raise_it():
    raise KeyboardInterrupt


def press_it():
    signal.raise_signal(signal.SIGINT)


def test_a_fit_of_a_search_that_was_ended():
    cancelled = threading.Event()
    token = CANCELLED.set(cancelled)
    try:
        with deferred() as stops:
            assert stops() is False
            cancelled.set()
            with pytest.raises(Cancelled):
                stops()
    finally:
        CANCELLED.reset(token)
