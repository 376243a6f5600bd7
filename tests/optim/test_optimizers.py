import warnings
from dataclasses import replace
from inspect import signature

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.utils._param_validation import StrOptions

from sknn_tips import MLPClassifier, summary
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.memory import RateGroup
from sknn_tips.optim.optimizers import (
    OPTIMIZERS,
    RANGES,
    OptimizerChoice,
    canonical,
    check_own,
    optimizer_of,
)

TORCH = [name for name, entry in OPTIMIZERS.items() if entry.torch_class]
CASES = [
    *((name, {}) for name, entry in OPTIMIZERS.items() if entry.rule),
    ("momentum", {"dampening": 0.3}),
    ("adam", {"amsgrad": True, "eps": 1e-3}),
    ("rmsprop", {"momentum": 0.7}),
    ("rmsprop", {"alpha": 0.8, "eps": 1e-3, "momentum": 0.7, "centered": True}),
]
GROUPS = [RateGroup(slice(0, 30), 1.0), RateGroup(slice(30, 50), 6.0)]


@pytest.mark.parametrize("name", TORCH)
def test_every_optimizer_descends(name, choose):
    parameter = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer = choose(name).build([(parameter, 1.0)], OPTIMIZERS[name].usual_rate)
    values = []
    for _ in range(200):
        optimizer.zero_grad()
        value = parameter.square().sum()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert values[-1] < values[0]


@pytest.mark.parametrize("name", TORCH)
def test_the_engine_has_the_common_ones(name, choose):
    choice = choose(name)
    assert choice.has_rule == (name not in ("adadelta", "adagrad", "nadam"))
    assert not replace(choice, options={**choice.options, "new": 1}).has_rule


@pytest.mark.parametrize("name", [name for name in TORCH if OPTIMIZERS[name].rule])
def test_defaults_of_a_rule_are_torchs(name):
    entry = OPTIMIZERS[name]
    ours, theirs = signature(entry.rule).parameters, signature(entry.torch_class).parameters
    for option in entry.options_of_rule & set(theirs):
        assert ours[option].default == theirs[option].default


def test_scikit_learn_has_some():
    (theirs,) = (
        each.options
        for each in SklearnMLPClassifier._parameter_constraints["solver"]
        if isinstance(each, StrOptions)
    )
    assert {name for name, entry in OPTIMIZERS.items() if entry.in_sklearn} == theirs


