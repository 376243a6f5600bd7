import numpy as np
import pytest

from sknn_tips.nn import ranges

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        (ranges.FINITE, [-1, 0.5, np.float32(2), np.int64(3)], [NAN, INF, "1", None, True, [1]]),
        (ranges.NOT_NEGATIVE, [0, 3.5], [-1e-9, INF]),
        (ranges.POSITIVE, [1e-9], [0, -1]),
        (ranges.BELOW_ONE, [0, 0.999], [1, -0.1]),
        (ranges.SWITCH, [True, np.False_], [0, 1, "x", None]),
        (ranges.one_of("a", "b"), ["a", "b"], ["c", None, 3]),
        (ranges.whole("", lambda value: value > 1), [2, np.int64(2)], [2.0, 1, True, "2"]),
    ],
)
def test_what_is_inside_and_what_is_not(range_, inside, outside):
    assert all(range_.holds(value) for value in inside)
    assert not any(range_.holds(value) for value in outside)


def test_the_error_names_parameter_value_and_range():
    with pytest.raises(ValueError, match="init_params: std=-1 must be a finite number, 0 or more"):
        ranges.checked({"std": -1}, {"std": ranges.NOT_NEGATIVE}, "init_params")


def test_numpys_scalars_become_pythons():
    given = {"a": np.float32(0.5), "b": np.int64(3), "c": np.True_, "d": "x"}
    found = ranges.checked(given, dict.fromkeys(given, ranges.Range("", lambda _: True)), "p")
    assert found == {"a": 0.5, "b": 3, "c": True, "d": "x"}
    assert [type(value) for value in found.values()] == [float, int, bool, str]
