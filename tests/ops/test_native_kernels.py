"""The compiled kernels, each against torch in float64.

They speak to the compiled module directly, with operations packed here as its C structure is.

Under the address and undefined-behaviour sanitizers (gcc), from the root of the repository::

    python setup.py build_ext --inplace  # or any other build; then one of its own beside it:
    mkdir -p build/sanitized && gcc -g -O1 -fPIC -shared -std=gnu11 -fno-math-errno \
        -fsanitize=address,undefined -fno-sanitize-recover=undefined \
        -DPy_LIMITED_API=0x030B0000 \
        -I"$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
        sknn_tips/ops/src/*.c -o build/sanitized/_native.abi3.so
    SKNN_TIPS_NATIVE=build/sanitized/_native.abi3.so ASAN_OPTIONS=detect_leaks=0 \
        LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
        python -m pytest tests/ops/test_native_kernels.py
"""

import importlib.machinery
import importlib.util
import math
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

if os.environ.get("SKNN_TIPS_PURE", "0") not in ("", "0"):
    pytest.skip("SKNN_TIPS_PURE is set", allow_module_level=True)


def _load() -> Any:
    """Return the module of the package, or the one that the environment names."""
    path = os.environ.get("SKNN_TIPS_NATIVE")
    if path is None:
        return pytest.importorskip(
            "sknn_tips.ops._native", reason="the compiled part is not built", exc_type=ImportError
        )
    loader = importlib.machinery.ExtensionFileLoader("sknn_tips.ops._native", path)
    spec = importlib.util.spec_from_file_location("sknn_tips.ops._native", path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


native = _load()

DTYPES = (torch.float32, torch.float64)
RTOL = {torch.float32: 3e-6, torch.float64: 3e-14}
ATOL = {torch.float32: 1e-36, torch.float64: 1e-300}

_LAYOUT = struct.Struct("=4q24q8d")
_aten: Any = torch.ops.aten


class Operand(NamedTuple):
    """An address with strides in elements."""

    address: int
    row: int
    column: int


_ABSENT = Operand(0, 0, 0)


def at(tensor: Tensor, shape: tuple[int, int] | None = None) -> Operand:
    """Return where a matrix is, expanded to a shape."""
    shown = tensor if shape is None else tensor.expand(shape)
    row, column = shown.stride()
    return Operand(tensor.data_ptr(), row, column)


def pack(
    kind: str,
    inputs: list[Operand],
    outputs: list[Operand],
    shape: tuple[int, int],
    inner: int = 0,
    constants: tuple[float, ...] = (),
) -> bytes:
    operands = inputs + [_ABSENT] * (6 - len(inputs)) + outputs + [_ABSENT] * (2 - len(outputs))
    numbers = [number for operand in operands for number in operand]
    filled = [*map(float, constants), *[0.0] * (8 - len(constants))]
    return _LAYOUT.pack(native.KINDS.index(kind), *shape, inner, *numbers, *filled)


def run(packed: bytes, dtype: torch.dtype, n_steps: int = 1, **options: Any) -> int:
    program = native.program(packed, dtype == torch.float64)
    return run_program(program, n_steps, **options)


def run_program(
    program: Any,
    n_steps: int = 1,
    *,
    index: int = 0,
    start: int = 0,
    batch: int = 0,
    rates: int = 0,
    rate: int = 0,
    total: int = 0,
    seconds: float = 60.0,
) -> int:
    done: int = native.run(program, n_steps, index, start, batch, rates, rate, total, seconds)
    return done


@pytest.fixture(autouse=True, params=native.instruction_sets())
def instruction_set(request: pytest.FixtureRequest) -> Iterator[str]:
    before = native.instruction_set()
    native.use_instruction_set(request.param)
    yield request.param
    native.use_instruction_set(before)


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    chosen: torch.dtype = request.param
    return chosen


def assert_close(
    actual: Tensor, expected: Tensor, atol: float | None = None, factor: float = 1
) -> None:
    """Compare with float64's result, as far as the dtype can hold it."""
    dtype = actual.dtype
    torch.testing.assert_close(
        actual,
        expected.to(dtype),
        rtol=RTOL[dtype] * factor,
        atol=ATOL[dtype] if atol is None else atol,
        equal_nan=True,
    )


# -- element by element ---------------------------------------------------------------------------


def _mish(x: Tensor) -> tuple[Tensor, Tensor]:
    e = x.clamp_max(20).exp()
    m = e + e * e / 2
    t = m / (m + 1)
    return x * t, t + x * (e * (e + 1) / (m + 1) ** 2)


class Case(NamedTuple):
    """An operation and its oracle.

    `cancels` says how large the numbers are that cancel each other in the result, times the first
    input where that is a derivative: an error of their last digits is allowed.
    """

    oracle: Callable[..., Any]
    n_inputs: int = 1
    constants: tuple[float, ...] = ()
    cancels: float = 0.0


def _sign(x: Tensor) -> Tensor:
    return torch.where(x.isnan(), x, x.sign())


def _log1p(x: Tensor) -> Tensor:
    with np.errstate(all="ignore"):  # torch 2.6 gives inf for the largest finite numbers
        return torch.from_numpy(np.log1p(x.numpy()))


ELEMENTWISE: dict[str, list[Case]] = {
    "abs": [Case(torch.abs)],
    "neg": [Case(torch.neg)],
    "sign": [Case(_sign)],
    "exp": [Case(torch.exp)],
    "log": [Case(torch.log)],
    "log1p": [Case(_log1p)],
    "sqrt": [Case(torch.sqrt)],
    "rsqrt": [Case(torch.rsqrt)],
    "reciprocal": [Case(torch.reciprocal)],
    "square": [Case(torch.square)],
    "tanh": [Case(torch.tanh)],
    "sigmoid": [Case(torch.sigmoid)],
    "relu": [Case(torch.relu)],
    "copy": [Case(torch.clone)],
    "fill": [Case(lambda: torch.tensor(2.5), 0, (2.5,))],
    "affine": [Case(lambda x: 0.75 * x + 0.25, 1, (0.75, 0.25), cancels=1.0)],
    "clamp": [Case(lambda x: x.clamp(-0.5, 2), 1, (-0.5, 2))],
    "leaky_relu": [Case(lambda x: F.leaky_relu(x, 0.25), 1, (0.25,))],
    "elu": [Case(lambda x: torch.where(x > 0, 0.75 * x, 1.125 * x.expm1()), 1, (1.5, 0.75))],
    "softplus": [
        Case(lambda x: F.softplus(x, 1, 20), 1, (1, 20), cancels=1e-8),
        Case(lambda x: F.softplus(x, 0.5, 5), 1, (0.5, 5), cancels=1e-8),
    ],
    "gelu": [Case(F.gelu, cancels=1e-2)],
    "gelu_tanh": [Case(lambda x: F.gelu(x, approximate="tanh"), cancels=10.0)],
    "silu": [Case(F.silu)],
    "add": [Case(torch.add, 2)],
    "sub": [Case(torch.sub, 2)],
    "mul": [Case(torch.mul, 2)],
    "div": [Case(torch.div, 2)],
    "maximum": [Case(torch.maximum, 2)],
    "equal": [Case(lambda x, y: (x == y).double(), 2)],
    "xlogy": [Case(torch.xlogy, 2)],
    "add_scaled": [Case(lambda x, y: torch.add(x, y, alpha=-0.5), 2, (-0.5,), cancels=1e3)],
    "lerp": [Case(lambda x, y: x + 0.25 * (y - x), 2, (0.25,), cancels=1e3)],
    "threshold_backward": [Case(lambda g, y: _aten.threshold_backward(g, y, 0), 2)],
    "tanh_backward": [Case(lambda g, y: g * (1 - y * y), 2, cancels=10.0)],
    "sigmoid_backward": [Case(lambda g, y: g * y * (1 - y), 2)],
    "leaky_relu_backward": [
        Case(lambda g, x: _aten.leaky_relu_backward(g, x, 0.25, False), 2, (0.25,))
    ],
    "elu_backward": [
        Case(lambda g, x: _aten.elu_backward(g, 1.5, 0.75, 1, False, x), 2, (1.5, 0.75))
    ],
    "gelu_backward": [Case(_aten.gelu_backward, 2, cancels=10.0)],
    "gelu_tanh_backward": [
        Case(lambda g, x: _aten.gelu_backward(g, x, approximate="tanh"), 2, cancels=100.0)
    ],
    "silu_backward": [Case(_aten.silu_backward, 2, cancels=10.0)],
    "softplus_backward": [
        Case(lambda g, x: _aten.softplus_backward(g, x, 1, 20), 2, (1, 20)),
        Case(lambda g, x: _aten.softplus_backward(g, x, 0.5, 5), 2, (0.5, 5)),
    ],
    "add_product": [
        Case(lambda x, y, z: torch.addcmul(x, y, z, value=-0.5), 3, (-0.5,), cancels=1e3)
    ],
    "mish": [Case(_mish, cancels=1.0)],
}

OTHERS = {
    *("matmul", "sum_rows", "sum_columns", "max_columns", "dot", "gather", "one_hot", "dropout"),
    *("skip_if_zero", "count", "clip_norm", "decay", "sgd", "adam", "rmsprop"),
}


def test_every_kind_is_tested_here() -> None:
    assert set(native.KINDS) == set(ELEMENTWISE) | OTHERS
    assert len(set(native.KINDS)) == len(native.KINDS)
    assert _LAYOUT.size == native.OPERATION_SIZE


def _outputs_of(case: Case, inputs: list[Tensor]) -> tuple[Tensor, ...]:
    expected = case.oracle(*inputs)
    return expected if isinstance(expected, tuple) else (expected,)


def _are_close(actual: Tensor, expected: Tensor, cancels: float | Tensor) -> Tensor:
    """Say for each number whether it is, within the rounding of its dtype."""
    dtype = actual.dtype
    allowed = ATOL[dtype] + RTOL[dtype] * (expected.abs() + cancels)
    equal = (actual == expected) | (actual.isnan() & expected.isnan())
    return equal | ((actual - expected).abs() <= torch.where(expected.isfinite(), allowed, 0))


def check_elementwise(kind: str, case: Case, inputs: list[Tensor], outputs: list[Tensor]) -> None:
    """Run one operation; inputs are broadcast to the outputs' shape.

    Near the largest numbers a step of the formula may overflow, as it does in torch.
    """
    shape = (outputs[0].shape[0], outputs[0].shape[1])
    dtype = outputs[0].dtype
    exact = _outputs_of(case, [each.double() for each in inputs])
    alike = _outputs_of(case, inputs)
    packed = pack(
        kind,
        [at(each, shape) for each in inputs],
        [at(each) for each in outputs],
        shape,
        constants=case.constants,
    )
    run(packed, dtype)
    cancels: float | Tensor = case.cancels
    if kind.endswith("_backward"):
        cancels = inputs[0].double().abs().nan_to_num(0, 0).expand(shape) * cancels
    for actual, *oracles in zip(outputs, exact, alike, strict=True):
        wanted = [oracle.to(dtype).expand(shape) for oracle in oracles]
        wrong = ~(_are_close(actual, wanted[0], cancels) | _are_close(actual, wanted[1], cancels))
        examples = [[each.expand(shape)[wrong][:5] for each in inputs], actual[wrong][:5]]
        assert not wrong.any(), (examples, [oracle[wrong][:5] for oracle in wanted])


def special_values(dtype: torch.dtype) -> Tensor:
    info = torch.finfo(dtype)
    edges = [88.0, 103.0] if dtype == torch.float32 else [709.0, 744.0]
    sizes = [0.0, 1.0, 0.5, 1e-4, 1e-8, 0.35, 0.9, 1.5, 3.0, 5.5, 9.0, 19.9, 20.1, 30.0, *edges]
    sizes += [math.inf, info.max, info.tiny, info.tiny / 8, info.eps, 1e5]
    values = [sign * size for size in sizes for sign in (1, -1)] + [math.nan]
    return torch.tensor(values, dtype=dtype)


def _n_outputs(kind: str) -> int:
    return 2 if kind == "mish" else 1


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_special_and_random_values(kind: str, dtype: torch.dtype) -> None:
    special, generator = special_values(dtype), torch.Generator().manual_seed(0)
    scales = torch.tensor([0.01, 1.0, 10.0], dtype=dtype).repeat(700)
    for case in ELEMENTWISE[kind]:
        first, second = torch.meshgrid(special, special, indexing="ij")
        noise = [torch.randn(2100, generator=generator, dtype=dtype) * scales for _ in range(3)]
        columns = [first.reshape(-1), second.reshape(-1), first.reshape(-1).flip(0)]
        tables = [torch.cat(pair)[None] for pair in zip(columns, noise, strict=True)]
        if kind == "xlogy":
            tables = [torch.cat([each, each.abs()], dim=1) for each in tables]
        outputs = [torch.empty_like(tables[0]) for _ in range(_n_outputs(kind))]
        check_elementwise(kind, case, tables[: case.n_inputs], outputs)


SHAPES = [(1, 1), (5, 1), (1, 37), (33, 3), (40, 100), (3, 300)]


def layouts(shape: tuple[int, int], dtype: torch.dtype) -> list[Tensor]:
    """Return matrices of small numbers that lie in all the ways there are."""
    rows, columns = shape
    generator = torch.Generator().manual_seed(rows + columns)

    def draw(*size: int) -> Tensor:
        return torch.rand(*size, generator=generator, dtype=dtype) * 3 + 0.1

    return [
        draw(rows, columns),
        draw(1, columns),
        draw(rows, 1),
        draw(1, 1),
        draw(rows, 3 * columns)[:, columns : 2 * columns],
        draw(columns, rows).mT,
        draw(2 * rows, 2 * columns)[::2, ::2],
        draw(1, 2 * columns)[:, ::2],
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["mish", "fill", "lerp"])  # two outputs, no input, two inputs
def test_layouts(kind: str, shape: tuple[int, int], dtype: torch.dtype) -> None:
    case, operands = ELEMENTWISE[kind][0], layouts(shape, dtype)
    n = len(operands)
    for i in range(n):
        for shift in range(1, n):
            inputs = [operands[(i + shift * j) % n] for j in range(case.n_inputs)]
            full = torch.empty(shape, dtype=dtype)
            strided = torch.empty(shape[0], 2 * shape[1], dtype=dtype)[:, shape[1] :]
            for out in (full, strided, torch.empty(shape[1], shape[0], dtype=dtype).mT):
                outputs = [out, torch.empty_like(full)][: _n_outputs(kind)]
                check_elementwise(kind, case, inputs, outputs)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_in_place(shape: tuple[int, int], dtype: torch.dtype) -> None:
    for original in layouts(shape, dtype):
        if original.shape != shape:
            continue
        x = original.clone()
        run(pack("sub", [at(x), at(x)], [at(x)], shape), dtype)
        assert not x.any()
        x.copy_(original)
        run(pack("tanh", [at(x)], [at(x)], shape), dtype)
        assert_close(x, original.double().tanh())


def test_no_numbers(dtype: torch.dtype) -> None:
    x, row = torch.empty(0, 3, dtype=dtype), torch.ones(1, 3, dtype=dtype)
    some = Operand(row.data_ptr(), 3, 1)
    packed = pack("add", [some, at(row, (0, 3))], [some], (0, 3))
    packed += pack("sum_rows", [some], [at(row)], (1, 3), 0)
    assert run(packed, dtype) == 1
    assert x.numel() == 0
    assert not row.any()


# -- runs of element-wise operations --------------------------------------------------------------


def test_later_operations_see_earlier_results(dtype: torch.dtype) -> None:
    """Fused or not: broadcast and shifted operands that were written before, and after."""
    for n in (3, 10, 50, 1200):
        generator = torch.Generator().manual_seed(n)
        x = torch.rand(70, n, generator=generator, dtype=dtype)
        y, z = torch.zeros_like(x), torch.zeros_like(x)
        plain = x.double().clone()
        column = x[:, :1]  # a view of what the run itself changes
        shape = (70, n)
        packed = (
            pack("affine", [at(x)], [at(y)], shape, constants=(2, 1))
            + pack("sub", [at(y), at(x[:1], shape)], [at(z)], shape)
            + pack("add", [at(z), at(y[:1], shape)], [at(x)], shape)
            + pack("mul", [at(x), at(column, shape)], [at(z)], shape)
            + pack("add", [at(z), at(x[3:4, 1:2], shape)], [at(y)], shape)
        )
        run(packed, dtype)
        twice = plain * 2 + 1
        moved = twice - plain[:1] + twice[:1]
        assert_close(x, moved, factor=10, atol=RTOL[dtype])
        assert_close(z, moved * moved[:, :1], factor=10, atol=RTOL[dtype])
        assert_close(y, moved * moved[:, :1] + moved[3, 1], factor=10, atol=RTOL[dtype])


def test_overlapping_views(dtype: torch.dtype) -> None:
    n = 5000
    x = torch.zeros(1, n + 1, dtype=dtype)
    front, back = x[:, :n], x[:, 1:]
    ones = torch.ones(1, n, dtype=dtype)
    other = torch.zeros(1, n, dtype=dtype)
    packed = (
        pack("affine", [at(ones)], [at(front)], (1, n), constants=(3, 0))
        + pack("copy", [at(back)], [at(other)], (1, n))
        + pack("affine", [at(ones)], [at(back)], (1, n), constants=(5, 0))
        + pack("add", [at(other), at(front)], [at(other)], (1, n))
    )
    run(packed, dtype)
    expected = torch.full((n,), 8.0, dtype=dtype)
    expected[0], expected[-1] = 6, 5
    torch.testing.assert_close(other[0], expected)


def test_many_broadcast_operands(dtype: torch.dtype) -> None:
    """More of them than there are buffers."""
    shape, n = (20, 12), 40
    out = torch.zeros(shape, dtype=dtype)
    rows = [torch.full((1, 12), float(i), dtype=dtype) for i in range(n)]
    packed = b"".join(pack("add", [at(out), at(row, shape)], [at(out)], shape) for row in rows)
    run(packed * 2, dtype)
    torch.testing.assert_close(out, torch.full(shape, float(n * (n - 1)), dtype=dtype))


# -- products and sums ----------------------------------------------------------------------------

PRODUCTS = [
    *[(128, 64, 20), (128, 2, 64), (64, 2, 128), (128, 64, 2), (200, 10, 100), (100, 10, 200)],
    *[(20, 64, 128), (1, 1, 1), (1, 7, 5), (7, 1, 5), (7, 5, 1), (1, 1, 300), (3, 17, 33)],
    *[
        (65, 31, 129),
        (130, 100, 100),
        (2, 64, 128),
        (10, 33, 50),
        (16, 16, 16),
        (9, 48, 300),
        (30, 40, 1100),
        (3, 2, 1100),
    ],
]


@pytest.mark.parametrize("sizes", PRODUCTS, ids=str)
def test_matmul(sizes: tuple[int, int, int], dtype: torch.dtype) -> None:
    rows, columns, inner = sizes
    generator = torch.Generator().manual_seed(0)
    factor = 20 if dtype == torch.float32 else 1

    def lying(m: int, n: int) -> list[Tensor]:
        values = torch.rand(m, n, generator=generator, dtype=dtype) - 0.5
        gaps, steps = values.new_full((m, n + 3), 7.0), values.new_full((2 * m, 2 * n), 7.0)
        gaps[:, :n], steps[::2, ::2] = values, values
        return [values, values.mT.contiguous().mT, gaps[:, :n], steps[::2, ::2]]

    for a in lying(rows, inner):
        for b in lying(inner, columns):
            expected = a.double() @ b.double()
            for out in lying(rows, columns):
                around = out.untyped_storage().nbytes() // out.element_size()
                storage = torch.as_strided(out, (around,), (1,), 0)
                n_gaps = int((storage == 7).sum())
                run(pack("matmul", [at(a), at(b)], [at(out)], (rows, columns), inner), dtype)
                assert_close(out, expected, atol=RTOL[dtype] * factor)
                assert int((storage == 7).sum()) == n_gaps


def test_matmul_hands_on_nan_and_infinity(dtype: torch.dtype) -> None:
    for rows, columns, inner in PRODUCTS:
        a, b = torch.ones(rows, inner, dtype=dtype), torch.ones(inner, columns, dtype=dtype)
        out = torch.empty(rows, columns, dtype=dtype)
        a[0, 0], b[-1, -1] = math.inf, math.nan
        run(pack("matmul", [at(a), at(b)], [at(out)], (rows, columns), inner), dtype)
        assert_close(out, a.double() @ b.double())


def test_matmul_without_inner_numbers(dtype: torch.dtype) -> None:
    out = torch.ones(3, 4, dtype=dtype)
    somewhere = at(torch.ones(1, 1, dtype=dtype))
    run(pack("matmul", [somewhere, somewhere], [at(out)], (3, 4), 0), dtype)
    assert not out.any()


SUMS = [(1, 1), (128, 2), (33, 3), (200, 10), (5, 16), (128, 64), (7, 100), (40, 1500), (1, 9)]


@pytest.mark.parametrize("shape", SUMS, ids=str)
def test_sums_and_largest(shape: tuple[int, int], dtype: torch.dtype) -> None:
    rows, columns = shape
    for x in layouts(shape, dtype):
        if x.shape != shape:
            continue
        row, column = torch.empty(1, columns, dtype=dtype), torch.empty(rows, 1, dtype=dtype)
        run(pack("sum_rows", [at(x)], [at(row)], (1, columns), rows), dtype)
        assert_close(row, x.double().sum(0, keepdim=True), factor=3)
        run(pack("sum_columns", [at(x)], [at(column)], (rows, 1), columns), dtype)
        assert_close(column, x.double().sum(1, keepdim=True), factor=3)
        run(pack("max_columns", [at(x)], [at(column)], (rows, 1), columns), dtype)
        assert torch.equal(column, x.amax(1, keepdim=True))


@pytest.mark.parametrize("columns", [1, 2, 3, 10, 33, 100])
def test_largest_of_special_values(columns: int, dtype: torch.dtype) -> None:
    special = special_values(dtype)
    picks = torch.randint(len(special), (300, columns), generator=torch.Generator().manual_seed(0))
    x, out = special[picks], torch.empty(300, 1, dtype=dtype)
    run(pack("max_columns", [at(x)], [at(out)], (300, 1), columns), dtype)
    torch.testing.assert_close(out, x.amax(1, keepdim=True), equal_nan=True, rtol=0, atol=0)


@pytest.mark.parametrize("n", [1, 15, 64, 1000, 6001])
def test_dot(n: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(n)
    x, y = (torch.randn(1, 2 * n, generator=generator, dtype=dtype) for _ in range(2))
    out = torch.empty(1, 1, dtype=dtype)
    for a, b in ((x[:, :n], y[:, :n]), (x[:, ::2], y[:, :n])):
        run(pack("dot", [at(a), at(b)], [at(out)], (1, 1), n), dtype)
        assert_close(out, a.double() @ b.double().mT, atol=RTOL[dtype] * 100)


# -- batches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [1, 2, 7, 20, 64, 100])
def test_gather(columns: int, dtype: torch.dtype) -> None:
    wide = torch.arange(50 * (columns + 2), dtype=dtype).reshape(50, columns + 2)
    codes, picked_codes = torch.arange(50)[:, None], torch.empty(8, 1, dtype=torch.int64)
    index = torch.randperm(50, generator=torch.Generator().manual_seed(0))
    size = wide.element_size()
    for x in (wide[:, :columns], wide[:, :columns].contiguous()):
        out = torch.full((8, columns), -1, dtype=dtype)
        source = Operand(x.data_ptr(), x.stride(0) * size, 1)
        packed = pack("gather", [source], [at(out)], (8, columns), columns * size)
        packed += pack("gather", [Operand(codes.data_ptr(), 8, 1)], [at(picked_codes)], (8, 1), 8)
        assert run(packed, dtype, 5, batch=8, index=index.data_ptr()) == 5
        assert torch.equal(out, x[index[32:40]])
        assert torch.equal(picked_codes, codes[index[32:40]])
        assert run(packed, dtype, 3, batch=8, start=10) == 3
        assert torch.equal(out, x[26:34])
        assert torch.equal(picked_codes, codes[26:34])


def test_gather_needs_whole_batches(dtype: torch.dtype) -> None:
    x = torch.zeros(5, 2, dtype=dtype)
    packed = pack("gather", [at(x)], [at(x.clone())], (5, 2), 8)
    with pytest.raises(ValueError, match="gathers 5 rows"):
        run(packed, dtype, batch=4)


def test_one_hot(dtype: torch.dtype) -> None:
    codes = torch.tensor([[2], [0], [1], [2]])
    for out in (torch.empty(4, 3, dtype=dtype), torch.empty(4, 6, dtype=dtype)[:, :3]):
        run(pack("one_hot", [at(codes)], [at(out)], (4, 3), constants=(0.9, 0.05)), dtype)
        assert_close(out, F.one_hot(codes[:, 0], 3).double() * 0.85 + 0.05)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (128, 64), (11, 97)], ids=str)
