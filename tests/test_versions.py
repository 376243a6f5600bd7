import numpy as np
import pytest
import sklearn
import torch

from sknn_tips import show_versions, versions
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
