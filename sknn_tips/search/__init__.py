"""Running the fits of a search in parallel threads."""

from sknn_tips.search.backend import stacked

__all__ = ["stacked"]
