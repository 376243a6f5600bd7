"""A pytest plugin that runs scikit-learn's own MLP tests against ours.

scikit-learn's test module imports ``MLPClassifier`` and ``MLPRegressor`` from
``sklearn.neural_network``; this plugin puts ours there first, with two adaptations:

- ``dtype="auto"``, so that parameters follow the dtype of X as scikit-learn's do;
- the private names ``_optimizer.learning_rate`` and ``_no_improvement_count``, which four tests
  read, are views of what our net knows.

Three tests cannot apply: ``test_fit`` and ``test_gradient`` set numpy internals of scikit-learn's
trainer, and ``test_early_stopping_stratified`` expects an error that calls a class of y ``'True'``.
`PARITY` names the tests of ours that hold in their place.
"""

from types import SimpleNamespace
from typing import Any

import pytest
import sklearn.neural_network

import sknn_tips

PARITY = {
    "test_fit": "tests/test_oracles.py::test_one_sgd_step_equals_a_worked_example",
    "test_gradient": "tests/nn/test_module.py::test_gradient",
    "test_early_stopping_stratified": (
        "tests/estimators/test_validation_split.py::test_too_few_samples_are_an_error_in_terms_of_y"
    ),
}


class _PrivateNames:
    """What scikit-learn's tests read of the inside of its MLP."""

    net_: Any

    @property
    def _optimizer(self) -> SimpleNamespace:
        return SimpleNamespace(learning_rate=self.net_.lr)

    @property
    def _no_improvement_count(self) -> int:
        return self.net_.no_improvement_count


def _follows_dtype(cls: type) -> type:
    """Return a subclass with ``dtype="auto"`` as its default, under the same name."""

    def __init__(self: Any, *args: Any, dtype: str = "auto", **kwargs: Any) -> None:
        cls.__init__(self, *args, dtype=dtype, **kwargs)

    names = {"__init__": __init__, "_get_param_names": cls._get_param_names, "__module__": __name__}
    swapped = type(cls.__name__, (_PrivateNames, cls), names)
    globals()[cls.__name__] = swapped  # so that it can be pickled
    return swapped


MLPClassifier = _follows_dtype(sknn_tips.MLPClassifier)
MLPRegressor = _follows_dtype(sknn_tips.MLPRegressor)


def pytest_configure(config: pytest.Config) -> None:
    """Swap the classes; only where this file is a plugin, not where it is merely imported."""
    sklearn.neural_network.MLPClassifier = MLPClassifier
    sklearn.neural_network.MLPRegressor = MLPRegressor


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if item.name not in PARITY]
    config.hook.pytest_deselected(items=[item for item in items if item.name in PARITY])
    items[:] = kept
