"""No window is opened, and no figure stays open."""

import matplotlib as mpl
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

from sknn_tips import MLPClassifier

mpl.use("agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    mpl.pyplot.close("all")


@pytest.fixture(scope="session")
def validated(digits):
    """A net with a validation set, and accuracy recorded, over 6 epochs."""
    X, y = digits
    net = MLPClassifier((8,), max_iter=6, tol=None, metrics=["accuracy"], random_state=0)
    return net.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])


@pytest.fixture(scope="session")
def by_rate(digits):
    """Three nets of three learning rates, over 3, 4 and 5 epochs."""
    return [
        MLPClassifier((8,), learning_rate_init=rate, max_iter=epochs, tol=None).fit(*digits)
        for rate, epochs in [(0.001, 3), (0.01, 4), (0.1, 5)]
    ]


@pytest.fixture(scope="session")
def ridge_search(diabetes):
    """Return a function that searches the parameters of a Ridge, with any keywords."""

    def fit(grid, **options):
        return GridSearchCV(Ridge(), grid, cv=3, **options).fit(*diabetes)

    return fit


@pytest.fixture
def boxes():
    """Return a function that gives the place of drawn things, in pixels."""

    def place(figure, *things):
        figure.canvas.draw()
        return [thing.get_window_extent() for thing in things]

    return place