def test_dropout_draws_the_words_of_numpy(shape: tuple[int, int], dtype: torch.dtype) -> None:
    bits, twin = np.random.Philox(3), np.random.Philox(3)
    where = Operand(int(bits.ctypes.bit_generator.value), 0, 0)
    n_dropped, scale = 20000, 2**16 / (2**16 - 20000)
    n = shape[0] * shape[1]
    for out in (torch.empty(shape, dtype=dtype), torch.empty(shape[0], 200, dtype=dtype)):
        out = out[:, : shape[1]]
        packed = pack("dropout", [where], [at(out)], shape, constants=(n_dropped, scale))
        program = native.program(packed, dtype == torch.float64)
        for _ in range(2):
            run_program(program)
            words = np.asarray(twin.random_raw(-(-n // 4))).astype("<u8")
            kept = torch.from_numpy(words.view("<i2")[:n] >= n_dropped - 2**15).reshape(shape)
            assert_close(out, kept.double() * scale)
    assert bits.random_raw() == twin.random_raw()


# -- optimizers -----------------------------------------------------------------------------------

N_PARAMETERS = 1037


def _vectors(dtype: torch.dtype, n: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(1, N_PARAMETERS, generator=generator, dtype=dtype) for _ in range(n)]


def _scalar(value: float, dtype: torch.dtype) -> Tensor:
    return torch.full((1, 1), value, dtype=dtype)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"momentum": 0.8, "dampening": 0.3},
    ],
    ids=str,
)
def test_sgd(options: dict[str, Any], dtype: torch.dtype) -> None:
    start, *gradients = _vectors(dtype, 4)
    oracle = torch.nn.Parameter(start.double())
    optimizer = torch.optim.SGD([oracle], lr=0.02, **options)
    parameters, gradient, buffer = start.clone(), torch.empty_like(start), torch.ones_like(start)
    rate, first = _scalar(0.01, torch.float64), _scalar(1, dtype)
    momentum = options.get("momentum", 0.0)
    inputs = [at(gradient), at(rate)] + [at(buffer), at(first)] * (momentum != 0)
    constants = (momentum, options.get("nesterov", 0), options.get("dampening", 0), 2.0)
    packed = pack("sgd", inputs, [at(parameters)], (1, N_PARAMETERS), constants=constants)
    for new in gradients:
        gradient.copy_(new)
        oracle.grad = new.double()
        optimizer.step()
        run(packed, dtype)
        first.zero_()
    assert_close(parameters, oracle.detach(), atol=RTOL[dtype])


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam(amsgrad: bool, dtype: torch.dtype) -> None:
    start, *gradients = _vectors(dtype, 6)
    oracle = torch.nn.Parameter(start.double())
    optimizer = torch.optim.Adam([oracle], lr=0.02, betas=(0.8, 0.99), eps=1e-7, amsgrad=amsgrad)
    parameters, gradient = start.clone(), torch.empty_like(start)
    mean, square, largest = (torch.zeros_like(start) for _ in range(3))
    rate, step = _scalar(0.01, torch.float64), _scalar(0, torch.float32)
    inputs = [at(each) for each in (gradient, mean, square, step, rate)] + [at(largest)] * amsgrad
    constants = (0.8, 0.99, 1e-7, 2.0)
    packed = pack("count", [], [at(step)], (1, 1))
    packed += pack("adam", inputs, [at(parameters)], (1, N_PARAMETERS), constants=constants)
    for i, new in enumerate(gradients):
        gradient.copy_(new / (i + 1))
        oracle.grad = gradient.double()
        optimizer.step()
        run(packed, dtype)
    assert step.item() == len(gradients)
    # the oracle's rate is torch's own double, the constants are of the dtype
    assert_close(parameters, oracle.detach(), atol=RTOL[dtype] * 10)
    state = optimizer.state[oracle]
    assert_close(mean, state["exp_avg"], atol=RTOL[dtype])
    assert_close(square, state["exp_avg_sq"], atol=RTOL[dtype])


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("centered", [False, True])
def test_rmsprop(momentum: float, centered: bool, dtype: torch.dtype) -> None:
    start, *gradients = _vectors(dtype, 5)
    oracle = torch.nn.Parameter(start.double())
    optimizer = torch.optim.RMSprop(
        [oracle], lr=0.02, alpha=0.95, eps=1e-3, momentum=momentum, centered=centered
    )
    parameters, gradient = start.clone(), torch.empty_like(start)
    square, mean, velocity = (torch.zeros_like(start) for _ in range(3))
    rate = _scalar(0.01, torch.float64)
    inputs = [at(gradient), at(square), at(rate)]
    inputs += [at(mean) if centered else _ABSENT, at(velocity) if momentum else _ABSENT]
    constants = (0.95, 1e-3, momentum, 2.0)
    packed = pack("rmsprop", inputs, [at(parameters)], (1, N_PARAMETERS), constants=constants)
    for new in gradients:
        gradient.copy_(new)
        oracle.grad = new.double()
        optimizer.step()
        run(packed, dtype)
    assert_close(parameters, oracle.detach(), atol=RTOL[dtype] * 100)


