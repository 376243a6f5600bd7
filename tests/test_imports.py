"""What an import loads, and what it leaves for later; each in a process of its own."""

import ast
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import sknn_tips
from sknn_tips import MLPClassifier

LATER = {
    "sklearn.datasets",
    "sklearn.ensemble",
    "sknn_tips.callbacks",
    "sknn_tips.datasets",
    "sknn_tips.ensemble",
    "sknn_tips.export",
    "sknn_tips.inspection",
    "sknn_tips.persistence",
    "sknn_tips.plotting",
    "sknn_tips.preprocessing",
    "sknn_tips.search",
    "sknn_tips.tabular",
}
# rich may be there: scikit-learn's own callbacks import it.
OPTIONAL = {"dask", "distributed", "matplotlib", "safetensors", "skops", "tensorboard"}
OPTIONAL |= {"onnx", "onnxruntime", "skl2onnx"}


def printed_by(code, cwd, **options):
    """Run code in a new interpreter; return the words that it printed."""
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True, **options
    ).stdout.split()


def loaded_by(code, cwd):
    return set(printed_by(f"{code}\nimport sys\nprint(*sys.modules)", cwd))


def test_the_package_alone_loads_no_heavy_library(tmp_path):
    loaded = loaded_by("import sknn_tips", tmp_path)
    assert "sknn_tips" in loaded
    assert not loaded & {"torch", "sklearn", "pandas", "skorch", *LATER, *OPTIONAL}


def test_an_estimator_loads_nothing_that_its_fit_does_not_need(tmp_path):
    loaded = loaded_by("from sknn_tips import MLPClassifier, MLPRegressor", tmp_path)
    assert {"sknn_tips.estimators.classifier", "sknn_tips.estimators.regressor"} <= loaded
    assert not loaded & {*LATER, *OPTIONAL}


def test_a_fit_by_autograd_does_not_load_torchs_compiler(tmp_path):
    """It takes a second, or several on a busy machine, and Ctrl-C waits for it."""
    code = (
        "from sknn_tips import MLPClassifier\n"
        "for name in ('adagrad', 'adadelta', 'nadam'):\n"
        "    net = MLPClassifier(4, optimizer=name, max_iter=2, tol=None, tips='ignore')\n"
        "    assert net.fit([[0.0], [1.0]], [0, 1], [1.0, 0.5]).net_.tier_ == 'T1'"
    )
    assert not loaded_by(code, tmp_path) & {"torch._dynamo", "sympy"}


def test_a_star_brings_every_public_name_and_no_optional_library(tmp_path):
    code = (
        "from sknn_tips import *\nnames = list(globals())\nimport sys\nprint(*names, *sys.modules)"
    )
    words = set(printed_by(code, tmp_path))
    assert set(sknn_tips.__all__) <= words
    assert not words & OPTIONAL


def test_dir_lists_names_before_they_are_asked_for(tmp_path):
    names = printed_by("import sknn_tips\nprint(*dir(sknn_tips))", tmp_path)
    assert {*sknn_tips.__all__, "__version__"} <= set(names)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'sknn_tips' has no attribute 'MLPClasifier'"):
        _ = sknn_tips.MLPClasifier
    with pytest.raises(ImportError, match="MLPClasifier"):
        exec("from sknn_tips import MLPClasifier")


def test_a_name_is_looked_up_once():
    assert sknn_tips.MLPClassifier is vars(sknn_tips)["MLPClassifier"]


def test_type_checkers_are_told_the_same_homes():
    tree = ast.parse(Path(sknn_tips.__file__).read_text(encoding="utf-8"))
    [block] = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING"
    ]
    told = {alias.name: node.module for node in block.body for alias in node.names}
    homes = {name: f"sknn_tips.{home}" for name, home in sknn_tips._HOMES.items()}
    assert told == dict.fromkeys(sknn_tips.__all__, "sknn_tips") | homes


def test_the_joblib_backend_has_its_name_without_a_look_at_stacked(tmp_path):
    code = (
        "import joblib, sknn_tips\n"
        "with joblib.parallel_config(backend='sknn_tips'):\n"
        "    print(joblib.parallel.get_active_backend()[0].__class__.__module__)"
    )
    assert printed_by(code, tmp_path) == ["sknn_tips.search.backend"]


def test_a_process_that_never_saw_the_package_unpickles_an_estimator(tmp_path):
    file = tmp_path / "estimator.pickle"
    file.write_bytes(pickle.dumps(MLPClassifier(alpha=0.5)))
    code = "import pickle\nprint(pickle.load(open('estimator.pickle', 'rb')).alpha)"
    assert printed_by(code, tmp_path) == ["0.5"]
