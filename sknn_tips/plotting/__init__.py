"""Pictures of trainings, searches, activations and initialisers, by scikit-learn's conventions."""

from sknn_tips.plotting.activation import ActivationDisplay
from sknn_tips.plotting.history import TrainingHistoryDisplay
from sknn_tips.plotting.initializer import InitializerDisplay
from sknn_tips.plotting.search import SearchDisplay

__all__ = [
    "ActivationDisplay",
    "InitializerDisplay",
    "SearchDisplay",
    "TrainingHistoryDisplay",
]
