import inspect
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, exceptions, stacked
from sknn_tips.exceptions import HintWarning, TipWarning, each_once, shown_so_far


@pytest.mark.parametrize("name", exceptions.__all__)
def test_errors_are_value_errors_and_warnings_user_warnings(name):
    kind = getattr(exceptions, name)
    assert issubclass(kind, ValueError if name.endswith("Error") else UserWarning)


def test_warnings_point_at_the_users_line():
    X, y = [[0.0], [1.0]] * 5, [0, 1] * 5
    for model in (
        MLPClassifier(max_iter=1),
        make_pipeline(StandardScaler(), MLPClassifier(max_iter=1)),
    ):
        with pytest.warns(ConvergenceWarning) as found:
            model.fit(X, y)
        assert found[0].filename == __file__


def test_warnings_of_another_thread_point_at_fit():
    X, y = [[0.0], [1.0]] * 5, [0, 1] * 5
    with pytest.warns(ConvergenceWarning) as found, ThreadPoolExecutor(1) as threads:
        threads.submit(MLPClassifier(max_iter=1).fit, X, y).result()
    assert found[0].filename == inspect.getfile(MLPClassifier)


def test_warnings_of_a_search_in_threads_point_at_its_line():
    X, y = [[0.0], [1.0]] * 5, [0, 1] * 5
    with pytest.warns(ConvergenceWarning) as found, stacked(2):
        scores = cross_val_score(MLPClassifier(max_iter=1), X, y, cv=2)
    assert [each.filename for each in found] == [__file__] * len(scores)
    assert len({each.lineno for each in found}) == 1


def test_divergence_can_be_caught_with_convergence_warnings():
    assert issubclass(exceptions.DivergedWarning, ConvergenceWarning)


def warn_thrice(category=HintWarning):
    for text in ("slow", "slow", "fast"):
        exceptions.warn(text, category)


def caught_in(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [(each.category, str(each.message)) for each in caught]


def test_each_text_once():
    def warn():
        with each_once(shown_so_far()):
            warn_thrice()
            with each_once(shown_so_far()):  # of an ensemble in an ensemble
                warn_thrice()
            exceptions.warn("slow", TipWarning)

    once = [(HintWarning, "slow"), (HintWarning, "fast"), (TipWarning, "slow")]
    assert caught_in(warn) == once
    assert caught_in(warn) == once  # each context begins anew
    assert len(caught_in(warn_thrice)) == 3


def test_each_text_once_among_threads():
    shown = shown_so_far()

    def warn(_):
        with each_once(shown):
            warn_thrice()

    def in_threads():
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(warn, range(50)))

    assert sorted(text for _, text in caught_in(in_threads)) == ["fast", "slow"]
