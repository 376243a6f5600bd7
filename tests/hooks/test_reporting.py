import builtins
import io
import re
import sys
import threading
import types

import pytest
from rich.console import Console
from rich.progress import Progress
from sklearn.model_selection import GridSearchCV

from sknn_tips import MLPClassifier
from sknn_tips.hooks import reporting
from sknn_tips.hooks.reporting import Bar, Lines, Reporter, SparseLines, reporter

FIGURES = {"loss": 0.5, "val_loss": 0.625, "accuracy": 0.75, "val_accuracy": 0.7}


def run(report, n_epochs=2):
    for number in range(1, n_epochs + 1):
        report.epoch(number, {**FIGURES, "loss": 0.5 / number})
    report.message("Stopping.")
    report.close()


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def use_terminal(monkeypatch):
    """Put a terminal in the place of standard output; in the test, for pytest does likewise."""

    def use():
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setattr(sys, "stdout", Terminal())
        return sys.stdout

    return use


@pytest.fixture
def clock(monkeypatch):
    """The reporter's clock, which stands until it is set."""
    now = [0.0]
    monkeypatch.setattr(reporting, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def notebook(monkeypatch):
    """The shell of a notebook; returns what it was asked to display."""
    displayed = []

    class ZMQInteractiveShell:
        pass

    class Output:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def clear_output(self, wait=False):
            pass

    monkeypatch.setattr(builtins, "get_ipython", ZMQInteractiveShell, raising=False)
    display = types.ModuleType("IPython.display")
    display.display = lambda *shown, **_: displayed.extend(shown)
    widgets = types.ModuleType("ipywidgets")
    widgets.Output = Output
    for name, module in (("IPython.display", display), ("ipywidgets", widgets)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    return displayed


def test_zero_prints_nothing(capsys):
    run(reporter(0, 5))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [2, 10])
def test_two_and_more_print_a_line_an_epoch_that_begins_as_scikit_learns(capsys, verbose):
    run(reporter(verbose, 5))
    others = "val_loss = 0.625, accuracy = 0.75, val_accuracy = 0.7"
    assert capsys.readouterr().out.splitlines() == [
        f"Iteration 1, loss = 0.50000000, {others}",
        f"Iteration 2, loss = 0.25000000, {others}",
        "Stopping.",
    ]


def test_one_prints_plain_lines_by_time_into_a_pipe(capsys, clock):
    report = reporter(1, 100)
    for number in range(1, 13):
        clock[0] = float(number)
        report.epoch(number, FIGURES)
    report.close()
    report.close()
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.splitlines())
    assert [line.split("  ")[:2] for line in out.splitlines()] == [
        ["epoch 5/100", "5.0 s"],
        ["epoch 10/100", "10.0 s"],
        ["epoch 12/100", "12.0 s"],
    ]
    assert out.splitlines()[0].endswith("loss 0.5  val_loss 0.625  val_accuracy 0.7  accuracy 0.75")


def test_a_short_fit_prints_one_line_and_why_it_stopped(capsys, clock):
    run(reporter(1, 5))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 2/5", "Stopping."]


