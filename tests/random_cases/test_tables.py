"""Random tables: what encodes and learns them ends in finite numbers or in a clear error."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from sklearn.base import clone

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.preprocessing import TableEncoder
from tests.random_cases.outcomes import check_error, check_predictions, fit
from tests.random_cases.strategies import several_cases
from tests.random_cases.test_copies import COPIES, predicted

# Columns of a table: from a random generator and the number of rows.
COLUMNS = {
    "numbers": lambda rng, n: rng.randn(n),
    "float32": lambda rng, n: rng.randn(n).astype(np.float32),
    "counts": lambda rng, n: rng.randint(0, 5, n),
    "codes": lambda rng, n: rng.randint(0, 25, n),
    "large": lambda rng, n: rng.randn(n) * 1e30,
    "missing numbers": lambda rng, n: np.where(rng.rand(n) < 0.3, np.nan, rng.randn(n)),
    "infinite": lambda rng, n: np.where(np.arange(n) == 0, np.inf, 1.0),
    "all missing": lambda rng, n: np.full(n, np.nan),
    "one value": lambda rng, n: np.where(np.arange(n) == rng.randint(n), 1.0, np.nan),
    "constant": lambda rng, n: np.ones(n),
    "text": lambda rng, n: rng.choice(["a", "b", "<c>", "ä ö", ""], n),
    "missing text": lambda rng, n: rng.choice(np.array(["a", "b", None], object), n),
    "many levels": lambda rng, n: [f"level {i}" for i in rng.permutation(n)],
    "categories": lambda rng, n: pd.Categorical(rng.choice(["x", "y"], n), ["x", "y", "unused"]),
    "ordered": lambda rng, n: pd.Categorical(rng.choice([1, 2, 3], n), ordered=True),
    "booleans": lambda rng, n: rng.rand(n) < 0.5,
    "nullable integers": lambda rng, n: pd.array(
        [None if missing else 3 for missing in rng.rand(n) < 0.3], "Int64"
    ),
    "nullable booleans": lambda rng, n: pd.array([None, *[True] * (n - 1)], "boolean"),
    "strings": lambda rng, n: pd.array(rng.choice(["p", "q"], n), "string"),
    "dates": lambda rng, n: (
        pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 99, n), "D")
    ),
    "times": lambda rng, n: pd.to_timedelta(rng.randint(0, 99, n), "h"),
    "mixed": lambda rng, n: np.array([1, "one", None, 2.5] * n, dtype=object)[:n],
}
TARGETS = {
    "classifier": {
        "two classes": lambda rng, n: np.where(np.arange(n) % 2, "yes", "no"),
        "three classes": lambda rng, n: np.arange(n) % 3,
        "a rare class": lambda rng, n: np.r_[1, np.zeros(n - 1, int)],
    },
    "regressor": {
        "values": lambda rng, n: rng.randn(n),
        "constant": lambda rng, n: np.full(n, 2.0),
    },
}
both = pytest.mark.parametrize("kind", TARGETS)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Return a table of up to five columns."""
    rng = np.random.RandomState(draw(st.integers(0, 1000)))
    n = draw(st.integers(1, 60))
    kinds = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=5))
    named = {f"{kind} {i}": COLUMNS[kind](rng, n) for i, kind in enumerate(kinds)}
    X = pd.DataFrame(named)
    return X.set_index(rng.permutation(n)) if draw(st.booleans()) else X


@st.composite
def tables_and_targets(draw: st.DrawFn, kind: str) -> tuple[pd.DataFrame, Any]:
    X = draw(tables())
    target = draw(st.sampled_from(sorted(TARGETS[kind])))
    return X, TARGETS[kind][target](np.random.RandomState(0), len(X))


@st.composite
def weights(draw: st.DrawFn, n_samples: int) -> Any:
    """Return sample weights, some of which are 0, or None."""
    rng = np.random.RandomState(draw(st.integers(0, 1000)))
    return draw(st.sampled_from([None, rng.rand(n_samples), rng.randint(0, 2, n_samples)]))


