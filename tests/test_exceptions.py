import pytest
from sklearn.exceptions import ConvergenceWarning

from sknn_tips import exceptions


@pytest.mark.parametrize("name", exceptions.__all__)
def test_errors_are_value_errors_and_warnings_user_warnings(name):
    kind = getattr(exceptions, name)
    assert issubclass(kind, ValueError if name.endswith("Error") else UserWarning)


def test_divergence_can_be_caught_with_convergence_warnings():
    assert issubclass(exceptions.DivergedWarning, ConvergenceWarning)
