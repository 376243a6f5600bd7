import warnings

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import HintWarning
from sknn_tips.metrics.metrics import resolve_metrics
from sknn_tips.training.evaluation import check_metrics, evaluate


@pytest.mark.parametrize("weighted", [False, True])
def test_figures_are_sklearns(make_net, make_data, make_plan, weighted):
    weight = np.random.RandomState(3).rand(30) if weighted else None
    rows, net = make_data(weight=weight), make_net()
    plan = make_plan(metrics=resolve_metrics(["accuracy"], "accuracy"))
    found = evaluate(net, plan, rows)
    p = net.criterion_.link(found.raw).numpy()
    assert found.loss == pytest.approx(log_loss(rows.y, p, sample_weight=weight), rel=1e-9)
    score = accuracy_score(rows.y, p.argmax(axis=1), sample_weight=weight)
    assert found.score == pytest.approx(score)
    assert found.metrics == {"accuracy": pytest.approx(score)}


def test_a_metric_that_cannot_be_computed_fails_before_training(make_net, make_data, make_plan):
    def picky_score(y_true, y_pred):
        raise RuntimeError("not with these")

    plan = make_plan(metrics=resolve_metrics(["accuracy", picky_score], "accuracy"))
    with pytest.raises(ValueError, match="'picky_score' cannot be computed here: not with these"):
        check_metrics(make_net(), plan, make_data())


def test_a_name_that_does_not_fit_the_classes_is_told_with_one_that_does(digits):
    X, y = digits
    for name, instead in [("roc_auc", "'roc_auc_ovr'"), ("f1", "'f1_macro' or 'f1_weighted'")]:
        with pytest.raises(ValueError, match=rf"'{name}' cannot be .*\. Write {instead}"):
            MLPClassifier(4, metrics=[name]).fit(X, y)
    labels = np.where(y > 4, "yes", "no")
    with pytest.raises(ValueError, match=r"\. Write make_scorer\(f1_score, pos_label='yes'\)"):
        MLPClassifier(4, metrics=["f1"]).fit(X, labels)


def test_a_regressors_metric_is_rehearsed_with_right_predictions():
    rng = np.random.RandomState(0)
    X = rng.randn(100, 5)
    y = np.abs(X.sum(axis=1))
    for seed in range(8):  # an untrained net predicts values below -1 for some draws
        reg = MLPRegressor(
            hidden_layer_sizes=20, metrics="msle", max_iter=1, tol=None, random_state=seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HintWarning)
            assert reg.fit(X, y).n_iter_ == 1
    with pytest.raises(ValueError, match="'msle' cannot be computed here"):
        reg.fit(X, y - 3)


def test_a_metric_that_fails_later_costs_no_training(digits):
    calls = []

    def moody_score(y_true, y_pred):
        calls.append(1)
        if len(calls) in (3, 4):
            raise ZeroDivisionError("not today")
        return 0.5

    clf = MLPClassifier(5, metrics=[moody_score], max_iter=5, tol=None)
    with pytest.warns(HintWarning, match=r"'moody_score'.*after epoch 2.*not today") as caught:
        clf.fit(*digits)
    assert len(caught) == 1
    np.testing.assert_array_equal(clf.history_.moody_score.isna(), [0, 1, 1, 0, 0])


def test_values_that_overflow_behind_the_link_give_nan(diabetes):
    X, y = diabetes
    reg = MLPRegressor(loss="poisson", metrics="mae", max_iter=2, tol=None, random_state=0)
    far = np.where(np.arange(len(X))[:, None] == 3, 1e6, X)
    y = y - y.min()
    with np.errstate(all="ignore"):
        reg.fit(X, y, X_val=far, y_val=y)
    assert reg.history_.mae.notna().all()
    assert reg.history_.val_mae.isna().all()
