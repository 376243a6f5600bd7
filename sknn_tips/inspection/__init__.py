"""Looking at a network: what it is made of, how well it does, and what went wrong."""

from sknn_tips.inspection.diagnosing import diagnose
from sknn_tips.inspection.diagnosis import Diagnosis
from sknn_tips.inspection.evaluating import evaluate
from sknn_tips.inspection.rate_ranging import learning_rate_range
from sknn_tips.inspection.summarising import Summary, summary

__all__ = ["Diagnosis", "Summary", "diagnose", "evaluate", "learning_rate_range", "summary"]
