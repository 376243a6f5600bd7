"""Classes and functions where a parameter takes a name: activation, init, optimizer, ..."""

import copy
import math
import pickle
import re
from contextlib import nullcontext
from functools import partial

import joblib
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback
from torch import nn
from torch.nn import functional

from sknn_tips import (
    MLPClassifier,
    MLPRegressor,
    diagnose,
    learning_rate_range,
    load_weights,
    save_model,
    save_weights,
    stacked,
    summary,
)
from sknn_tips.ensemble import FoldEnsembleRegressor
from sknn_tips.plotting import ActivationDisplay, InitializerDisplay, SearchDisplay
from sknn_tips.step import tiers

SMALL = {
    "hidden_layer_sizes": (12, 6),
    "max_iter": 4,
    "tol": None,
    "random_state": 0,
    "tips": "ignore",
    "dtype": "float64",
}
smooth = partial(functional.smooth_l1_loss, reduction="none")
# All can be imported by the workers of a search.
OBJECTS = {
    "activation": {"activation": nn.Hardswish},
    "one a layer": {"activation": [nn.PReLU, "relu"]},
    "init": {"init": partial(nn.init.trunc_normal_, std=0.3)},
    "optimizer": {"optimizer": torch.optim.Adafactor, "learning_rate_init": "auto"},
    "learning_rate": {"learning_rate": math.cos},
    "loss": {"loss": smooth},
    "all": {
        "activation": [partial(nn.LeakyReLU, 0.3), nn.PReLU],
        "init": nn.init.xavier_normal_,
        "optimizer": torch.optim.RAdam,
        "learning_rate": math.cos,
        "loss": nn.HuberLoss(delta=0.5),
        "normalize_y": True,
        "batchnorm": True,
        "dropout": 0.2,
        "input_scaling": True,
    },
}


@pytest.fixture(params=OBJECTS)
def given(request):
    return OBJECTS[request.param]


@pytest.fixture(autouse=True)
def global_generator():
    """No test may move torch's."""
    before = torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), before)


def regressor(**params):
    return MLPRegressor(**{**SMALL, **params})


def half_square(y_pred, y_true):
    return (y_pred - y_true) ** 2 / 2


def half_square_of_rows(y_pred, y_true):
    return ((y_pred - y_true) ** 2).mean(dim=1) / 2


# -- the same as by name ---------------------------------------------------------------------------

