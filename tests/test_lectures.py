"""The lectures' experiments: every row is there, trains, and is resumed after an interruption."""

import ast
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import sklearn.ensemble
import sklearn.feature_selection
import sklearn.metrics
import sklearn.model_selection
import sklearn.pipeline
import sklearn.preprocessing
import skorch.callbacks

import sknn_tips
from benchmarks.lectures import page, running
from benchmarks.lectures.data import DATA, REAL_TARGET
from benchmarks.lectures.measures import MEASURES
from benchmarks.lectures.settings import GROUPS
from benchmarks.lectures.system import DECKS, System
from benchmarks.lectures.systems import SYSTEMS, select
from sknn_tips.exceptions import HintWarning

ROOT = Path(__file__).parents[1]

SETTINGS = [setting for group in GROUPS.values() for setting in group]
LIBRARIES = [
    sknn_tips,
    sknn_tips.callbacks,
    sknn_tips.plotting,
    sklearn.ensemble,
    sklearn.feature_selection,
    sklearn.metrics,
    sklearn.model_selection,
    sklearn.pipeline,
    sklearn.preprocessing,
    skorch.callbacks,
]


def ids(item):
    return item.id if isinstance(item, System) else item.code


# -- the rows --------------------------------------------------------------------------------------


def test_all_rows_of_the_decks_are_there():
    rows = {system.id.split("-")[0].split(".")[0] for system in SYSTEMS}
    assert rows == {f"A{number}" for number in range(1, 11)}
    assert len({system.id for system in SYSTEMS}) == len(SYSTEMS)
    assert len(select("A9")) == 10
    assert [system.id for system in select("A1")] == ["A1"]


def test_an_unknown_row_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"--only A11: .*A9\.6b"):
        select("A11")


@pytest.mark.parametrize("system", SYSTEMS, ids=ids)
def test_a_system_can_be_trained(system, digits):
    assert system.data in DATA
    assert set(system.figures) <= set(MEASURES)
    assert set(system.deck.split(", ")) <= set(DECKS)
    regression = system.data in REAL_TARGET
    estimator = sknn_tips.MLPRegressor if regression else sknn_tips.MLPClassifier
    X, y = digits[0][:60], digits[1][:60]
    own = {"X_val": X, "y_val": y} if system.validated else {}
    short = {"max_iter": 1, "tol": None, "early_stopping": False, "batch_size": 20}
    if system.params["optimizer"] == "gd":
        short.pop("batch_size")
    estimator(**system.params | short, random_state=0).fit(X, y.astype(float), **own)


@pytest.mark.parametrize("id_", ["A5-100", "A6-ours", "A7-raw", "A7-scaled"])
def test_toys_train_to_their_measures(id_):
    values = running.train(id_, 0)
    (system,) = select(id_)
    assert values.keys() == {*system.figures, "seconds"}
    if id_ == "A7-raw":
        assert values["epochs_to_infinity"] == 3
    if id_ == "A6-ours":
        assert values["train_accuracy"] == 1


def test_scaling_is_the_decks():
    X, y, _, _ = DATA["stock_prices_scaled"]()
    assert X.min() == 0
    assert np.all(X.max(axis=0) < 1)
    np.testing.assert_allclose(X.max(axis=0), 1, atol=1e-5)
    assert y.shape == (8,)


# -- resuming --------------------------------------------------------------------------------------


def test_first_seeds_come_first():
    todo = running.tasks(select("A9"), 3)
    assert [task.seed for task in todo] == [0] * 10 + [1] * 10 + [2] * 10


def test_kept_results_are_found_again(tmp_path):
    file = tmp_path / "results.jsonl"
    todo = running.tasks(select("A6"), 2)
    lines = [json.dumps({"key": task.key, "values": {"seconds": 1.0}}) + "\n" for task in todo]
    file.write_text("".join(lines[:-1]) + lines[-1][:50])  # an interruption cut off the last one
    assert [task for task, _ in running.kept(todo, file)] == todo[:-1]


def test_a_result_of_other_settings_is_not_taken(tmp_path):
    file = tmp_path / "results.jsonl"
    (task,) = running.tasks(select("A5-relu"), 1)
    file.write_text(json.dumps({"key": task.key, "values": {}}) + "\n")
    other = task.system._replace(params=task.system.params | {"max_iter": 7})
    assert running.kept([running.Task(other, 0)], file) == []
    assert len(running.kept([task], file)) == 1


@pytest.mark.slow
def test_an_interrupted_run_goes_on(tmp_path):
    file = tmp_path / "new" / "results.jsonl"
    todo = running.tasks(select("A7"), 1)
    first = running.trained(todo, file, jobs=1)
    next(first)
    first.close()
    kept = running.kept(todo, file)
    assert kept
    done = [task for task, _ in kept]
    found = list(running.trained([task for task in todo if task not in done], file, jobs=1))
    assert sorted(task.system.id for task, _ in kept + found) == ["A7-raw", "A7-scaled"]


# -- the page --------------------------------------------------------------------------------------


def test_the_table_shows_deck_and_ours():
    (system,) = select("A9.6b")
    runs = [{"test_accuracy": 0.982 + number / 1000, "seconds": 30.0} for number in range(5)]
    table = page.table([system], {system.id: runs})
    for part in ("0.9840 | 0.9840 ± 0.0016 (0.9820 to 0.9860) | +0.0000", "--only A9.6b"):
        assert part in table
    assert "not run" in page.table([system], {})


def test_of_many_starts_the_median_is_shown():
    (system,) = select("A5-100")
    runs = [{"train_accuracy": a, "solved": a == 1, "seconds": 1} for a in [0.5] * 4 + [1.0] * 6]
    table = page.table([system], {system.id: runs})
    assert "1.0000 (0.5000 to 1.0000) | +0.2500" in table
    assert "| 0.60 |" in table


def test_the_page_has_every_row_and_setting():
    text = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")
    assert all(f"[{system.id}](../examples/{system.example})" in text for system in SYSTEMS)
    assert all(f"`{setting.code}`" in text for setting in SETTINGS)
    assert "not run" not in text
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert all((ROOT / "docs" / link).is_file() for link in links)


# -- the settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS, ids=ids)
def test_a_setting_exists(setting, digits):
    code = ast.parse(f"f({setting.code})", mode="eval").body
    if not code.keywords:  # a call, not parameters
        called = [call.func for call in ast.walk(code.args[0]) if isinstance(call, ast.Call)]
        names = [each.id for each in ast.walk(code.args[0]) if isinstance(each, ast.Name)]
        known = {name for name in names if any(hasattr(library, name) for library in LIBRARIES)}
        assert called
        assert set(names) - known <= {"X", "y", "X_val", "y_val", "model", "net", "print", "writer"}
        return
    params = {each.arg: eval(ast.unparse(each.value)) for each in code.keywords}
    regression = "normalize_y" in params
    estimator = sknn_tips.MLPRegressor if regression else sknn_tips.MLPClassifier
    X, y = digits
    short = {"max_iter": 1, "tol": None, "verbose": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HintWarning)  # "step" says that it cannot be trained
        estimator(**short | params | {"max_iter": 1}).fit(X, y, X_val=X, y_val=y)
