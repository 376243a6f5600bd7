"""tabular_pipeline: a recommended model for tables, as an ordinary scikit-learn estimator."""

from collections.abc import Callable, Container
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from sknn_tips._registry import lookup
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.ensemble.nested_names import nested_names
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.preprocessing import PiecewiseLinearEncoder, TableCleaner, TableEncoder

P = ParamSpec("P")
R = TypeVar("R")

# Chosen on thirteen tables with three seeds. `benchmarks/tabular.py` measures the effect of each
# part.
N_FOLDS = 8
RECIPE: dict[str, Any] = {
    "hidden_layer_sizes": "128x2",
    "activation": "mish",
    "init": "he_uniform",
    "input_scaling": True,
    "optimizer": "adamw",
    "weight_decay": 0.05,
    "beta_2": 0.95,
    "alpha": 0.0,
    "learning_rate": "cosine",
    "learning_rate_init": 0.0075,
    "batch_size": "sqrt",
    "max_iter": 40,
    "tol": None,  # exactly max_iter epochs ...
    "monitor": "val_loss",
    "restore_best": True,  # ... of which the best one on the left-out fold is kept
    "tips": "ignore",  # `tips_` of each member contains them
}
TREES = {"classifier": HistGradientBoostingClassifier, "regressor": HistGradientBoostingRegressor}
BOOSTING: dict[str, Any] = {
    "categorical_features": "from_dtype",
    "learning_rate": 0.1,
    "max_iter": 300,
    "early_stopping": True,  # on the left-out fold
    "n_iter_no_change": 10,
}


