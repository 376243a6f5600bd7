import builtins

import pytest

from sknn_tips.training.reporting import Bar, LastLine, Lines, Reporter, reporter


def run(report):
    for number in (1, 2):
        report.epoch(number, 0.5 / number, 0.75)
    report.message("Stopping.")
    report.close()


def test_zero_prints_nothing(capsys):
    run(reporter(0, 5))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [2, 10])
def test_two_and_more_print_scikit_learns_lines(capsys, verbose):
    run(reporter(verbose, 5))
    assert capsys.readouterr().out.splitlines() == [
        "Iteration 1, loss = 0.50000000",
        "Validation score: 0.750000",
        "Iteration 2, loss = 0.25000000",
        "Validation score: 0.750000",
        "Stopping.",
    ]


def test_one_prints_a_closing_line_where_there_is_no_terminal(capsys):
    run(reporter(1, 5))
    assert capsys.readouterr().out == "epoch 2/5  loss 0.2500  validation score 0.7500\n"


def test_one_shows_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    report = reporter(1, 5)
    assert isinstance(report, Bar)
    run(report)
    assert "epoch 2/5" in capsys.readouterr().out


def test_without_rich_a_line_takes_the_bars_place(monkeypatch):
    original = builtins.__import__

    def no_rich(name, *args, **kwargs):
        if name.startswith("rich"):
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(builtins, "__import__", no_rich)
    assert isinstance(reporter(1, 5), LastLine)
    assert isinstance(reporter(2, 5), Lines)
    assert type(reporter(0, 5)) is Reporter
