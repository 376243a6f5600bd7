import threading
from functools import partial

import pytest
import torch

from sknn_tips.nn.user_objects import own_draws, tried


def test_draws_follow_from_the_seed_and_leave_the_global_generator_as_it_was():
    before = torch.get_rng_state()
    drawn = []
    for seed in (3, 3, 4):
        with own_draws(seed):
            drawn.append(torch.rand(5))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_threads_do_not_draw_in_between():
    before, found, both = torch.get_rng_state(), {}, threading.Barrier(2)

    def draw(seed):
        both.wait()
        with own_draws(seed):
            found[seed] = torch.cat([torch.rand(1000) for _ in range(200)])

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in (1, 2):
        with own_draws(seed):
            assert torch.equal(found[seed], torch.cat([torch.rand(1000) for _ in range(200)]))
    assert torch.equal(torch.get_rng_state(), before)


def test_what_goes_wrong_names_object_and_remedy():
    given = partial(print, end="")
    words = r"^init=print\(end=''\): it is bad\. Take another\.$"
    with pytest.raises(ValueError, match=words), tried("init", given, "Take another."):
        raise TypeError("it is bad.")


def test_what_draws_is_refused_unless_it_has_a_seed():
    words = "loss=rand: it draws random numbers"
    with pytest.raises(ValueError, match=words), tried("loss", torch.rand, "Take another."):
        torch.rand(1)
    with tried("init", torch.rand, "Take another.", seed=3):
        assert torch.rand(1).item() == torch.rand(1, generator=torch.Generator().manual_seed(3))
