import threading
import time

import numpy as np
import pytest
import torch

from sknn_tips.ops import native
from sknn_tips.ops.native import SECONDS, NativeProgram, unsupported_reason
from sknn_tips.ops.operation import operation

DOUBLE = torch.float64


@pytest.fixture
def batches():
    """A program that adds up the rows of its batches, and what it works with."""
    X = torch.arange(20, dtype=DOUBLE).reshape(10, 2)
    batch, total = torch.empty(2, 2, dtype=DOUBLE), torch.zeros(1, 2, dtype=DOUBLE)
    one = torch.zeros(1, 2, dtype=DOUBLE)
    rate, seen = torch.zeros((), dtype=DOUBLE), torch.ones(1, 1, dtype=DOUBLE)
    operations = [
        operation("gather", X, out=batch),
        operation("sum_rows", batch, out=one),
        operation("add", total, one, out=total),
        operation("decay", rate, out=seen, weight_decay=-1.0),
    ]
    return operations, {"X": X, "total": total, "rate": rate, "seen": seen}


def run(operations, at, n_steps, **options):
    given = {"batch": 2, "order": None, "start": 0, "rates": None, **options}
    program = NativeProgram(operations, DOUBLE)
    return program.run(n_steps, rate=at["rate"], total=at["total"], **given)


@pytest.mark.usefixtures("compiled_here")
def test_batches_in_their_own_order(batches):
    operations, at = batches
    assert run(operations, at, 2, start=4) == 2
    assert torch.equal(at["total"], at["X"][4:8].sum(0, keepdim=True))


@pytest.mark.usefixtures("compiled_here")
def test_batches_in_another_order(batches):
    operations, at = batches
    order = torch.tensor([9, 3, 3, 1, 0, 7])
    assert run(operations, at, 2, order=order, start=2) == 2
    assert torch.equal(at["total"], at["X"][order[2:6]].sum(0, keepdim=True))


@pytest.mark.usefixtures("compiled_here")
def test_every_step_has_its_rate(batches):
    operations, at = batches
    assert run(operations, at, 3, rates=np.array([1.0, 2.0, 0.5])) == 3
    assert at["seen"].item() == 2 * 3 * 1.5
    assert at["rate"].item() == 0.5


@pytest.mark.usefixtures("compiled_here")
def test_it_ends_after_the_first_total_that_is_not_finite(batches):
    operations, at = batches
    at["X"][3, 0] = torch.inf
    assert run(operations, at, 5) == 2


@pytest.mark.usefixtures("compiled_here")
@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_batch_without_weight_is_skipped(batches, weight):
    operations, at = batches
    weights = torch.tensor([[0.0], [weight]], dtype=DOUBLE)
    operations.insert(1, operation("skip_if_zero", weights, out=weights))
    assert run(operations, at, 2) == 2
    assert bool(at["total"].any()) is bool(weight)


@pytest.mark.usefixtures("compiled_here")
def test_it_comes_back_soon_and_leaves_other_threads_at_work():
    x = torch.rand(300, 300, dtype=DOUBLE)
    y, total, rate = torch.empty_like(x), torch.zeros(1, 1, dtype=DOUBLE), torch.zeros(())
    program = NativeProgram([operation("tanh", x, out=y)], DOUBLE)
    counted, ended = [0], threading.Event()

    def count():
        while not ended.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    begun, before = time.monotonic(), counted[0]
    done = program.run(10**9, batch=0, order=None, start=0, rate=rate, rates=None, total=total)
    ended.set()
    thread.join()
    assert done < 10**9
    assert time.monotonic() - begun >= SECONDS
    assert counted[0] > before


@pytest.mark.usefixtures("compiled_here")
def test_a_number_is_repeated_for_every_row():
    x, y, out = torch.rand(20, 1), torch.rand(1, 1), torch.empty(20, 1)
    NativeProgram([operation("add", x, y, out=out)], torch.float32)()
    np.testing.assert_allclose(out, x + y, rtol=1e-6)


@pytest.mark.usefixtures("one_thread")
def test_why_not():
    assert (
        "meta" in (unsupported_reason(torch.empty(1, device="meta")) or "")
        or native.module() is None
    )
    torch.set_num_threads(2)
    assert unsupported_reason(torch.empty(1)) is not None


def test_it_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("SKNN_TIPS_PURE", "1")
    native._found.cache_clear()
    try:
        assert native.module() is None
        assert unsupported_reason(torch.empty(1)) == "SKNN_TIPS_PURE is set"
    finally:
        monkeypatch.undo()
        native._found.cache_clear()
