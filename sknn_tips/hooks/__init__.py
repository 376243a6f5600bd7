"""Callbacks of a fit, and the output that it prints."""
