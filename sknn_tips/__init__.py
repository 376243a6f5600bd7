"""Multi-layer perceptrons for scikit-learn, in which every classic tip is a hyperparameter."""

from sknn_tips import callbacks, datasets, ensemble, exceptions, plotting, preprocessing
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.inspection import diagnose, evaluate, learning_rate_range, summary
from sknn_tips.persistence import load_model, load_weights, save_model, save_weights
from sknn_tips.search import stacked
from sknn_tips.tabular import tabular_pipeline

__version__ = "0.1.0"
__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "callbacks",
    "datasets",
    "diagnose",
    "ensemble",
    "evaluate",
    "exceptions",
    "learning_rate_range",
    "load_model",
    "load_weights",
    "plotting",
    "preprocessing",
    "save_model",
    "save_weights",
    "stacked",
    "summary",
    "tabular_pipeline",
]
