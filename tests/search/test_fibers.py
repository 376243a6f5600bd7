import threading
import warnings

import pytest

from sknn_tips.search.fibers import Cancelled, Fiber


def test_it_runs_only_while_it_is_resumed():
    seen = []

    def count():
        for i in range(3):
            seen.append(fiber.park(i))
        return "over"

    fiber = Fiber(count)
    assert seen == []
    fiber.resume()
    assert fiber.request == 0
    fiber.resume("a")
    assert (fiber.request, seen) == (1, ["a"])
    fiber.resume("b")
    fiber.resume("c")
    assert (fiber.done, fiber.result, fiber.error) == (True, "over", None)
    assert seen == ["a", "b", "c"]


def test_an_error_goes_either_way():
    def catch():
        try:
            fiber.park("request")
        except ValueError as error:
            raise TypeError("from inside") from error

    fiber = Fiber(catch)
    fiber.resume()
    fiber.resume(error=ValueError("from outside"))
    assert fiber.done
    assert isinstance(fiber.error, TypeError)
    assert str(fiber.error.__cause__) == "from outside"


@pytest.mark.parametrize("begun", [False, True])
def test_a_cancelled_fiber_leaves_no_thread(begun):
    ended = []

    def wait():
        try:
            fiber.park("request")
        except Exception:  # a search's error_score would catch as much
            ended.append("caught")
        finally:
            ended.append("closed")

    before = threading.active_count()
    fiber = Fiber(wait)
    if begun:
        fiber.resume()
    fiber.cancel()
    assert threading.active_count() == before
    assert ended == ["closed"] * begun
    assert isinstance(fiber.error, Cancelled) == begun


def test_filters_of_warnings_are_each_ones_own():
    def ignore_in(fiber_of):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fiber_of().park("inside")
            warnings.warn("unheard", UserWarning, stacklevel=1)
        fiber_of().park("outside")
        warnings.warn("an error here", UserWarning, stacklevel=1)

    outside = warnings.filters
    fibers = [Fiber(lambda i=i: ignore_in(lambda: fibers[i])) for i in range(2)]
    for fiber in fibers:  # both are inside at once, and leave in the order in which they came
        fiber.resume()
        assert warnings.filters is outside
    for fiber in fibers:
        fiber.resume()
        assert fiber.request == "outside"
    for fiber in fibers:
        fiber.resume()
        assert isinstance(fiber.error, UserWarning)
    assert warnings.filters is outside
    with pytest.raises(UserWarning, match="still"):
        warnings.warn("still an error", UserWarning, stacklevel=1)


def test_what_is_recorded_inside_is_recorded_there():
    def record():
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            fiber.park("inside")
            warnings.warn("noted", UserWarning, stacklevel=1)
        return [str(each.message) for each in found]

    fiber = Fiber(record)
    fiber.resume()
    with pytest.raises(UserWarning):
        warnings.warn("not in there", UserWarning, stacklevel=1)
    fiber.resume()
    assert fiber.result == ["noted"]
