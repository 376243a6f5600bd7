"""The examples run as they are, on scikit-learn's bundled data."""

import os
import runpy
from pathlib import Path

import matplotlib as mpl
import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_runs(path, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SKNN_TIPS_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    with mpl.rc_context({"backend": "agg"}):
        runpy.run_path(os.fspath(path), run_name="__main__")
    assert "normalize_y=True" in capsys.readouterr().out
    assert list(tmp_path.glob("*.png"))
