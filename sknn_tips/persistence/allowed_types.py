"""The classes and attributes that are allowed in a file; any other name is an error."""

from typing import Any

from sknn_tips._compat.sklearn import SAVED_CLASSES
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.persistence.stored import StoredFrame, StoredNetwork
from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    TableCleaner,
    TableEncoder,
    columns,
    table_encoder,
)

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
            # the types of columns, and the function: in files of earlier versions
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
