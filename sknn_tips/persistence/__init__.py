"""Saving and loading of models in files that contain only data, no code."""

from sknn_tips.persistence.model import load_model, save_model
from sknn_tips.persistence.weights import load_weights, save_weights

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]
