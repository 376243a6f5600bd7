"""Checks of this package's transformers and ensembles of a file, whose values may not fit."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.preprocessing import (
    PiecewiseLinearEncoder,
    SquashingScaler,
    TableCleaner,
    TableEncoder,
)

_OURS = (PiecewiseLinearEncoder, SquashingScaler, TableCleaner, TableEncoder)


def check_ours(parts: Iterable[Any]) -> None:
    """Check the transformers and ensembles of this package among the parts of a model.

    Each fitted transformer has to transform a row of missing cells. Other estimators are not
    called, since it is not known what they accept.

    Raises
    ------
    Exception
        If one of them cannot be used, an error of some type.
    """
    for part in parts:
        if isinstance(part, FoldEnsembleClassifier | FoldEnsembleRegressor):
            part.check_stored()
        elif isinstance(part, _OURS) and hasattr(part, "n_features_in_"):
            check_is_fitted(part)
            n_features = part.n_features_in_
            names = getattr(part, "feature_names_in_", None)
            rows = np.full((1, n_features), np.nan)
            found = part.transform(rows if names is None else pd.DataFrame(rows, columns=names))
            if found.ndim != 2 or len(found) != 1:
                raise ValueError(f"{type(part).__name__} returns an array of shape {found.shape}")
