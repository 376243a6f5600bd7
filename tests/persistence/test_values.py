import decimal
import json
import math
import tracemalloc
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sknn_tips.persistence import values
from sknn_tips.persistence.values import Packer, Unpacker, random_state_of


def round_trip(value):
    packer = Packer()
    text = json.dumps(packer.pack(value, "value"), allow_nan=False)
    assert all(tensor.flags.c_contiguous for tensor in packer.tensors.values())
    return Unpacker(packer.tensors).unpack(json.loads(text))


def same(a, b):
    """Equal in type, value and sign, inside containers too."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(map(repr, a)) == list(map(repr, b)) and all(map(same, a.values(), b.values()))
    return repr(a) == repr(b)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
KEYS = PLAIN.filter(lambda key: key == key)
NESTED = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.sampled_from(["a", "b.c", "$tuple", "$unknown"]) | KEYS, inner)
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(NESTED)
def test_nested_python_values_come_back(value):
    assert same(round_trip(value), value)


@pytest.mark.parametrize(
    "given", [OrderedDict(b=1, a=2.5), defaultdict(int, {3: 1.5}), Counter("aab")], ids=repr
)
def test_kinds_of_dicts_come_back_as_plain_ones_of_the_same_order(given):
    assert same(round_trip(given), dict(given))


@pytest.mark.parametrize(
    "value",
    [
        np.float64(0.1),
        np.float32(0.1),
        np.float16(0.1),
        np.int64(-3),
        np.uint8(200),
        np.bool_(True),
        np.str_("label"),
        np.float64("nan"),
        np.float32("-inf"),
    ],
    ids=repr,
)
def test_numpy_scalars_keep_their_type(value):
    assert same(round_trip([value]), [value])


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.arange(6.0).reshape(2, 3).T,
        np.arange(10, dtype=np.int32)[::3],
        np.array(1.5, dtype=np.float32),
        np.zeros((0, 4)),
        np.array([True, False]),
        np.array([np.nan, np.inf, -0.0]),
        np.array(["setosa", "ü", ""]),
        np.array([["a", "bc"]], dtype="U7"),
        np.array([], dtype="U3"),
        np.array(["a", "bc"], dtype="U500"),
        np.array(["x", None, 3, (1, 2), math.inf], dtype=object),
        np.array([[1, "a"], [2.5, b"b".decode()]], dtype=object),
    ],
    ids=repr,
)
def test_arrays_keep_values_type_and_shape(array):
    found = round_trip({"a": array})["a"]
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert same(found.tolist(), array.tolist())
    assert found.flags.writeable


def test_an_array_in_the_byte_order_of_another_machine_comes_back_in_this_ones():
    found = round_trip(np.array([1.5, 2.5], dtype=">f8"))
    np.testing.assert_array_equal(found, [1.5, 2.5])
    assert found.dtype == np.float64


def test_a_mapped_array_comes_back_as_an_ordinary_one(tmp_path):
    mapped = np.memmap(tmp_path / "a", dtype=np.float32, mode="w+", shape=3)
    found = round_trip(mapped)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, mapped)


def test_arrays_under_equal_names_are_kept_apart():
    value = {
        "a": {"b": np.array([1])},
        "a.b": np.array([2]),
        "ä": np.array([3]),
        "ö": np.array([4]),
    }
    found = round_trip(value)
    assert [found["a"]["b"], found["a.b"], found["ä"], found["ö"]] == [1, 2, 3, 4]


def test_a_random_state_goes_on_where_it_was():
    generator = np.random.RandomState(0)
    generator.normal(size=3)  # leaves one normal draw stored
    found = round_trip(generator)
    np.testing.assert_array_equal(found.normal(size=9), generator.normal(size=9))


def test_one_random_state_in_two_places_stays_one():
    generator, other = np.random.RandomState(0), np.random.RandomState(0)
    first, second, third = round_trip([generator, generator, other])
    assert first is second
    assert first is not third


def test_objects_in_files_of_protocol_1_become_plain_values():
    layer = {"$record": ["HiddenLayer", {"units": 8, "activation": "relu"}]}
    network = {"$record": ["Network", {"hidden": {"$tuple": [layer]}, "input_dropout": 0.1}]}
    loss = {"$record": ["Huber", {"delta": 2.0}]}
    found = Unpacker({"t": np.arange(3.0)}).unpack([network, loss, {"$moment": "t"}])
    assert found[0]["hidden"] == ({"units": 8, "activation": "relu"},)
    assert found[0]["input_layers"] == {"input_dropout": 0.1}
    assert found[1] == {"class": "Huber", "delta": 2.0}
    np.testing.assert_array_equal(found[2], [0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    "value",
    [
        object(),
        print,
        lambda: None,
        {1, 2},
        b"bytes",
        1j,
        decimal.Decimal(1),
        np.datetime64("2020-01-01"),
        np.array([1j]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.ma.masked_array([1.0]),
        np.array([object()], dtype=object),
        np.random.RandomState(np.random.PCG64(0)),
        np.random.default_rng(0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_refused_and_named(value):
    with pytest.raises(TypeError, match=r"type|dtype|PCG64"):
        Packer().pack([{"key": (value,)}], "value")


@pytest.mark.parametrize(
    "packed",
    [
        {"$import": "os.system"},
        {"$tuple": [], "extra": 1},
        {"$tuple": 3},
        {"$float": "1.0"},
        {"$array": "missing"},
        {"$array": ["t"]},
        {"$moment": "missing"},
        {"$text": [1, [3], ["a"]]},
        {"$text": ["os", [1], ["a"]]},
        {"$text": [-1, [1], ["a"]]},
        {"$text": [2, [1], ["abc"]]},
        {"$text": [1, [1], [1]]},
        {"$text": [1, [1, 1], [["a"]]]},
        {"$objects": [[3], [1]]},
        {"$scalar": ["float128", 1.0]},
        {"$record": ["os.system", {"command": "true"}]},
        {"$record": ["OwnLoss", {"given": "print"}]},
        {"$record": ["Network", 3]},
        {"$random_state": ["t", 0, 0, 0.0]},
        {"$dict": [[1]]},
        {"$dict": [[[1], 1]]},
    ],
    ids=str,
)
def test_unknown_tags_names_and_forms_are_errors(packed):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Unpacker({"t": np.zeros(3, np.uint32)}).unpack([packed])


@pytest.mark.parametrize(
    "packed",
    [
        [{"$text": [10**8, [1], ["relu"]]}],
        [{"$text": [10**8, [0], []]}],
        [{"$text": [2**24, [1], [""]]}] * 5,
        [{"$text": [2**13, [2**14], [""] * 2**14]}],
    ],
    ids=["wide", "wide and empty", "several", "many strings"],
)
def test_text_that_would_fill_the_memory_is_refused_before_it_does(packed):
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"ask for \d+,\d+.* bytes; 268,435,456 are the most"):
        Unpacker({}).unpack(packed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most <= 2**28 + 2**20


def test_what_is_refused_when_it_is_read_is_not_written(monkeypatch):
    monkeypatch.setattr(values, "_LARGEST_TEXT", 100)
    assert round_trip([np.array(["abcde"])] * 5)[4].tolist() == ["abcde"]
    with pytest.raises(TypeError, match="take 120 bytes, and a file holds 100"):
        Packer().pack([np.array(["abcde"])] * 6, "value")


def test_a_tensor_has_one_place():
    with pytest.raises(KeyError, match="t"):
        Unpacker({"t": np.zeros(3)}).unpack([{"$array": "t"}, {"$array": "t"}])


@pytest.mark.parametrize("position", [-1, 625, 10**9])
def test_a_random_state_that_numpy_would_read_beyond_its_end_is_refused(position):
    with pytest.raises(ValueError, match="position"):
        random_state_of((np.zeros(624, np.uint32), position, 0, 0.0))
