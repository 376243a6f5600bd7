"""tabular_pipeline: the recipe for tables, as one ordinary scikit-learn object."""

from typing import Any

from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from sknn_tips._registry import lookup
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.estimators.classifier import MLPClassifier
from sknn_tips.estimators.regressor import MLPRegressor
from sknn_tips.preprocessing import PiecewiseLinearEncoder, TableCleaner, TableEncoder

# Chosen on three seeds of thirteen tables; what each part is worth there: `benchmarks/tabular.py`.
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
    "restore_best": True,  # ... of which the best one by the left-out fold is kept
    "tips": "ignore",  # they are in `tips_` of each member
}
TREES = {"classifier": HistGradientBoostingClassifier, "regressor": HistGradientBoostingRegressor}
BOOSTING: dict[str, Any] = {
    "categorical_features": "from_dtype",
    "learning_rate": 0.1,
    "max_iter": 300,
    "early_stopping": True,  # on the left-out fold
    "n_iter_no_change": 10,
}


def tabular_pipeline(
    estimator: Any,
    *,
    trees: bool = False,
    cv: Any = N_FOLDS,
    n_jobs: int | None = None,
    random_state: Any = None,
    verbose: int = 0,
) -> FoldEnsembleClassifier | FoldEnsembleRegressor:
    """Make an unfitted model for a table: numbers of any scale, categories, missing cells.

    The model is a :class:`~sknn_tips.ensemble.FoldEnsembleClassifier` (or Regressor) of Pipelines.
    A :class:`~sknn_tips.preprocessing.TableEncoder` turns the table into numbers; behind it one
    network for each of `cv` folds is trained on the other folds, and keeps the weights of the epoch
    that predicted its own fold best. The networks are averaged. A classifier trains with label
    smoothing, and a temperature that is found on the left-out folds makes its probabilities sharp
    again; the regressor cuts predictions off at the ends of the range of y.

    Everything is an ordinary parameter: see ``model.get_params()`` and the examples.

    Parameters
    ----------
    estimator : {"classifier", "regressor"} or estimator
        The kind of the model; or a classifier or regressor that is fitted behind the encoder in
        place of the recipe's network, with its own parameters and none of the recipe's. To change
        a few of the recipe's, use ``set_params``.
    trees : bool, default=False
        Whether scikit-learn's HistGradientBoosting is fitted in each fold too, on the clean table.
        The shares of networks and trees in the average are found on the left-out folds.
    cv : int, splitter or iterable, default=8
        The folds, as in :class:`~sknn_tips.ensemble.FoldEnsembleClassifier`: use GroupKFold where
        rows belong together, and ``KFold(8)``, which does not shuffle, for rows in order of time.
        Fewer folds are faster, and a little less accurate.
    n_jobs : int, default=None
        How many members are fitted at a time.
    random_state : int, RandomState instance or None, default=None
        Decides folds and members.
    verbose : int, default=0
        1 shows how many members are fitted.

    Returns
    -------
    model : FoldEnsembleClassifier or FoldEnsembleRegressor
        Its member "nets" has the steps "encoder" and "net", and "trees" has "cleaner" and "trees".

    Raises
    ------
    ValueError
        When `estimator` is another name, or neither a classifier nor a regressor.

    See Also
    --------
    sknn_tips.preprocessing.TableEncoder : What happens to the columns.

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

    A part of it is changed, or searched, by its name:

    >>> model = tabular_pipeline("classifier", trees=True)
    >>> model = model.set_params(nets__net__dropout=0.2, trees__trees__max_iter=200)
    """
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
    """Return "classifier" or "regressor", and what is fitted behind the encoder."""
    if estimator == "classifier":
        return "classifier", MLPClassifier(label_smoothing=0.1, **RECIPE)
    if estimator == "regressor":
        return "regressor", MLPRegressor(normalize_y=True, **RECIPE)
    if isinstance(estimator, str):
        lookup(TREES, estimator, "estimator")  # raises, and lists the names
    if hasattr(estimator, "fit") and not isinstance(estimator, type):
        for kind, is_kind in (("classifier", is_classifier), ("regressor", is_regressor)):
            if is_kind(estimator):
                return kind, estimator
    raise ValueError(
        f"tabular_pipeline got {estimator!r}. Give 'classifier', 'regressor', or an object that is"
        " a classifier or regressor, such as MLPClassifier()."
    )


def _encoder() -> TableEncoder:
    """Return the default encoder, its parts written out so that they can be searched."""
    categories = OneHotEncoder(drop="if_binary", handle_unknown="ignore", sparse_output=False)
    return TableEncoder(PiecewiseLinearEncoder(), categories)
