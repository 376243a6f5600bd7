"""The classes that a file may name; any other name in it is an error."""

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.network import losses
from sknn_tips.network.module import HiddenLayer, Network
from sknn_tips.training.optimizers import OptimizerChoice

ESTIMATORS: dict[str, type[BaseMLP]] = {
    "MLPClassifier": MLPClassifier,
    "MLPRegressor": MLPRegressor,
}


def _concrete(kind: type) -> Iterator[type]:
    child: type
    for child in kind.__subclasses__():
        if child.__module__ == losses.__name__ and not inspect.isabstract(child):
            yield child
        yield from _concrete(child)


# Objects of a net that are nothing but their fields.
RECORDS: dict[str, type] = {
    "HiddenLayer": HiddenLayer,
    "Network": Network,
    "OptimizerChoice": OptimizerChoice,
    **{kind.__name__: kind for kind in _concrete(losses.Loss)},
}


def fields_of(record: Any) -> dict[str, Any]:
    """Return the keyword arguments that build the record again."""
    if is_dataclass(record):
        return {field.name: getattr(record, field.name) for field in fields(record)}
    return dict(vars(record))
