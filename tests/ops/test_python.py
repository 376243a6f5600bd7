import numpy as np
import pytest
import torch

from sknn_tips.ops.operation import operation
from sknn_tips.ops.python import PythonProgram, bind

RNG = np.random.RandomState(0)


def draw(*shape):
    return torch.from_numpy(RNG.rand(*shape) + 0.5)


def empty(*shape):
    return torch.empty(shape, dtype=torch.float64)


@pytest.mark.parametrize(("left", "right"), [((4, 3), (3, 1)), ((4, 3), (3, 5)), ((1, 4), (4, 2))])
def test_products_of_all_shapes(left, right):
    left, right = draw(*left), draw(*right)
    out = torch.empty_like(left @ right)
    PythonProgram([operation("matmul", left, right, out=out)])()
    np.testing.assert_allclose(out, left @ right, rtol=1e-14)


def test_products_of_transposed_views():
    left, right, out = draw(6, 4), draw(6, 5), empty(4, 5)
    PythonProgram([operation("matmul", left.mT, right, out=out)])()
    np.testing.assert_allclose(out, left.T @ right, rtol=1e-14)


def test_sums_of_rows_and_columns():
    x, of_rows, of_columns, product = draw(4, 5), empty(1, 5), empty(4, 1), empty(1, 1)
    PythonProgram(
        [
            operation("sum_rows", x, out=of_rows),
            operation("sum_columns", x, out=of_columns),
            operation("dot", of_rows, of_rows, out=product),
        ]
    )()
    np.testing.assert_allclose(of_rows, x.sum(0, keepdim=True), rtol=1e-14)
    np.testing.assert_allclose(of_columns, x.sum(1, keepdim=True), rtol=1e-14)
    np.testing.assert_allclose(product, of_rows.square().sum().reshape(1, 1), rtol=1e-14)


@pytest.mark.parametrize("shape", [(1, 5), (4, 1), (1, 1)])
def test_broadcasting(shape):
    left, right, out = draw(4, 5), draw(*shape), empty(4, 5)
    PythonProgram([operation("mul", left, right, out=out)])()
    np.testing.assert_allclose(out, left * right, rtol=1e-15)


def test_operations_see_the_buffers_as_they_are_when_run():
    x, y = torch.zeros(1, 3), torch.zeros(1, 3)
    program = PythonProgram([operation("exp", x, out=y), operation("add", y, x, out=y)])
    x.fill_(1)
    program()
    np.testing.assert_allclose(y, np.full((1, 3), np.e + 1), rtol=1e-6)


@pytest.mark.parametrize(("n_threads", "by_numpy"), [(1, True), (2, False)])
def test_numpy_helps_where_there_is_one_thread(n_threads, by_numpy):
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        product = bind(operation("matmul", draw(4, 3), draw(3, 5), out=empty(4, 5)))
        assert (product.func is np.dot) is by_numpy
        product()
    finally:
        torch.set_num_threads(before)
