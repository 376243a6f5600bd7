import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, exceptions


@pytest.mark.parametrize("name", exceptions.__all__)
def test_errors_are_value_errors_and_warnings_user_warnings(name):
    kind = getattr(exceptions, name)
    assert issubclass(kind, ValueError if name.endswith("Error") else UserWarning)


def test_warnings_point_at_the_users_line():
    X, y = [[0.0], [1.0]] * 5, [0, 1] * 5
    for model in (
        MLPClassifier(max_iter=1),
        make_pipeline(StandardScaler(), MLPClassifier(max_iter=1)),
    ):
        with pytest.warns(ConvergenceWarning) as found:
            model.fit(X, y)
        assert found[0].filename == __file__


def test_divergence_can_be_caught_with_convergence_warnings():
    assert issubclass(exceptions.DivergedWarning, ConvergenceWarning)
