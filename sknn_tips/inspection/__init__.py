"""Inspection of models: summary, evaluation, diagnosis, report and the learning-rate range test."""

from sknn_tips.inspection.diagnosing import diagnose
from sknn_tips.inspection.diagnosis import Diagnosis
from sknn_tips.inspection.evaluating import evaluate
from sknn_tips.inspection.rate_ranging import learning_rate_range
from sknn_tips.inspection.reporting import Report, report
from sknn_tips.inspection.summarising import Summary, summary

__all__ = [
    "Diagnosis",
    "Report",
    "Summary",
    "diagnose",
    "evaluate",
    "learning_rate_range",
    "report",
    "summary",
]