TWINS = {
    "tanh": ({"activation": nn.Tanh}, {"activation": "tanh"}),
    "logistic": ({"activation": nn.Sigmoid}, {"activation": "logistic"}),
    "a layer of relu": (
        {"activation": [partial(nn.LeakyReLU, 0.2), "relu"], "dropout": 0.3, "batchnorm": "after"},
        {
            "activation": ["leaky_relu", "relu"],
            "activation_params": {"negative_slope": 0.2},
            "dropout": 0.3,
            "batchnorm": "after",
        },
    ),
    "activity_l1": (
        {"activation": nn.ELU, "activity_l1": 0.01},
        {"activation": "elu", "activity_l1": 0.01},
    ),
    "sgd": ({"optimizer": torch.optim.SGD}, {"optimizer": "sgd", "momentum": 0}),
    "nesterov": (
        {
            "optimizer": torch.optim.SGD,
            "optimizer_params": {"momentum": 0.9, "nesterov": True},
            "input_scaling": True,
            "weight_decay": 0.02,
            "clip_norm": 0.5,
            "ema_decay": 0.9,
            "learning_rate": "invscaling",
        },
        {
            "optimizer": "nesterov",
            "input_scaling": True,
            "weight_decay": 0.02,
            "clip_norm": 0.5,
            "ema_decay": 0.9,
            "learning_rate": "invscaling",
        },
    ),
    "adamw": ({"optimizer": torch.optim.AdamW}, {"optimizer": "adamw"}),
    "the usual rate": (
        {"optimizer": torch.optim.Adadelta, "learning_rate_init": "auto"},
        {"optimizer": "adadelta", "learning_rate_init": "auto"},
    ),
    "constant": ({"learning_rate": lambda progress: 1}, {}),
    "inverse_time": (
        {"learning_rate": lambda progress: 1 / (1 + 0.1 * 12 * progress)},  # 4 epochs of 3
        {"learning_rate": "inverse_time", "schedule_params": {"decay": 0.1}},
    ),
    "squared_error": ({"loss": half_square}, {}),
    "normalised": ({"loss": half_square, "normalize_y": True}, {"normalize_y": True}),
    "huber": ({"loss": nn.HuberLoss}, {"loss": "huber"}),
    "huber's delta": (
        {"loss": nn.HuberLoss(delta=0.3)},
        {"loss": "huber", "loss_params": {"delta": 0.3}},
    ),
    "partial of a class": (
        {"loss": partial(nn.HuberLoss, delta=0.3)},
        {"loss": "huber", "loss_params": {"delta": 0.3}},
    ),
    "absolute_error": (
        {"loss": partial(functional.l1_loss, reduction="none")},
        {"loss": "absolute_error"},
    ),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", TWINS)
def test_training_is_that_of_the_name(case, weighted, diabetes, rng):
    X, y = diabetes
    theirs, ours = TWINS[case]
    y = np.c_[y, X[:, 0] - y] if "loss" in theirs else y
    weight = rng.rand(len(X)) if weighted else None
    first, second = (regressor(**params).fit(X, y, weight) for params in (theirs, ours))
    np.testing.assert_allclose(first.predict(X), second.predict(X), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(first.loss_curve_, second.loss_curve_, rtol=1e-8)
    np.testing.assert_allclose(first.history_["lr"], second.history_["lr"], rtol=1e-12)


def test_a_loss_of_rows_is_shown_as_it_is(diabetes):
    X, y = diabetes
    y = np.c_[y, X[:, 0] - y]
    # the gradient is half as large, and plain SGD moves by half of it
    plain = {"optimizer": "sgd", "momentum": 0, "alpha": 0}
    ours = regressor(**plain, learning_rate_init=0.01).fit(X, y)
    theirs = regressor(**plain, learning_rate_init=0.02, loss=half_square_of_rows).fit(X, y)
    np.testing.assert_allclose(theirs.loss_curve_, ours.loss_curve_, rtol=1e-10)


def test_an_optimizer_gets_the_parameters_in_their_shapes(diabetes):
    """Adafactor keeps the means of rows and columns, which a vector does not have."""
    X, y = diabetes
    plain = {"init": nn.init.eye_, "alpha": 0, "batch_size": len(X), "learning_rate_init": 0.01}
    net = regressor(optimizer=torch.optim.Adafactor, **plain).fit(X, y)
    sizes = [(10, 12), (12, 6), (6, 1)]
    weights = [nn.Parameter(torch.eye(*size, dtype=torch.float64)) for size in sizes]
    biases = [nn.Parameter(torch.zeros(size[1], dtype=torch.float64)) for size in sizes]
    optimizer = torch.optim.Adafactor([*weights, *biases], lr=0.01)
    for _ in range(4):
        out = torch.from_numpy(X)
        for weight, bias in zip(weights, biases, strict=True):
            out = out @ weight + bias
            out = out.relu() if weight is not weights[-1] else out
        optimizer.zero_grad()
        half_square(out.ravel(), torch.from_numpy(y)).mean().backward()
        optimizer.step()
    for ours, theirs in zip([*net.coefs_, *net.intercepts_], [*weights, *biases], strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-8, atol=1e-10)


def test_initial_weights_are_what_the_function_fills_in(diabetes):
    X, y = diabetes
    shapes = []

    def fill(weight):
        shapes.append(tuple(weight.shape))
        nn.init.eye_(weight)

    net = regressor(init=fill, learning_rate_init=1e-12).fit(X, y)
    assert shapes == [(12, 10), (6, 12), (1, 6)]  # torch's (n_out, n_in)
    for weight, bias in zip(net.coefs_, net.intercepts_, strict=True):
        np.testing.assert_allclose(weight, np.eye(*weight.shape), atol=1e-9)
        np.testing.assert_allclose(bias, 0, atol=1e-9)


def test_random_state_decides_on_initial_weights(diabetes):
    X, y = diabetes

    def draw(seed, init=nn.init.xavier_normal_):
        params = {"learning_rate_init": 1e-12, "hidden_layer_sizes": (200,), "max_iter": 1}
        return regressor(init=init, random_state=seed, **params).fit(X, y).coefs_[0]

    assert (draw(0) == draw(0)).all()
    assert not np.allclose(draw(0), draw(1))
    assert draw(0).std() == pytest.approx(np.sqrt(2 / 210), rel=0.1)


class Gate(nn.Module):
    """Has parameters that are drawn, and a buffer."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(3))
        self.register_buffer("batches", torch.zeros(1))

    def forward(self, x):
        if self.training:
            self.batches.add_(1)
        return x * torch.sigmoid(self.scale.sum() * x)


def test_an_activation_may_have_parameters(diabetes):
    X, y = diabetes
    nets = [regressor(activation=Gate, random_state=seed).fit(X, y) for seed in (0, 0, 1)]
    first, same, other = (net.module_[1].scale for net in nets)
    assert torch.equal(first, same)
    assert not torch.allclose(first, other, rtol=0.01)
    assert not torch.allclose(first, nets[0].module_[3].scale, rtol=0.01)
    before = nets[0].module_[1].scale.detach().clone()
    nets[0].partial_fit(X, y)
    assert not torch.equal(nets[0].module_[1].scale, before)  # it is trained
    assert nets[0].module_[1].batches == 5 * 3
    copied = pickle.loads(pickle.dumps(nets[0]))
    assert torch.equal(copied.module_[1].scale, nets[0].module_[1].scale)


def test_any_generator_of_numpy_draws(diabetes):
    X, y = diabetes
    params = {"activation": Gate, "init": nn.init.xavier_normal_}
    first, second = (
        regressor(**params, random_state=np.random.RandomState(np.random.PCG64(3))).fit(X, y)
        for _ in range(2)
    )
    assert (first.predict(X) == second.predict(X)).all()


def test_a_schedule_sees_the_progress_of_every_update(diabetes):
    X, y = diabetes
    seen = []
    net = regressor(learning_rate=lambda progress: seen.append(progress) or 1 - progress).fit(X, y)
    np.testing.assert_allclose(sorted(set(seen)), sorted({0.5, *np.arange(13) / 12}))
    np.testing.assert_allclose(net.history_["lr"], 0.001 * (1 - np.array([2, 5, 8, 11]) / 12))
    assert net.net_.tier_ == tiers.FASTEST


# -- which way to train, and what is shown ---------------------------------------------------------

REASONS = {
    "activation": "activation=Hardswish",
    "one a layer": "activation=PReLU",
    "optimizer": "optimizer=Adafactor",
    "loss": r"loss=smooth_l1_loss\(reduction='none'\)",
    "all": r"LeakyReLU\(0.3\) and activation=PReLU and optimizer=RAdam and loss=HuberLoss\(\)",
}


@pytest.mark.parametrize("case", REASONS)
def test_the_reason_of_the_tier_names_the_object(case, diabetes):
    net = regressor(**OBJECTS[case]).fit(*diabetes).net_
    assert net.tier_ == "T1"
    assert re.search(REASONS[case], net.tier_reason_)


@pytest.mark.parametrize("case", ["init", "learning_rate"])
def test_initial_weights_and_schedules_leave_the_engine(case, diabetes, engine):
    assert regressor(**OBJECTS[case]).fit(*diabetes).net_.tier_ == "T0"


def test_summary_and_tips_show_names(diabetes):
    net = regressor(**OBJECTS["all"])
    for text in (str(summary(net, *diabetes)), str(summary(net.fit(*diabetes)))):
        assert "PReLU" in text
        assert "optimizer: RAdam(), learning_rate_init=0.001, learning_rate=cos," in text
    sick = regressor(init=partial(nn.init.normal_, std=50.0), tips="all", dtype="float32")
    with pytest.warns(match="bad-init"):
        sick.fit(*diabetes)
    (seen,) = [tip.seen for tip in sick.tips_ if tip.code == "bad-init"]
    assert seen.startswith("With init=normal_(std=50.0) ")


# -- whatever else is done with an estimator -------------------------------------------------------


def test_copies_predict_the_same_and_train_on_the_same(given, diabetes, tmp_path):
    X, y = diabetes
    net = regressor(**given).fit(X, y)
    assert (clone(net).fit(X, y).predict(X) == net.predict(X)).all()
    joblib.dump(net, tmp_path / "net")
    copies = [pickle.loads(pickle.dumps(net)), copy.deepcopy(net), joblib.load(tmp_path / "net")]
    for each in (net, *copies):
        assert (each.predict(X) == net.predict(X)).all()
    for each in (net, *copies):
        each.partial_fit(X, y).set_params(warm_start=True).fit(X, y)
        assert (each.predict(X) == net.predict(X)).all()
    assert repr(net).startswith("MLPRegressor(")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_calls_of_partial_fit_are_one_fit(given, dtype, diabetes):
    X, y = diabetes
    whole, parts = (regressor(**given, dtype=dtype) for _ in range(2))
    whole.fit(X, y)
    for _ in range(4):
        parts.partial_fit(X, y)
    assert (whole.predict(X) == parts.predict(X)).all()


class Fails(Callback):
    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 6:
            raise ZeroDivisionError


def test_a_failed_warm_start_changes_nothing(given, diabetes):
    X, y = diabetes
    net, other = (regressor(**given, warm_start=True).fit(X, y) for _ in range(2))
    with pytest.raises(ZeroDivisionError):
        net.set_params(callbacks=[Fails()]).fit(X, y)
    assert (net.predict(X) == other.predict(X)).all()
    net.set_params(callbacks=())
    assert (net.fit(X, y).predict(X) == other.fit(X, y).predict(X)).all()


def test_a_fit_may_go_on_in_another_dtype(given, diabetes):
    X, y = diabetes
    net = regressor(**given, warm_start=True, dtype="float32").fit(X, y)
    other = regressor(**given, warm_start=True).fit(X, y)
    net.set_params(dtype="float64").fit(X, y)
    np.testing.assert_allclose(net.predict(X), other.fit(X, y).predict(X), atol=2e-3)


def test_rows_of_float32_are_predicted_in_it_and_others_in_float64(given, diabetes):
    X, y = diabetes
    net = regressor(**given, dtype="float32").fit(X, y)
    np.testing.assert_allclose(net.predict(X[:3]), net.predict(X)[:3], rtol=1e-12)
    single = net.predict(X.astype(np.float32))
    assert single.dtype == np.float32 or given.get("normalize_y")
    np.testing.assert_allclose(single, net.predict(X), atol=1e-4)
    assert net.coefs_[0].dtype == np.float32


def test_early_stopping(given, diabetes):
    X, y = diabetes
    net = regressor(**given, early_stopping=True, max_iter=30, ema_decay=0.5, weight_decay=0.01)
    net.set_params(tol=10.0, n_iter_no_change=3).fit(X, y)
    assert net.stop_reason_ == "early_stopping"
    assert len(net.validation_scores_) == net.n_iter_ < 30
    if "loss" in given:  # R2 may have nothing to do with it
        net.set_params(max_iter=6, tol=None, n_iter_no_change=10).fit(X, y)
        assert net.best_epoch_ == 1 + np.argmin(net.history_["val_loss"])


@pytest.mark.parametrize("how", ["processes", "threads"])
def test_searches(how, given, diabetes):
    X, y = diabetes
    grid = {f"mlpregressor__{name}": [value] for name, value in given.items()}
    grid["mlpregressor__alpha"] = [0.0, 0.1]
    search = GridSearchCV(make_pipeline(StandardScaler(), regressor()), grid, cv=2, n_jobs=1)
    alone = search.fit(X, y).cv_results_["mean_test_score"]
    together = clone(search).set_params(n_jobs=2)
    with stacked(2) if how == "threads" else nullcontext():
        together.fit(X, y)
    np.testing.assert_array_equal(together.cv_results_["mean_test_score"], alone)
    assert (together.predict(X) == search.predict(X)).all()


def test_ensemble_and_diagnosis(given, diabetes):
    X, y = diabetes
    net = regressor(**given)
    ensemble = FoldEnsembleRegressor(net, cv=2, random_state=0).fit(X, y)
    assert ensemble.predict(X).shape == y.shape
    assert diagnose(net, X, y).to_frame().shape[0] > 20


def test_the_rate_of_a_class_without_a_default_is_found(diabetes):
    """Whatever the schedule is, which the test does without."""
    net = regressor(**OBJECTS["all"]).set_params(optimizer=NoDefault)
    found = learning_rate_range(net, *diabetes)
    assert 1e-3 <= found.suggested_rate <= 3


def test_a_lambda_fits_and_fails_in_pickle_alone(diabetes):
    X, y = diabetes
    net = regressor(learning_rate=lambda progress: 1 - progress).fit(X, y)
    assert (copy.deepcopy(net).predict(X) == net.predict(X)).all()
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(net)
    assert net.predict(X).shape == y.shape


def test_a_classifier_takes_all_but_a_loss(digits):
    X, y = digits
    left_out = ("loss", "normalize_y", "dropout")
    params = {name: value for name, value in OBJECTS["all"].items() if name not in left_out}
    params |= {"learning_rate_init": 0.02, "max_iter": 15, "hidden_layer_sizes": (60, 60)}
    net = MLPClassifier(**{**SMALL, **params, "batch_size": 30})
    assert net.fit(X, y).score(X, y) > 0.9
    with pytest.raises(ValueError, match=r"loss=.*Choose one of: 'log_loss', 'squared_error'"):
        net.set_params(loss=smooth).fit(X, y)


def test_a_warm_start_takes_an_object_in_the_place_of_a_name(diabetes):
    """With the weights, and without the moments of another optimizer."""
    X, y = diabetes
    for params in (
        {"activation": nn.Hardswish},
        {"optimizer": torch.optim.RAdam},
        {"loss": smooth},
    ):
        nets = [regressor(warm_start=True).fit(X, y) for _ in range(3)]
        before = nets[0].predict(X)
        nets[0].set_params(**params, learning_rate_init=1e-12).fit(X, y)
        if "activation" not in params:
            np.testing.assert_allclose(nets[0].predict(X), before, atol=1e-8)
        nets[1].set_params(**params).fit(X, y)
        assert nets[1].net_.tier_ == "T1"
        nets[1].set_params(**{name: getattr(nets[2], name) for name in params}).fit(X, y)
        assert nets[1].net_.tier_ == tiers.FASTEST
        assert not np.allclose(nets[1].predict(X), before)


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("case", sorted(set(OBJECTS) - {"all"}))
def test_a_file_of_names_refuses_them_before_it_is_written(case, inside, diabetes, tmp_path):
    pytest.importorskip("skops")
    net = regressor(**OBJECTS[case])
    model = (make_pipeline(StandardScaler(), net) if inside else net).fit(*diabetes)
    name = next(iter(OBJECTS[case]))
    words = rf"save_model cannot write {name}=.*with a name as {name}, or save with joblib.dump or"
    with pytest.raises(TypeError, match=words):
        save_model(model, tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_weights_are_saved(given, diabetes, tmp_path):
    X, y = diabetes
    net = regressor(**given).fit(X, y)
    save_weights(net, tmp_path / "file")
    other = regressor(**given, random_state=1).fit(X, y)
    load_weights(other, tmp_path / "file")
    assert (other.predict(X) == net.predict(X)).all()


def test_weights_of_another_activation_are_refused(diabetes, tmp_path):
    save_weights(regressor(activation=nn.Hardswish).fit(*diabetes), tmp_path / "file")
    other = regressor(activation=nn.Softsign).fit(*diabetes)
    with pytest.raises(ValueError, match=r"Hardswish, Hardswish.*has Softsign, Softsign"):
        load_weights(other, tmp_path / "file")


# -- pictures --------------------------------------------------------------------------------------


def test_pictures_show_names(diabetes):
    matplotlib = pytest.importorskip("matplotlib")
    grid = {
        "activation": [nn.Hardswish, "relu"],
        "init": [partial(nn.init.trunc_normal_, std=std) for std in (0.1, 0.2)],
    }
    with matplotlib.rc_context({"backend": "agg"}):
        search = GridSearchCV(regressor(), grid, cv=2).fit(*diabetes)
        ax = SearchDisplay.from_estimator(search).ax_
        labels = [tick.get_text() for tick in (*ax.get_xticklabels(), *ax.get_yticklabels())]
        expected = ["Hardswish", "relu", "trunc_normal_(std=0.1)", "trunc_normal_(std=0.2)"]
        assert sorted(labels) == expected
        shown = ActivationDisplay.from_name(nn.Hardswish, "relu")
        assert list(shown.curves) == ["Hardswish", "relu"]
        shown = InitializerDisplay.from_name(
            nn.init.xavier_normal_, "he_normal", activation=nn.SiLU, n_units=20, random_state=0
        )
        assert list(shown.weights) == ["xavier_normal_, SiLU", "he_normal, SiLU"]
        matplotlib.pyplot.close("all")


# -- wrong objects ---------------------------------------------------------------------------------


class Doubles(nn.Module):
    def forward(self, x):
        return torch.cat([x, x], dim=1)


class NoRate(torch.optim.SGD):
    def __init__(self, params):
        super().__init__(params, lr=0.1)


class NoDefault(torch.optim.SGD):
    def __init__(self, params, lr):
        super().__init__(params, lr=lr)


class Replaces(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.data = parameter.data - group["lr"] * parameter.grad


shared = nn.PReLU()
WRONG = {
    "an activation's instance": ({"activation": nn.Tanh()}, r"activation=Tanh\(\): it is an inst"),
    "a function as activation": (
        {"activation": torch.tanh},
        r"activation=tanh: .*Write activation='tanh'",
    ),
    "another class as activation": ({"activation": dict}, "activation=dict: it makes dict, not a"),
    "an activation with arguments": ({"activation": nn.Linear}, "activation=Linear: .*arguments"),
    "an activation of another width": ({"activation": Doubles}, "activation=Doubles: .*keeps the"),
    "a module twice": ({"activation": lambda: shared}, "activation=<lambda>: it returns the same"),
    "a random activation": ({"activation": nn.RReLU}, "RReLU: it draws random numbers"),
    "in a list": ({"activation": ["relu", nn.GLU]}, r"activation=GLU: it makes .*2, 3\) of .*2, 6"),
    "a number as activation": ({"activation": 3}, "activation=3 is not known.*'relu'"),
    "activation_params": (
        {"activation": nn.ELU, "activation_params": {"alpha": 2.0}},
        "'alpha', which activation=ELU does not take.*functools.partial",
    ),
    "a number as init": ({"init": 3}, "init=3 is not known.*'he_normal'"),
    "an init of other shapes": (
        {"init": nn.init.dirac_},
        "init=dirac_: Only tensors with 3.*such as",
    ),
    "an init out of place": (
        {"init": torch.zeros_like},
        r"zeros_like: .*\(12, 10\) not finite.*in p",
    ),
    "an init without arguments": ({"init": lambda: 1}, "init=<lambda>: .*fills a tensor in place"),
    "init_params": (
        {"init": nn.init.normal_, "init_params": {"std": 2.0}},
        "'std', which init=normal_ does not take.*functools.partial",
    ),
    "L-BFGS of torch": ({"optimizer": torch.optim.LBFGS}, "LBFGS: .*closure.*optimizer='lbfgs'"),
    "an optimizer's instance": (
        {"optimizer": torch.optim.SGD([shared.weight], lr=0.1)},
        r"optimizer=SGD\(...\) is not a class of optimizers.*such as torch.optim.RAdam",
    ),
    "another class as optimizer": ({"optimizer": nn.Tanh}, "optimizer=Tanh is not a class of"),
    "a partial as optimizer": (
        {"optimizer": partial(torch.optim.SGD, momentum=0.9)},
        r"optimizer=SGD\(momentum=0.9\) is not a class of .*optimizer_params",
    ),
    "a number as optimizer": ({"optimizer": 3}, "optimizer=3 is not known.*'adam'"),
    "an optimizer without lr": ({"optimizer": NoRate}, "optimizer=NoRate: .*'lr'.*that takes lr"),
    "an optimizer without a default": (
        {"optimizer": NoDefault, "learning_rate_init": "auto"},
        "learning_rate_init='auto': optimizer=NoDefault has no default of lr. Give a number",
    ),
    "an optimizer of sparse gradients": (
        {"optimizer": torch.optim.SparseAdam},
        "optimizer=SparseAdam: SparseAdam does not support dense gradients",
    ),
    "an optimizer out of place": ({"optimizer": Replaces}, "Replaces: it puts new tensors"),
    "an unknown option": (
        {"optimizer": torch.optim.RAdam, "optimizer_params": {"rho": 1}},
        "optimizer=RAdam: .*'rho'.*options in optimizer_params",
    ),
    "a wrong value of an option": (
        {"optimizer": torch.optim.RAdam, "optimizer_params": {"eps": -1}},
        "optimizer=RAdam: Invalid epsilon value: -1",
    ),
    "an option that is a parameter": (
        {"optimizer": torch.optim.RAdam, "optimizer_params": {"weight_decay": 1}},
        "optimizer_params has the key 'weight_decay': write weight_decay=1 beside it",
    ),
    "solver and a class": (
        {"optimizer": torch.optim.RAdam, "solver": "sgd"},
        "solver='sgd' and optimizer=RAdam contradict",
    ),
    "a class as solver": ({"solver": torch.optim.RAdam}, "solver=.*is not known"),
    "a number as schedule": ({"learning_rate": 0.1}, "learning_rate_init=0.1"),
    "a schedule without arguments": ({"learning_rate": dict.clear}, r"factor\(progress\)"),
    "a negative factor": ({"learning_rate": lambda p: 0.5 - p}, "progress 1: it returns -0.5"),
    "no factor at the end": ({"learning_rate": lambda p: 1 / (1 - p)}, "progress 1: .*division"),
    "text as factor": ({"learning_rate": lambda p: "half"}, "'half'.* or a name, such as 'cosine'"),
    "a scheduler of torch": (
        {"learning_rate": torch.optim.lr_scheduler.StepLR},
        r"learning_rate=StepLR at progress 0: .*factor\(progress\)",
    ),
    "schedule_params": (
        {"learning_rate": math.cos, "schedule_params": {"gamma": 0.9}},
        "'gamma', which learning_rate=cos does not take.*functools.partial",
    ),
    "a number as loss": ({"loss": 3}, "loss=3: the first parameter .*hidden_layer_sizes=3"),
    "a loss of one number": (
        {"loss": functional.mse_loss},
        "loss=mse_loss: .*pass reduction='none'",
    ),
    "a mean": (
        {"loss": lambda p, t: (p - t).abs().mean()},
        "<lambda>: it returns one number for all",
    ),
    "a loss of another shape": (
        {"loss": lambda p, t: (p - t)[:1]},
        r"shape \(1, 1\) for .*\(3, 1\)",
    ),
    "a loss of one argument": ({"loss": lambda p: p}, r"loss=<lambda>: .*loss\(y_pred, y_true\)"),
    "a loss without a gradient": (
        {"loss": lambda p, t: p.detach() - t},
        "has no gradient by y_pred",
    ),
    "a loss of numpy": ({"loss": np.subtract}, r"loss=subtract: .*loss\(y_pred, y_true\)"),
    "another class as loss": ({"loss": nn.Tanh}, r"loss=Tanh: .*loss\(y_pred, y_true\)"),
    "a loss that draws": ({"loss": lambda p, t: p * torch.rand(1)}, "<lambda>: it draws random"),
    "loss_params": (
        {"loss": nn.HuberLoss, "loss_params": {"delta": 2.0}},
        "'delta', which loss=HuberLoss does not take.*functools.partial",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_object_is_an_error_before_training(case, diabetes):
    params, words = WRONG[case]
    net = regressor(**params)
    before = dict(vars(net))
    with pytest.raises(ValueError, match=f"(?s){words}"):
        net.fit(*diabetes)
    assert vars(net) == before
    fitted = regressor(warm_start=True).fit(*diabetes)
    predicted = fitted.predict(diabetes[0])
    if "init" not in params:  # which draws nothing in a warm start
        with pytest.raises(ValueError, match=f"(?s){words}"):
            fitted.set_params(**params).fit(*diabetes)
        assert (fitted.predict(diabetes[0]) == predicted).all()


def test_a_name_that_is_nearly_one_is_still_guessed(diabetes):
    for params in ({"activation": "rellu"}, {"optimizer": "adm"}, {"learning_rate": "cosin"}):
        with pytest.raises(ValueError, match="Did you mean"):
            regressor(**params).fit(*diabetes)


class TakesAnything(torch.optim.AdamW):
    def __init__(self, params, **options):
        super().__init__(params, **options)


def test_an_optimizer_may_take_options_that_it_does_not_name(diabetes):
    net = regressor(optimizer=TakesAnything, optimizer_params={"amsgrad": True}).fit(*diabetes)
    assert net.net_.optimizer_.defaults["amsgrad"]
    with pytest.raises(ValueError, match=r"optimizer=TakesAnything: .*'rho'"):
        net.set_params(optimizer_params={"rho": 1}).fit(*diabetes)
