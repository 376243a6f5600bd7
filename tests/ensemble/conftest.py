"""An estimator that notes what its fit was given."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin


class Noting(BaseEstimator):
    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None):
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        self.X_val_, self.y_val_, self.weight_val_ = X_val, y_val, sample_weight_val
        self.classes_ = np.unique(y)
        return self


class NotingClassifier(ClassifierMixin, Noting):
    def predict_proba(self, X):
        return np.full((X.shape[0], len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class NotingRegressor(RegressorMixin, Noting):
    def predict(self, X):
        return np.full((X.shape[0], *self.y_.shape[1:]), self.y_.mean(axis=0))


@pytest.fixture
def noting_classifier():
    return NotingClassifier()


@pytest.fixture
def noting_regressor():
    return NotingRegressor()
