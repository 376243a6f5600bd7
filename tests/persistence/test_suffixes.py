"""The suffix of another format is a hint, and the file is written nevertheless."""

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import load_model, load_weights, save_model, save_weights
from sknn_tips.exceptions import HintWarning


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".joblib", ".pt", ".pth", ".onnx"])
def test_the_suffix_of_another_format_is_a_hint(clf, iris, tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    with pytest.warns(HintWarning, match=rf"net\{suffix}' has .* Use the suffix '.safetensors'"):
        save_model(clf, path)
    assert (load_model(path).predict(iris[0]) == clf.predict(iris[0])).all()


def test_a_model_of_several_parts_has_another_format(clf, iris, tmp_path):
    pytest.importorskip("skops")
    model = make_pipeline(StandardScaler(), clf).fit(*iris)
    message = r"the format skops, and is not a pickle\. Use the suffix '\.skops'"
    with pytest.warns(HintWarning, match=message):
        save_model(model, str(tmp_path / "model.pkl"))


def test_weights_in_a_file_named_as_those_of_torch(clf, tmp_path):
    path = tmp_path / "weights.pt"
    with pytest.warns(HintWarning, match="is not a file of torch"):
        save_weights(clf, path)
    load_weights(clf, path)


@pytest.mark.parametrize("name", ["net", "net.safetensors", "net.skops", "net.sknn", "v1.2"])
def test_no_other_name_is_a_hint(clf, tmp_path, recwarn, name):
    save_model(clf, tmp_path / name)
    assert not recwarn
