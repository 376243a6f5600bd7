import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.search.fibers import Fiber
from sknn_tips.search.places import Place, Training
from sknn_tips.training.step import DRIVER

RNG = np.random.RandomState(0)
X, Y = RNG.normal(size=(60, 4)).astype(np.float32), RNG.randint(0, 3, 60)


def parked(k, **changed):
    """Return a fiber in which a fit waits for its first pass."""

    def fit():
        DRIVER.set(lambda passes: fiber.park(Training(passes)))
        return MLPClassifier(6, max_iter=4, tol=None, random_state=k, **changed).fit(X, Y)

    fiber = Fiber(fit)
    fiber.resume()
    return fiber


def finished(fiber, place, others=()):
    while True:
        seconds, error = place.run([fiber, *others])
        assert error is None
        try:
            fiber.request.passed(seconds)
        except StopIteration as end:
            fiber.resume(end.value)
            return fiber.result


def test_a_training_knows_how_far_it_is():
    fiber, place = parked(0), Place()
    training = fiber.request
    assert training.nbytes == X.nbytes
    for done in (0, 0.25, 0.5):
        assert training.share_done == done
        seconds, _ = place.run([fiber])
        training.passed(seconds)
    assert 0 <= training.waited < 1
    finished(fiber, place)


@pytest.mark.parametrize("n_others", [0, 2])
def test_the_last_pass_leaves_what_a_fit_alone_gives(n_others):
    others = [parked(k) for k in range(1, 1 + n_others)]
    found = finished(parked(0), Place(), others)
    alone = MLPClassifier(6, max_iter=4, tol=None, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(found.coefs_[0], alone.coefs_[0])
    assert found.net_.flat.vector.untyped_storage().nbytes() == found.net_.flat.vector.nbytes
    for fiber in others:
        fiber.cancel()


def test_a_stack_stays_as_long_as_its_networks_do():
    place, fibers = Place(), [parked(k) for k in range(3)]
    place.run(fibers)
    first = place.stack
    place.run(fibers[::-1])
    assert place.stack is first
    place.run(fibers[:2])
    assert place.stack is not first
    for fiber in fibers:
        fiber.cancel()


def test_networks_that_do_not_belong_together_are_an_error_for_their_fits():
    fibers = [parked(0), parked(1, batchnorm=True)]
    _, error = Place().run(fibers)
    assert isinstance(error, Exception)
    for fiber in fibers:
        fiber.resume(error=error)
        assert fiber.error is error
