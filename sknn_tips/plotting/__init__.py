"""Pictures of trainings, rates, searches and what networks are made of, in scikit-learn's way."""

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
