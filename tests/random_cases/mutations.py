"""Random changes of files: of bytes, of JSON values and of arrays."""

import copy
import io
import json
import zipfile
from random import Random
from typing import Any

import numpy as np

# Values that stand where another value is expected, those of the formats among them.
NUMBERS = [0, 1, -1, 2, 3, 7, 1000, 10**6, 10**9, 2**31, 2**63, 10**30, 0.5, -0.5, 1e39, 1e308]
VALUES = [
    *NUMBERS,
    None,
    True,
    False,
    "",
    "relu",
    "maxout",
    "before",
    "os.system",
    "builtins.eval",
    "numpy.lib.npyio.load",
    [],
    {},
    [1],
    ["relu", 3],
    {"a": 1},
    {"pieces": 10**9},
    [[[[[[0]]]]]],
    [0] * 2000,
    [{}] * 1200,
    {"$float": "nan"},
    {"$float": "-inf"},
    {"$tuple": []},
    {"$tuple": [1, 2]},
    {"$dict": [[1, 2]]},
    {"$dict": [[[], 2]]},
    {"$array": "net_.tensors.0"},
    {"$text": [1, [1], ["a"]]},
    {"$text": [10**7, [2, 3], ["a"] * 6]},
    {"$text": [2**40, [0], []]},
    {"$objects": [[3], [None, 1, "a"]]},
    {"$objects": [[10**9], []]},
    {"$scalar": ["float32", 0.5]},
    {"$scalar": ["str", 10**9]},
    {"$random_state": ["net_.random_state", 10**6, 0, 0.0]},
    {"$record": ["Network", {}]},
    {"$unknown": 1},
]
DTYPES = ["?", "i1", "i4", "i8", "u1", "u4", "u8", "f2", "f4", "f8"]
ARRAY_VALUES = [0, 1, -1, 255, 2**31 - 1, np.nan, np.inf, -np.inf, 1e30, 1e-40]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return all containers in nested values with their keys and positions."""
    found, todo = [], [value]
    while todo:
        part = todo.pop()
        if isinstance(part, dict | list):
            keys = list(part) if isinstance(part, dict) else range(len(part))
            found += [(part, key) for key in keys]
            todo += [part[key] for key in keys]
    return found


def change_json(document: Any, rng: Random) -> None:
    """Change a random value of nested dicts and lists."""
    found = places(document)
    if not found:
        return
    container, key = rng.choice(found)
    value = container[key]
    kind = rng.randrange(7)
    if kind < 2:
        container[key] = copy.deepcopy(rng.choice(VALUES))
    elif kind == 2:
        other, place = rng.choice(found)
        container[key] = copy.deepcopy(other[place])
    elif kind == 3:
        del container[key]
    elif kind == 4 and isinstance(value, int | float) and not isinstance(value, bool):
        container[key] = rng.choice([value + 1, value - 1, -value, value * 1000, float(value)])
    elif kind == 5 and isinstance(value, list):
        container[key] = rng.choice([value[:-1], value + value, value[::-1], value * 100])
    elif isinstance(container, dict):
        new = rng.choice(["", "a", "__class__", "_private", "$tuple", "loss_", "__dict__"])
        container[new] = container.pop(key)
    else:
        container[key] = [value]


def changed_array(array: np.ndarray, rng: Random) -> np.ndarray:
    """Return an array with other values, another type, or another shape."""
    if array.dtype.kind not in "biuf":
        return rng.choice([array[:0], array.reshape(1, -1), np.zeros(array.shape)])
    kind = rng.randrange(5)
    with np.errstate(all="ignore"):
        if kind == 0:
            return array.astype(rng.choice(DTYPES))
        if kind == 1:
            view = np.ascontiguousarray(array).reshape(-1).view("u1")
            return view if rng.random() < 0.5 else np.zeros(array.shape, rng.choice(DTYPES))
        if kind == 2:
            shapes = [(-1,), (1, -1), (-1, 1), (1, 1, -1)]
            return np.ascontiguousarray(array).reshape(rng.choice(shapes))
        if kind == 3:
            flat = array.reshape(-1)
            several = (
                [flat[:-1], flat[:0], np.append(flat, flat[:1]), flat[:1].reshape(())]
                if (flat.size)
                else [flat]
            )
            return np.array(rng.choice(several))
        new = array.copy()
        if new.size:
            value = np.array(rng.choice(ARRAY_VALUES)).astype(new.dtype)
            if rng.random() < 0.5:
                new[...] = value
            else:
                new.reshape(-1)[rng.randrange(new.size)] = value
        return new


def change_tensors(tensors: dict[str, np.ndarray], rng: Random) -> None:
    """Change, remove, add or swap tensors."""
    if not tensors:
        return
    name, other = rng.choice(sorted(tensors)), rng.choice(sorted(tensors))
    kind = rng.randrange(8)
    if kind == 0:
        del tensors[name]
    elif kind == 1:
        tensors[name + "_"] = tensors[name]
    elif kind == 2:
        tensors[name], tensors[other] = tensors[other], tensors[name]
    else:
        tensors[name] = changed_array(tensors[name], rng)


def damaged_bytes(data: bytes, rng: Random) -> bytes:
    """Return bytes of which some were changed, cut, inserted or moved."""
    changed = bytearray(data)
    # the beginning and the end have the sizes and the directories
    near = rng.choice([len(changed), len(changed), 300])
    for _ in range(rng.randint(1, 4)):
        if not changed:
            break
        at = min(rng.randrange(near), len(changed) - 1)
        at = len(changed) - 1 - at if rng.random() < 0.3 else at
        size = rng.choice([1, 2, 8, 100, 5000])
        kind = rng.randrange(6)
        if kind < 2:
            changed[at] ^= rng.randint(1, 255)
        elif kind == 2:
            del changed[at : at + size]
        elif kind == 3:
            changed[at:at] = rng.choice([bytes(size), b"\xff" * size, bytes(changed[:size])])
        elif kind == 4:
            to = rng.randrange(len(changed))
            changed[at : at + size], changed[to : to + size] = (
                changed[to : to + size],
                changed[at : at + size],
            )
        else:
            del changed[at:]
    return bytes(changed)


def header_changed(data: bytes, rng: Random) -> bytes:
    """Return a safetensors file with another header: types, shapes, positions, or its own size."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    names = [name for name in header if name != "__metadata__"]
    for _ in range(rng.randint(1, 3)):
        tensor = header[rng.choice(names)]
        kind = rng.randrange(3)
        if kind == 0:
            tensor["dtype"] = rng.choice(["F16", "F64", "BF16", "I64", "U8", "F8_E4M3", "X", 3])
        elif kind == 1:
            tensor["shape"] = rng.choice([[], [0], [-1], [2**40], [2**32, 2**32], [0, 2**62], "x"])
        else:
            tensor["data_offsets"] = rng.choice([[0, 0], [0, 2**60], [5, 1], [0, 8], [-1, 3], []])
    written = json.dumps(header).encode()
    stated = rng.choice([len(written)] * 4 + [0, 1, len(written) + 8, 2**40, 2**64 - 1])
    return stated.to_bytes(8, "little") + written + data[8 + size :]


def entries_of(data: bytes) -> dict[str, bytes]:
    """Return the content of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(entries: dict[str, bytes]) -> bytes:
    """Return a zip archive with this content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def change_entries(entries: dict[str, bytes], rng: Random) -> None:
    """Change arrays of a skops file, or the objects in its description."""
    arrays = [name for name in entries if name.endswith(".npy")]
    if rng.random() < 0.4:
        name = rng.choice(arrays)
        array = np.load(io.BytesIO(entries[name]))
        buffer = io.BytesIO()
        np.save(buffer, changed_array(array, rng))
        entries[name] = buffer.getvalue()
        return
    schema = json.loads(entries["schema.json"])
    if rng.random() < 0.5:
        change_json(schema, rng)
    else:  # the text of a value, which is JSON itself
        values = [each for each, key in places(schema) if key == "is_json"]
        rng.choice(values)["content"] = json.dumps(rng.choice(VALUES))
    entries["schema.json"] = json.dumps(schema).encode()
