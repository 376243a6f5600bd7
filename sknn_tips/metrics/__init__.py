"""Metrics of predictions, and the monitored quantity."""
