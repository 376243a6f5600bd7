"""skops: files of a model with one name to trust, and model cards."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn import config_context
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sknn_tips
from sknn_tips import MLPClassifier, MLPRegressor, summary, tabular_pipeline
from sknn_tips.callbacks import StopAt
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.exceptions import ModelFileError
from sknn_tips.nn.activations import NAMES as ACTIVATIONS
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES
from sknn_tips.preprocessing import PiecewiseLinearEncoder, SquashingScaler, TableCleaner

skops = pytest.importorskip("skops.io", reason="make test-clients installs it")
card = pytest.importorskip("skops.card")

STOCHASTIC = [name for name, entry in OPTIMIZERS.items() if not entry.line_search]
SMALL = {"hidden_layer_sizes": (6, 5), "max_iter": 3, "tol": None, "random_state": 0}
X, CODES = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
Y = np.array(["setosa", "versicolor", "virginica"])[CODES]


def name_of(kind):
    return f"{kind.__module__}.{kind.__qualname__}"


def reloaded(model, *trusted):
    """Return a model from its file, in which exactly these classes have to be trusted."""
    data = skops.dumps(model)
    names = sorted(map(name_of, trusted))
    assert skops.get_untrusted_types(data=data) == names
    return skops.loads(data, trusted=names)


def raw(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def assert_goes_on_alike(est, X, y):
    """A network predicts, continues training and reports as the one that was dumped."""
    other = reloaded(est, type(est))
    if est.random_state == 0:
        assert repr(other) == repr(est)
    assert other.tips_ == est.tips_
    assert str(summary(other)) == str(summary(est))
    pd.testing.assert_frame_equal(other.history_, est.history_)
    np.testing.assert_array_equal(raw(other, X), raw(est, X))
    for each in (est, other):
        if not each.early_stopping:
            each.partial_fit(X, y)
        each.set_params(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(raw(other, X), raw(est, X))
    assert other.t_ == est.t_


@pytest.mark.parametrize("optimizer", STOCHASTIC)
def test_every_optimizer_goes_on(optimizer):
    options = {"dropout": 0.2, "batchnorm": True, "ema_decay": 0.9}
    assert_goes_on_alike(MLPClassifier(optimizer=optimizer, **SMALL, **options).fit(X, Y), X, Y)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
def test_every_activation(activation):
    assert_goes_on_alike(MLPClassifier(activation=activation, **SMALL).fit(X, Y), X, Y)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.filterwarnings("ignore:learning_rate='plateau':sknn_tips.exceptions.HintWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_schedule(schedule):
    values = {"step_size": 1, "gamma": 0.5, "decay": 0.01}
    params = {name: values[name] for name in SCHEDULES[schedule].needed}
    options = {**SMALL, "tol": 1e-9} if schedule == "adaptive" else SMALL
    est = MLPClassifier(solver="sgd", learning_rate=schedule, schedule_params=params, **options)
    assert_goes_on_alike(est.fit(X, Y), X, Y)


@pytest.mark.parametrize("loss", REGRESSOR_LOSSES)
def test_every_loss_of_a_regressor(loss):
    options = {"input_scaling": True, "layernorm": True, "metrics": ["mae"]}
    assert_goes_on_alike(MLPRegressor(loss, **SMALL, **options).fit(X, X[:, 0] + 9), X, X[:, 0] + 9)


@pytest.mark.parametrize("loss", CLASSIFIER_LOSSES)
@pytest.mark.parametrize("y", [Y, Y == "setosa", (X > 0).astype(int)], ids=["three", "two", "many"])
def test_every_loss_and_target_of_a_classifier(loss, y):
    assert_goes_on_alike(MLPClassifier(loss=loss, label_smoothing=0.1, **SMALL).fit(X, y), X, y)


@pytest.mark.parametrize(
    "options",
    [
        {"early_stopping": True, "metrics": ["accuracy"], "monitor": "val_loss"},
        {"random_state": np.random.RandomState(3), "early_stopping": True},
        {"dtype": "float64", "hidden_layer_sizes": "5x2"},
        {"class_weight": {"setosa": 2.0, "versicolor": 1.0, "virginica": 1.0}},
        {"activation": ["maxout", "elu"], "activation_params": {"pieces": 3}, "dropout": [0.1, 0]},
        {"solver": "adam", "learning_rate_init": 50.0},  # tips and a learning rate too large
        {"hidden_layer_sizes": ()},
    ],
    ids=lambda options: next(iter(options)),
)
def test_parameters_of_all_kinds(options):
    assert_goes_on_alike(MLPClassifier(**SMALL | options).fit(X, Y), X, Y)


def test_lbfgs():
    est = MLPRegressor(**SMALL | {"solver": "lbfgs", "max_iter": 20}).fit(X, X[:, 0])
    found = reloaded(est, MLPRegressor)
    np.testing.assert_array_equal(found.predict(X), est.predict(X))
    np.testing.assert_array_equal(found.fit(X, X[:, 0]).predict(X), est.fit(X, X[:, 0]).predict(X))


def test_one_generator_stays_one():
    generator = np.random.RandomState(0)
    found = reloaded(MLPClassifier(**SMALL | {"random_state": generator}).fit(X, Y), MLPClassifier)
    assert found.random_state is found.net_.random_state


def test_an_unfitted_estimator():
    est = MLPClassifier(**SMALL)
    assert reloaded(est, MLPClassifier).get_params() == est.get_params()


def test_metadata_requests():
    with config_context(enable_metadata_routing=True):
        est = MLPClassifier(**SMALL).set_fit_request(sample_weight=True, X_val="held_out")
        found = reloaded(est, MLPClassifier)
        assert found.get_metadata_routing().fit.requests["X_val"] == "held_out"
        assert found.get_metadata_routing().fit.requests["sample_weight"] is True


def test_a_pipeline_and_a_search():
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**SMALL))
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [0.1, 0.01]}, cv=2).fit(X, Y)
    model = reloaded(search.best_estimator_, MLPClassifier)
    np.testing.assert_array_equal(model.predict_proba(X), search.predict_proba(X))
    data = skops.dumps(search)
    names = skops.get_untrusted_types(data=data)
    assert [name for name in names if not name.startswith("sklearn.")] == [name_of(MLPClassifier)]
    found = skops.loads(data, trusted=names)
    assert found.best_params_ == search.best_params_
    assert repr(found) == repr(search)
    assert "MLPClassifier" in found._repr_html_()


class Wave(torch.nn.Module):
    def forward(self, x):
        return torch.sin(x)


def test_classes_of_the_user_and_callbacks_have_names_of_their_own():
    options = {"activation": Wave, "metrics": ["accuracy"], "callbacks": [StopAt("accuracy", 1.0)]}
    est = MLPClassifier(**SMALL, **options).fit(X, Y)
    found = reloaded(est, MLPClassifier, Wave, StopAt)
    np.testing.assert_array_equal(found.predict_proba(X), est.predict_proba(X))
    assert found.net_.network.hidden[0].activation is Wave


# -- transformers and ensembles --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FoldEnsembleClassifier, FoldEnsembleRegressor])
def test_fold_ensembles(kind):
    is_classifier = kind is FoldEnsembleClassifier
    net = MLPClassifier(**SMALL) if is_classifier else MLPRegressor(**SMALL)
    model = kind(net, cv=3, warm_start=True).fit(X, Y if is_classifier else CODES)
    found = reloaded(model, kind, type(net))
    np.testing.assert_array_equal(raw(found, X), raw(model, X))
    pd.testing.assert_frame_equal(found.scores_, model.scores_)
    for each in (model, found):
        each.fit(X, Y if is_classifier else CODES)
    np.testing.assert_array_equal(raw(found, X), raw(model, X))


@pytest.mark.parametrize(
    ("transformer", "trusted"),
    [
        (SquashingScaler(), [SquashingScaler]),
        (PiecewiseLinearEncoder(), [PiecewiseLinearEncoder, SquashingScaler]),
        (TableCleaner(max_levels=2), [TableCleaner]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_transformers(transformer, trusted):
    frame = pd.DataFrame(X, columns=list("abcd"))
    if isinstance(transformer, TableCleaner):
        frame = frame.assign(kind=Y, nothing=None)
    found = reloaded(transformer.fit(frame), *trusted)
    expected, loaded = transformer.transform(frame), found.transform(frame)
    pd.testing.assert_frame_equal(pd.DataFrame(loaded), pd.DataFrame(expected))


def test_a_model_for_tables_asks_for_public_classes_only():
    frame = pd.DataFrame(X, columns=list("abcd")).assign(kind=np.where(X[:, 0] > 0, "a", "b"))
    model = tabular_pipeline("classifier", cv=3, random_state=0)
    model.set_params(nets__net__hidden_layer_sizes=8, nets__net__max_iter=3).fit(frame, Y)
    data = skops.dumps(model)
    names = skops.get_untrusted_types(data=data)
    public = {*sknn_tips.__all__, *sknn_tips.ensemble.__all__, *sknn_tips.preprocessing.__all__}
    ours = [name for name in names if name.startswith("sknn_tips.")]
    assert {name.rpartition(".")[2] for name in ours} <= public
    # scikit-learn's SimpleImputer asks for it
    assert set(names) - set(ours) == {"numpy.dtype"}
    found = skops.loads(data, trusted=names)
    np.testing.assert_array_equal(found.predict_proba(frame), model.predict_proba(frame))
    before, after = (each.steps_["nets"][0] for each in (model, found))
    assert list(after.get_feature_names_out()) == list(before.get_feature_names_out())


# -- what is not right -----------------------------------------------------------------------------


def test_a_changed_file_is_a_clear_error():
    est = MLPClassifier(**SMALL).fit(X, Y)
    state = est.__getstate__()
    state["net_"]["network"]["hidden"][0]["units"] = 7
    changed = object.__new__(MLPClassifier)
    with pytest.raises(ModelFileError, match=r"stored MLPClassifier is damaged.*save the model"):
        changed.__setstate__(state)


# -- cards -----------------------------------------------------------------------------------------


def test_a_model_card(tmp_path):
    model = make_pipeline(StandardScaler(), MLPClassifier(**SMALL)).fit(X, Y)
    found = card.Card(model)
    found.add_metrics(accuracy=model.score(X, Y))
    found.add(**{"Model description": str(summary(model))})
    found.save(tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    cells = {row[1]: row[2] for row in rows if len(row) == 4}
    assert cells["mlpclassifier__hidden_layer_sizes"] == "(6, 5)"
    assert cells["mlpclassifier__tol"] == "None"
    assert float(cells["accuracy"]) == pytest.approx(model.score(X, Y), abs=1e-6)
    assert "sk-estimator" in text
    assert "dense" in text