@pytest.mark.parametrize("largest", [0.5, 1e9])
def test_clip_norm(largest: float, dtype: torch.dtype) -> None:
    (gradient,) = _vectors(dtype, 1)
    expected = gradient.double()
    expected *= (largest / (expected.norm() + 1e-6)).clamp(max=1)
    packed = pack("clip_norm", [], [at(gradient)], (1, N_PARAMETERS), constants=(largest,))
    run(packed, dtype)
    assert_close(gradient, expected)
    gradient[0, 5] = math.nan
    run(packed, dtype)
    assert gradient.isnan().all()


def test_clip_norm_of_large_numbers(dtype: torch.dtype) -> None:
    gradient = torch.full((1, 100), 1e25, dtype=dtype)
    run(pack("clip_norm", [], [at(gradient)], (1, 100), constants=(1.0,)), dtype)
    assert_close(gradient, torch.full((1, 100), 0.1, dtype=torch.float64))


def test_decay(dtype: torch.dtype) -> None:
    (parameters,) = _vectors(dtype, 1)
    expected, rate = parameters.double() * (1 - 0.3 * 0.1), _scalar(0.3, torch.float64)
    run(pack("decay", [at(rate)], [at(parameters)], (1, N_PARAMETERS), constants=(0.1,)), dtype)
    assert_close(parameters, expected)


