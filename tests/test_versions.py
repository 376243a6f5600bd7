import importlib.metadata

import numpy as np
import pytest
import sklearn
import torch
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import (
    MLPRegressor,
    __version__,
    load_model,
    report,
    save_model,
    show_versions,
    versions,
)
from sknn_tips.ops import native


def shown(capsys):
    show_versions()
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def test_what_is_installed(capsys):
    found = shown(capsys)
    assert found["scikit-learn"] == sklearn.__version__
    assert found["numpy"] == np.__version__
    assert found["GPU"] == "none" or torch.cuda.is_available()


def test_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr(versions, "_EXTRAS", ["no-such-library"])
    assert shown(capsys)["no-such-library"] == "not installed"


def test_the_compiled_executor(capsys):
    if native.module() is None:
        pytest.skip("the compiled executor is not here")
    assert shown(capsys)["executor"] == f"compiled, {native.module().instruction_set()}"


def test_no_compiled_executor(capsys, monkeypatch):
    monkeypatch.setattr(native, "_found", lambda: (None, "nobody compiled it"))
    found = shown(capsys)
    assert found["executor"] == "calls from Python: nobody compiled it"
    assert found["products"] == "numpy's and torch's"


@pytest.fixture
def source_tree(monkeypatch):
    """A package that is found on the path only, so that no metadata are installed."""
    installed = importlib.metadata.distribution

    def distribution(name):
        if name == "sknn_tips":
            raise importlib.metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)


@pytest.mark.usefixtures("source_tree")
def test_a_source_tree_has_its_version(capsys):
    assert shown(capsys)["sknn_tips"] == __version__


@pytest.mark.usefixtures("source_tree")
@pytest.mark.parametrize("library", ["safetensors", "skops"])
def test_a_source_tree_saves_and_reports_models(diabetes, tmp_path, library):
    pytest.importorskip(library)
    model = MLPRegressor(hidden_layer_sizes=4, max_iter=2, tol=None, random_state=0)
    if library == "skops":
        model = make_pipeline(StandardScaler(), model)
    model.fit(*diabetes)
    save_model(model, tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert np.array_equal(loaded.predict(diabetes[0]), model.predict(diabetes[0]))
    assert f"<td>{__version__}</td>" in report(model, *diabetes).html
