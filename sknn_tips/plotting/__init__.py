"""Display classes, as in scikit-learn, for trainings, searches, activations and initialisers."""

from sknn_tips.plotting.activation import ActivationDisplay
from sknn_tips.plotting.history import TrainingHistoryDisplay
from sknn_tips.plotting.initializer import InitializerDisplay
from sknn_tips.plotting.rate_range import LearningRateRangeDisplay
from sknn_tips.plotting.search import SearchDisplay

__all__ = [
    "ActivationDisplay",
    "InitializerDisplay",
    "LearningRateRangeDisplay",
    "SearchDisplay",
    "TrainingHistoryDisplay",
]
