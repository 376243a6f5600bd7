"""Multi-layer perceptrons for scikit-learn, in which every classic tip is a hyperparameter."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import joblib

if TYPE_CHECKING:  # the names in _HOMES, for type checkers and editors
    from sknn_tips import callbacks, datasets, ensemble, exceptions, plotting, preprocessing
    from sknn_tips.estimators.classifier import MLPClassifier
    from sknn_tips.estimators.regressor import MLPRegressor
    from sknn_tips.export.conversion import to_onnx
    from sknn_tips.inspection import diagnose, evaluate, learning_rate_range, report, summary
    from sknn_tips.persistence import load_model, load_weights, save_model, save_weights
    from sknn_tips.search import stacked
    from sknn_tips.tabular import tabular_pipeline
    from sknn_tips.versions import show_versions

__version__ = "0.1.0"
__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "callbacks",
    "datasets",
    "diagnose",
    "ensemble",
    "evaluate",
    "exceptions",
    "learning_rate_range",
    "load_model",
    "load_weights",
    "plotting",
    "preprocessing",
    "report",
    "save_model",
    "save_weights",
    "show_versions",
    "stacked",
    "summary",
    "tabular_pipeline",
    "to_onnx",
]

# The modules that define the public names, except for names that are modules themselves.
_HOMES = {
    "MLPClassifier": "estimators.classifier",
    "MLPRegressor": "estimators.regressor",
    "diagnose": "inspection",
    "evaluate": "inspection",
    "learning_rate_range": "inspection",
    "load_model": "persistence",
    "load_weights": "persistence",
    "report": "inspection",
    "save_model": "persistence",
    "save_weights": "persistence",
    "show_versions": "versions",
    "stacked": "search",
    "summary": "inspection",
    "tabular_pipeline": "tabular",
    "to_onnx": "export.conversion",
}

if not TYPE_CHECKING:  # a type checker would otherwise accept any misspelt name

    def __getattr__(name):
        """Import a public name when it is first used.

        Importing an estimator, or unpickling one in a worker process, therefore does not import
        plots, data set loaders, ensembles and searches.
        """
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"{__name__}.{_HOMES.get(name, name)}")
        value = getattr(module, name) if name in _HOMES else module
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _backend(**options: Any) -> Any:
    return import_module("sknn_tips.search.backend").ThreadBackend(**options)


# Registered here, so that joblib.parallel_config(backend="sknn_tips") works on its own; otherwise
# sknn_tips.stacked would have to be accessed first.
joblib.register_parallel_backend("sknn_tips", _backend)
