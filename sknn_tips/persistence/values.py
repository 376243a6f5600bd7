"""Conversion of Python and numpy values to JSON and named tensors, and back.

Strings, booleans, integers, finite floats, None, lists, and dicts with strings as keys are stored
as JSON directly. All other values are stored as a JSON object with one key, a tag:
``{"$tuple": [64, 32]}``.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sknn_tips.nn.losses import LOSSES
from sknn_tips.state.checks import check_generator_state

# A JSON value, as returned by the module json.
Json = Any

# The numpy dtypes that safetensors supports.
_TENSOR_TYPES = {
    np.dtype(kind).name
    for kind in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
}
_SCALARS: dict[str, type[np.generic]] = {
    name: np.dtype(name).type for name in sorted(_TENSOR_TYPES)
} | {"str": np.str_}
_SCALAR_NAMES = {kind: name for name, kind in _SCALARS.items()}
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
# Objects that files of protocol 1 contain besides losses.
_RECORDS = ("HiddenLayer", "Network", "OptimizerChoice", "Tip")
# Maximal size in bytes of all text arrays of a model. They are stored as lists of strings, but in
# memory each element has the width of the longest, with four bytes per character. Without a limit,
# a small file could allocate any amount of memory.
_LARGEST_TEXT = 2**28


class Packer:
    """Converts values to JSON, and collects their arrays.

    Attributes
    ----------
    tensors : dict of str to ndarray
        The contiguous arrays; their names describe their location in the values.
    """

    def __init__(self) -> None:
        self.tensors: dict[str, NDArray] = {}
        self._random_states: dict[int, Json] = {}
        self._text_bytes = 0

    def pack(self, value: Any, name: str) -> Json:
        """Return the JSON of a value.

        Parameters
        ----------
        value : object
        name : str
            Its location, for the names of tensors.

        Raises
        ------
        TypeError
            If the value, or a part of it, has an unknown type.
        """
        kind = type(value)
        if kind in _PACKERS:
            return _PACKERS[kind](self, value, name)
        if isinstance(value, dict):  # OrderedDict, defaultdict etc. are loaded as dict
            return self._dict(value, name)
        if kind in _SCALAR_NAMES:
            return {"$scalar": [_SCALAR_NAMES[kind], self.pack(value.item(), name)]}
        raise TypeError(
            f"a value of type {kind.__module__}.{kind.__qualname__} is neither data nor known"
        )

    def _float(self, value: float, name: str) -> Json:
        return value if math.isfinite(value) else {"$float": str(value)}

    def _list(self, values: list[Any], name: str) -> Json:
        return [self.pack(value, f"{name}.{i}") for i, value in enumerate(values)]

    def _tuple(self, values: tuple[Any, ...], name: str) -> Json:
        return {"$tuple": self._list(list(values), name)}

    def _dict(self, values: dict[Any, Any], name: str) -> Json:
        if all(type(key) is str and not key.startswith("$") for key in values):
            return {key: self.pack(value, f"{name}.{key}") for key, value in values.items()}
        pairs = [
            [self.pack(key, name), self.pack(value, f"{name}.{key}")]
            for key, value in values.items()
        ]
        return {"$dict": pairs}

    def _array(self, array: NDArray, name: str) -> Json:
        if array.dtype.kind == "U":
            return self._text(array)
        if array.dtype.kind == "O":
            return {"$objects": [list(array.shape), self._list(list(array.ravel()), name)]}
        if array.dtype.name not in _TENSOR_TYPES:
            raise TypeError(f"an array of dtype {array.dtype} cannot be stored")
        return {"$array": self._store(array, name)}

    def _text(self, array: NDArray) -> Json:
        self._text_bytes += array.nbytes
        if self._text_bytes > _LARGEST_TEXT:
            raise TypeError(
                f"arrays of text take {self._text_bytes:,} bytes, and a file holds"
                f" {_LARGEST_TEXT:,}"
            )
        return {"$text": [array.dtype.itemsize // 4, list(array.shape), array.ravel().tolist()]}

    def _store(self, array: NDArray, name: str) -> str:
        name = name.encode("ascii", "replace").decode()
        while name in self.tensors:
            name += "_"
        native = array.dtype.newbyteorder("=")
        self.tensors[name] = np.array(array, dtype=native, order="C", subok=False)
        return name

    def _random_state(self, generator: np.random.RandomState, name: str) -> Json:
        """Pack a generator; if it occurs several times, it is loaded as a single object."""
        if id(generator) not in self._random_states:
            state: Any = generator.get_state(legacy=False)
            if state["bit_generator"] != "MT19937":
                raise TypeError(
                    f"a RandomState over {state['bit_generator']} is not one of"
                    " numpy.random.RandomState(seed)"
                )
            position = [state["state"]["pos"], state["has_gauss"], float(state["gauss"])]
            tensor = self._store(state["state"]["key"], name)
            self._random_states[id(generator)] = {"$random_state": [tensor, *position]}
        return self._random_states[id(generator)]


def _as_it_is(packer: Packer, value: Any, name: str) -> Json:
    return value


_PACKERS: dict[type, Callable[[Packer, Any, str], Json]] = {
    type(None): _as_it_is,
    bool: _as_it_is,
    int: _as_it_is,
    str: _as_it_is,
    float: Packer._float,
    list: Packer._list,
    tuple: Packer._tuple,
    dict: Packer._dict,
    np.ndarray: Packer._array,
    np.memmap: Packer._array,
    np.random.RandomState: Packer._random_state,
}


class Unpacker:
    """Converts the JSON and tensors of `Packer` back to values.

    Invalid JSON raises a ValueError, KeyError or TypeError.

    Parameters
    ----------
    tensors : dict of str to ndarray
    """

    def __init__(self, tensors: dict[str, NDArray]) -> None:
        self._tensors = dict(tensors)
        self._random_states: dict[str, np.random.RandomState] = {}
        self._text_bytes = 0

    def unpack(self, packed: Json) -> Any:
        """Return the value of a JSON representation."""
        if isinstance(packed, list):
            return [self.unpack(value) for value in packed]
        if not isinstance(packed, dict):
            return packed
        tags = [key for key in packed if key.startswith("$")]
        if not tags:
            return {key: self.unpack(value) for key, value in packed.items()}
        if len(packed) > 1 or tags[0] not in _UNPACKERS:
            raise ValueError(f"it holds {', '.join(tags)}, which is not known")
        return _UNPACKERS[tags[0]](self, packed[tags[0]])

    def _float(self, name: str) -> float:
        return _NOT_FINITE[name]

    def _tuple(self, packed: list[Json]) -> tuple[Any, ...]:
        return tuple(self.unpack(packed))

    def _dict(self, pairs: list[list[Json]]) -> dict[Any, Any]:
        return {self.unpack(key): self.unpack(value) for key, value in pairs}

    def _array(self, name: str) -> NDArray:
        # The arrays of safetensors share memory with the bytes of the file, so they are copied.
        # Each can be used only once. Otherwise a file that uses one a million times would fill the
        # memory.
        return self._tensors.pop(name).copy()

    def _text(self, packed: list[Json]) -> NDArray:
        width, shape, values = packed
        if type(width) is not int or not all(type(value) is str for value in values):
            raise ValueError("an array of text has a width that is no number, or other values")
        if width < max(map(len, values), default=0):
            raise ValueError(f"an array of text of width {width} has longer strings")
        self._text_bytes += 4 * width * max(len(values), 1)  # an empty array has space for one
        if self._text_bytes > _LARGEST_TEXT:
            raise ValueError(
                f"its arrays of text ask for {self._text_bytes:,} bytes; {_LARGEST_TEXT:,} are the"
                " most that is written"
            )
        return np.array(values, dtype=f"U{width}").reshape(shape)

    def _objects(self, packed: list[Json]) -> NDArray:
        shape, values = packed
        array = np.empty(len(values), dtype=object)
        for i, value in enumerate(values):
            array[i] = self.unpack(value)
        return array.reshape(shape)

    def _scalar(self, packed: list[Json]) -> np.generic:
        name, value = packed
        return _SCALARS[name](self.unpack(value))

    def _record(self, packed: list[Json]) -> Any:
        """Return the plain form of an object in a file of protocol 1."""
        name, fields = packed
        values = self.unpack(fields)
        if name in LOSSES:
            return {"class": name, **values}
        if name not in _RECORDS:
            raise ValueError(f"it names {name!r}, which is none of {', '.join(_RECORDS)}")
        return _of_today(values) if name == "Network" else values

    def _random_state(self, packed: list[Json]) -> np.random.RandomState:
        name, *position = packed
        if name not in self._random_states:
            self._random_states[name] = random_state_of((self._tensors[name], *position))
        return self._random_states[name]


_UNPACKERS: dict[str, Callable[[Unpacker, Any], Any]] = {
    "$float": Unpacker._float,
    "$tuple": Unpacker._tuple,
    "$dict": Unpacker._dict,
    "$array": Unpacker._array,
    "$moment": Unpacker._array,  # in files of protocol 1
    "$text": Unpacker._text,
    "$objects": Unpacker._objects,
    "$scalar": Unpacker._scalar,
    "$record": Unpacker._record,
    "$random_state": Unpacker._random_state,
}


def random_state_of(state: tuple[Any, ...]) -> np.random.RandomState:
    """Return a generator with a state from a file: its numbers, position and cached normal draw.

    The position is checked here, because numpy does not, and would read out of bounds.
    """
    numbers, position, has_normal, normal = state
    check_generator_state(("MT19937", *state))
    generator = np.random.RandomState()
    generator.set_state(("MT19937", numbers.astype(np.uint32), position, has_normal, normal))
    return generator


def _of_today(network: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a network from a file in which each input layer was a field."""
    former = [name for name in ("input_dropout", "input_scaling") if name in network]
    if not former:
        return network
    values = {name: network.pop(name) for name in former}
    return network | {"input_layers": {name: value for name, value in values.items() if value}}
