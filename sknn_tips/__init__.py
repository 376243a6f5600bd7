"""Multi-layer perceptrons for scikit-learn, in which every classic tip is a hyperparameter."""

from sknn_tips import datasets, exceptions
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor

__version__ = "0.1.0"
__all__ = ["MLPClassifier", "MLPRegressor", "datasets", "exceptions"]
