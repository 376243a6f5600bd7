import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, demo

pytest.importorskip("matplotlib")

PNG = b"\x89PNG\r\n\x1a\n"


# Old versions of matplotlib call what pyparsing has deprecated.
PARSERS = ["matplotlib", "matplotlib._fontconfig_pattern", "matplotlib._mathtext"]


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    filters = ["-Werror", *(f"-Wignore::DeprecationWarning:{module}" for module in PARSERS)]
    command = [sys.executable, *filters, "-m", "sknn_tips.demo", "--quick"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder, result


@pytest.fixture
def task():
    return next(demo.tasks(quick=True))


def history(n_epochs):
    falling = np.linspace(1, 0.1, n_epochs)
    columns = {"loss": falling, "val_loss": falling, "accuracy": 1 - falling}
    index = pd.RangeIndex(1, n_epochs + 1, name="epoch")
    return pd.DataFrame({**columns, "val_accuracy": 1 - falling}, index=index)


def test_it_runs_as_a_module_and_prints_nothing_on_stderr(quick_run):
    _, result = quick_run
    assert result.stderr == ""


def test_the_ladder_has_a_row_a_tip(quick_run):
    _, result = quick_run
    table = result.stdout.split("validation rows\n")[1].splitlines()[1 : 1 + len(demo.LADDER)]
    assert all(row.startswith(rung.tip) for row, rung in zip(table, demo.LADDER, strict=True))
    first, second = table[0].split(), table[1].split()
    assert 0 <= float(first[2]) <= 1
    assert first[3] == "2"  # epochs; the first rung has no change
    assert second[4][0] in "+-"


def test_the_search_reports_its_best_parameters_and_the_test_accuracy(quick_run):
    _, result = quick_run
    assert "best of 2 candidates" in result.stdout
    for name in ("scale", "activation", "init", "dropout", "batchnorm", "optimizer"):
        assert f"\n{name} " in result.stdout
    assert "test accuracy" in result.stdout


def test_the_picture_lies_where_the_last_line_says(quick_run):
    folder, result = quick_run
    path = folder.resolve() / "sknn_tips_demo.png"
    assert result.stdout.splitlines()[-1] == f"Learning curves: {path}"
    assert path.read_bytes().startswith(PNG)
    assert list(folder.iterdir()) == [path]


def test_the_ladder_names_every_tip_in_its_order():
    tips = [rung.tip for rung in demo.LADDER]
    assert tips[0] == "linear model"
    assert tips.index("ReLU") < tips.index("He initialisation") < tips.index("standardised input")
    assert tips[-3:] == ["dropout", "batch normalisation", "Adam and a schedule"]


def test_mnists_pixels_go_from_0_to_1(monkeypatch):
    def load_mnist(subset, return_X_y):
        pixels = np.linspace(0, 255, 20, dtype=np.uint8)[:, np.newaxis]
        return pixels, np.arange(20) % 2

    monkeypatch.setattr(demo, "is_available", lambda name: name == "mnist")
    monkeypatch.setattr(demo, "load_mnist", load_mnist)
    _, mnist = demo.tasks(quick=False)
    X = np.concatenate([mnist.train[0], mnist.valid[0]])
    for pixels in (X, mnist.test[0]):
        assert pixels.dtype == np.float32
        assert (pixels.min(), pixels.max()) == (0, 1)


def test_each_rung_keeps_the_tips_below_it(task):
    steps = list(demo.climb(task))
    rates = [step.history["lr"] for step in steps]
    assert rates[0].eq(0.01).all()  # plain SGD at its usual rate
    assert rates[-1].iloc[0] == 0.001  # Adam at its own
    assert rates[-1].iloc[-1] < 0.001  # and the schedule
    assert steps[-1].accuracy == steps[-1].history["val_accuracy"].iloc[-1]


def test_validation_rows_are_scaled_as_the_training_rows(task):
    def net():
        return MLPClassifier(max_iter=2, tol=None, random_state=0, metrics=["accuracy"])

    through_pipeline = demo.fit_validated(StandardScaler(), net(), task)["net"]
    scaler = StandardScaler().fit(task.train[0])
    (X, y), (X_val, y_val) = task.train, task.valid
    by_hand = net().fit(scaler.transform(X), y, X_val=scaler.transform(X_val), y_val=y_val)
    compared = ["loss", "val_loss", "accuracy", "val_accuracy"]
    pd.testing.assert_frame_equal(through_pipeline.history_[compared], by_hand.history_[compared])


def test_an_interrupted_fit_ends_the_ladder(task, monkeypatch):
    def fit(*args):
        pipeline = demo.Pipeline([("net", MLPClassifier())])
        pipeline["net"].stop_reason_ = "interrupted"
        return pipeline

    monkeypatch.setattr(demo, "fit_validated", fit)
    with pytest.raises(SystemExit) as stop:
        demo.main(["--quick"])
    assert stop.value.code == 130


@pytest.mark.parametrize("n_sets", [1, 2])
def test_a_picture_is_drawn_for_each_data_set(tmp_path, n_sets):
    path = tmp_path / "curves.png"
    demo.draw([(f"set {number}", history(5)) for number in range(n_sets)], path)
    assert path.read_bytes().startswith(PNG)


def test_without_matplotlib_the_extra_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None)
    demo.show_curves([("set", history(2))], tmp_path / "curves.png")
    assert "sknn_tips[plot]" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("output", ["curves.txt", "no_such_folder/curves.png"])
def test_a_place_that_cannot_be_written_is_refused_before_any_training(output, capsys):
    with pytest.raises(SystemExit):
        demo.main(["--quick", "--output", output])
    assert output in capsys.readouterr().err


def test_on_a_terminal_rich_draws_bar_and_table(task, monkeypatch, capsys):
    pytest.importorskip("rich")
    monkeypatch.setattr(demo, "_is_rich", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    demo.show_ladder(task)
    printed = capsys.readouterr().out
    assert "hidden_layer_sizes=()\n" in printed.replace(" ", "")  # not broken in two
    assert all(rung.tip in printed for rung in demo.LADDER)
