import subprocess
import sys

import pytest

pytest.importorskip("skops", reason="a Pipeline is saved with the extra save")
# Each test starts Python and may compile all libraries, whose bytecode for -OO is rarely there.
pytestmark = pytest.mark.slow

# Warnings are not errors here: under -OO, libraries other than skorch may issue them at import.
USE = """
import sys

from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, load_model, save_model

assert False, "without -O, this ends the script"
X, y = load_iris(return_X_y=True)
net = MLPClassifier(8, learning_rate_init=0.01, max_iter=60, tol=None, random_state=0)
grid = {"mlpclassifier__alpha": [0, 0.1]}
model = make_pipeline(StandardScaler(), net)
search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X[::2], y[::2])
path = sys.argv[1]
save_model(search.best_estimator_, path)
same = (load_model(path).predict(X) == search.predict(X)).all()
error = MLPRegressor(max_iter=5, tol=None, optimizer="nadam").fit(X, y).loss_
good = search.score(X[1::2], y[1::2]) > 0.8
print(sys.flags.optimize, MLPClassifier.__doc__, same, good, error > 0)
"""


def run(options, code, *arguments, cwd):
    """Run code in a new interpreter."""
    command = [sys.executable, *options, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def test_everything_works_without_docstrings(tmp_path):
    done = run(["-OO"], USE, tmp_path / "model.skops", cwd=tmp_path)
    assert done.stdout.split() == ["2", "None", "True", "True", "True"], done.stderr


def test_skorch_has_its_docstrings_and_other_libraries_are_loaded_as_usual(tmp_path):
    code = (
        "import sys\nfinders = list(sys.meta_path)\n"
        "from sknn_tips._compat.skorch import NeuralNet\nimport joblib\n"
        "print(NeuralNet.__doc__.split()[0], joblib.Parallel.__doc__, finders == sys.meta_path)"
    )
    assert run(["-OO"], code, cwd=tmp_path).stdout.split() == ["NeuralNet", "None", "True"]


def test_a_failed_import_of_skorch_is_explained(tmp_path):
    code = (
        "try:\n    import skorch\nexcept AttributeError:\n    pass\n"
        "from sknn_tips import MLPClassifier"
    )
    done = run(["-OO"], code, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: skorch cannot be imported without docstrings, which python -OO removes."
        " Import sknn_tips before skorch, or run python -O instead."
    )


def test_with_docstrings_no_finder_is_added(tmp_path):
    code = (
        "from importlib.machinery import SourceFileLoader\n"
        "from sknn_tips._compat.skorch import NeuralNet\nimport skorch.net\n"
        "print(type(skorch.net.__loader__) is SourceFileLoader)"
    )
    assert run([], code, cwd=tmp_path).stdout.split() == ["True"]
