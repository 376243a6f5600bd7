"""The public names, and that their docstrings say what their signatures have."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
import sklearn.neural_network
from sklearn.utils.fixes import parse_version

import sknn_tips
from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.metrics.metrics import METRICS
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.initializers import INITIALIZERS
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES

ESTIMATORS = [MLPClassifier, MLPRegressor]
as_in_19 = pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.9"),
    reason="older versions of scikit-learn have fewer parameters",
)


def test_public_names():
    assert sknn_tips.__all__ == [
        "MLPClassifier",
        "MLPRegressor",
        "callbacks",
        "datasets",
        "diagnose",
        "ensemble",
        "evaluate",
        "exceptions",
        "learning_rate_range",
        "load_model",
        "load_weights",
        "plotting",
        "preprocessing",
        "report",
        "save_model",
        "save_weights",
        "show_versions",
        "stacked",
        "summary",
        "tabular_pipeline",
        "to_onnx",
    ]
    assert all(hasattr(sknn_tips, name) for name in sknn_tips.__all__)


@as_in_19
@pytest.mark.parametrize("ours", ESTIMATORS)
def test_signature_begins_as_sklearns_with_its_defaults(ours):
    theirs = inspect.signature(getattr(sklearn.neural_network, ours.__name__)).parameters
    found = inspect.signature(ours).parameters
    for name, parameter in theirs.items():
        assert found[name].default == parameter.default, name
    positional = [n for n, p in found.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == [n for n, p in theirs.items() if p.kind is p.POSITIONAL_OR_KEYWORD]


@as_in_19
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict"])
@pytest.mark.parametrize("ours", ESTIMATORS)
def test_methods_begin_as_sklearns(ours, method):
    theirs = getattr(getattr(sklearn.neural_network, ours.__name__), method)
    expected = list(inspect.signature(theirs).parameters)
    assert list(inspect.signature(getattr(ours, method)).parameters)[: len(expected)] == expected


@pytest.mark.parametrize("ours", ESTIMATORS)
def test_docstring_names_every_parameter_once_and_no_other(ours):
    text = ours.__doc__.split("Attributes\n")[0]
    documented = []
    for names in re.findall(r"^([a-z][\w, ]*) : ", text, flags=re.MULTILINE):
        documented += names.split(", ")
    assert sorted(documented) == sorted(inspect.signature(ours).parameters)


@pytest.mark.parametrize("ours", ESTIMATORS)
def test_docstring_has_the_sections_of_numpydoc(ours):
    for title in ("Parameters", "Attributes", "See Also", "Examples"):
        assert f"\n{title}\n{'-' * len(title)}\n" in ours.__doc__
    assert not re.search(r"\{\w+\}", ours.__doc__)


@pytest.mark.parametrize("ours", ESTIMATORS)
def test_docstring_names_every_member_of_the_registries(ours):
    for registry in (ACTIVATIONS, OPTIMIZERS, SCHEDULES, METRICS, INITIALIZERS):
        for name in registry:
            assert f'"{name}"' in ours.__doc__, name


PUBLIC_MODULES = ["callbacks", "datasets", "ensemble", "exceptions", "plotting", "preprocessing"]
API = (Path(__file__).parents[1] / "docs" / "api.rst").read_text(encoding="utf-8")


def public_objects():
    """Return the public objects that are no modules, by their full names."""
    found = {}
    for module in [sknn_tips, *(import_module(f"sknn_tips.{name}") for name in PUBLIC_MODULES)]:
        for name in module.__all__:
            found[f"{module.__name__}.{name}"] = getattr(module, name)
    return {name: value for name, value in found.items() if not inspect.ismodule(value)}


def test_the_public_modules_are_those_of_the_package():
    names = [name for name in sknn_tips.__all__ if inspect.ismodule(getattr(sknn_tips, name))]
    assert names == PUBLIC_MODULES


@pytest.mark.parametrize("name", [n for n, value in public_objects().items() if callable(value)])
def test_a_public_object_has_an_example(name):
    text = inspect.getdoc(public_objects()[name])
    assert "\nExamples\n--------\n" in text
    assert ">>> " in text.split("\nExamples\n--------\n")[1]


@pytest.mark.parametrize("name", public_objects())
def test_a_public_object_is_in_the_reference(name):
    assert re.search(rf"^( +|.. autodata:: ){name.rpartition('.')[2]}$", API, re.MULTILINE)
