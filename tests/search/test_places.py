import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.search import places
from sknn_tips.search.fibers import Fiber
from sknn_tips.search.places import Place, Training
from sknn_tips.training.step import DRIVER

RNG = np.random.RandomState(0)
X, Y = RNG.normal(size=(60, 4)).astype(np.float32), RNG.randint(0, 3, 60)


@pytest.fixture
def parked():
    """Return what makes a fiber in which a fit waits for its first pass."""
    fibers = []

    def make(k, **changed):
        def fit():
            DRIVER.set(lambda passes: fiber.park(Training(passes)))
            return MLPClassifier(6, max_iter=4, tol=None, random_state=k, **changed).fit(X, Y)

        fiber = Fiber(fit)
        fibers.append(fiber)
        fiber.resume()
        return fiber

    yield make
    for fiber in fibers:  # a fit in the middle holds the number of threads
        fiber.cancel()


def passed(place, *fibers):
    """Do a pass; return how long it took, and after how many updates it ended."""
    place.members = list(fibers)
    seconds, done = place.run()
    assert done == [len(fiber.request.work.batches) for fiber in fibers]
    return seconds, done[0]


def finished(fiber, place, others=()):
    while True:
        how_far = passed(place, fiber, *others)
        try:
            fiber.request.passed(*how_far)
        except StopIteration as end:
            fiber.resume(end.value)
            return fiber.result


def test_a_training_knows_how_far_it_is(parked):
    fiber, place = parked(0), Place()
    training = fiber.request
    assert training.rows.nbytes == X.nbytes
    for done in (0, 0.25, 0.5):
        assert training.share_done == done
        training.passed(*passed(place, fiber))
    assert 0 <= training.waited < 1
    finished(fiber, place)


@pytest.mark.parametrize("n_others", [0, 2])
def test_the_last_pass_leaves_what_a_fit_alone_gives(n_others, parked):
    others = [parked(k) for k in range(1, 1 + n_others)]
    found = finished(parked(0), Place(), others)
    alone = MLPClassifier(6, max_iter=4, tol=None, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(found.coefs_[0], alone.coefs_[0])
    assert found.net_.flat.vector.untyped_storage().nbytes() == found.net_.flat.vector.nbytes


def test_a_stack_stays_as_long_as_its_networks_do(parked):
    place, fibers = Place(), [parked(k) for k in range(3)]
    passed(place, *fibers)
    first = place.stack
    passed(place, *fibers[::-1])
    assert place.stack is first
    passed(place, *fibers[:2])
    assert place.stack is not first


@pytest.fixture
def no_memory(monkeypatch):
    """Return what makes a method of stacks fail."""

    def fail(*args):
        raise MemoryError("for all of them")

    return lambda method: monkeypatch.setattr(places.Stack, method, fail)


def test_without_a_stack_each_trains_alone(no_memory, parked):
    no_memory("__init__")
    found = finished(parked(0), Place(), [parked(1), parked(2)])
    alone = MLPClassifier(6, max_iter=4, tol=None, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(found.coefs_[0], alone.coefs_[0])


def test_an_error_in_the_middle_of_a_pass_is_one_for_all(no_memory, parked):
    no_memory("run")
    place = Place()
    place.members = [parked(k) for k in range(3)]
    assert [str(error) for error in place.run()[1]] == ["for all of them"] * 3


def test_an_error_is_its_own_network_s_alone(monkeypatch, parked):
    place = Place()
    place.members = fibers = [parked(0), parked(1, batchnorm=True), parked(2)]  # no stack
    step = fibers[0].request.work.step
    monkeypatch.setattr(step, "_program", lambda *args: 1 / 0)
    _, (error, *done) = place.run()
    assert (type(error), done) == (ZeroDivisionError, [1, 1])
