"""The classes and attributes that are allowed in a file; any other name is an error."""

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from sknn_tips._compat.sklearn import SAVED_CLASSES
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.nn import losses
from sknn_tips.nn.module import HiddenLayer, Network
from sknn_tips.optim.optimizers import OptimizerChoice
from sknn_tips.persistence.stored import StoredFrame, StoredNetwork
from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    TableCleaner,
    TableEncoder,
    columns,
    table_encoder,
)
from sknn_tips.tips.tip import Tip

ESTIMATORS: dict[str, type[BaseMLP]] = {
    "MLPClassifier": MLPClassifier,
    "MLPRegressor": MLPRegressor,
}

# Fitted attributes whose names do not end in an underscore.
PRIVATE = ("_class_totals", "_multilabel", "_sparse_y", "_y_columns", "_y_mean", "_y_scale")


def is_attribute(kind: type[BaseMLP], name: str) -> bool:
    """Return whether a fitted attribute of this name is allowed in a file.

    Allowed are names that follow scikit-learn's convention, and the private attributes set by
    `fit`. Names of methods, properties and parameters of the class are not allowed, since the
    attribute would replace them.
    """
    if hasattr(kind, name) or name in kind._get_param_names():
        return False
    return name in PRIVATE or (name.endswith("_") and not name.startswith("_"))


def _concrete(kind: type) -> Iterator[type]:
    child: type
    for child in kind.__subclasses__():
        is_ours = child.__module__.startswith(f"{losses.__name__}.") and child is not losses.OwnLoss
        if is_ours and not inspect.isabstract(child):
            yield child
        yield from _concrete(child)


# Classes of objects in a fitted estimator that are fully described by their fields.
RECORDS: dict[str, type] = {
    "HiddenLayer": HiddenLayer,
    "Network": Network,
    "OptimizerChoice": OptimizerChoice,
    "Tip": Tip,
    **{kind.__name__: kind for kind in _concrete(losses.Loss)},
}


def fields_of(record: Any) -> dict[str, Any]:
    """Return the keyword arguments to create an equal object."""
    if is_dataclass(record):
        return {field.name: getattr(record, field.name) for field in fields(record)}
    return dict(vars(record))


def record_of(name: str, values: dict[str, Any]) -> Any:
    """Build a record from what a file holds of it."""
    return RECORDS[name](**(_of_today(values) if RECORDS[name] is Network else values))


def _of_today(network: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a network from a file in which each input layer was a field."""
    former = [name for name in ("input_dropout", "input_scaling") if name in network]
    if not former:
        return network
    values = {name: network.pop(name) for name in former}
    return network | {"input_layers": {name: value for name, value in values.items() if value}}


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


# The types that are allowed in a skops file in addition to those that skops trusts by default
# (numbers, text, containers, arrays and scikit-learn's estimators). None of them can execute code
# that is chosen by the file.
TRUSTED = (
    *map(
        _name,
        (
            FoldEnsembleClassifier,
            FoldEnsembleRegressor,
            PiecewiseLinearEncoder,
            SquashingScaler,
            StoredFrame,
            StoredNetwork,
            TableCleaner,
            TableEncoder,
            columns.CategoryColumn,
            columns.EmptyColumn,
            columns.NumberColumn,
            table_encoder._name_out,
        ),
    ),
    "numpy.dtype",
    # HistGradientBoosting stores partial(check_array, dtype=...) if there are categorical features.
    "functools.partial",
    "sklearn.utils.validation.check_array",
    *SAVED_CLASSES,
)
