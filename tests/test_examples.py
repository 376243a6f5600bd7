"""The examples run, on scikit-learn's bundled data, and train what the lectures' table trains."""

import os
import re
import runpy
import sys
from functools import wraps
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from benchmarks.lectures.data import REAL_TARGET
from benchmarks.lectures.systems import SYSTEMS
from sknn_tips import MLPClassifier, MLPRegressor

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples"

EXAMPLES = sorted(FOLDER.rglob("*.py"))
# What an experiment leaves open: these never change what is trained.
FREE = {"callbacks", "metrics", "n_threads", "random_state"}


@pytest.fixture
def fitted(monkeypatch):
    """The parameters of every estimator that is fitted from now on."""
    found = []

    def noting(fit):
        @wraps(fit)
        def noted(self, *args, **kwargs):
            found.append((type(self), self.get_params(deep=False)))
            return fit(self, *args, **kwargs)

        return noted

    for estimator in (MLPClassifier, MLPRegressor):
        monkeypatch.setattr(estimator, "fit", noting(estimator.fit))
    return found


def written(figure):
    """The ways in which an example may print a deck's figure."""
    return {f"{figure:{form}}" for form in ("g", ".2f", ".4f", ".5f", ".1e")}


def settled(params):
    return {name: value for name, value in params.items() if name not in FREE}


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_runs_with_the_estimators_and_figures_of_the_lectures(
    path, fitted, tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv("SKNN_TIPS_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    with mpl.rc_context({"backend": "agg"}):
        runpy.run_path(os.fspath(path), run_name="__main__")
        plt.close("all")  # else they stay open for all later tests
    printed = capsys.readouterr().out
    assert list(tmp_path.glob("*.png"))
    for system in [system for system in SYSTEMS if FOLDER / system.example == path]:
        estimator = MLPRegressor if system.data in REAL_TARGET else MLPClassifier
        expected = settled(estimator(**system.params).get_params(deep=False))
        assert any(kind is estimator and settled(p) == expected for kind, p in fitted), system.id
        for name, figure in system.figures.items():
            assert figure is None or any(w in printed for w in written(figure)), (system.id, name)


def test_every_example_is_one_of_the_gallery():
    sys.path.insert(0, os.fspath(ROOT / "docs"))
    try:
        from gallery_order import ORDER
    finally:
        sys.path.pop(0)
    listed = {FOLDER / group / f"plot_{name}.py" for group in ORDER for name in ORDER[group]}
    assert listed == set(EXAMPLES)
    assert {FOLDER / system.example for system in SYSTEMS} <= listed
    assert {path.parent.name for path in FOLDER.glob("*/GALLERY_HEADER.rst")} == set(ORDER)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_title_says_what_the_reader_wants(path):
    title = path.read_text(encoding="utf-8").splitlines()[1]
    assert not re.match(r"[A-D]\d*\b:?", title)  # a code of the lectures
    assert len(title) <= 60  # as much as a thumbnail shows
