"""Descriptions of objects for which skops would do more than `save_model` asks for."""

import copy
import io
import json
import zipfile

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sknn_tips import MLPClassifier, load_model, save_model
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.exceptions import ModelFileError

pytest.importorskip("skops")
ROWS = np.arange(24.0).reshape(12, 2)
NET = MLPClassifier(3, max_iter=1, tol=None, random_state=0)


def node(loader, name, number, **more):
    module, _, kind = name.rpartition(".")
    return {
        "__class__": kind,
        "__module__": module,
        "__loader__": loader,
        "__id__": number,
        **more,
    }


def text(value, number):
    return node("JsonNode", "builtins.str", number, content=json.dumps(value))


def call_of(name, number):
    """A call with an argument of the file, as skops makes it for types with such a constructor."""
    content = node("TupleNode", "builtins.tuple", number + 1, content=[text("id", number + 2)])
    return node("ConstructorFromReduceNode", name, number, content=content)


@pytest.fixture
def forge(path):
    """Write a Pipeline with a change of its description; `change` gets its first step."""

    def write(change, model=None):
        tree = DecisionTreeClassifier(random_state=0)
        model = model or make_pipeline(
            StandardScaler(), FoldEnsembleClassifier([("net", NET), ("tree", tree)], cv=2)
        )
        save_model(model.fit(ROWS, ROWS[:, 0] > 9), path)
        with zipfile.ZipFile(path) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        schema = json.loads(content["schema.json"])
        change(schema["content"]["model"]["content"]["content"], content)
        content["schema.json"] = json.dumps(schema).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, each in content.items():
                archive.writestr(name, each)

    return write


def nodes_of(value, loader):
    if isinstance(value, dict):
        if value.get("__loader__") == loader:
            yield value
        for each in value.values():
            yield from nodes_of(each, loader)
    elif isinstance(value, list):
        for each in value:
            yield from nodes_of(each, loader)


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "posix.system",
        "builtins.eval",
        "builtins.exec",
        "builtins.getattr",
        "subprocess.Popen",
        "numpy.lib._npyio_impl.loadtxt",
        "numpy.save",
        "importlib.import_module",
        "pickle.loads",
        "joblib.numpy_pickle.load",
        "sklearn.datasets._base.load_files",
        "sknn_tips.persistence.model.save_model",
    ],
)
@pytest.mark.parametrize(
    "loader", ["FunctionNode", "TypeNode", "ObjectNode", "ConstructorFromReduceNode", "LossNode"]
)
def test_functions_and_classes_of_others(forge, path, name, loader):
    def change(steps, content):
        if loader == "ConstructorFromReduceNode":
            steps["memory"] = call_of(name, 1)
        elif loader == "LossNode":
            arguments = node("TupleNode", "builtins.tuple", 2, content=[text("id", 3)])
            nothing = text(None, 4)
            steps["memory"] = node(loader, name, 1, content=nothing, __reduce__={"args": arguments})
        else:
            steps["memory"] = node(loader, name, 1)

    forge(change)
    with pytest.raises(ModelFileError, match=rf"net\.safetensors'.*{name.rpartition('.')[2]}"):
        load_model(path)


@pytest.mark.parametrize("name", ["functools.partial", "sklearn.utils.validation.check_array"])
def test_calls_of_what_is_allowed_elsewhere(forge, path, name):
    forge(lambda steps, content: steps.update(memory=call_of(name, 1)))
    with pytest.raises(ModelFileError, match="ConstructorFromReduceNode, which"):
        load_model(path)


@pytest.mark.parametrize("name", ["numpy.void", "numpy.bytes_"])
def test_an_array_that_is_taken_as_a_size(forge, path, name):
    def change(steps, content):
        buffer = io.BytesIO()
        np.save(buffer, np.array(2**30))
        content["1.npy"] = buffer.getvalue()
        steps["memory"] = node("NdArrayNode", name, 1, type="numpy", file="1.npy")

    forge(change)
    with pytest.raises(ModelFileError, match=f"{name} as NdArrayNode"):
        load_model(path)


@pytest.mark.parametrize("loader", ["PartialNode", "FunctionNode", "TypeNode"])
def test_keys_of_a_dict_that_are_called(forge, path, loader):
    def change(steps, content):
        names = {"PartialNode": "functools.partial", "FunctionNode": "numpy.multiply"}
        kind = node(loader, names.get(loader, "builtins.list"), 2)
        if loader == "PartialNode":
            inner = node("TypeNode", "builtins.str", 3)
            empty = {"args": node("TupleNode", "builtins.tuple", 4, content=[])}
            kind["content"] = {
                "func": inner,
                **empty,
                "kwds": text({}, 5),
                "namespace": text({}, 6),
            }
        types = node("ListNode", "builtins.list", 7, content=[kind])
        steps["memory"] = node(
            "DictNode", "builtins.dict", 1, content={"id": text(1, 8)}, key_types=types
        )

    forge(change)
    with pytest.raises(ModelFileError, match=r"keys of type|holds"):
        load_model(path)


def test_references_that_double_at_every_line(forge, path):
    """The types of 2**60 objects would be looked at."""

    def change(steps, content):
        inner = text("a", 1)
        for number in range(2, 62):
            again = {key: inner[key] for key in ("__class__", "__module__", "__loader__", "__id__")}
            inner = node("ListNode", "builtins.list", number, content=[inner, again])
        steps["memory"] = inner

    forge(change)
    with pytest.raises(ModelFileError, match="id"):
        load_model(path)


def test_an_object_that_contains_itself(forge, path):
    def change(steps, content):
        again = node("ListNode", "builtins.list", 1, content=[])
        steps["memory"] = node("ListNode", "builtins.list", 1, content=[again])

    forge(change)
    with pytest.raises(ModelFileError, match="id 1"):
        load_model(path)


def test_many_arrays_of_one_entry(forge, path):
    def change(steps, content):
        first = next(nodes_of(steps, "NdArrayNode"))
        copies = [copy.deepcopy(first) | {"__id__": number} for number in range(1, 1000)]
        steps["memory"] = node("ListNode", "builtins.list", 1000, content=copies)

    forge(change)
    with pytest.raises(ModelFileError, match="several objects have the content"):
        load_model(path)


@pytest.mark.parametrize("number", [None, "1", 1.0, True])
def test_other_ids(forge, path, number):
    forge(lambda steps, content: steps.update(memory=text("a", number)))
    with pytest.raises(ModelFileError, match="an object has the id"):
        load_model(path)


def test_an_old_protocol(forge, path):
    forge(lambda steps, content: None)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["schema.json"] = content["schema.json"].replace(b'"protocol": 2', b'"protocol": 0')
    with zipfile.ZipFile(path, "w") as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    with pytest.raises(ModelFileError, match="protocol 0 of skops, which is too old"):
        load_model(path)


def test_a_tree_that_would_read_beyond_its_classes(forge, path):
    def change(steps, content):
        for tree in nodes_of(steps, "TreeNode"):
            tree["__reduce__"]["args"]["content"][2] = text(10**6, tree["__id__"] + 1)

    forge(change)
    with pytest.raises(ModelFileError, match="a tree has 1000000 outputs"):
        load_model(path)
