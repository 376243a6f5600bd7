"""Ensembles of cross-validation members, combined with weights from out-of-fold predictions."""

from sknn_tips.ensemble.classifier import FoldEnsembleClassifier
from sknn_tips.ensemble.regressor import FoldEnsembleRegressor

__all__ = ["FoldEnsembleClassifier", "FoldEnsembleRegressor"]
