"""What may come of a random case: a usable model, or an error that a user can act on."""

import contextlib
import io
import re
import traceback
import warnings
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

from sknn_tips.exceptions import HintWarning, TipWarning

EXPECTED_WARNINGS = (ConvergenceWarning, DataConversionWarning, HintWarning, TipWarning)
# What a message about data names.
DATA_WORDS = r"\bX\b|\by\b|sample_weight|sample|row|class|feature|label|column|Solver produced"


def fit(estimator: Any, *arguments: Any, **more: Any) -> Any:
    """Fit an estimator; anything printed, and every unexpected warning, is an error."""
    printed = io.StringIO()
    to_string = contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed)
    with warnings.catch_warnings(), to_string[0], to_string[1]:
        warnings.simplefilter("error")
        for category in EXPECTED_WARNINGS:
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)  # sklearn's
        estimator.fit(*arguments, **more)
    assert not printed.getvalue(), f"printed: {printed.getvalue()[:200]}"
    return estimator


def check_error(error: Exception, parameters: dict[str, Any]) -> None:
    """Check that an error names a parameter or the data, and comes from this package or sklearn."""
    assert isinstance(error, ValueError | TypeError), repr(error)
    origin = traceback.extract_tb(error.__traceback__)[-1].filename
    assert "sknn_tips" in origin or "sklearn" in origin, f"raised in {origin}: {error}"
    names = "|".join(map(re.escape, parameters))
    assert re.search(f"{names}|{DATA_WORDS}" if names else DATA_WORDS, str(error)), str(error)


def check_predictions(model: Any, X: Any, y: Any) -> None:
    """Check that predictions are finite, and have the shape and the type of the target."""
    found = model.predict(X)
    n_samples = len(y) if isinstance(y, list) else y.shape[0]
    assert sparse.issparse(found) == sparse.issparse(y)
    if is_classifier(model):
        assert found.shape == (n_samples,) if np.ndim(y) < 2 or y.shape[1] == 1 else y.shape
        p = model.predict_proba(X)
        assert np.isfinite(p).all()
        assert ((p >= 0) & (p <= 1 + 1e-6)).all()
        if not sparse.issparse(found) and found.ndim == 1:
            np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
            assert set(found.tolist()) <= set(np.ravel(y).tolist())
    else:
        assert found.shape == (y.shape if y.ndim == 1 or y.shape[1] > 1 else (n_samples,))
        assert found.dtype.kind == "f"
        assert np.isfinite(found).all()