# -- steps ----------------------------------------------------------------------------------------


def test_skip_if_zero(dtype: torch.dtype) -> None:
    weight, counter = torch.zeros(9, 1, dtype=dtype), _scalar(0, torch.float32)
    packed = pack("skip_if_zero", [at(weight)], [], (0, 0), 9)
    packed += pack("count", [], [at(counter)], (1, 1))
    program = native.program(packed, dtype == torch.float64)
    assert run_program(program, 3) == 3
    assert counter.item() == 0
    weight[8] = math.nan
    assert run_program(program, 3) == 3
    assert counter.item() == 3


def test_rates_and_the_end_at_a_total_that_is_not_finite(dtype: torch.dtype) -> None:
    rate, rates = _scalar(0, torch.float64), torch.tensor([1, 2, 4, math.inf, 8.0]).double()
    total, ones = _scalar(0, dtype), torch.ones(1, 1, dtype=dtype)
    parameters = torch.ones(1, 1, dtype=dtype)
    constants = (-1.0,)  # times 1 + rate
    packed = pack("decay", [at(rate)], [at(parameters)], (1, 1), constants=constants)
    packed += pack("add", [at(parameters), at(ones)], [at(total)], (1, 1))
    places = {"rates": rates.data_ptr(), "rate": rate.data_ptr(), "total": total.data_ptr()}
    program = native.program(packed, dtype == torch.float64)
    assert run_program(program, 3, **places) == 3
    assert (rate.item(), total.item()) == (4, 31)
    assert run_program(program, 5, **places) == 4
    assert total.isinf().all()


