"""Both executors do the same for every kind, on the operands that the engine gives it."""

import numpy as np
import pytest
import torch

from sknn_tips.ops import native
from sknn_tips.ops.bits import make_bits, threshold_of
from sknn_tips.ops.kinds import KINDS
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.operation import operation
from sknn_tips.ops.python import PythonProgram

SHAPE = (7, 5)
CONSTANTS = {
    "add_product": {"factor": -0.3},
    "add_scaled": {"factor": 0.7},
    "affine": {"scale": 0.5, "shift": -0.2},
    "clamp": {"low": -0.5, "high": 0.7},
    "elu": {"alpha": 0.8, "scale": 1.1},
    "elu_backward": {"alpha": 0.8, "scale": 1.1},
    "fill": {"value": 0.25},
    "leaky_relu": {"slope": 0.1},
    "leaky_relu_backward": {"slope": 0.1},
    "lerp": {"share": 0.1},
    "softplus": {"beta": 2.0, "threshold": 1.0},
    "softplus_backward": {"beta": 2.0, "threshold": 1.0},
}
POSITIVE = {"div", "log", "log1p", "reciprocal", "rsqrt", "sqrt", "xlogy"}
N_INPUTS = {"fill": 0, "add_product": 3} | dict.fromkeys(
    ["add", "add_scaled", "div", "equal", "lerp", "maximum", "mul", "sub", "xlogy"], 2
)
OPTIMIZER = {"beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "factor": 2.0}
RMSPROP = {"alpha": 0.9, "eps": 1e-8, "momentum": 0.5, "factor": 2.0}
SGD = {"momentum": 0.9, "nesterov": 1.0, "dampening": 0.0, "factor": 2.0}

# The other kinds go through batches, which only the compiled executor does.
KINDS_OF_PYTHON = sorted(set(KINDS) - {"gather", "skip_if_zero"})


class Draw:
    """Draws operands, the same at every call."""

    def __init__(self, dtype):
        self.rng, self.dtype = np.random.RandomState(0), dtype

    def __call__(self, *shape, positive=False):
        values = self.rng.randn(*shape)
        return torch.from_numpy(np.abs(values) + 0.1 if positive else values).to(self.dtype)


def vector_case(kind, draw):
    """Return an operation of an optimizer, and what it changes."""
    gradient, out = draw(30), draw(30)
    mean, square, velocity = draw(30), draw(30, positive=True) + 5, draw(30)
    rate, step = torch.tensor(0.1, dtype=torch.float64), torch.tensor(3.0)
    found = {
        "adam": lambda: (
            operation("adam", gradient, mean, square, step, rate, None, out=out, **OPTIMIZER),
            [out, mean, square],
        ),
        "clip_norm": lambda: (operation("clip_norm", out=out, largest=0.3), [out]),
        "count": lambda: (operation("count", out=step), [step]),
        "decay": lambda: (operation("decay", rate, out=out, weight_decay=0.3), [out]),
        "rmsprop": lambda: (
            operation("rmsprop", gradient, square, rate, mean, velocity, out=out, **RMSPROP),
            [out, square, mean, velocity],
        ),
        "sgd": lambda: (
            operation("sgd", gradient, rate, velocity, None, out=out, **SGD),
            [out, velocity],
        ),
    }
    return found[kind]() if kind in found else None


def matrix_case(kind, draw):
    x, wide = draw(*SHAPE), draw(5, 3)
    codes = torch.from_numpy(draw.rng.randint(0, 5, (7, 1)))
    out = {"matmul": (7, 3), "sum_rows": (1, 5), "sum_columns": (7, 1), "max_columns": (7, 1)}
    result = torch.zeros(out.get(kind, (1, 1) if kind == "dot" else SHAPE), dtype=draw.dtype)
    found = {
        "dot": lambda: operation("dot", x.view(1, 35), draw(1, 35), out=result),
        "dropout": lambda: operation(
            "dropout", make_bits(5, torch.device("cpu")), out=result, **threshold_of(0.3)
        ),
        "matmul": lambda: operation("matmul", x, wide, out=result),
        "max_columns": lambda: operation("max_columns", x, out=result),
        "one_hot": lambda: operation("one_hot", codes, out=result, on=0.9, off=0.02),
        "sum_columns": lambda: operation("sum_columns", x, out=result),
        "sum_rows": lambda: operation("sum_rows", x, out=result),
    }
    return (found[kind](), [result]) if kind in found else None


def elementwise_case(kind, draw):
    n_inputs = N_INPUTS.get(kind, 2 if kind.endswith("_backward") else 1)
    shapes = [SHAPE, (1, 5), (7, 1)] if kind == "add_product" else [SHAPE] * n_inputs
    inputs = [draw(*shape, positive=kind in POSITIVE) for shape in shapes[:n_inputs]]
    outputs = tuple(torch.zeros(SHAPE, dtype=draw.dtype) for _ in range(1 + (kind == "mish")))
    out = outputs if kind == "mish" else outputs[0]
    return operation(kind, *inputs, out=out, **CONSTANTS.get(kind, {})), list(outputs)


def case(kind, dtype):
    draw = Draw(dtype)
    return vector_case(kind, draw) or matrix_case(kind, draw) or elementwise_case(kind, draw)


def check_agree(make, dtype, run):
    """Check that operations which `make` returns twice have equal results, here and in `run`."""
    (one, expected), (other, found) = make(), make()
    PythonProgram([one])()
    run(other)
    tolerance = {torch.float32: 2e-5, torch.float64: 1e-9}[dtype]
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance / 10)


