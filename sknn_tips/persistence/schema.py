"""Checks of the description of the objects in a skops file, before skops reads it.

skops checks the types in a file. It calls some of them with arguments of the file, though, reads an
array again for every object that names it, and follows repeated references without a limit. So a
small file could fill the memory or compute for ever. Only what `save_model` writes passes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sknn_tips._compat.sklearn import MODULE_OF_LOSSES
from sknn_tips.persistence.zip_archive import shape_of

# The format of skops since 0.14, the oldest version that this package supports.
_OLDEST_PROTOCOL = 2

State = dict[str, Any]

_NUMBERS = r"numpy\.(bool|bool_|(u?int|float|complex)\d+|(u?longlong|c?longdouble))"
_ANY = re.compile(r".*")
# The classes that each kind of node may name, where skops calls the class. Others only get
# attributes, or are only referred to.
_CLASSES = {
    "BytesNode": re.compile(r"builtins\.bytes"),
    "DTypeNode": re.compile(r"numpy\.dtype"),
    "DefaultDictNode": re.compile(r"collections\.defaultdict"),
    "DictNode": re.compile(
        r"builtins\.dict|collections\.OrderedDict|sklearn\.utils\._bunch\.Bunch"
    ),
    "FunctionNode": _ANY,
    "JsonNode": _ANY,
    "ListNode": re.compile(r"builtins\.list"),
    "LossNode": re.compile(
        rf"({re.escape(MODULE_OF_LOSSES)}|sklearn\.linear_model\._sgd_fast)\.\w+"
    ),
    "MaskedArrayNode": re.compile(r"numpy\.ma(\.core)?\.MaskedArray"),
    "NdArrayNode": re.compile(rf"numpy\.(ndarray|str_|datetime64|timedelta64)|{_NUMBERS}"),
    "ObjectNode": _ANY,
    "PartialNode": re.compile(r"functools\.partial"),
    "RandomGeneratorNode": re.compile(r"numpy\.random\._generator\.Generator"),
    "RandomStateNode": re.compile(r"numpy\.random\.mtrand\.RandomState"),
    "SetNode": re.compile(r"builtins\.set"),
    "SliceNode": re.compile(r"builtins\.slice"),
    "SparseMatrixNode": re.compile(r"scipy\.sparse\.[\w.]+"),
    "TreeNode": re.compile(r"sklearn\.tree\._tree\.Tree"),
    "TupleNode": _ANY,
    "TypeNode": _ANY,
}
# The types of the keys of a dict, which are called with the text of the key.
_KEYS = re.compile(rf"builtins\.(str|int|float)|numpy\.str_|{_NUMBERS}")


def read_schema(content: Mapping[str, bytes]) -> State:
    """Return the description in the content of a skops file, if skops can follow its references.

    Raises
    ------
    ValueError
        If the references are none that skops writes.
    Exception
        Errors of several types for other damage.
    """
    schema: State = json.loads(content["schema.json"])
    if type(schema["protocol"]) is not int or schema["protocol"] < _OLDEST_PROTOCOL:
        raise ValueError(f"it has protocol {schema['protocol']!r} of skops, which is too old")
    _check_references(schema, content)
    return schema


def check_calls(schema: State, content: Mapping[str, bytes]) -> None:
    """Check that skops calls nothing that it does not call for a file of `save_model`.

    Raises
    ------
    ValueError
        If it would.
    Exception
        Errors of several types for other damage.
    """
    for state in _states(schema):
        name = f"{state['__module__']}.{state['__class__']}"
        classes = _CLASSES.get(state["__loader__"])
        if classes is None or not classes.fullmatch(name):
            raise ValueError(
                f"it has {name} as {state['__loader__']}, which save_model does not write"
            )
        check = _CHECKS.get(state["__loader__"])
        if check:
            check(state, content)


def _states(value: Any) -> Iterator[State]:
    """Yield the descriptions of all objects."""
    todo = [value]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            if isinstance(part.get("__loader__"), str):
                yield part
            todo += part.values()
        elif isinstance(part, list):
            todo += part


def _check_references(schema: State, content: Mapping[str, bytes]) -> None:
    """Raise an error unless objects of equal id are described equally.

    skops reads the first description of an id, and takes its object for all later ones. It writes
    the full description each time. With others, a description of 40 lines could stand for 2**40
    objects, or contain itself.
    """
    forms: dict[Any, int] = {}
    known: dict[int, int] = {}
    owners: dict[str, int] = {}

    def form_of(value: Any) -> int:
        """Return a number that is the same for equal descriptions, whatever their names are."""
        if isinstance(value, list):
            return forms.setdefault(tuple(map(form_of, value)), len(forms))
        if not isinstance(value, dict):
            return forms.setdefault((type(value), value), len(forms))
        is_object = isinstance(value.get("__loader__"), str)
        # some objects, and the files of their arrays, get another name in each description
        names = ("__id__", "file") if is_object else ()
        parts: list[Any] = [(key, form_of(value[key])) for key in value if key not in names]
        if is_object and "file" in value:
            parts.append(content[value["file"]])
        form = forms.setdefault(("dict", *parts), len(forms))
        if is_object:
            number = value["__id__"]
            if type(number) is not int or known.setdefault(number, form) != form:
                raise ValueError(f"an object has the id {number!r}, or several have it")
            if owners.setdefault(value.get("file", f"of {number}"), number) != number:
                raise ValueError(f"several objects have the content {value['file']!r}")
        return form

    form_of(schema)


def _check_dict(state: State, content: Mapping[str, bytes]) -> None:
    types = state["key_types"]
    if types["__loader__"] != "ListNode":
        raise ValueError("the types of the keys of a dict are not in a list")
    for each in types["content"]:
        name = f"{each['__module__']}.{each['__class__']}"
        if each["__loader__"] != "TypeNode" or not _KEYS.fullmatch(name):
            raise ValueError(f"a dict has keys of type {name}, which save_model does not write")


def _check_tree(state: State, content: Mapping[str, bytes]) -> None:
    """Check the arguments of a tree, from whose array compiled code copies a given number."""
    _, classes, n_outputs = state["__reduce__"]["args"]["content"]
    shape, found = shape_of(content[classes["file"]]), json.loads(n_outputs["content"])
    if type(found) is not int or shape != (found,):
        raise ValueError(f"a tree has {found!r} outputs, and numbers of classes of shape {shape}")


_CHECKS: dict[str, Callable[[State, Mapping[str, bytes]], None]] = {
    "DictNode": _check_dict,
    "TreeNode": _check_tree,
}
