"""The calls that write a calculation, each run in onnxruntime."""

import numpy as np
import pytest

from sknn_tips.export.graph import Graph, tensor_type

skl2onnx = pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")
X = np.array([[1.5, np.nan, -np.inf], [-0.5, 7.0, np.inf]])


@pytest.fixture
def result(run):
    """Return what a function of (graph, input) calculates for X in float64."""
    from sklearn.preprocessing import FunctionTransformer

    def calculate(function, shape=(None, None)):
        def convert(scope, operator, container):
            graph = Graph(scope, operator, container)
            graph.output(function(graph, operator.inputs[0].full_name))

        def shapes(operator):
            operator.outputs[0].type = tensor_type(np.float64, shape)

        graph = skl2onnx.convert_sklearn(
            FunctionTransformer().fit(X),
            initial_types=[("X", tensor_type(np.float64, [None, 3]))],
            custom_conversion_functions={FunctionTransformer: convert},
            custom_shape_calculators={FunctionTransformer: shapes},
        )
        return run(graph, X)[0]

    return calculate


def test_clip_keeps_nan_and_limits_infinity(result):
    found = result(lambda graph, x: graph.clip(x, -1.0, [1.0, 5.0, 2.0]))
    np.testing.assert_array_equal(found, np.clip(X, -1.0, [1.0, 5.0, 2.0]))


def test_columns_and_concat(result):
    found = result(lambda graph, x: graph.concat([graph.columns(x, [2, 0]), x]))
    np.testing.assert_array_equal(found, np.hstack([X[:, [2, 0]], X]))


def test_mean_of_rows(result):
    found = result(lambda graph, x: graph.mean(graph.clip(x, 0.0, 2.0), 3))
    np.testing.assert_allclose(found[1], [4 / 3])


def test_constants_of_numbers_have_the_dtype_of_the_calculation(result):
    found = result(lambda graph, x: graph.node("Add", x, graph.constant(np.arange(3))))
    np.testing.assert_array_equal(found, X + np.arange(3))


def test_cast_rounds_to_the_dtype(result):
    found = result(lambda graph, x: graph.cast(graph.cast(x, np.float32)))
    np.testing.assert_array_equal(found, X.astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool, object])
def test_types_have_the_shape_and_element_of_numpy(dtype):
    from skl2onnx.common.data_types import guess_proto_type

    kind = tensor_type(dtype, [None, 3])
    assert kind.shape == [None, 3]
    assert (
        guess_proto_type(kind)
        == {"f": {4: 1, 8: 11}, "i": {8: 7}, "b": {1: 9}, "O": {8: 8}}[np.dtype(dtype).kind][
            np.dtype(dtype).itemsize
        ]
    )
