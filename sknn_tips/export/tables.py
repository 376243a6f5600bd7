"""Converters of TableCleaner and TableEncoder.

Their input is one matrix of numbers or of text, or one column each. A missing text is an empty
string, because ONNX has no missing text: an empty string that is no level of its own counts as
missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from sknn_tips._compat.skl2onnx import parse
from sknn_tips.export.graph import Graph, lookup, set_rows, tensor_type
from sknn_tips.preprocessing import TableCleaner, TableEncoder
from sknn_tips.preprocessing.columns import CategoryColumn, EmptyColumn

ENCODER, NUMBERS, CLEANER = "SknnTipsTableEncoder", "SknnTipsNumbers", "SknnTipsTableCleaner"
# Each of their output features depends on one column, so that a table of its values can be made.
_ENCODERS = OneHotEncoder, OrdinalEncoder, TargetEncoder


class Numbers(TransformerMixin, BaseEstimator):
    """The numeric columns of a TableEncoder, with medians in place of missing values."""

    def __init__(self, encoder: Any = None) -> None:
        self.encoder = encoder


@dataclass(frozen=True)
class Parts:
    """The parts of a fitted TableEncoder.

    Attributes
    ----------
    numbers, categories : list of str
        The names of the numeric and of the categorical columns.
    numeric : (imputer, transformer) or None
        None without numeric columns, or if they are dropped.
    missing : MissingIndicator or None
    categorical : transformer or None
    """

    numbers: list[str]
    categories: list[str]
    numeric: Any = None
    missing: Any = None
    categorical: Any = None

    @classmethod
    def of(cls, encoder: TableEncoder) -> "Parts":
        columns = {name: list(names) for name, _, names in encoder.transformer_.transformers_}
        numbers, categories = columns["numeric"], columns["categorical"]
        steps = encoder.transformer_.named_transformers_
        given = {
            name: None if isinstance(steps[name], str) or not columns[name] else steps[name]
            for name in ("numeric", "missing", "categorical")
        }
        if given["numeric"] is not None:
            (_, imputer), (_, transformer) = given["numeric"].steps
            given["numeric"] = imputer, transformer
        return cls(numbers, categories, **given)


# -- parsing and types ---------------------------------------------------------------------------


def parse_encoder(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> Any:
    """Declare the operators of a TableEncoder and of its transformer of numbers."""
    parts = Parts.of(model)
    _check_categorical(parts.categorical)
    operator = scope.declare_local_operator(ENCODER, model)
    operator.inputs = list(inputs)
    if parts.numeric is not None:
        numbers = scope.declare_local_operator(NUMBERS, Numbers(model))
        numbers.inputs = list(inputs)
        shape = [None, len(parts.numbers)]
        numbers.outputs.append(
            scope.declare_local_variable("numbers", tensor_type(np.float64, shape))
        )
        outputs, transformer = numbers.outputs, parts.numeric[1]
        if transformer != "passthrough":
            outputs = parse(scope, transformer, list(outputs))
        operator.inputs = [*inputs, outputs[0]]
    shape = [None, len(model.get_feature_names_out())]
    operator.outputs.append(scope.declare_local_variable("table", tensor_type(np.float32, shape)))
    return operator.outputs


def _check_categorical(transformer: Any) -> None:
    if transformer is not None and type(transformer) not in _ENCODERS:
        raise TypeError(
            f"TableEncoder(categorical={transformer!r}): to_onnx can translate"
            f" {', '.join(each.__name__ for each in _ENCODERS)} and 'drop'. Fit with one of these."
        )


def parse_cleaner(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> Any:
    """Declare the operator of a TableCleaner: one output of numbers, or one for each column."""
    operator = scope.declare_local_operator(CLEANER, model)
    operator.inputs = list(inputs)
    if not any(isinstance(column, CategoryColumn) for column in model.columns_):
        types = {"numbers": tensor_type(np.float64, [None, len(model.columns_)])}
    else:
        types = {
            name: tensor_type(_clean_dtype(column), [None, 1])
            for name, column in zip(model.get_feature_names_out(), model.columns_, strict=True)
        }
    for name, kind in types.items():
        operator.outputs.append(scope.declare_local_variable(f"{name}_clean", kind))
    return operator.outputs


def _clean_dtype(column: Any) -> type:
    return object if isinstance(column, CategoryColumn) else np.float64


# -- conversion ----------------------------------------------------------------------------------


def convert_numbers(scope: Any, operator: Any, container: Any) -> None:
    """Add the numeric columns to the graph, with medians in place of missing values."""
    graph, encoder = Graph(scope, operator, container), operator.raw_operator.encoder
    parts = Parts.of(encoder)
    x = _numbers(graph, encoder.cleaner_, parts.numbers, operator.inputs)
    medians = graph.constant(parts.numeric[0].statistics_)
    graph.output(graph.node("Where", graph.node("IsNaN", x), medians, x))


def convert_encoder(scope: Any, operator: Any, container: Any) -> None:
    """Add the encoded table to the graph: numbers, missing indicators, categories."""
    graph, encoder = Graph(scope, operator, container), operator.raw_operator
    parts = Parts.of(encoder)
    inputs, features = operator.inputs, list[str]()
    if parts.numeric is not None:
        *inputs, numbers = inputs
        features.append(graph.cast(numbers.full_name, np.float32))
    if parts.missing is not None and len(parts.missing.features_):
        names = [parts.numbers[j] for j in parts.missing.features_]
        x = _numbers(graph, encoder.cleaner_, names, inputs)
        features.append(graph.cast(graph.node("IsNaN", x), np.float32))
    if parts.categorical is not None:
        codes = {
            name: _filled_codes(graph, encoder, name, inputs, parts) for name in parts.categories
        }
        features.append(_encoded(graph, encoder, parts, codes))
    graph.output(graph.concat(features))


def convert_cleaner(scope: Any, operator: Any, container: Any) -> None:
    """Add the clean columns to the graph: numbers as float64, categories as text."""
    graph, cleaner = Graph(scope, operator, container), operator.raw_operator
    names = list(cleaner.get_feature_names_out())
    if len(operator.outputs) == 1 and not isinstance(cleaner.columns_[0], CategoryColumn):
        graph.output(_numbers(graph, cleaner, names, operator.inputs))
        return
    for position, (name, column) in enumerate(zip(names, cleaner.columns_, strict=True)):
        if isinstance(column, CategoryColumn):
            codes = _codes(graph, cleaner, name, operator.inputs)
            levels = graph.constant(["", *column.levels], object)
            after = graph.node("Add", codes, graph.constant(1, np.int64))
            graph.output(graph.node("Gather", levels, after, axis=0), position)
        else:
            graph.output(_numbers(graph, cleaner, [name], operator.inputs), position)


def _column(graph: Graph, cleaner: Any, name: str, inputs: Sequence[Any]) -> tuple[str, Any, Any]:
    """Return the result (n, 1) with a column as it was given, its type, and what `fit` learnt."""
    position = list(cleaner.get_feature_names_out()).index(name)
    learned = cleaner.columns_[position]
    if len(cleaner.columns_) > 1 and len(inputs) == 1:
        return graph.columns(inputs[0].full_name, [position]), inputs[0].type, learned
    return inputs[position].full_name, inputs[position].type, learned


def _numbers(graph: Graph, cleaner: Any, names: Sequence[str], inputs: Sequence[Any]) -> str:
    """Return numeric columns as float64, (n, n_columns)."""
    return graph.concat([_number(graph, cleaner, name, inputs) for name in names])


def _number(graph: Graph, cleaner: Any, name: str, inputs: Sequence[Any]) -> str:
    from skl2onnx.common.data_types import StringTensorType

    x, kind, learned = _column(graph, cleaner, name, inputs)
    if isinstance(learned, EmptyColumn):
        if isinstance(kind, StringTensorType):
            return graph.cast(lookup(graph, x, {"": 0}, default=0))  # all of them 0
        missing = graph.cast(graph.node("IsNaN", graph.cast(x)))
        return graph.node("Mul", missing, graph.constant(0.0))
    if isinstance(kind, StringTensorType):
        raise TypeError(
            f"Column {name!r} held numbers in fit, and X has text there. Pass to_onnx an X with"
            " numbers in this column."
        )
    return graph.cast(x)


def _codes(graph: Graph, cleaner: Any, name: str, inputs: Sequence[Any]) -> str:
    """Return the position of each value in the levels, -1 for missing ones; int64, (n, 1)."""
    from skl2onnx.common.data_types import BooleanTensorType, FloatTensorType, StringTensorType

    x, kind, learned = _column(graph, cleaner, name, inputs)
    codes = {level: code for code, level in enumerate(learned.levels)}
    if isinstance(kind, StringTensorType):
        return lookup(graph, x, {"": -1, **codes}, learned.other)
    if isinstance(kind, BooleanTensorType):
        numbered = {int(text == "True"): codes[text] for text in ("False", "True") if text in codes}
        return lookup(graph, graph.cast(x, np.int64), numbered, learned.other)
    dtype = np.float32 if isinstance(kind, FloatTensorType) else np.float64
    return _number_codes(graph, graph.cast(x, dtype), codes, learned.other, dtype)


def _number_codes(graph: Graph, x: str, codes: dict[str, int], other: int, dtype: type) -> str:
    """Return the codes of numbers, whose levels were written as text."""
    known = [(number, code) for text, code in codes.items() for number in _numbers_of(text)]
    levels = graph.constant([[number for number, _ in known]], dtype)
    matches = graph.cast(graph.node("Equal", x, levels))
    steps = graph.constant([[code - other] for _, code in known])  # from the code of others
    found = graph.node("Add", graph.node("MatMul", matches, steps), graph.constant(other))
    missing = graph.constant(-1, np.int64)
    return graph.node("Where", graph.node("IsNaN", x), missing, graph.cast(found, np.int64))


def _numbers_of(text: str) -> list[float]:
    """Return the number that a level is the text of, if it is one."""
    try:
        number = float(text)
    except ValueError:
        return []
    whole = np.isfinite(number) and number.is_integer()
    return [number] if text == (str(int(number)) if whole else str(number)) else []


def _filled_codes(
    graph: Graph, encoder: Any, name: str, inputs: Sequence[Any], parts: Parts
) -> str:
    """Return the codes of a column plus 1; missing values are 0, or the most frequent level."""
    codes = _codes(graph, encoder.cleaner_, name, inputs)
    if name in encoder._replacements:
        level = _levels(encoder, name).index(encoder._replacements[name])
        missing = graph.node("Less", codes, graph.constant(0, np.int64))
        codes = graph.node("Where", missing, graph.constant(level, np.int64), codes)
    flat = graph.node("Reshape", codes, graph.constant([-1], np.int64))
    return graph.node("Add", flat, graph.constant(1, np.int64))


def _levels(encoder: Any, name: str) -> list[str]:
    position = list(encoder.cleaner_.get_feature_names_out()).index(name)
    levels: list[str] = encoder.cleaner_.columns_[position].levels
    return levels


def _encoded(graph: Graph, encoder: Any, parts: Parts, codes: dict[str, str]) -> str:
    """Return the encoded categories as float32; each column looks its features up in a table."""
    tables, features = _tables(encoder, parts)
    found = [
        graph.node("Gather", graph.constant(tables[name], np.float32), codes[name], axis=0)
        for name in parts.categories
    ]
    return graph.columns(graph.concat(found), np.argsort(np.concatenate(features)))


def _tables(encoder: Any, parts: Parts) -> tuple[dict[str, NDArray], list[NDArray]]:
    """Return for each column its features of each level, and the positions of these features.

    The first row of a table is that of a missing value. The encoder itself makes them.
    """
    columns = {name: _levels(encoder, name) for name in parts.categories}
    first = pd.DataFrame({name: [levels[0]] for name, levels in columns.items()})
    base = _transformed(encoder, parts, first)[0]
    tables, features, taken = {}, [], np.zeros(len(base), dtype=bool)
    for name, levels in columns.items():
        missing: list[Any] = [] if name in encoder._replacements else [np.nan]
        frame = first.loc[np.zeros(len(missing) + len(levels), dtype=int)].copy()
        frame[name] = [*missing, *levels]
        values = _transformed(encoder, parts, frame)
        owned = np.flatnonzero((values != base).any(axis=0))
        tables[name] = values if missing else np.vstack([base, values])
        features.append(owned)
        taken[owned] = True
    constant = np.flatnonzero(~taken)  # features of columns with one level
    features[0] = np.concatenate([features[0], constant])
    for name, owned in zip(columns, features, strict=True):
        tables[name] = tables[name][:, owned]
    return tables, features


def _transformed(encoder: Any, parts: Parts, frame: pd.DataFrame) -> NDArray:
    typed = {
        name: pd.Categorical(frame[name], categories=_levels(encoder, name))
        for name in parts.categories
    }
    found = parts.categorical.transform(pd.DataFrame(typed))
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found)


TABLES: dict[type, tuple[str, Any, Any, Any]] = {
    TableEncoder: (ENCODER, set_rows, convert_encoder, parse_encoder),
    TableCleaner: (CLEANER, set_rows, convert_cleaner, parse_cleaner),
    Numbers: (NUMBERS, set_rows, convert_numbers, None),
}
