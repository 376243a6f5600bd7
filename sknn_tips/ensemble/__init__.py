"""Ensembles whose members each leave out one fold, and are combined by what they predict on it."""

from sknn_tips.ensemble.classifier import FoldEnsembleClassifier
from sknn_tips.ensemble.regressor import FoldEnsembleRegressor

__all__ = ["FoldEnsembleClassifier", "FoldEnsembleRegressor"]
