"""The notebook of the first hour runs, and holds no output."""

import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

NOTEBOOK = Path(__file__).parents[1] / "examples" / "first_hour.ipynb"


@pytest.fixture
def cells():
    return [
        cell
        for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]


def test_it_has_no_output(cells):
    assert len(cells) >= 8
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.slow
def test_it_runs(cells, tmp_path, monkeypatch, capsys):
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    names = {"__name__": "__main__"}
    for cell in cells:
        exec("".join(cell["source"]), names)
    plt.close("all")
    first, cured, table = (
        names[name].score(names["X_test"], names["y_test"]) for name in ("first", "cured", "table")
    )
    assert cured > first
    assert (
        min(cured, table, names["search"].best_estimator_.score(names["X_test"], names["y_test"]))
        > 0.94
    )
    assert names["first"].tips_[0].code == "unscaled-input"
    assert capsys.readouterr().out.rstrip().endswith("True")
    assert "Confusion matrix" in names["page"].html
    assert list(tmp_path.iterdir()) == []
