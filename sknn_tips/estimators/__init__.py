"""The scikit-learn face: validation of parameters, X and y; nothing numeric."""
