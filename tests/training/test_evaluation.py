import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from sknn_tips.training.evaluation import evaluate
from sknn_tips.training.metrics import METRICS, resolve_metrics


@pytest.mark.parametrize("weighted", [False, True])
def test_figures_are_sklearns(make_net, make_data, make_plan, weighted):
    weight = np.random.RandomState(3).rand(30) if weighted else None
    rows, net = make_data(weight=weight), make_net()
    names = np.array(["a", "b", "c"])
    plan = make_plan(
        metrics=resolve_metrics(["accuracy"], METRICS), to_user=lambda codes: names[codes]
    )
    found = evaluate(net, plan, rows)
    p = net.criterion_.link(found.raw).numpy()
    assert found.loss == pytest.approx(log_loss(rows.y, p, sample_weight=weight), rel=1e-9)
    score = accuracy_score(rows.y, p.argmax(axis=1), sample_weight=weight)
    assert found.score == pytest.approx(score)
    assert found.metrics == {"accuracy": pytest.approx(score)}