def by_torch(operation):
    """Run an operation as with several threads, where numpy is not used."""
    torch.set_num_threads(2)
    PythonProgram([operation])()


@pytest.mark.usefixtures("compiled_here")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kind", KINDS_OF_PYTHON)
def test_both_executors_agree(kind, dtype):
    check_agree(lambda: case(kind, dtype), dtype, lambda each: NativeProgram([each], dtype)())


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kind", KINDS_OF_PYTHON)
def test_torch_and_numpy_agree(kind, dtype):
    check_agree(lambda: case(kind, dtype), dtype, by_torch)


def variant(name):
    """Return an operation with another choice of constants and inputs than `case` has."""
    draw = Draw(torch.float64)
    x, out = draw(*SHAPE), torch.zeros(SHAPE, dtype=torch.float64)
    gradient, vector, velocity = draw(30), draw(30), draw(30)
    mean, square, largest = draw(30), draw(30, positive=True), draw(30, positive=True)
    rate, step = torch.tensor(0.1, dtype=torch.float64), torch.tensor(3.0)
    first, later = torch.ones(1).double(), torch.zeros(1).double()
    plain = {"momentum": 0.0, "nesterov": 0.0, "dampening": 0.0, "factor": 2.0}
    heavy = {**plain, "momentum": 0.9, "dampening": 0.3}
    no_momentum = {**RMSPROP, "momentum": 0.0}
    norm = float(vector.norm())
    found = {
        "add a number": (operation("affine", x, out=out, scale=1.0, shift=0.3), [out]),
        "scale": (operation("affine", x, out=out, scale=2.0, shift=0.0), [out]),
        "a short gradient": (operation("clip_norm", out=vector, largest=2 * norm), [vector]),
        "sgd": (operation("sgd", gradient, rate, None, None, out=vector, **plain), [vector]),
        "first step": (
            operation("sgd", gradient, rate, velocity, first, out=vector, **heavy),
            [vector, velocity],
        ),
        "later step": (
            operation("sgd", gradient, rate, velocity, later, out=vector, **heavy),
            [vector, velocity],
        ),
        "amsgrad": (
            operation("adam", gradient, mean, square, step, rate, largest, out=vector, **OPTIMIZER),
            [vector, mean, square, largest],
        ),
        "rmsprop": (
            operation("rmsprop", gradient, square, rate, None, None, out=vector, **no_momentum),
            [vector, square],
        ),
    }
    return found[name]


VARIANTS = "add a number", "scale", "a short gradient", "sgd", "first step", "later step"


@pytest.mark.usefixtures("compiled_here")
@pytest.mark.parametrize("name", [*VARIANTS, "amsgrad", "rmsprop"])
def test_variants_agree(name):
    def run(each):
        NativeProgram([each], torch.float64)()

    check_agree(lambda: variant(name), torch.float64, run)


def test_a_short_gradient_is_not_clipped():
    each, (vector,) = variant("a short gradient")
    before = vector.clone()
    PythonProgram([each])()
    torch.testing.assert_close(vector, before, rtol=0, atol=0)


@pytest.mark.usefixtures("compiled_here")
def test_they_know_the_same_kinds():
    assert set(native.module().KINDS) == set(KINDS)


@pytest.mark.parametrize("kind", ["gather", "skip_if_zero"])
def test_python_is_given_its_batches(kind):
    x = torch.zeros(3, 2)
    with pytest.raises(TypeError, match="compiled executor"):
        PythonProgram([operation(kind, x, out=x)])()
