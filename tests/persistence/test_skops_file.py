"""The file of skops: what is in it, and whatever else is handed in."""

import io
import json
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.exceptions import ModelFileError
from sknn_tips.persistence import archive, skops_file, zip_archive
from sknn_tips.persistence.skops_file import decode_whole, encode_whole, holds_ours, is_whole
from sknn_tips.preprocessing import TableEncoder

skops = pytest.importorskip("skops.io")
ROWS = np.arange(24.0).reshape(12, 2)


def small(**options):
    net = MLPClassifier(3, max_iter=1, tol=None, random_state=0, **options)
    return make_pipeline(StandardScaler(), net)


@pytest.fixture(scope="module")
def model():
    return small().fit(ROWS, ROWS[:, 0] > 9)


@pytest.fixture(scope="module")
def data(model):
    return encode_whole(model)[0]


def schema(data):
    return json.loads(zipfile.ZipFile(io.BytesIO(data)).read("schema.json"))


def test_networks_stand_in_their_own_format(data):
    assert is_whole(data)
    assert not is_whole(b"\x10" + bytes(7) + b"{}")
    types = skops.get_untrusted_types(data=data)
    assert types == ["sknn_tips.persistence.stored.StoredNetwork"]
    assert schema(data)["content"]["protocol"]["content"] == str(skops_file.PROTOCOL)


def test_the_model_is_not_changed(model):
    before = model[-1], model[-1].net_
    encode_whole(model)
    assert (model[-1], model[-1].net_) == before


def test_what_holds_ours():
    assert holds_ours(small())
    assert holds_ours(make_pipeline(TableEncoder(), LogisticRegression()))
    assert not holds_ours(make_pipeline(StandardScaler(), LogisticRegression()))
    for other in (None, 3, "text", [], small):
        assert not holds_ours(other)


@settings(max_examples=100, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
@example(share=0.001)
def test_every_truncation_is_noticed(data, share):
    with pytest.raises(ModelFileError, match=r"'a file'.*truncated or damaged.*save the model"):
        decode_whole(data[: int(share * len(data))], "a file")


@settings(max_examples=300, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_every_changed_byte_is_noticed_or_changes_nothing(model, data, position, flip):
    changed = bytearray(data)
    changed[int(position * len(data))] ^= flip
    try:
        found = decode_whole(bytes(changed), "a file")
    except ModelFileError as error:
        assert "a file" in str(error)  # noqa: PT017 both ends are right
    else:
        np.testing.assert_array_equal(found.predict_proba(ROWS), model.predict_proba(ROWS))


def test_another_zip_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "zip", "w") as file:
        file.writestr("data.pkl", b"123")
    with pytest.raises(ModelFileError, match="zip archive, but not one that save_model"):
        decode_whole((tmp_path / "zip").read_bytes(), "a file")


def test_a_file_that_skops_wrote_of_others_estimators():
    with pytest.raises(ModelFileError, match=r"not one that save_model wrote.*skops.io.load"):
        decode_whole(skops.dumps(StandardScaler()), "a file")


class Stranger:
    called = False

    def __setstate__(self, state):
        Stranger.called = True


@pytest.mark.parametrize("inner", [Stranger(), print, np.savetxt, StandardScaler().fit])
def test_a_type_that_is_not_known_is_named_and_not_made(inner):
    data = skops.dumps({"protocol": 1, "model": [inner]})
    name = getattr(inner, "__name__", "Stranger")
    with pytest.raises(ModelFileError, match=rf"holds .*{name}.*upgrade.*skops\.io\.load"):
        decode_whole(data, "a file")
    assert not Stranger.called


def test_a_newer_file_says_what_to_update(model, monkeypatch):
    monkeypatch.setattr(skops_file, "PROTOCOL", 2)
    data, _ = encode_whole(model)
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match=r"protocol 2; .*reads up to 1.*pip install --upgrade"):
        decode_whole(data, "a file")


def test_a_newer_network_says_what_to_update(model, monkeypatch):
    monkeypatch.setattr(archive, "PROTOCOL", archive.PROTOCOL + 1)
    data, _ = encode_whole(model)
    monkeypatch.undo()
    with pytest.raises(ModelFileError, match=r"^'a file' was written by .*pip install --upgrade"):
        decode_whole(data, "a file")


@pytest.mark.parametrize("content", [{"protocol": "1"}, {"protocol": 1}])
def test_a_file_of_another_form_is_damage(content):
    with pytest.raises(ModelFileError, match="damaged or was changed"):
        decode_whole(skops.dumps(content), "a file")


def test_a_forged_position_is_damage():
    generator = np.random.RandomState(0)
    state = generator.get_state(legacy=False)
    state["state"]["pos"] = 10**6
    generator.set_state(state)
    data = skops.dumps({"protocol": 1, "model": [generator]})
    with pytest.raises(ModelFileError, match=r"damaged.*position 1000000"):
        decode_whole(data, "a file")


def with_attribute(value):
    model = small()
    model[0].note_ = [value]
    return model


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({True: 1}, r"key True.*joblib.dump.*model\.steps\[0\]\[1\]\.note_\[0\]"),
        ({1: 1, "1": 2}, r"keys of equal text.*joblib.dump"),
        (pd.DataFrame({"a": [1]}, index=["x"]), r"numbers and text.*\.note_\[0\]"),
        (Stranger(), r"Stranger.*as in model.*\.note_\[0\].*joblib.dump"),
        (np.savetxt, r"savetxt.*as in model.*\.note_\[0\].*joblib.dump"),
        (
            memoryview(b""),
            r"cannot write model.*\.note_\[0\], of type builtins.memoryview: .*joblib.dump",
        ),
    ],
    ids=["bool", "equal", "frame", "object", "function", "memory"],
)
def test_what_cannot_be_written_names_itself_its_place_and_the_remedy(value, message):
    with pytest.raises(TypeError, match=message):
        encode_whole(with_attribute(value))


def test_keys_come_back():
    keys = {"a": 1, 2: 2, -0.5: 3, np.int64(4): 4, np.str_("b"): 5, np.float32(0.1): 6}
    found = decode_whole(encode_whole(with_attribute(keys))[0], "a file")
    assert found[0].note_ == [keys]


def test_without_the_library_the_error_names_the_extra(model, data, monkeypatch):
    monkeypatch.setitem(sys.modules, "skops.io", None)
    for call in (lambda: encode_whole(model), lambda: decode_whole(data, "a file")):
        with pytest.raises(ImportError, match=r"pip install 'sknn_tips\[save\]'"):
            call()


def test_many_equal_numbers_are_written_without_compression(monkeypatch):
    """Otherwise the file would be refused as one that expands too far."""
    monkeypatch.setattr(zip_archive, "_ALWAYS_ALLOWED", 1000)
    data, _ = encode_whole(with_attribute(np.zeros(10**6)))
    assert len(data) > 8 * 10**6
    np.testing.assert_array_equal(decode_whole(data, "a file")[0].note_[0], np.zeros(10**6))


def test_bombs_name_the_file_and_a_remedy(monkeypatch):
    data, _ = encode_whole(with_attribute(np.zeros(10**6)))
    monkeypatch.setattr(zip_archive, "_ALWAYS_ALLOWED", 1000)
    with pytest.raises(ModelFileError, match=r"'a file' .* would expand to 8,.*save the model"):
        decode_whole(data, "a file")
