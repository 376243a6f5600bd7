import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score

from sknn_tips import MLPClassifier, stacked
from sknn_tips.search.progress import Progress

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier(6, max_iter=3, tol=None, random_state=0)


def test_the_last_line_says_all(capsys):
    search = GridSearchCV(NET, {"learning_rate_init": [0.001, 0.1]}, cv=4, refit=False)
    with stacked(verbose=1):
        search.fit(X, Y)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("fit 8/8 ")
    assert line.endswith(f"best score {search.best_score_:.4g}")


def test_several_scorers_show_the_first(capsys):
    search = GridSearchCV(NET, {"alpha": [0.1]}, scoring=["accuracy", "neg_log_loss"], refit=False)
    with stacked(verbose=1):
        search.fit(X, Y)
    mean = search.cv_results_["mean_test_accuracy"][0]
    assert f"best score {mean:.4g}" in capsys.readouterr().out


def test_silent_unless_asked(capsys):
    with stacked():
        cross_val_score(NET, X, Y)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("result", [None, [3.0], [{"fit_time": 1.0}]])
def test_tasks_of_anything(result, capsys):
    progress = Progress()
    for _ in range(2):
        progress.submitted()
    progress.done(int, result)
    progress.show()
    progress.done(int, result)
    progress.close()
    assert capsys.readouterr().out.startswith("fit 2/2 ")


def test_there_may_be_more_than_was_known_at_first(capsys):
    progress = Progress()
    progress.submitted()
    progress.show()
    progress.submitted()
    progress.done(int, None)
    progress.close()
    assert capsys.readouterr().out.startswith("fit 1/2 ")


def test_only_candidates_with_as_many_fits_compare():
    progress = Progress()
    progress.scores["a"] = [0.5, 0.7]
    progress.scores["b"] = [0.9]
    assert progress._best() == {"best score": pytest.approx(0.6)}
