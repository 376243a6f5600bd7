import numpy as np
import pytest
import torch

from sknn_tips.ops.bits import (
    bits_state,
    draw_kept,
    draws_on,
    make_bits,
    set_bits_state,
    threshold_of,
)

CPU = torch.device("cpu")
KINDS = {"numpy": lambda: make_bits(3, CPU), "torch": lambda: torch.Generator().manual_seed(3)}


def draw(bits, p=0.25, shape=(7, 5)):
    return draw_kept(bits, out=torch.empty(shape), **threshold_of(p))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", KINDS)
def test_so_many_are_kept_and_scaled(kind, p):
    kept = draw(KINDS[kind](), p, (400, 300))
    assert kept[kept > 0].numpy() == pytest.approx(1 / (1 - p), rel=1e-4)
    assert float((kept > 0).float().mean()) == pytest.approx(1 - p, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_goes_on_with_the_same_masks(kind):
    bits = KINDS[kind]()
    draw(bits)
    other = KINDS[kind]()
    set_bits_state(other, bits_state(bits))
    assert torch.equal(draw(bits), draw(other))
    assert torch.equal(draw(bits), draw(other))


def test_no_bits_have_no_state():
    assert bits_state(None) is None


def test_a_state_of_another_kind_is_a_seed():
    state = bits_state(torch.Generator().manual_seed(3))
    first, second, third = (make_bits(seed, CPU) for seed in (0, 1, 2))
    for bits in (first, second):
        set_bits_state(bits, state)
    assert torch.equal(draw(first), draw(second))
    assert not torch.equal(draw(first), draw(third))
    of_torch = torch.Generator()
    set_bits_state(of_torch, bits_state(first))
    draw(of_torch)


def test_a_damaged_state_reads_no_foreign_memory():
    bits = make_bits(0, CPU)
    with pytest.raises(ValueError, match="generator has the position"):
        set_bits_state(bits, np.full(len(bits_state(bits)), 255, np.uint8))


def test_where_bits_can_be_drawn():
    assert draws_on(make_bits(0, CPU), CPU)
    assert draws_on(torch.Generator(), CPU)
    assert not draws_on(None, CPU)
    assert not draws_on(make_bits(0, CPU), torch.device("meta"))
    assert not draws_on(torch.Generator(), torch.device("meta"))