def test_colours_that_the_environment_forces_do_not_get_into_a_pipe(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(reporter(1, 5))
    assert "\x1b" not in capsys.readouterr().out


def test_one_shows_a_bar_with_figures_on_a_terminal(use_terminal):
    terminal = use_terminal()
    report = reporter(1, 5)
    assert isinstance(report, Bar)
    run(report)
    text = terminal.getvalue()
    for part in ("epoch 2/5", "loss 0.25", "val_loss 0.625", "val_accuracy 0.7", "Stopping."):
        assert part in text
    assert text.count("\x1b[?25h") == text.count("\x1b[?25l") == 1  # the cursor is back
    assert sys.stdout is terminal


MANY = {f"metric_{i}": 0.12345 for i in range(30)}


def rows(text):
    """Return what stands in the rows of a terminal, one after the other, without its commands."""
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    return [row for row in re.split(r"[\r\n]+", plain) if row]


@pytest.mark.parametrize("kind", ["bar", "lines"])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_one_takes_one_row_of_a_terminal_however_many_metrics(
    use_terminal, monkeypatch, clock, columns, kind
):
    terminal = use_terminal()
    monkeypatch.setenv("COLUMNS", str(columns))
    if kind == "lines":
        monkeypatch.setenv("TERM", "dumb")
    report = reporter(1, 200)
    for number in (9, 99, 200):
        clock[0] += 10.0
        report.epoch(number, {**MANY, **FIGURES, "loss": 0.51234})
        if kind == "bar":
            report.progress.refresh()  # by itself it draws now and then
    report.close()
    found = [row for row in rows(terminal.getvalue()) if "loss" in row]
    assert {row.split("/")[0] for row in found} >= {"epoch 9", "epoch 99", "epoch 200"}
    assert all(row.startswith("epoch") for row in rows(terminal.getvalue()))  # none is wrapped
    for row in found:
        assert len(row) <= columns
        assert " loss 0.5123  val_loss 0.625" in row
        assert row.rstrip().endswith(" ...")
        assert columns == 60 or "  val_accuracy 0.7 " in row


def test_a_bar_gives_way_to_figures_and_takes_nothing_back(use_terminal):
    terminal = use_terminal()
    report = reporter(1, 5)
    for figures in ({"loss": 0.5}, FIGURES, {"loss": 0.5}):
        report.epoch(1, figures)
        report.progress.refresh()
    report.close()
    lengths = [row.index(" 0:00") for row in rows(terminal.getvalue()) if "loss" in row]
    assert sorted(set(lengths)) == [len("epoch 1/5 ") + bar for bar in (4, 20)]
    assert lengths == sorted(lengths, reverse=True)


def test_what_stands_in_the_place_of_standard_output_need_not_know_terminals(monkeypatch):
    class Tee:
        text = ""

        def write(self, text):
            self.text += text

        def flush(self):
            pass

    monkeypatch.setattr(sys, "stdout", Tee())
    run(SparseLines(5))
    assert "epoch 2/5" in sys.stdout.text


def test_a_metrics_name_with_brackets_is_shown_as_it_is(use_terminal):
    terminal = use_terminal()
    report = reporter(1, 5)
    report.epoch(1, {"loss": 1.0, "score[bold]": 2.0})
    report.close()
    assert "score[bold] 2" in terminal.getvalue()


def test_a_dumb_terminal_gets_lines(use_terminal, monkeypatch):
    use_terminal()
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(reporter(1, 5), SparseLines)


def test_without_rich_a_line_takes_the_bars_place(use_terminal, monkeypatch):
    use_terminal()
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert isinstance(reporter(1, 5), SparseLines)
    assert isinstance(reporter(2, 5), Lines)
    assert type(reporter(0, 5)) is Reporter


def test_a_notebook_shows_a_bar(notebook, capsys):
    report = reporter(1, 5)
    assert isinstance(report, Bar)
    run(report)
    assert notebook
    assert "\x1b" not in capsys.readouterr().out


def test_a_notebook_without_widgets_gets_lines(notebook, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    run(reporter(1, 5))
    assert capsys.readouterr().out.startswith("epoch 2/5  ")
    assert not notebook


def test_under_another_live_display_lines_appear_above_it(use_terminal):
    terminal = use_terminal()
    with Progress(console=Console()):
        report = reporter(1, 5)
        assert isinstance(report, SparseLines)
        run(report)
    assert "epoch 2/5  " in terminal.getvalue()


def test_fits_in_threads_print_lines_also_beside_a_bar(use_terminal):
    terminal, failures, done = use_terminal(), [], threading.Event()

    def fit():
        try:
            while not done.is_set():
                run(reporter(1, 5))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=fit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        run(reporter(1, 7))
    done.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert sys.stdout is terminal
    for epoch in ("epoch 2/5", "epoch 2/7"):
        assert epoch in terminal.getvalue()


def test_beside_a_bar_of_scikit_learn_there_are_lines(use_terminal, digits):
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9")
    terminal = use_terminal()
    for solver in ("adam", "lbfgs"):
        clf = MLPClassifier(4, solver=solver, alpha=1.0, max_iter=2, tol=None, verbose=1)
        clf.set_callbacks(callback.ProgressBar()).fit(*digits)
    assert "MLPClassifier - fit" in terminal.getvalue()
    assert terminal.getvalue().count("epoch 2/2  ") == 2


def test_fits_of_a_search_share_the_screen_and_draw_no_bars(use_terminal, digits):
    terminal = use_terminal()
    clf = MLPClassifier(4, max_iter=2, tol=None, verbose=1)
    GridSearchCV(clf, {"alpha": [0, 1]}, cv=2).fit(*digits)
    text = terminal.getvalue()
    assert text.count("epoch 2/2") == 5
    assert "\x1b" not in text


def test_a_fit_prints_where_standard_output_is_at_its_time(digits, monkeypatch):
    clf = MLPClassifier(4, max_iter=2, tol=None, verbose=2, metrics=["accuracy"])
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    clf.fit(*digits, X_val=digits[0], y_val=digits[1])
    for line in sys.stdout.getvalue().splitlines():
        names = [part.split(" = ")[0] for part in line.split(", ")[1:]]
        assert names == ["loss", "accuracy", "val_loss", "val_accuracy"]
