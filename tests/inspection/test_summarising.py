import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sknn_tips import MLPClassifier, MLPRegressor, summary
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.nn.activations import ACTIVATIONS

FASHION = MLPClassifier(512, batchnorm=True, learning_rate_init=0.01)
EVERYTHING = {
    "hidden_layer_sizes": (6, 5, 4),
    "activation": ["maxout", "elu", "tanh"],
    "batchnorm": ["before", False, "after"],
    "layernorm": True,
    "dropout": [0.1, 0, 0.3],
    "input_dropout": 0.2,
}


def test_the_net_of_the_lecture_has_409098_parameters():
    found = summary(FASHION, n_features=784, n_outputs=10)
    assert (found.n_parameters, found.n_trainable, found.n_other) == (409_098, 408_074, 1_024)
    assert "409,098 parameters: 408,074 trainable, 1,024 not" in str(found)
    assert found.layers["layer"].iloc[-1] == "softmax"


def test_before_and_after_fit_are_equal(digits):
    clf = MLPClassifier(**EVERYTHING, max_iter=1, tol=None)
    before = summary(clf, *digits)
    after = summary(clf.fit(*digits))
    assert str(before) == str(after)
    torchs = sum(p.numel() for p in clf.module_.parameters())
    assert after.n_trainable == torchs
    assert summary(clf, n_features=64, n_outputs=10).layers.equals(after.layers)


def test_of_an_ensemble_one_network_is_described(digits):
    X, y = digits
    net = make_pipeline(MaxAbsScaler(), MLPClassifier(8, max_iter=2, tol=None))
    trees = DecisionTreeClassifier(max_depth=2)
    model = FoldEnsembleClassifier([("trees", trees), ("nets", net)], cv=2, shared_steps=True)
    with pytest.raises(TypeError, match=r"get_params\(\)\['nets'\]"):
        summary(model)
    assert str(summary(model.fit(X, y))) == str(summary(net.fit(X, y)))
    model = FoldEnsembleClassifier([("narrow", MLPClassifier(4)), ("nets", net)], cv=2)
    with pytest.raises(TypeError, match=r"pass a part: model.estimators_\['narrow'\]\[0\]"):
        summary(model.set_params(narrow__max_iter=2, narrow__tol=None).fit(X, y))


@pytest.mark.parametrize(
    ("y", "outputs", "link"),
    [
        (np.array(["a", "b"] * 5), 1, "logistic"),
        (np.array(["a", "b", "c", "c", "b"] * 2), 3, "softmax"),
        (np.tile([[0, 1, 1], [1, 0, 1]], (5, 1)), 3, "logistic"),
    ],
)
def test_outputs_follow_from_the_target(y, outputs, link):
    last = summary(MLPClassifier(), np.zeros((10, 2)), y).layers.iloc[-1]
    assert (last["output"], last["layer"]) == (f"(batch, {outputs})", link)


def test_models_around_the_network(digits):
    X, y = digits
    search = GridSearchCV(make_pipeline(StandardScaler(), MLPClassifier()), {})
    assert summary(search, X, y).n_parameters == 64 * 100 + 100 + 1010
    model = TransformedTargetRegressor(MLPRegressor("poisson"), transformer=StandardScaler())
    found = summary(model, X, y)
    assert found.layers["layer"].iloc[-1] == "exp"
    letters = np.array([["a", "x"], ["b", "y"], ["c", "y"]])
    encoded = make_pipeline(OneHotEncoder(sparse_output=False), MLPClassifier())
    assert summary(encoded, letters, [0, 1, 0]).layers["output"].iloc[0] == "(batch, 5)"


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_rows_and_targets(digits, make):
    X, y = digits
    model = make_pipeline(MaxAbsScaler(), MLPClassifier())
    assert str(summary(model, make(X), y)) == str(summary(model, X, y))
    labels = (X[:, :3] > 0).astype(int)
    assert str(summary(model, make(X), make(labels))) == str(summary(model, X, labels))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_has_its_name(activation):
    layers = summary(MLPClassifier(activation=activation), n_features=2, n_outputs=1).layers
    assert layers["layer"].tolist() == ["input", "dense", activation, "dense", "logistic"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"solver": "lbfgs"}, ["lbfgs, alpha=0.0001"]),
        ({"optimizer": "gd"}, ["gd(", "full batch"]),
        ({"solver": "sgd", "momentum": 0}, ["sgd(momentum=0, nesterov=False)"]),
        ({"optimizer": "rmsprop", "learning_rate_init": "auto"}, ["learning_rate_init=0.001"]),
        ({"optimizer": "adamw"}, ["weight_decay=0.01"]),
        (
            {"learning_rate": "step", "schedule_params": {"step_size": 2}, "clip_norm": 1},
            ["learning_rate='step', schedule_params={'step_size': 2}", "clip_norm=1"],
        ),
    ],
)
def test_the_optimizer_is_the_resolved_one(parameters, words):
    shown = summary(MLPRegressor(**parameters), n_features=2, n_outputs=1).optimizer
    assert all(word in shown for word in words), shown


def test_a_notebook_gets_a_table():
    found = summary(FASHION, n_features=784, n_outputs=10)
    assert "<td>401,920</td>" in found._repr_html_()
    assert "409,098 parameters" in found._repr_html_()


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match=r"number of features before fit.*n_features="):
        summary(MLPClassifier(), n_outputs=3)
    with pytest.raises(ValueError, match=r"number of outputs before fit.*n_outputs="):
        summary(MLPClassifier(), n_features=3)
    both = "number of features and the number of outputs.*n_features=.* X; n_outputs=.* y; or fit"
    with pytest.raises(ValueError, match=both):
        summary(MLPClassifier())
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        summary(MLPClassifier(activation="relo"), n_features=3, n_outputs=3)
    with pytest.raises(TypeError, match="summary got StandardScaler"):
        summary(StandardScaler())


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("name", ["n_features", "n_outputs"])
def test_sizes_that_no_network_has(kind, name):
    for size in (0, -1):
        with pytest.raises(ValueError, match=f"{name} == {size}, must be >= 1"):
            summary(kind(), **{"n_features": 3, "n_outputs": 3, name: size})
    with pytest.raises(TypeError, match=name):
        summary(kind(), **{"n_features": 3, "n_outputs": 3, name: 2.5})


def test_two_classes_have_one_output():
    with pytest.raises(ValueError, match=r"n_outputs=2: .*Pass n_outputs=1, or y for a multilabel"):
        summary(MLPClassifier(), n_features=3, n_outputs=2)
    multilabel = summary(MLPClassifier(), n_features=3, y=[[0, 1], [1, 0], [1, 1]])
    regression = summary(MLPRegressor(), n_features=3, n_outputs=2)
    for found in (multilabel, regression):
        assert found.layers["output"].iloc[-1] == "(batch, 2)"


def test_nothing_is_drawn_and_nothing_changed():
    clf, before = MLPClassifier(), torch.get_rng_state()
    summary(clf, n_features=3, n_outputs=3)
    assert vars(clf) == vars(MLPClassifier())
    assert torch.equal(before, torch.get_rng_state())
