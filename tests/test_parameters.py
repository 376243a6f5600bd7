"""The table of parameters, against the signatures that are written out and what users see."""

import inspect

import pytest

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.parameters import ClassifierParameters, RegressorParameters, table

BOTH = [(MLPClassifier, ClassifierParameters), (MLPRegressor, RegressorParameters)]


@pytest.mark.parametrize(("estimator", "kind"), BOTH)
def test_signature_and_table_have_the_same_parameters_and_defaults(estimator, kind):
    signature = inspect.signature(estimator).parameters
    defaults = {name: entry.default for name, entry in table(kind).items()}
    assert {name: parameter.default for name, parameter in signature.items()} == defaults


@pytest.mark.parametrize(("estimator", "kind"), BOTH)
def test_every_row_has_a_range_and_a_description(estimator, kind):
    for name, entry in table(kind).items():
        assert entry.allowed, name
        assert entry.text.strip().endswith("."), name
        assert f"\n{name} : {entry.kind}, default=" in estimator.__doc__


@pytest.mark.parametrize(("estimator", "kind"), BOTH)
def test_values_are_those_of_the_estimator(estimator, kind):
    values = kind.of(estimator(alpha=3, metrics=["mae"]))
    assert (values.alpha, values.metrics) == (3, ["mae"])
    assert vars(values) == estimator(alpha=3, metrics=["mae"]).get_params()


def test_a_subclass_may_have_a_constructor_of_its_own():
    class Narrow(MLPClassifier):
        def __init__(self, width=3):
            super().__init__(hidden_layer_sizes=width, max_iter=2, tol=None, random_state=0)
            self.width = width

    net = Narrow(2).fit([[0], [1]], [0, 1])
    assert net.get_params() == {"width": 2}
    assert net.coefs_[0].shape == (1, 2)
