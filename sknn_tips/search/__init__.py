"""Many fits at once."""

from sknn_tips.search.backend import stacked

__all__ = ["stacked"]
