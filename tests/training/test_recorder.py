import numpy as np
import pytest
import torch
from scipy import sparse

from sknn_tips import MLPClassifier, MLPRegressor, stacked
from sknn_tips.callbacks import LambdaCallback
from sknn_tips.data import features
from sknn_tips.exceptions import NonFiniteWeightsError
from sknn_tips.training import recorder as recording
from sknn_tips.training.loop import train
from sknn_tips.training.recorder import Recorder


@pytest.fixture
def recorded(make_net, make_data, make_plan):
    """Return the record of a small training."""

    def recorded(held_out=None, **plan):
        return train(make_net(), make_plan(**plan), make_data(), held_out).record

    return recorded


def test_losses_are_those_of_the_history(make_net, make_data, make_plan):
    net = make_net()
    record = train(net, make_plan(), make_data(), make_data(12, seed=1)).record
    assert record.losses == [row["train_loss"] for row in net.history]
    assert record.val_losses == [row["valid_loss"] for row in net.history]
    assert record.val_scores == [row["valid_accuracy"] for row in net.history]
    assert (record.n_rows, record.n_rows_val, record.n_updates) == (30, 12, 15)
    assert (record.stop_reason, record.is_over, record.best_epoch) == ("max_iter", True, 5)


def test_updates_are_measured_after_fewer_and_fewer_epochs(recorded):
    record = recorded(max_epochs=40)
    assert [update.epoch for update in record.updates] == [1, 2, 4, 8, 16, 32]
    assert [look.epoch for look in record.probes] == [0, 40]


def test_then_once_in_so_many_updates(recorded, monkeypatch):
    monkeypatch.setattr(recording, "UPDATES_PER_MEASUREMENT", 6)  # of two epochs
    monkeypatch.setattr(recording, "UPDATES_PER_PROBE", 12)
    record = recorded(max_epochs=12)
    assert [update.epoch for update in record.updates] == [1, 2, 4, 6, 8, 10, 12]
    assert [look.epoch for look in record.probes] == [0, 4, 8, 12]


def test_an_update_is_the_last_one_of_its_epoch(make_net, make_data, make_plan):
    vectors = []

    class Watched(Recorder):
        def after_epoch(self, *args, **kwargs):
            vectors.append(self.net.flat.memory.vector.clone())
            return super().after_epoch(*args, **kwargs)

    # one batch an epoch, so an epoch is an update
    net, rows, plan = make_net(), make_data(), make_plan("gd", batch_size=30, max_epochs=2)
    before = net.flat.memory.vector.clone()
    recording_loop = train.__globals__
    original, recording_loop["Recorder"] = recording_loop["Recorder"], Watched
    try:
        record = train(net, plan, rows, None).record
    finally:
        recording_loop["Recorder"] = original
    n_first = net.module_.dense_layers[0].weight.numel()
    for update, (old, new) in zip(
        record.updates, [(before, vectors[0]), (vectors[0], vectors[1])], strict=True
    ):
        change = torch.linalg.vector_norm((new - old)[:n_first])
        assert update.change[0] == pytest.approx(float(change) / update.weight[0], rel=1e-9)


def test_what_moved_in_all_is_measured_from_the_first_weights(make_net, make_data, make_plan):
    net = make_net()
    first = [layer.weight.detach().clone() for layer in net.module_.dense_layers]
    record = train(net, make_plan(), make_data(), None).record
    for moved, before, layer in zip(record.moved, first, net.module_.dense_layers, strict=True):
        expected = torch.linalg.vector_norm(layer.weight.detach() - before)
        assert moved == pytest.approx(float(expected / torch.linalg.vector_norm(before)), rel=1e-9)


@pytest.mark.parametrize(
    ("n_rows", "n_features", "looked_at"),
    [(100, 5, 100), (5000, 5, 2000), (5000, 20, 500), (60_000, 784, 1200), (10_000, 5000, 200)],
)
def test_how_many_rows_are_looked_at(n_rows, n_features, looked_at):
    class Shape:
        X = np.broadcast_to(np.float32(0), (n_rows, n_features))

        def __len__(self):
            return n_rows

    assert recording._n_rows_looked_at(Shape()) == looked_at


@pytest.mark.parametrize("kind", ["dense", "sparse", "mapped"])
def test_features_of_any_kind_are_looked_at(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "DENSE_BUDGET_BYTES", 0)
    X = np.random.RandomState(0).binomial(1, 0.3, (200, 4)).astype(np.float32) * [1, 1, 50, 0]
    given = {"dense": X, "sparse": sparse.csr_array(X)}.get(kind)
    if kind == "mapped":
        given = np.memmap(tmp_path / "X", X.dtype, "w+", shape=X.shape)
        given[:] = X
    clf = MLPClassifier(3, max_iter=1, tol=None, random_state=0, tips="ignore")
    found = clf.fit(given, np.arange(200) % 2)._record.features
    np.testing.assert_allclose(found.mean, X.mean(axis=0), rtol=1e-5)
    assert found.is_constant.tolist() == [False, False, False, True]


def test_names_classes_and_targets_are_as_the_network_sees_them():
    import pandas as pd

    X = pd.DataFrame({"age": [20.0, 40, 60, 80], "fare": [1.0, 2, 3, 4]})
    clf = MLPClassifier(3, max_iter=1, tol=None).fit(X, ["b", "a", "b", "b"])
    record = clf._record
    assert [record.features.name(i) for i in (0, 1)] == ["'age'", "'fare'"]
    assert (record.class_counts, record.target) == ([1, 3], None)
    reg = MLPRegressor(hidden_layer_sizes=3, normalize_y=True, max_iter=1, tol=None)
    record = reg.fit(X, [100.0, 200, 300, 400])._record
    assert record.target.deviation == pytest.approx([1.0])
    assert record.class_counts is None


