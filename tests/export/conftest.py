"""Fixtures that export a model, and compare the graph with it."""

import pytest

from sknn_tips import to_onnx
from tests.export.graphs import compare, run


@pytest.fixture
def agree():
    """Assert that a fitted model and its graph agree for X, or for `new` samples; return it."""
    pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")

    def check(model, X, new=None, **options):
        graph = to_onnx(model, X, **options)
        compare(graph, model, X if new is None else new)
        return graph

    return check


@pytest.fixture(name="run")
def run_fixture():
    """Run a graph for X and return its outputs."""
    return run
