"""Converters of MLPClassifier and MLPRegressor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.export.graph import Graph, is_float32, joined, n_rows, tensor_type
from sknn_tips.nn.activations import ACTIVATIONS, Maxout, Step
from sknn_tips.nn.layers import Dense, Dropout, Scaling

# The nodes that hold the weights of dense layers; `to_onnx` stores these as int8, if it is asked.
DENSE = "Dense"

# -- activations ---------------------------------------------------------------------------------
# Each function takes the graph, the torch module and the input, and returns the output. softplus
# and others are made of simple operators, because onnxruntime has theirs for float32 only.


def _elu(graph: Graph, x: str, alpha: float, scale: float = 1.0) -> str:
    zero, one = graph.constant(0.0), graph.constant(1.0)
    below = graph.node("Exp", graph.node("Min", x, zero))
    below = graph.node("Mul", graph.node("Sub", below, one), graph.constant(alpha))
    y = graph.node("Where", graph.node("Greater", x, zero), x, below)
    return graph.node("Mul", y, graph.constant(scale))


def _softplus(graph: Graph, x: str, beta: float = 1.0, threshold: float = 20.0) -> str:
    """Return log(1 + exp(beta x)) / beta, and x where beta x is above the threshold."""
    z = graph.node("Mul", x, graph.constant(beta))
    # as max(z, 0) + log(1 + exp(-|z|)), which does not overflow
    power = graph.node("Exp", graph.node("Neg", graph.node("Abs", z)))
    rest = graph.node("Log", graph.node("Add", power, graph.constant(1.0)))
    y = graph.node("Add", graph.node("Relu", z), rest)
    y = graph.node("Mul", y, graph.constant(1 / beta))
    return graph.node("Where", graph.node("Greater", z, graph.constant(threshold)), x, y)


def _gelu(graph: Graph, module: Any, x: str) -> str:
    if module.approximate == "tanh":
        cube = graph.node("Mul", x, graph.node("Mul", x, x))
        z = graph.node("Add", x, graph.node("Mul", cube, graph.constant(0.044715)))
        share = graph.node("Tanh", graph.node("Mul", z, graph.constant(np.sqrt(2 / np.pi))))
    else:
        z = graph.node("Mul", x, graph.constant(np.sqrt(0.5)))
        # onnxruntime has Erf for float32 only
        share = graph.cast(graph.node("Erf", graph.cast(z, np.float32)))
    half = graph.node("Mul", x, graph.constant(0.5))
    return graph.node("Mul", half, graph.node("Add", share, graph.constant(1.0)))


def _silu(graph: Graph, module: nn.SiLU, x: str) -> str:
    # onnxruntime 1.30 makes a QuickGelu of x * Sigmoid(x), which it has for float32 only
    power = graph.node("Exp", graph.node("Neg", x))
    return graph.node("Div", x, graph.node("Add", power, graph.constant(1.0)))


def _leaky_relu(graph: Graph, module: Any, x: str) -> str:
    below = graph.node("Mul", x, graph.constant(module.negative_slope))
    return graph.node("Where", graph.node("Greater", x, graph.constant(0.0)), x, below)


def _selu(graph: Graph, module: Any, x: str) -> str:
    # Klambauer et al., 2017, as in torch
    return _elu(graph, x, 1.6732632423543772848, 1.0507009873554804934)


def _maxout(graph: Graph, layer: Maxout, x: str) -> str:
    """Return the largest piece; the columns are all units of one piece, then of the next."""
    parts = graph.node("Reshape", x, graph.constant([0, layer.pieces, -1], np.int64))
    pieces = [
        graph.node("Gather", parts, graph.constant(i, np.int64), axis=1)
        for i in range(layer.pieces)
    ]
    return graph.node("Max", *pieces)


_ACTIVATIONS: dict[type[nn.Module], Callable[[Graph, Any, str], str]] = {
    nn.ReLU: lambda graph, module, x: graph.node("Relu", x),
    nn.LeakyReLU: _leaky_relu,
    nn.ELU: lambda graph, module, x: _elu(graph, x, module.alpha),
    nn.SELU: _selu,
    nn.GELU: _gelu,
    nn.SiLU: _silu,
    nn.Mish: lambda graph, module, x: graph.node("Mul", x, graph.node("Tanh", _softplus(graph, x))),
    nn.Tanh: lambda graph, module, x: graph.node("Tanh", x),
    nn.Sigmoid: lambda graph, module, x: graph.node("Sigmoid", x),
    nn.Softplus: lambda graph, module, x: _softplus(graph, x, module.beta, module.threshold),
    Maxout: _maxout,
    nn.Identity: lambda graph, module, x: x,
    Step: lambda graph, module, x: graph.node("Relu", graph.node("Sign", x)),
}

# -- other layers --------------------------------------------------------------------------------


def _array(values: torch.Tensor) -> NDArray:
    return values.detach().cpu().double().numpy()


def _dense(graph: Graph, layer: Dense, x: str) -> str:
    y = graph.node("MatMul", x, graph.constant(_array(layer.weight)), name=DENSE)
    return graph.node("Add", y, graph.constant(_array(layer.bias)))


def _batch_norm(graph: Graph, layer: nn.BatchNorm1d, x: str) -> str:
    """Use the running statistics."""
    assert layer.running_mean is not None
    assert layer.running_var is not None
    factor = _array(layer.weight) / np.sqrt(_array(layer.running_var) + layer.eps)
    shift = _array(layer.bias) - _array(layer.running_mean) * factor
    return graph.node("Add", graph.node("Mul", x, graph.constant(factor)), graph.constant(shift))


def _layer_norm(graph: Graph, layer: nn.LayerNorm, x: str) -> str:
    width = layer.normalized_shape[0]
    x = graph.node("Sub", x, graph.mean(x, width))
    variance = graph.mean(graph.node("Mul", x, x), width)
    deviation = graph.node("Sqrt", graph.node("Add", variance, graph.constant(layer.eps)))
    y = graph.node("Mul", graph.node("Div", x, deviation), graph.constant(_array(layer.weight)))
    return graph.node("Add", y, graph.constant(_array(layer.bias)))


def _scaling(graph: Graph, layer: Scaling, x: str) -> str:
    return graph.node("Mul", x, graph.constant(_array(layer.weight)))


_LAYERS: dict[type[nn.Module], Callable[[Graph, Any, str], str]] = {
    Dense: _dense,
    Dropout: lambda graph, layer, x: x,
    Scaling: _scaling,
    nn.BatchNorm1d: _batch_norm,
    nn.LayerNorm: _layer_norm,
}


def check_layers(estimator: BaseMLP) -> None:
    """Raise an error if there is an activation of the user, which has no ONNX operators."""
    for layer, activation in zip(estimator.module_, estimator.module_.activations, strict=True):
        if activation is not None and type(layer) not in _ACTIVATIONS:
            raise TypeError(
                f"activation={type(layer).__name__}: to_onnx cannot translate a class of your own"
                f" to ONNX. Train with one of {', '.join(ACTIVATIONS)}, or export the torch module"
                " with torch.onnx.export(model.module_, ...)."
            )


def _raw_output(graph: Graph, estimator: BaseMLP, x: str) -> str:
    """Return the output of the last layer, before the link function."""
    known = _LAYERS | _ACTIVATIONS
    for layer in estimator.module_:
        x = known[type(layer)](graph, layer, x)
    return x


# -- estimators ----------------------------------------------------------------------------------

_LINKS: dict[str, Callable[[Graph, str], str]] = {
    "identity": lambda graph, raw: raw,
    "exp": lambda graph, raw: graph.node("Exp", raw),
    "logistic": lambda graph, raw: graph.node("Sigmoid", raw),
    "softmax": lambda graph, raw: graph.node("Softmax", raw, axis=1),
}


def label_type(classes: NDArray) -> np.dtype:
    """Return the dtype of labels in the graph: int64, bool, float64, or object for text.

    Raises
    ------
    TypeError
        For other labels, such as dates, or text mixed with numbers.
    """
    kind = classes.dtype.kind
    if kind == "U" or (kind == "O" and all(isinstance(label, str) for label in classes)):
        return np.dtype(object)
    if kind in "biuf":
        return np.dtype({"b": np.bool_, "f": np.float64}.get(kind, np.int64))
    raise TypeError(
        f"classes_ has labels such as {classes[0]!r}. ONNX has integers, floats, booleans and text"
        " only: fit with such labels."
    )


def classes_at(graph: Graph, classes: NDArray, codes: str) -> str:
    """Return the labels of the classes with these positions, (n,)."""
    return graph.node("Gather", graph.constant(classes, label_type(classes)), codes, axis=0)


def classifier_shapes(operator: Any) -> None:
    """Set the types of the outputs of an MLPClassifier: labels and probabilities."""
    estimator, rows = operator.raw_operator, n_rows(operator)
    n_classes = len(estimator.classes_)
    multilabel = estimator._target.multilabel
    labels = np.int64 if multilabel else label_type(estimator.classes_)
    shape = [rows, n_classes] if multilabel else [rows]
    operator.outputs[0].type = tensor_type(labels, shape)
    operator.outputs[1].type = tensor_type(_dtype(operator), [rows, n_classes])


def convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Add labels and probabilities of an MLPClassifier to the graph."""
    graph, estimator, raw = _network(scope, operator, container)
    target = estimator._target
    probabilities = _LINKS[estimator.out_activation_](graph, raw)
    if target.exclusive:
        codes = graph.node("ArgMax", raw, axis=1, keepdims=0)
        labels = classes_at(graph, estimator.classes_, codes)
    elif target.multilabel:
        labels = _above_zero(graph, raw)
    elif len(estimator.classes_) == 1:
        flat = graph.node("Reshape", raw, graph.constant([-1], np.int64))
        none = graph.node("Mul", graph.cast(flat, np.int64), graph.constant(0, np.int64))
        labels = classes_at(graph, estimator.classes_, none)
        zeros = graph.node("Mul", probabilities, graph.constant(0.0))
        probabilities = graph.node("Add", zeros, graph.constant(1.0))
    else:
        flat = graph.node("Reshape", raw, graph.constant([-1], np.int64))
        codes = _above_zero(graph, flat)
        labels = classes_at(graph, estimator.classes_, codes)
        other = graph.node("Sigmoid", graph.node("Neg", raw))
        probabilities = graph.concat([other, probabilities])
    graph.output(labels, 0)
    graph.output(probabilities, 1)


