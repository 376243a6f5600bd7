import json
import pickle
import sys
import warnings

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from sknn_tips.exceptions import ModelFileError
from sknn_tips.persistence import archive
from sknn_tips.persistence.archive import PROTOCOL, damaged, read_archive, write_archive

DOCUMENT = {"class": "A", "text": 'quoted "ü" \udc80', "numbers": [1, 0.1, -0.0, None, True]}
TENSORS = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 3), np.int64),
}


def content(document, tensors):
    """Everything in an archive, to be compared to the last bit."""
    return json.dumps(document), {
        name: (tensor.dtype.name, tensor.shape, tensor.tobytes())
        for name, tensor in tensors.items()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a file, a path to write others to, and what is in it."""
    path = tmp_path_factory.mktemp("archive") / "file"
    write_archive(path, "model", DOCUMENT, TENSORS)
    return path.read_bytes(), path.with_name("other"), content(*read_archive(path, "model"))


def test_document_and_tensors_come_back(path):
    write_archive(path, "model", DOCUMENT, TENSORS)
    document, tensors = read_archive(path, "model")
    assert {key: document[key] for key in DOCUMENT} == DOCUMENT
    assert document["protocol"] == PROTOCOL
    assert content({}, tensors) == content({}, TENSORS)


def test_a_warning_as_an_error_does_not_mean_damage():
    with pytest.raises(FutureWarning, match="later"), damaged("file"):
        warnings.warn("later", FutureWarning, stacklevel=2)


def test_other_programs_read_the_tensors(path):
    write_archive(path, "weights", DOCUMENT, TENSORS)
    assert content({}, load_file(path)) == content({}, TENSORS)


@settings(max_examples=200, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_every_truncation_is_noticed(whole, share):
    data, path, _ = whole
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ModelFileError, match="truncated or damaged"):
        read_archive(path, "model")


@settings(max_examples=400, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@example(position=0.0, flip=1)
def test_every_changed_byte_is_noticed_or_changes_nothing(whole, position, flip):
    data, path, expected = whole
    changed = bytearray(data)
    changed[int(position * len(data))] ^= flip
    path.write_bytes(changed)
    try:
        found = content(*read_archive(path, "model"))
    except ModelFileError as error:
        assert str(path) in str(error)  # noqa: PT017 both ends are right
    else:
        assert found == expected


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300))
def test_random_bytes_are_no_file_of_ours(whole, data):
    _, path, _ = whole
    path.write_bytes(data)
    for kind in archive.LOADERS:
        if kind == "weights" and data[8:10] == b"{}":
            continue  # an empty safetensors file
        with pytest.raises(ModelFileError, match="not a file of sknn_tips"):
            read_archive(path, kind)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "PNG"),
        (pickle.dumps(DOCUMENT), "pickle.*joblib.load"),
        (b"PK\x03\x04" + b"0" * 100, "zip"),
        (b"\x89HDF\r\n\x1a\n" + b"0" * 100, "Keras"),
        (b"class,weight\n1,2\n", "17 bytes"),
    ],
)
def test_another_kind_of_file_is_named(path, data, message):
    path.write_bytes(data)
    for kind in archive.LOADERS:
        with pytest.raises(ModelFileError, match=f"not a file of sknn_tips.*{message}"):
            read_archive(path, kind)


def test_a_foreign_safetensors_file_holds_weights_but_no_model(path):
    path.write_bytes(save(TENSORS))
    with pytest.raises(ModelFileError, match=r"not one that save_model.*load_weights"):
        read_archive(path, "model")
    document, tensors = read_archive(path, "weights")
    assert document is None
    assert tensors.keys() == TENSORS.keys()


@pytest.mark.parametrize("kind", archive.LOADERS)
def test_the_other_kind_names_its_function(path, kind):
    (other,) = set(archive.LOADERS) - {kind}
    words = {"model": "a model", "weights": "weights"}[other]
    write_archive(path, other, DOCUMENT, TENSORS)
    with pytest.raises(ModelFileError, match=f"holds {words}; read it with load_{other}"):
        read_archive(path, kind)


def test_a_newer_file_says_what_to_update(path, monkeypatch):
    monkeypatch.setattr(archive, "PROTOCOL", PROTOCOL + 1)
    write_archive(path, "model", DOCUMENT, TENSORS)
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match=rf"protocol {PROTOCOL + 1}; .*pip install --upgrade"):
        read_archive(path, "model")


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"protocol": "1"}', '{"protocol": 1}', "[" * 100_000]
)
def test_a_document_of_another_form_is_damage(path, text):
    path.write_bytes(save({}, metadata={"sknn_tips": text}))
    with pytest.raises(ModelFileError, match=r"damaged or was changed.*save the model again"):
        read_archive(path, "model")


@pytest.mark.parametrize("key", ["protocol", "kind", "sha256"])
def test_a_missing_key_is_damage(path, key):
    document = {"protocol": PROTOCOL, "kind": "model"}
    document.pop(key, None)
    if key != "sha256":
        document["sha256"] = archive.checksum(document, {})
    path.write_bytes(save({}, metadata={"sknn_tips": json.dumps(document)}))
    with pytest.raises(ModelFileError, match=f"it lacks '{key}'"):
        read_archive(path, "model")


def test_equal_content_is_an_equal_file(path):
    write_archive(path, "model", DOCUMENT, TENSORS)
    first = path.read_bytes()
    write_archive(path, "model", DOCUMENT, dict(reversed(TENSORS.items())))
    assert path.read_bytes() == first


def test_a_document_too_large_to_be_read_again_is_not_written(path, monkeypatch):
    monkeypatch.setattr(archive, "_LARGEST_DOCUMENT", 100)
    with pytest.raises(ValueError, match=r"most of them history.*joblib"):
        write_archive(path, "model", DOCUMENT, TENSORS)
    assert not path.exists()


def test_without_the_library_the_error_names_the_extra(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"pip install 'sknn_tips\[save\]'"):
        write_archive(path, "model", {}, {})
    with pytest.raises(ImportError, match=r"pip install 'sknn_tips\[save\]'"):
        read_archive(path, "model")