def test_multilabel_targets_have_no_exclusive_classes():
    Y = np.array([[0, 1, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1]])
    clf = MLPClassifier(3, max_iter=1, tol=None).fit(np.eye(4), Y)
    assert clf._record.class_counts is None


@pytest.mark.parametrize(
    ("weights", "typical"), [(None, 1.0), ([0.0, 0.5, 0.5, 8.0], 0.5), ([0.0, 0.0, 0.0, 3.0], 3.0)]
)
def test_the_typical_weight_is_a_positive_one(weights, typical):
    net = MLPClassifier(3, max_iter=1, tol=None, tips="ignore").fit(
        np.eye(4), [0, 1, 0, 1], weights
    )
    assert net._record.typical_weight == typical


def test_a_fit_in_a_stack_has_the_same_record(digits):
    from sklearn.base import clone
    from sklearn.model_selection import cross_validate

    X, y = digits
    clf = MLPClassifier(8, max_iter=9, tol=None, dropout=0.1, random_state=0)
    found = []
    for context in (stacked(), None):
        cv = cross_validate
        if context is None:
            result = cv(clone(clf), X, y, cv=3, return_estimator=True)
        else:
            with context:
                result = cv(clone(clf), X, y, cv=3, return_estimator=True)
        found.append([estimator._record for estimator in result["estimator"]])
    for together, alone in zip(*found, strict=True):
        assert together.updates == alone.updates
        assert together.probes[-1].loss == alone.probes[-1].loss
        assert together.moved == alone.moved


def test_continuing_is_noted(digits):
    X, y = digits
    clf = MLPClassifier(4, max_iter=2, tol=None, warm_start=True, random_state=0).fit(X, y)
    assert not clf._record.continues
    assert clf.fit(X, y)._record.continues
    assert clf.partial_fit(X, y)._record.incremental


def test_of_a_stream_some_calls_are_recorded(digits):
    X, y = digits
    clf = MLPClassifier(4, random_state=0)
    recorded = []
    for call in range(1, 130):
        before = getattr(clf, "_record", None)
        clf.partial_fit(X[:20], y[:20], classes=range(10))
        recorded += [call] if clf._record is not before else []
        assert clf.tips_ is not None
    assert recorded == [1, 2, 4, 8, 16, 32, 64, 128]
    clf.set_params(max_iter=2, tol=None).fit(X, y)
    assert clf.partial_fit(X[:50], y[:50])._record.n_rows == 50  # a new stream


def test_a_call_that_diverges_is_recorded_in_any_case(digits):
    X, y = digits
    clf = MLPClassifier(4, random_state=0, tips="ignore")
    for _ in range(3):  # the third is not recorded
        clf.partial_fit(X, y, classes=range(10))
    coefs = clf.coefs_[0].copy()
    for _ in range(2):
        with pytest.raises(NonFiniteWeightsError, match="update 1 ") as error:
            clf.partial_fit(X * 1e38, y)
        record = error.value.record
        assert (record.first.epoch, record.n_updates, len(record.losses)) == (0, 1, 1)
        np.testing.assert_array_equal(clf.coefs_[0], coefs)
        clf.partial_fit(X, y)
        coefs = clf.coefs_[0].copy()


def test_a_warm_start_of_lbfgs_continues_too(digits):
    clf = MLPClassifier(4, solver="lbfgs", max_iter=2, tol=None, warm_start=True).fit(*digits)
    assert not clf._record.continues
    assert clf.fit(*digits)._record.continues


def test_an_epoch_that_is_cut_short_has_no_last_update(digits):
    class StopsEarly(LambdaCallback):
        def on_batch_end(self, net, training=False, **kwargs):
            net.stop_training = training

    stops = StopsEarly()
    clf = MLPClassifier(8, max_iter=3, tol=None, batch_size=50, callbacks=[stops]).fit(*digits)
    assert clf.stop_reason_ == "callback"
    assert (clf._record.n_updates, clf._record.updates) == (1, [])


def test_a_last_batch_without_weight_is_no_update(digits):
    X, y = digits
    weight = np.ones(len(y))
    weight[-50:] = 0
    clf = MLPClassifier(8, max_iter=9, tol=None, batch_size=50, shuffle=False, random_state=0)
    assert clf.fit(X, y, sample_weight=weight)._record.updates == []
    assert [update.epoch for update in clf.fit(X, y)._record.updates] == [1, 2, 4, 8]


def test_looks_leave_lbfgs_and_its_batch_statistics_alone(digits, monkeypatch):
    clf = MLPClassifier(
        8, solver="lbfgs", batchnorm=True, max_iter=6, tol=None, dtype="float64", random_state=0
    )
    before = clf.fit(*digits).predict_proba(digits[0])
    monkeypatch.setattr(recording, "UPDATES_PER_PROBE", 2)
    monkeypatch.setattr(recording, "UPDATES_PER_MEASUREMENT", 1)
    after = clf.fit(*digits).predict_proba(digits[0])
    assert len(clf._record.probes) > 2
    np.testing.assert_array_equal(after, before)
