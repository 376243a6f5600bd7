"""The scikit-learn interface: checks of parameters, X and y; no numerical code."""