def test_usual_rates_are_torchs_and_for_sgd_and_rmsprop_those_of_keras():
    theirs = {name: torchs_default(OPTIMIZERS[name].torch_class, "lr") for name in TORCH}
    keras = {"gd": 0.01, "sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "rmsprop": 0.001}
    assert {name: OPTIMIZERS[name].usual_rate for name in TORCH} == {**theirs, **keras}


def test_only_adamw_decays_weights_by_default():
    decays = {name: entry.weight_decay for name, entry in OPTIMIZERS.items() if entry.weight_decay}
    assert decays == {"adamw": torchs_default(torch.optim.AdamW, "weight_decay")}


def torchs_default(kind, option):
    return signature(kind).parameters[option].default


@pytest.mark.parametrize("momentum", [0, 1])
def test_ends_of_the_range_of_the_momentum(momentum):
    assert RANGES["momentum"].holds(momentum)
    assert not RANGES["momentum"].holds(momentum + (0.001 if momentum else -0.001))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_option_has_a_range(name):
    entry = OPTIMIZERS[name]
    assert set(entry.options) | set(entry.aliases.values()) <= set(RANGES)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_just_a_line_search_is_not_torchs(name):
    assert OPTIMIZERS[name].line_search == (OPTIMIZERS[name].torch_class is None)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_its_entry_whatever_its_name(name, digits, monkeypatch):
    def told_of(name):
        clf = MLPClassifier(8, optimizer=name, max_iter=3, tol=None, random_state=0, tips="all")
        clf.set_params(learning_rate="cosine", early_stopping=True, monitor="loss")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            clf.fit(*digits)
        told = [str(warning.message) for warning in caught]
        attributes = clf.stop_reason_, clf.net_.tier_, clf.net_.tier_reason_, clf.tips_
        said = [told, attributes, hasattr(clf, "partial_fit"), summary(clf).optimizer]
        return str(said), clf.coefs_

    monkeypatch.setitem(OPTIMIZERS, "brand_new", OPTIMIZERS[name])
    (said, coefs), (expected_said, expected) = told_of("brand_new"), told_of(name)
    assert said.replace("brand_new", name) == expected_said
    for ours, theirs in zip(coefs, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
def test_steps_and_state_of_a_rule_are_torchs(name, params, dtype, choose, run):
    entry, options = OPTIMIZERS[name], choose(name, params).options
    gradients = torch.from_numpy(np.random.RandomState(0).randn(10, 50)).to(dtype)
    ours, theirs = torch.ones(50, dtype=dtype), torch.nn.Parameter(torch.ones(50, dtype=dtype))
    gradient, state = torch.empty(50, dtype=dtype), {}
    rule = entry.rule(ours, gradient, state, **options)
    optimizer = entry.torch_class([theirs], 0.1, **options)
    shared = torch.zeros((), dtype=torch.float64)
    operations = rule.operations(shared)
    for i, each in enumerate(gradients):
        rate = optimizer.param_groups[0]["lr"] = 0.1 / (i + 1)
        gradient.copy_(each)
        theirs.grad = each.clone()
        shared.fill_(rate)
        run(operations)
        optimizer.step()
        if i == 4:  # a rule made anew goes on with the state
            operations = entry.rule(ours, gradient, state, **options).operations(shared)
    exact = 1e-12 if dtype == torch.float64 else 1e-5
    np.testing.assert_allclose(ours, theirs.detach(), rtol=exact)
    expected = {k: v for k, v in optimizer.state[theirs].items() if v is not None}
    assert set(state) == set(expected)
    for key, tensor in state.items():
        np.testing.assert_allclose(tensor, expected[key], rtol=exact, atol=exact)


@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
def test_groups_with_rates_of_their_own_are_torchs_parameter_groups(name, params, choose, run):
    entry, options = OPTIMIZERS[name], choose(name, params).options
    ours, gradient, state = torch.ones(50).double(), torch.empty(50).double(), {}
    theirs = [torch.nn.Parameter(ours[group.part].clone()) for group in GROUPS]
    by_group = [{"params": [p], "lr": 0.1 * g.factor} for p, g in zip(theirs, GROUPS, strict=True)]
    rule = entry.rule(ours, gradient, state, GROUPS, **options)
    optimizer = entry.torch_class(by_group, **options)
    operations = rule.operations(torch.tensor(0.1, dtype=torch.float64))
    for each in torch.from_numpy(np.random.RandomState(0).randn(10, 50)):
        gradient.copy_(each)
        for parameter, group in zip(theirs, GROUPS, strict=True):
            parameter.grad = each[group.part].clone()
        run(operations)
        optimizer.step()
    np.testing.assert_allclose(ours, torch.cat(theirs).detach(), rtol=1e-12)
    assert all(value.dim() == 0 or len(value) == 50 for value in state.values())


def test_an_own_class_is_asked_for_its_rate_and_its_decay():
    entry = optimizer_of(canonical(torch.optim.AdamW))
    assert (entry.usual_rate, entry.weight_decay, entry.fixed) == (1e-3, 0.01, {"weight_decay": 0})
    assert (entry.own, entry.rule, entry.estimator_parameters, entry.full_batch) == (
        True,
        None,
        (),
        False,
    )
    entry = optimizer_of(canonical(torch.optim.RAdam))
    assert (entry.weight_decay, entry.fixed) == (0, {})
    assert optimizer_of(canonical("adam")) is OPTIMIZERS["adam"]


@pytest.mark.parametrize("options", [{"momentum": -1}, {"rho": 1}])
def test_an_own_class_is_tried(options):
    check_own(OptimizerChoice(torch.optim.SGD, {"momentum": 0.5}), 0.1)
    choice = OptimizerChoice(torch.optim.SGD, options)
    with pytest.raises(ValueError, match=r"optimizer=SGD: .*torch.optim.RAdam.*optimizer_params"):
        check_own(choice, 0.1)


@pytest.mark.parametrize("name", TORCH)
def test_groups_of_the_torch_optimizer_have_their_rates(name, choose):
    parts = [torch.nn.Parameter(torch.ones(2)) for _ in range(2)]
    groups = [([parts[0]], 1.0), ([parts[1]], 6.0)]
    optimizer = choose(name).build(groups, 0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, pytest.approx(0.6)]


class Moving(torch.optim.SGD):
    """Puts a new tensor in the place of each parameter."""

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            parameter.data = parameter.data - 0.1


class Forgetful(torch.optim.SGD):
    """Replaces the gradient, which is a view of ours, by one of its own."""

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = torch.zeros_like(parameter)


class Splitting(torch.optim.SGD):
    """Has a group for each parameter."""

    def __init__(self, params, lr=0.1):
        super().__init__([{"params": [each]} for each in params[0]["params"]], lr)


class Biases(torch.optim.SGD):
    """Moves only vectors."""

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            if parameter.dim() == 1:
                parameter.data = parameter.data - 0.1


class Matrices(torch.optim.SGD):
    """Fails at vectors, and at gradients of zeros."""

    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            torch.linalg.inv(parameter.grad.T @ parameter.grad + torch.eye(parameter.shape[1]))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Moving, "puts new tensors in the place"),
        (Forgetful, "puts new tensors in the place"),
        (Biases, "puts new tensors in the place"),
        (Splitting, "does not keep its param_groups"),
        (Matrices, "Give a subclass"),
    ],
)
def test_an_own_class_must_change_parameters_in_place(kind, words):
    with pytest.raises(ValueError, match=words):
        check_own(OptimizerChoice(kind, {}), 0.1)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (len, "optimizer=len is not a class"),
        (torch.optim.SGD([torch.zeros(1)], 0.1), r"optimizer=SGD\(\.\.\.\) is not a class"),
        ("adamm", "Did you mean 'adam'"),
    ],
)
def test_what_is_no_class_of_optimizers(given, shown):
    with pytest.raises(UnknownOptionError, match=shown):
        canonical(given)


@pytest.mark.parametrize("options", [{"betas": (2.0, 0.9)}, {"eps": "small"}, {"nothing": 1}])
def test_options_that_torch_refuses(options):
    choice = OptimizerChoice("nadam", options)
    with pytest.raises(ValueError, match=r"optimizer='nadam' with \{"):
        choice.build([([torch.nn.Parameter(torch.ones(2))], 1.0)], 0.1)
    own = OptimizerChoice(torch.optim.NAdam, options)
    with pytest.raises((TypeError, ValueError), match=r"^(?!optimizer=)"):
        own.build([([torch.nn.Parameter(torch.ones(2))], 1.0)], 0.1)
