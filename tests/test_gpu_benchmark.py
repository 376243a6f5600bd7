"""benchmarks/gpu.py, run dry: that it works is known before a machine with a GPU is at hand."""

import pytest
from sklearn.utils._testing import ignore_warnings

from benchmarks import gpu


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what the script prints, and its exit status, without a GPU."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["gpu.py", "--device", "cpu", "--quick", *arguments])
        monkeypatch.setattr(gpu, "failures", [])
        with pytest.raises(SystemExit) as ended, ignore_warnings():
            gpu.main()
        return capsys.readouterr().out, ended.value.code

    return run


@pytest.mark.parametrize("part", gpu.PARTS)
def test_each_part_runs_dry(run, part):
    out, status = run("--parts", part)
    assert (f"## {part}" in out, "0 failures" in out, status) == (True, True, 0)


def test_a_difference_is_a_failure(run, monkeypatch):
    monkeypatch.setattr(gpu, "distance", lambda a, b: 0.1)
    out, status = run("--parts", "equal")
    assert status == 1
    assert "FAILED activation" in out


def test_an_error_costs_only_its_part(run, monkeypatch):
    monkeypatch.setitem(gpu.PARTS, "fits", lambda *_, **__: 1 / 0)
    out, status = run("--parts", "fits,sweep")
    assert (status, "ZeroDivisionError" in out, "mean scores" in out) == (1, True, True)
