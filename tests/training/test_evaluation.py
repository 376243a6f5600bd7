import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from sknn_tips.training.evaluation import evaluate, rehearse_metrics
from sknn_tips.training.metrics import resolve_metrics


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
        rehearse_metrics(make_net(), plan, make_data(), None)
