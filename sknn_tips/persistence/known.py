"""The classes and attributes that a file may name; any other name in it is an error."""

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
PRIVATE = ("_class_totals", "_multilabel", "_y_columns", "_y_mean", "_y_scale")


def is_attribute(kind: type[BaseMLP], name: str) -> bool:
    """Whether a file may hold a fitted attribute of this name.

    Those of scikit-learn's convention, and the private ones that `fit` sets; but nothing that would
    stand before a method, property or parameter of the class.
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


# Objects of a fitted estimator that are nothing but their fields.
RECORDS: dict[str, type] = {
    "HiddenLayer": HiddenLayer,
    "Network": Network,
    "OptimizerChoice": OptimizerChoice,
    "Tip": Tip,
    **{kind.__name__: kind for kind in _concrete(losses.Loss)},
}


def fields_of(record: Any) -> dict[str, Any]:
    """Return the keyword arguments that build the record again."""
    if is_dataclass(record):
        return {field.name: getattr(record, field.name) for field in fields(record)}
    return dict(vars(record))


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


# What a file of skops may name besides what skops trusts itself: numbers, text, containers, arrays
# and scikit-learn's estimators. None of it runs code that a file chooses.
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
    # HistGradientBoosting keeps partial(check_array, dtype=...) for numbers beside categories.
    "functools.partial",
    "sklearn.utils.validation.check_array",
    *SAVED_CLASSES,
)
