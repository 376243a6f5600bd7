import pytest
from sklearn.utils.parallel import delayed

from sknn_tips import stacked
from sknn_tips.ensemble.progress import ReportingParallel


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_last_line_says_all(capsys, n_jobs):
    results = ReportingParallel(n_jobs, 4, verbose=1)(delayed(abs)(-i) for i in range(4))
    assert results == [0, 1, 2, 3]
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("fit 4/4 ")


def test_tasks_in_threads(capsys):
    with stacked(n_jobs=2):
        ReportingParallel(None, 3, verbose=1)(delayed(abs)(-i) for i in range(3))
    assert capsys.readouterr().out.startswith("fit 3/3 ")


def test_silent_unless_asked(capsys):
    ReportingParallel(None, 2, verbose=0)(delayed(abs)(-i) for i in range(2))
    assert capsys.readouterr().out == ""


def test_an_error_ends_the_report(capsys):
    with pytest.raises(ZeroDivisionError):
        ReportingParallel(None, 2, verbose=1)(delayed(divmod)(1, i) for i in (1, 0))
    assert capsys.readouterr().out.startswith("fit 1/2 ")
