"""Converters of FoldEnsembleClassifier and FoldEnsembleRegressor.

A parser declares the operators of the shared steps and of all members; their outputs are the inputs
of the operator of the ensemble, which averages them in float64.
"""

from typing import Any

import numpy as np

from sknn_tips._compat.skl2onnx import parse
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.ensemble.members import last_step, split_steps
from sknn_tips.export.boosting import NAME, Boosting, convert_boosting, is_boosting, parse_boosting
from sknn_tips.export.graph import Graph, set_rows, tensor_type
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
            found.append(_prediction(scope, member, seen))
    return found


def _prediction(scope: Any, member: Any, inputs: list[Any]) -> Any:
    """Declare the operators of a member, and return the variable of its prediction."""
    front, last = split_steps(member)
    if is_boosting(last):
        return parse_boosting(scope, last, inputs if front is None else parse(scope, front, inputs))
    for each in (member, last_step(member)):  # a matrix of probabilities, not a dict
        scope.add_options(id(each), {"zipmap": False})
    return parse(scope, member, inputs)[-1]


def _counted(model: Any) -> list[tuple[str, list[Any]]]:
    """Return names and members of the estimators whose weight in the average is not 0."""
    return [item for item in model.estimators_.items() if model.weights_[item[0]] > 0]


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
    FoldEnsembleClassifier: (CLASSIFIER, set_rows, convert_classifier, parse_classifier),
    FoldEnsembleRegressor: (REGRESSOR, set_rows, convert_regressor, parse_regressor),
    Boosting: (NAME, set_rows, convert_boosting, None),
}
