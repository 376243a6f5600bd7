"""Converters of SquashingScaler and PiecewiseLinearEncoder, which calculate in float64."""

from typing import Any

import numpy as np

from sknn_tips.export.graph import Graph, is_float32, joined, n_rows, tensor_type
from sknn_tips.preprocessing import PiecewiseLinearEncoder, SquashingScaler
from sknn_tips.preprocessing.squashing_scaler import AS_GOOD_AS_INFINITE


def squashing_scaler_shapes(operator: Any) -> None:
    """Set the type of the output of a SquashingScaler."""
    _set_output(operator, operator.raw_operator.n_features_in_)


def convert_squashing_scaler(scope: Any, operator: Any, container: Any) -> None:
    """Add the scaled features of a SquashingScaler to the graph."""
    graph = Graph(scope, operator, container)
    y = _squashed(graph, operator.raw_operator, joined(graph, operator.inputs))
    graph.output(graph.cast(y, _dtype(operator)))


def piecewise_linear_encoder_shapes(operator: Any) -> None:
    """Set the type of the output of a PiecewiseLinearEncoder."""
    encoder = operator.raw_operator
    _set_output(operator, len(encoder.get_feature_names_out()))


def convert_piecewise_linear_encoder(scope: Any, operator: Any, container: Any) -> None:
    """Add the scaled features and the components of a PiecewiseLinearEncoder to the graph."""
    graph, encoder = Graph(scope, operator, container), operator.raw_operator
    x = joined(graph, operator.inputs)
    scaled = _squashed(graph, encoder.scaler_, x)
    binned = [(j, edges) for j, edges in enumerate(encoder.bin_edges_) if len(edges) > 2]
    if not binned:
        graph.output(graph.cast(scaled, _dtype(operator)))
        return
    feature = np.concatenate([np.full(len(edges) - 1, j) for j, edges in binned])
    lower = np.concatenate([edges[:-1] for _, edges in binned])
    width = np.concatenate([np.diff(edges) for _, edges in binned])
    position = graph.node("Sub", graph.columns(x, feature), graph.constant(lower))
    position = graph.node("Div", position, graph.constant(width))
    both = graph.concat([scaled, graph.clip(position, 0.0, 1.0)])
    # the scaled number of each feature, then its components
    of_feature = np.concatenate([np.arange(len(encoder.bin_edges_)), feature])
    ordered = graph.columns(both, np.argsort(of_feature, kind="stable"))
    graph.output(graph.cast(ordered, _dtype(operator)))


def _squashed(graph: Graph, scaler: SquashingScaler, x: str) -> str:
    bound = scaler.max_absolute_value
    factor = 1 / (scaler.scale_ * bound)  # 0 for a constant feature
    z = graph.node("Sub", x, graph.constant(scaler.center_))
    z = graph.node("Mul", z, graph.constant(factor))
    z = graph.node("Where", graph.node("IsInf", x), x, z)
    z = graph.clip(z, -AS_GOOD_AS_INFINITE, AS_GOOD_AS_INFINITE)
    length = graph.node("Add", graph.node("Mul", z, z), graph.constant(1.0))
    z = graph.node("Div", z, graph.node("Sqrt", length))
    return graph.node("Mul", z, graph.constant(bound))


def _set_output(operator: Any, width: int) -> None:
    operator.outputs[0].type = tensor_type(_dtype(operator), [n_rows(operator), width])


def _dtype(operator: Any) -> type:
    return np.float32 if is_float32(operator.inputs) else np.float64


SCALERS: dict[type, tuple[Any, Any]] = {
    SquashingScaler: (squashing_scaler_shapes, convert_squashing_scaler),
    PiecewiseLinearEncoder: (piecewise_linear_encoder_shapes, convert_piecewise_linear_encoder),
}
