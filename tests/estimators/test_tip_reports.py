import multiprocessing
import pickle
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.callbacks import LambdaCallback
from sknn_tips.exceptions import (
    DivergedWarning,
    NonFiniteWeightsError,
    TipError,
    TipWarning,
)
from sknn_tips.step import tiers

X, Y = load_wine(return_X_y=True)  # unscaled
pytestmark = pytest.mark.filterwarnings("error::sknn_tips.exceptions.TipWarning")


def wine_net(**changed):
    return MLPClassifier(**{"max_iter": 3, "tol": None, "random_state": 0, **changed})


def codes_warned(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    tips = [w for w in caught if issubclass(w.category, TipWarning)]
    assert {w.filename for w in tips} <= {__file__}
    return [str(w.message).split(":")[0] for w in tips]


def test_severe_tips_are_warnings_that_begin_with_their_code():
    with pytest.warns(TipWarning, match=r"^unscaled-input: 4 of 13 features") as caught:
        clf = wine_net().fit(X, Y)
    assert len(caught) == 1
    assert [tip.code for tip in clf.tips_] == ["unscaled-input", "not-converged"]


@pytest.mark.parametrize(
    ("mode", "warned"),
    [
        ("warn", ["unscaled-input"]),
        ("all", ["unscaled-input", "not-converged"]),
        ("ignore", []),
    ],
)
def test_the_parameter_decides_which_are_told(mode, warned):
    clf = wine_net(tips=mode)
    assert codes_warned(lambda: clf.fit(X, Y)) == warned
    assert [tip.code for tip in clf.tips_] == ["unscaled-input", "not-converged"]


def test_raise_is_an_error_with_the_severe_tips_after_the_fit():
    clf = wine_net(tips="raise")
    with pytest.raises(TipError, match=r"^unscaled-input: ") as error:
        clf.fit(X, Y)
    assert [tip.code for tip in error.value.tips] == ["unscaled-input"]
    assert clf.predict(X).shape == Y.shape  # nothing is lost
    make_pipeline(StandardScaler(), clf).fit(X, Y)  # a hint is no error


def test_an_unknown_mode_is_an_error_that_lists_them():
    with pytest.raises(ValueError, match=r"'tips'.*'raise'.*Got 'loud'"):
        wine_net(tips="loud").fit(X, Y)


def test_one_code_is_muted_by_the_filters_of_python():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unscaled-input", TipWarning)
        wine_net().fit(X, Y)


def test_every_fit_that_the_user_calls_warns_and_a_search_once():
    clf = wine_net()
    assert codes_warned(lambda: [clf.fit(X, Y) for _ in range(2)]) == ["unscaled-input"] * 2
    clf.fit(StandardScaler().fit_transform(X), Y)  # so that the next one is news
    search = GridSearchCV(clone(clf), {"alpha": [1e-4, 1e-3]}, cv=2)
    assert codes_warned(lambda: search.fit(X, Y)) == ["unscaled-input"]
    # another line is another question; the same line, such as in a loop, is not
    scored = [lambda: [cross_val_score(clone(clf), X, Y, cv=2) for _ in range(2)]]
    assert codes_warned(scored[0]) == ["unscaled-input"]
    assert search.best_estimator_.tips_


def test_workers_are_silent(monkeypatch):
    name = SimpleNamespace(name="LokyProcess-1")
    monkeypatch.setattr(multiprocessing, "current_process", lambda: name)
    assert codes_warned(lambda: wine_net().fit(X, Y)) == []


def test_a_search_in_workers_tells_of_its_last_fit_alone():
    wine_net().fit(StandardScaler().fit_transform(X), Y)
    search = GridSearchCV(wine_net(), {"alpha": [1e-4, 1e-3]}, cv=2, n_jobs=2)
    assert codes_warned(lambda: search.fit(X, Y)) == ["unscaled-input"]


def test_a_stream_of_partial_fits_is_told_once():
    clf = wine_net()

    def stream():
        for _ in range(3):
            clf.partial_fit(X, Y, classes=[0, 1, 2])

    assert codes_warned(stream) == ["unscaled-input"]
    assert "unscaled-input" in [tip.code for tip in clf.tips_]


def test_raise_keeps_the_model_of_a_stream_as_well():
    clf = wine_net(tips="raise")
    with pytest.raises(TipError, match="unscaled-input"):
        clf.partial_fit(X, Y, classes=[0, 1, 2])
    assert clf.tips_[0].code == "unscaled-input"
    assert clf.predict(X).shape == Y.shape


def test_a_record_goes_with_its_fit(digits):
    clf = MLPClassifier(8, optimizer="lbfgs", max_iter=3, tol=None, random_state=0).fit(*digits)
    record = clf._record
    assert len(record.losses) == 3
    assert not hasattr(pickle.loads(pickle.dumps(clf)), "_record")
    with pytest.raises(NonFiniteWeightsError):
        clf.set_params(optimizer="sgd", learning_rate_init=1e20, warm_start=True).fit(*digits)
    assert clf._record is record


def test_tips_are_those_of_the_last_fit_and_survive_copies(tmp_path):
    clf = wine_net(tips="ignore").fit(X, Y)
    assert pickle.loads(pickle.dumps(clf)).tips_ == clf.tips_
    assert clone(clf).fit(StandardScaler().fit_transform(X), Y).tips_ != clf.tips_


def test_the_progress_shows_what_goes_wrong_once(capsys):
    wine_net(verbose=2, tips="ignore").fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Iteration 1, loss = ")
    assert [line for line in lines if line.startswith("unscaled-input: 4 of 13")] == [lines[1]]


# -- divergence ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table():
    rng = np.random.RandomState(0)
    features = rng.normal(size=(300, 5))
    return features, features @ rng.normal(size=5) + np.sin(3 * features[:, 0])


def settings(**changed):
    return {"hidden_layer_sizes": (30,), "max_iter": 20, "tol": None, "random_state": 0, **changed}


def bursting(**changed):
    """Return one whose weights get far too large at the beginning of epoch 6."""

    def burst(net, **kwargs):
        if len(net.history) == 6:
            net.flat.memory.vector.mul_(1e30)

    return MLPRegressor(callbacks=[LambdaCallback(on_epoch_begin=burst)], **settings(**changed))


def test_the_best_weights_before_it_come_back(table):
    reg = bursting()
    with pytest.warns(
        DivergedWarning, match=r"^diverged: .*best weights before it were kept"
    ) as caught:
        reg.fit(*table)
    assert len(caught) == 1
    assert (reg.stop_reason_, reg.n_iter_) == ("diverged", 6)
    assert len(reg.tips_) > 1  # one warning tells of all
    assert not np.isfinite(reg.loss_curve_[-1])
    assert reg.best_epoch_ == 5
    same = MLPRegressor(**settings(max_iter=5, tips="ignore")).fit(*table)
    np.testing.assert_array_equal(reg.predict(table[0]), same.predict(table[0]))


def test_it_is_told_whatever_tips_is_and_training_can_go_on(table):
    reg = bursting(tips="ignore", warm_start=True)
    with pytest.warns(
        DivergedWarning, match=r"in update 11 \(epoch 6\), with the learning rate 0.001"
    ):
        reg.fit(*table)
    before = reg.score(*table)
    assert reg.fit(*table).score(*table) > before


def test_it_stops_at_the_first_update_that_is_not_finite(table):
    features, y = table
    reg = MLPRegressor(**settings(batch_size=10))
    with pytest.raises(NonFiniteWeightsError, match=r"in update 1 \(epoch 1\)") as error:
        reg.fit(features * 1e30, y)
    assert error.value.record.n_updates == 1


@pytest.mark.parametrize("tier", ["T0", "T1"])
def test_running_statistics_that_overflow_are_found(table, monkeypatch, tier):
    monkeypatch.setattr(tiers, "FASTEST", tier)
    features, y = table
    reg = MLPRegressor(**settings(batchnorm=True, dtype="float32"))
    with pytest.raises(NonFiniteWeightsError, match=r"in update \d+ \(epoch 1\)"):
        reg.fit(features * 1e20, y)


def test_predictions_that_overflow_after_the_last_update_are_found(table):
    features, y = table
    # the update is finite, and so is the loss before it, but exp overflows after it
    options = settings(hidden_layer_sizes=(), optimizer="sgd", learning_rate_init=1e3, max_iter=1)
    reg = MLPRegressor("poisson", **options)
    with pytest.raises(NonFiniteWeightsError, match="or a prediction became NaN or infinite"):
        reg.fit(features, 10 * np.exp(y))


def test_without_a_good_epoch_it_is_an_error_with_every_code_and_nothing_is_lost(table):
    features, y = table
    reg = MLPRegressor(**settings(optimizer="sgd", tips="ignore")).fit(features, y)
    predictions = reg.predict(features)
    reg.set_params(learning_rate_init=30.0, warm_start=True)
    with pytest.raises(NonFiniteWeightsError, match="non-finite parameter weights") as error:
        reg.fit(features, y)
    codes = [tip.code for tip in error.value.tips]
    assert "diverged" in codes
    for code in codes[1:]:
        assert code in str(error.value)
    np.testing.assert_array_equal(reg.predict(features), predictions)


def test_a_search_scores_it_as_nan(table):
    reg = MLPRegressor(**settings(optimizer="sgd", max_iter=5))
    search = GridSearchCV(reg, {"learning_rate_init": [0.001, 30.0]}, cv=2)
    with (
        pytest.warns(FitFailedWarning, match="2 fits failed"),
        pytest.warns(UserWarning, match="scores are non-finite"),
    ):
        search.fit(*table)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True]


def test_lbfgs_that_diverges_is_told_to_scale(table):
    features, y = table
    reg = MLPRegressor(solver="lbfgs", max_iter=5, tol=None, random_state=0, dtype="float64")
    with pytest.raises(NonFiniteWeightsError, match="Put StandardScaler"):
        reg.fit(features * 1e200, y)