def check(model: Any, X: pd.DataFrame, y: Any, weight: Any = None) -> None:
    """Fit a model to a table; check its predictions, also for a part and for other values."""
    try:
        fit(model, X, y, sample_weight=weight)
    except Exception as error:
        event(type(error).__name__)
        check_error(error, {"cv": None, "fold": None})
        return
    event("fitted")
    check_predictions(model, X, y)
    some = X[::2]
    np.testing.assert_allclose(
        model.predict(some) == model.predict(X)[::2]
        if model.__class__.__name__.endswith("Classifier")
        else model.predict(some) / model.predict(X)[::2],
        1,
        rtol=1e-3,
    )


@several_cases
@given(X=tables(), numeric=st.sampled_from([None, "squash", "standardise"]))
def test_an_encoder(X: pd.DataFrame, numeric: str | None) -> None:
    encoder = TableEncoder(numeric=numeric)
    try:
        encoded = encoder.fit_transform(X, np.arange(len(X)) % 2)
    except Exception as error:
        event(type(error).__name__)
        check_error(error, {"numeric": numeric})
        return
    event("fitted")
    assert encoded.shape == (len(X), len(encoder.get_feature_names_out()))
    assert np.isfinite(encoded).all()
    np.testing.assert_array_equal(encoder.transform(X.iloc[:1]), encoded[:1])


def tabular(kind: str, draw: Any) -> tuple[Any, pd.DataFrame, Any, Any]:
    """Return an unfitted `tabular_pipeline` of small networks, a table, targets and weights."""
    X, y = draw.draw(tables_and_targets(kind))
    model = tabular_pipeline(kind, trees=draw.draw(st.booleans()), cv=2, random_state=0)
    small = {"nets__net__max_iter": 2, "nets__net__hidden_layer_sizes": 4}
    return model.set_params(**small), X, y, draw.draw(weights(len(X)))


def fitted_tabular(kind: str, draw: Any) -> tuple[Any, pd.DataFrame]:
    """Return a fitted `tabular_pipeline`, and its table."""
    model, X, y, weight = tabular(kind, draw)
    try:
        return fit(model, X, y, sample_weight=weight), X
    except (ValueError, TypeError) as error:  # a table that cannot be used
        event(f"not fitted: {type(error).__name__}")
        assume(False)
        raise


@both
@several_cases
@given(draw=st.data())
def test_a_tabular_pipeline(kind: str, draw: Any) -> None:
    check(*tabular(kind, draw))


@both
@several_cases
@given(draw=st.data(), copier=st.sampled_from(sorted(COPIES)))
def test_a_copy_of_a_tabular_pipeline(kind: str, copier: str, draw: Any) -> None:
    model, X = fitted_tabular(kind, draw)
    copied = COPIES[copier](model)
    assert repr(copied) == repr(model)
    for rows in (X, X[::2]):
        np.testing.assert_array_equal(predicted(copied, rows), predicted(model, rows))
    np.testing.assert_array_equal(copied.oof_prediction_, model.oof_prediction_)


@both
@several_cases
@given(draw=st.data())
def test_a_fold_ensemble(kind: str, draw: Any) -> None:
    X, y = draw.draw(tables_and_targets(kind))
    numbers = X.select_dtypes("number").to_numpy(float, na_value=0.0)
    ensemble, net = {
        "classifier": (FoldEnsembleClassifier, MLPClassifier),
        "regressor": (FoldEnsembleRegressor, MLPRegressor),
    }[kind]
    member = net(4, max_iter=2) if kind == "classifier" else net(hidden_layer_sizes=4, max_iter=2)
    check(
        ensemble([("net", clone(member))], cv=draw.draw(st.integers(2, 3))),
        numbers,
        y,
        draw.draw(weights(len(X))),
    )