def _above_zero(graph: Graph, raw: str) -> str:
    return graph.cast(graph.node("Greater", raw, graph.constant(0.0)), np.int64)


def regressor_shapes(operator: Any) -> None:
    """Set the type of the output of an MLPRegressor, (n, n_outputs)."""
    n_outputs = operator.raw_operator._target.n_outputs
    operator.outputs[0].type = tensor_type(_dtype(operator), [n_rows(operator), n_outputs])


def convert_regressor(scope: Any, operator: Any, container: Any) -> None:
    """Add the predictions of an MLPRegressor to the graph, in the units of y."""
    graph, estimator, raw = _network(scope, operator, container)
    target, values = estimator._target, _LINKS[estimator.out_activation_](graph, raw)
    if target.mean is not None:
        values = graph.node("Mul", values, graph.constant(target.scale))
        values = graph.node("Add", values, graph.constant(target.mean))
    graph.output(values)


def _network(scope: Any, operator: Any, container: Any) -> tuple[Graph, Any, str]:
    """Return the graph, the estimator, and the raw output of its network."""
    estimator = operator.raw_operator
    check_layers(estimator)
    # predictions use arrays that were assigned to these attributes
    if estimator.net_.take_weights(estimator.coefs_, estimator.intercepts_):
        estimator.coefs_, estimator.intercepts_ = estimator.net_.weights()
    graph = Graph(scope, operator, container, _dtype(operator))
    raw = _raw_output(graph, estimator, joined(graph, operator.inputs))
    return graph, estimator, raw


def _dtype(operator: Any) -> type:
    """Return the dtype of predictions: float32 if the inputs and the weights are, else float64."""
    weights = operator.raw_operator.coefs_[0].dtype
    return np.float32 if is_float32(operator.inputs) and weights == np.float32 else np.float64


NETWORKS: dict[type, tuple[Any, Any]] = {
    MLPClassifier: (classifier_shapes, convert_classifier),
    MLPRegressor: (regressor_shapes, convert_regressor),
}
