import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sknn_tips._compat.skl2onnx import parse

skl2onnx = pytest.importorskip("skl2onnx", reason="the extra onnx is not installed")


def test_parse_declares_the_operator_of_an_inner_model():
    X = np.arange(6.0).reshape(3, 2)
    outer, inner = FunctionTransformer().fit(X), StandardScaler().fit(X)

    def parser(scope, model, inputs, custom_parsers=None):
        return parse(scope, inner, inputs)

    graph = skl2onnx.to_onnx(inner, X)
    through = skl2onnx.convert_sklearn(
        outer,
        initial_types=[("X", skl2onnx.common.data_types.DoubleTensorType([None, 2]))],
        custom_parsers={FunctionTransformer: parser},
    )
    kinds = [node.op_type for node in graph.graph.node]
    assert [node.op_type for node in through.graph.node] == kinds
    assert len(through.graph.output) == 1
