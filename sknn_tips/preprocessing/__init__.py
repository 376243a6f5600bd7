"""Transformers that prepare tables for neural networks."""

from sknn_tips.preprocessing.piecewise_linear_encoder import PiecewiseLinearEncoder
from sknn_tips.preprocessing.squashing_scaler import SquashingScaler
from sknn_tips.preprocessing.table_cleaner import TableCleaner
from sknn_tips.preprocessing.table_encoder import TableEncoder

__all__ = ["PiecewiseLinearEncoder", "SquashingScaler", "TableCleaner", "TableEncoder"]
