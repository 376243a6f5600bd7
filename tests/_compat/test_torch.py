import subprocess
import sys

import pytest
import torch
from torch.nn import functional

from sknn_tips._compat.torch import (
    aten,
    bare_optimizer,
    bare_step,
    fused_adam,
    fused_sgd,
    nn_functions,
)

X = torch.linspace(-2, 2, 8, dtype=torch.float64)
GRADIENT = torch.linspace(1, 3, 8, dtype=torch.float64)


@pytest.mark.parametrize(
    ("name", "options"),
    [("elu", (1.5,)), ("gelu", ()), ("leaky_relu", (0.1,)), ("silu", ()), ("softplus", (2.0,))],
)
def test_functions_write_what_the_public_ones_return(name, options):
    out = torch.empty_like(X)
    getattr(nn_functions, name)(X, *options, out=out)
    torch.testing.assert_close(out, getattr(functional, name)(X, *options))


@pytest.mark.parametrize(
    ("function", "operator", "arguments"),
    [
        (functional.elu, aten.elu_backward, lambda x, y: (1.0, 1.0, 1.0, False, x)),
        (functional.gelu, aten.gelu_backward, lambda x, y: (x,)),
        (functional.leaky_relu, aten.leaky_relu_backward, lambda x, y: (x, 0.01, False)),
        (functional.relu, aten.threshold_backward, lambda x, y: (y, 0)),
        (functional.silu, aten.silu_backward, lambda x, y: (x,)),
        (functional.softplus, aten.softplus_backward, lambda x, y: (x, 1.0, 20.0)),
        (torch.sigmoid, aten.sigmoid_backward, lambda x, y: (y,)),
        (torch.tanh, aten.tanh_backward, lambda x, y: (y,)),
    ],
)
def test_derivatives_are_those_of_autograd(function, operator, arguments):
    x = X.clone().requires_grad_()
    y = function(x)
    y.backward(GRADIENT)
    out = torch.empty_like(X)
    operator.grad_input(GRADIENT, *arguments(X, y.detach()), grad_input=out)
    torch.testing.assert_close(out, x.grad)


def after_two_steps(optimizer, **options):
    """Return what an optimizer of torch makes of ones."""
    parameter = torch.nn.Parameter(torch.ones(8, dtype=torch.float64))
    optimizer = optimizer([parameter], **options)
    for _ in range(2):
        parameter.grad = GRADIENT.clone()
        optimizer.step()
    return parameter.detach()


def test_fused_adam_takes_the_steps_of_adam():
    weights = torch.ones(8, dtype=torch.float64)
    mean, square = torch.zeros_like(weights), torch.zeros_like(weights)
    options = {"beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8}
    for step in (1.0, 2.0):
        fused_adam(
            [weights],
            [GRADIENT],
            [mean],
            [square],
            [],
            [torch.tensor(step)],
            lr=torch.tensor(0.1, dtype=torch.float64),
            amsgrad=False,
            maximize=False,
            **options,
        )
    torch.testing.assert_close(weights, after_two_steps(torch.optim.Adam, lr=0.1))


def test_fused_sgd_takes_the_steps_of_sgd():
    weights = torch.ones(8, dtype=torch.float64)
    velocity = torch.zeros_like(weights)
    for first in (True, False):
        fused_sgd(
            [weights],
            [GRADIENT],
            [velocity],
            weight_decay=0.0,
            momentum=0.9,
            lr=torch.tensor(0.1, dtype=torch.float64),
            dampening=0.0,
            nesterov=True,
            maximize=False,
            is_first_step=first,
        )
    expected = after_two_steps(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True)
    torch.testing.assert_close(weights, expected)


@pytest.mark.parametrize("kind", [torch.optim.NAdam, torch.optim.Adadelta])
def test_a_bare_optimizer_takes_the_steps_of_torchs(kind):
    def bare(parameters, **options):
        optimizer = bare_optimizer(kind, [{"params": parameters, "lr": 0.1}], **options)
        assert set(vars(optimizer)) == set(vars(kind(parameters)))
        return optimizer

    expected = after_two_steps(kind, lr=0.1)
    torch.testing.assert_close(after_two_steps(bare, lr=0.5), expected)


def test_dynamo_is_imported(tmp_path):
    code = "import sys, sknn_tips._compat.torch as t; t.import_dynamo(); print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True).split()
    assert "torch._dynamo" in loaded


def test_a_bare_step_updates_and_calls_no_hooks():
    parameter = torch.nn.Parameter(torch.ones(3))
    parameter.grad = torch.ones(3)
    optimizer = torch.optim.SGD([parameter], lr=0.25)
    optimizer.register_step_post_hook(lambda *_: pytest.fail("a hook was called"))
    bare_step(optimizer)()
    assert parameter.tolist() == [0.75] * 3
    assert torch.is_grad_enabled()


def test_a_bare_step_of_an_optimizer_that_wraps_nothing_is_its_step():
    class Own:
        def step(self):
            return "stepped"

    assert bare_step(Own())() == "stepped"


def test_it_loads_no_scikit_learn(tmp_path):
    code = "import sys, sknn_tips._compat.torch; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True).split()
    assert "torch" in loaded
    assert "sklearn" not in loaded
