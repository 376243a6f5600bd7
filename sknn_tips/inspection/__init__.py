"""Looking at a network: what it is made of, and how well it does."""

from sknn_tips.inspection.evaluating import evaluate
from sknn_tips.inspection.summarising import Summary, summary

__all__ = ["Summary", "evaluate", "summary"]