def _naming_parts(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate `tabular_pipeline`: the error for a parameter of a part says how to set it."""
    known = signature(function).parameters

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        own: Any = {name: value for name, value in kwargs.items() if name in known}
        for name in [each for each in kwargs if each not in known]:
            remedy = "Write tabular_pipeline('classifier') or tabular_pipeline('regressor')."
            if args or "estimator" in own:
                remedy = _remedy(name, function(*args, **own), known)
            raise TypeError(
                f"tabular_pipeline() got an unexpected keyword argument {name!r}. {remedy}"
            )
        return function(*args, **kwargs)

    return call


def _remedy(name: str, model: Any, known: Container[str]) -> str:
    found = nested_names(model, name)
    if not found:
        return "For the parameters of its parts, see model.get_params()."
    if found[0] in known:
        return f"Did you mean {found[0]!r}?"
    others = "".join(f", or {each}" for each in found[1:])
    return f"Set it afterwards: model.set_params({found[0]}=...){others}."


@_naming_parts
def tabular_pipeline(
    estimator: Any,
    *,
    trees: bool = False,
    cv: Any = N_FOLDS,
    n_jobs: int | None = None,
    random_state: Any = None,
    verbose: int = 0,
) -> FoldEnsembleClassifier | FoldEnsembleRegressor:
    """Return an unfitted model for tables with numbers, categories and missing values.

    The model is a :class:`~sknn_tips.ensemble.FoldEnsembleClassifier` (or Regressor) of Pipelines.
    A :class:`~sknn_tips.preprocessing.TableEncoder` encodes the table as numbers. Then one network
    for each of `cv` folds is trained on the other folds, and keeps the weights of the epoch with
    the best predictions for its own fold. The predictions of the networks are averaged. A
    classifier is trained with label smoothing, and its probabilities are calibrated with a
    temperature that is determined on the left-out folds. The regressor clips predictions to the
    range of y.

    All parts are ordinary parameters: see ``model.get_params()`` and the examples.

    Parameters
    ----------
    estimator : {"classifier", "regressor"} or estimator
        The kind of model; or a classifier or regressor that is used after the encoder instead of
        the default network. It has its own parameters, and none of the default network. To change
        some parameters of the default network, use ``set_params``.
    trees : bool, default=False
        Whether to fit scikit-learn's HistGradientBoosting for each fold as well, on the cleaned
        table. The weights of networks and trees in the average are determined on the left-out
        folds.
    cv : int, splitter or iterable, default=8
        The folds, as in :class:`~sknn_tips.ensemble.FoldEnsembleClassifier`. Use GroupKFold for
        grouped samples, and ``KFold(8)``, which does not shuffle, for samples in order of time.
        Fewer folds are faster, but slightly less accurate.
    n_jobs : int, default=None
        Number of members that are fitted in parallel.
    random_state : int, RandomState instance or None, default=None
        Controls the folds and the members.
    verbose : int, default=0
        If 1, the number of fitted members is printed.

    Returns
    -------
    model : FoldEnsembleClassifier or FoldEnsembleRegressor
        Its member "nets" has the steps "encoder" and "net"; its member "trees" has the steps
        "cleaner" and "trees".

    Raises
    ------
    ValueError
        If `estimator` is an unknown name, or neither a classifier nor a regressor, or if `trees` is
        no bool.
    TypeError
        If a parameter is unknown; for one of a part, such as ``max_iter``, the error says how to
        set it.

    See Also
    --------
    sknn_tips.preprocessing.TableEncoder : Encodes the columns of the table.

    References
    ----------
    - Gorishniy, Rubachev and Babenko (2022), arXiv 2203.05556: the encoding of numbers.
    - Holzmüller, Grinsztajn and Steinwart (2024), arXiv 2407.04491: scaling of inputs, label
      smoothing, the optimizer's settings.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sknn_tips import tabular_pipeline
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 90, 400), "plan": rng.choice(["a", "b"], 400)})
    >>> y = np.where((X["age"] > 50) & (X["plan"] == "a"), "yes", "no")
    >>> model = tabular_pipeline("classifier", random_state=0).fit(X, y)
    >>> model.oof_score_ > 0.95
    True

    Parameters of the parts can be set, or searched, by name:

    >>> model = tabular_pipeline("classifier", trees=True)
    >>> model = model.set_params(nets__net__dropout=0.2, trees__trees__max_iter=200)
    """
    if not isinstance(trees, bool | np.bool_):
        raise ValueError(f"trees={trees!r} is neither True nor False.")
    kind, net = _kind_and_net(estimator)
    estimators = [("nets", Pipeline([("encoder", _encoder()), ("net", net)]))]
    if trees:
        boosting = TREES[kind](**BOOSTING)
        estimators.append(("trees", Pipeline([("cleaner", TableCleaner()), ("trees", boosting)])))
    options: dict[str, Any] = {"cv": cv, "shared_steps": True, "n_jobs": n_jobs}
    options |= {"random_state": random_state, "verbose": verbose}
    if kind == "classifier":
        return FoldEnsembleClassifier(estimators, **options)
    return FoldEnsembleRegressor(estimators, clip=True, **options)


def _kind_and_net(estimator: Any) -> tuple[str, BaseEstimator]:
    """Return "classifier" or "regressor", and the estimator to use after the encoder."""
    if estimator == "classifier":
        return "classifier", MLPClassifier(label_smoothing=0.1, **RECIPE)
    if estimator == "regressor":
        return "regressor", MLPRegressor(normalize_y=True, **RECIPE)
    if isinstance(estimator, str):
        lookup(TREES, estimator, "estimator")  # raises an error that lists the names
    if hasattr(estimator, "fit") and not isinstance(estimator, type):
        for kind, is_kind in (("classifier", is_classifier), ("regressor", is_regressor)):
            if is_kind(estimator):
                return kind, estimator
    raise ValueError(
        f"tabular_pipeline got {estimator!r}. Give 'classifier', 'regressor', or an object that is"
        " a classifier or regressor, such as MLPClassifier()."
    )


def _encoder() -> TableEncoder:
    """Return the default encoder, with explicit parts so that they can be searched."""
    categories = OneHotEncoder(drop="if_binary", handle_unknown="ignore", sparse_output=False)
    return TableEncoder(PiecewiseLinearEncoder(), categories)
