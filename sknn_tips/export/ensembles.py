"""Converters of FoldEnsembleClassifier and FoldEnsembleRegressor.

A parser declares the operators of the shared steps and of all members; their outputs are the inputs
of the operator of the ensemble, which averages them in float64.
"""

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from sknn_tips._compat.skl2onnx import parse
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.ensemble.members import last_step
from sknn_tips.export.graph import Graph, n_rows, tensor_type
from sknn_tips.export.networks import classes_at, label_type

CLASSIFIER, REGRESSOR = "SknnTipsFoldEnsembleClassifier", "SknnTipsFoldEnsembleRegressor"


def parse_classifier(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> Any:
    """Declare the operators of a FoldEnsembleClassifier and its members."""
    operator = scope.declare_local_operator(CLASSIFIER, model)
    operator.inputs = _predictions(scope, model, inputs)
    dtype = label_type(model.classes_)
    operator.outputs.append(scope.declare_local_variable("label", tensor_type(dtype, [None])))
    probabilities = tensor_type(np.float64, [None, len(model.classes_)])
    operator.outputs.append(scope.declare_local_variable("probabilities", probabilities))
    return operator.outputs


def parse_regressor(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> Any:
    """Declare the operators of a FoldEnsembleRegressor and its members."""
    operator = scope.declare_local_operator(REGRESSOR, model)
    operator.inputs = _predictions(scope, model, inputs)
    values = tensor_type(np.float64, [None, model._scale.size])
    operator.outputs.append(scope.declare_local_variable("variable", values))
    return operator.outputs


def _predictions(scope: Any, model: Any, inputs: list[Any]) -> list[Any]:
    """Declare the operators of all members, and return the variables of their predictions."""
    found = []
    for name, members in _counted(model):
        seen = parse(scope, model.steps_[name], inputs) if name in model.steps_ else inputs
        for member in members:
            _check_member(name, member)
            for each in (member, last_step(member)):  # a matrix of probabilities, not a dict
                scope.add_options(id(each), {"zipmap": False})
            found.append(parse(scope, member, seen)[-1])
    return found


def _counted(model: Any) -> list[tuple[str, list[Any]]]:
    """Return names and members of the estimators whose weight in the average is not 0."""
    return [item for item in model.estimators_.items() if model.weights_[item[0]] > 0]


def _check_member(name: str, member: Any) -> None:
    last = last_step(member)
    boosting = HistGradientBoostingClassifier, HistGradientBoostingRegressor
    if isinstance(last, boosting) and last.is_categorical_ is not None:
        raise TypeError(
            f"The estimator {name!r} is a {type(last).__name__} with categorical features, for"
            " which skl2onnx has no converter. Fit without it, such as tabular_pipeline(...,"
            " trees=False)."
        )


def classifier_shapes(operator: Any) -> None:
    """Set the number of samples of the outputs."""
    for output in operator.outputs:
        output.type.shape[0] = n_rows(operator)


def convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Add the average of the calibrated probabilities of all members to the graph."""
    graph, model = Graph(scope, operator, container), operator.raw_operator
    ones = graph.constant(np.ones((len(model.classes_), 1)))
    predictions = iter(operator.inputs)
    total = ""
    for name, members in _counted(model):
        share = graph.constant(model.weights_[name] / len(members))
        power = graph.constant(1 / model.temperatures_[name])
        for member in members:
            p = graph.cast(next(predictions).full_name)
            if len(member.classes_) < len(model.classes_):  # a fold without some classes
                places = np.equal.outer(member.classes_, model.classes_)
                p = graph.node("MatMul", p, graph.constant(places))
            p = graph.node("Pow", p, power)
            p = graph.node("Div", p, graph.node("MatMul", p, ones))
            part = graph.node("Mul", p, share)
            total = graph.node("Add", total, part) if total else part
    codes = graph.node("ArgMax", total, axis=1, keepdims=0)
    graph.output(classes_at(graph, model.classes_, codes), 0)
    graph.output(total, 1)


def regressor_shapes(operator: Any) -> None:
    """Set the number of samples of the output."""
    operator.outputs[0].type.shape[0] = n_rows(operator)


def convert_regressor(scope: Any, operator: Any, container: Any) -> None:
    """Add the average of the predictions of all members to the graph."""
    graph, model = Graph(scope, operator, container), operator.raw_operator
    predictions = iter(operator.inputs)
    # some estimators return a single output as a vector
    shape = graph.constant([-1, model._scale.size], np.int64)
    total = ""
    for name, members in _counted(model):
        share = graph.constant(model.weights_[name] / len(members))
        for _ in members:
            y = graph.node("Reshape", graph.cast(next(predictions).full_name), shape)
            part = graph.node("Mul", y, share)
            total = graph.node("Add", total, part) if total else part
    graph.output(graph.clip(total, *model._range) if model.clip else total)


ENSEMBLES: dict[type, tuple[str, Any, Any, Any]] = {
    FoldEnsembleClassifier: (CLASSIFIER, classifier_shapes, convert_classifier, parse_classifier),
    FoldEnsembleRegressor: (REGRESSOR, regressor_shapes, convert_regressor, parse_regressor),
}
