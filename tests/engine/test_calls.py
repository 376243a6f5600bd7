import numpy as np
import pytest
import torch

from sknn_tips.engine import calls
from sknn_tips.engine.calls import call, run

RNG = np.random.RandomState(0)
FUNCTIONS = [torch.matmul, torch.sigmoid, torch.sign, *calls._ELEMENTWISE]


def draw(*shape):
    return torch.from_numpy(RNG.rand(*shape) + 0.5)


def arguments(function):
    if function is torch.matmul:
        return draw(4, 3), draw(3, 5)
    binary = function in (torch.add, torch.div, torch.maximum, torch.mul, torch.sub)
    return tuple(draw(4, 5) for _ in range(1 + binary))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_the_result_is_torchs(function):
    given, out = arguments(function), torch.empty(4, 5, dtype=torch.float64)
    call(function, *given, out=out)()
    np.testing.assert_allclose(out, function(*given), rtol=1e-14)


@pytest.mark.parametrize(
    ("left", "right"),
    [((4, 3), (3, 1)), ((2, 4, 3), (2, 3, 5)), ((2, 4, 3), (3, 5)), ((1, 4), (3, 4, 2))],
)
def test_products_of_all_shapes(left, right):
    left, right = draw(*left), draw(*right)
    out = torch.empty_like(left @ right)
    call(torch.matmul, left, right, out=out)()
    np.testing.assert_allclose(out, left @ right, rtol=1e-14)


def test_products_of_transposed_views_and_of_parts():
    left, right = draw(6, 4), draw(6, 5)
    out = torch.zeros(2, 4, 5, dtype=torch.float64)
    call(torch.matmul, left.mT, right, out=out[1])()
    np.testing.assert_allclose(out[1], left.T @ right, rtol=1e-14)
    assert (out[0] == 0).all()


@pytest.mark.parametrize("shape", [(1, 5), (4, 1), (1, 1)])
def test_broadcasting(shape):
    left, right, out = draw(4, 5), draw(*shape), torch.empty(4, 5, dtype=torch.float64)
    call(torch.mul, left, right, out=out)()
    np.testing.assert_allclose(out, left * right, rtol=1e-15)


def test_calls_see_the_buffers_as_they_are_when_called():
    x, y = torch.zeros(3), torch.zeros(3)
    calls_ = [call(torch.exp, x, out=y), call(torch.add, y, x, out=y)]
    x.fill_(1)
    run(calls_)
    np.testing.assert_allclose(y, np.full(3, np.e + 1), rtol=1e-6)


@pytest.mark.parametrize(("n_threads", "by_numpy"), [(1, True), (2, False)])
def test_numpy_helps_where_there_is_one_thread(n_threads, by_numpy):
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        product = call(torch.matmul, draw(4, 3), draw(3, 5), out=torch.empty(4, 5).double())
        assert (product.func is np.dot) is by_numpy
        product()
    finally:
        torch.set_num_threads(before)
