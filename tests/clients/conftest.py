"""Data and models that tests of several libraries share."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_friedman1
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.neural_network import MLPRegressor as SklearnMLPRegressor

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline


@pytest.fixture
def table():
    """Return what makes Friedman's function with a category and missing values."""

    def make(n_rows, seed):
        numbers, y = make_friedman1(n_rows, n_features=5, noise=1.0, random_state=seed)
        rng = np.random.RandomState(seed)
        X = pd.DataFrame(numbers).rename(columns="number {}".format)
        X["city"] = rng.choice(["Rome", "Oslo", None], n_rows)
        X = X.mask(rng.rand(*X.shape) < 0.02)
        return X, y + 3.0 * (X["city"] == "Oslo").to_numpy()

    return make


@pytest.fixture
def small():
    """Return what makes a tabular_pipeline that is fitted within a second."""

    def make(kind):
        model = tabular_pipeline(kind, cv=3, random_state=0)
        return model.set_params(nets__net__hidden_layer_sizes=32, nets__net__max_iter=15)

    return make


@pytest.fixture(params=[MLPClassifier, SklearnMLPClassifier], ids=["ours", "scikit-learn's"])
def classifier(request):
    """The class of the classifier: what holds for ours should hold for scikit-learn's, too."""
    return request.param


@pytest.fixture(params=[MLPRegressor, SklearnMLPRegressor], ids=["ours", "scikit-learn's"])
def regressor(request):
    """The class of the regressor: what holds for ours should hold for scikit-learn's, too."""
    return request.param
