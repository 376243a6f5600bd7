import torch

from sknn_tips.nn.signals import Signal


def test_new_buffers_beside():
    x = Signal(torch.zeros(4, 5, dtype=torch.float64))
    y = x.beside(7, trained=True)
    assert y.width == 7
    assert y.value.shape == y.grad.shape == (4, 7)
    assert y.value.dtype == torch.float64
    assert x.beside(7, trained=False).grad is None


def test_what_is_behind_shares_the_derivatives():
    x = Signal(torch.zeros(4, 5), torch.ones(4, 5))
    y = x.behind()
    assert y.grad is x.grad
    assert y.value is not x.value