def test_steps_end_in_time(dtype: torch.dtype) -> None:
    counter = _scalar(0, torch.float32)
    program = native.program(pack("count", [], [at(counter)], (1, 1)), dtype == torch.float64)
    assert run_program(program, 10**9, seconds=0) == 1
    begin = time.monotonic()
    assert 1 < run_program(program, 10**9, seconds=0.02) < 10**9
    assert time.monotonic() - begin < 5


def test_other_threads_run_meanwhile(dtype: torch.dtype) -> None:
    counter = _scalar(0, torch.float32)
    program = native.program(pack("count", [], [at(counter)], (1, 1)), dtype == torch.float64)
    thread = threading.Thread(target=run_program, args=(program, 10**12), kwargs={"seconds": 0.5})
    thread.start()
    while not counter.item():
        time.sleep(0.001)
    with pytest.raises(RuntimeError, match="another thread"):
        run_program(program)
    thread.join()
    assert run_program(program) == 1


# -- what is refused ------------------------------------------------------------------------------


def test_malformed_programs(dtype: torch.dtype) -> None:
    x = torch.zeros(4, 6, dtype=dtype)
    good = pack("add", [at(x), at(x)], [at(x)], (4, 6))
    far = Operand(x.data_ptr(), 2**40, 1)
    bad = {
        "bytes each": good[:-1],
        "unknown kind": _LAYOUT.pack(len(native.KINDS), *_LAYOUT.unpack(good)[1:]),
        "unknown kind ": _LAYOUT.pack(-1, *_LAYOUT.unpack(good)[1:]),
        "input is absent": pack("add", [at(x)], [at(x)], (4, 6)),
        "output is absent": pack("abs", [at(x)], [], (4, 6)),
        "negative size": pack("abs", [at(x)], [at(x)], (-4, 6)),
        "too many rows": pack("abs", [at(x)], [at(x)], (2**40, 6)),
        "negative stride": pack("abs", [Operand(x.data_ptr(), -6, 1)], [at(x)], (4, 6)),
        "too long stride": pack("abs", [far], [at(x)], (4, 6)),
        "cannot be broadcast": pack("abs", [at(x)], [at(x[:1], (4, 6))], (4, 6)),
        "one row": pack("decay", [at(x)], [at(x)], (4, 6)),
        "contiguous": pack("clip_norm", [], [at(x[:1, ::2])], (1, 3)),
        "needs a buffer": pack("sgd", [at(x), at(x)], [at(x)], (1, 6), constants=(0.9,)),
    }
    for message, packed in bad.items():
        with pytest.raises(ValueError, match=message.strip()):
            native.program(good + packed, dtype == torch.float64)


def test_wrong_calls() -> None:
    with pytest.raises(ValueError, match="not among instruction_sets"):
        native.use_instruction_set("none")
    with pytest.raises(TypeError):
        native.program("text", False)
    with pytest.raises(ValueError, match="PyCapsule"):
        run_program(object())


def test_programs_leave_no_memory_behind(dtype: torch.dtype) -> None:
    resource = pytest.importorskip("resource", reason="the system does not count memory")
    x = torch.zeros(40, 60, dtype=dtype)
    packed = pack("add", [at(x), at(x)], [at(x)], (40, 60))
    packed += pack("matmul", [at(x[:, :40]), at(x[:, :40])], [at(x[:, :40])], (40, 40), 40)
    peaks = []
    for _ in range(2):
        for _ in range(2500):
            native.program(packed, dtype == torch.float64)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert peaks[1] - peaks[0] < 4 * max(1, peaks[1] // 100)  # far below 2500 programs' buffers
