"""Random parameters: a fit is the same wherever it runs, and however it is copied."""

import copy
import multiprocessing
import pickle
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import joblib
import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.model_selection import cross_validate

from sknn_tips import load_model, save_model, stacked
from sknn_tips.step import tiers
from sknn_tips.step.engine_step import EngineStep
from tests.random_cases.outcomes import fit
from tests.random_cases.strategies import (
    CLASS_TARGETS,
    KINDS,
    VALUE_TARGETS,
    Data,
    data,
    several_cases,
    valid_parameters,
)

TARGETS = {"classifier": CLASS_TARGETS, "regressor": VALUE_TARGETS}
both = pytest.mark.parametrize("kind", KINDS)


def predicted(model: Any, X: Any) -> NDArray:
    """Return the probabilities of a classifier, or the values of a regressor."""
    found: NDArray = model.predict_proba(X) if is_classifier(model) else model.predict(X)
    return found


def fitted(kind: str, draw: Any, **more: Any) -> tuple[Any, Data]:
    """Return a fitted estimator with valid parameters, and its data."""
    # a splitter cannot be saved in a file of ours
    plain = {"random_state": 0, "validation_fraction": 0.2}
    parameters = draw.draw(valid_parameters(kind)) | plain | more
    case = draw.draw(data(TARGETS[kind], healthy=True))
    try:
        model = fit(KINDS[kind][0](**parameters), *arguments(case))
    except (ValueError, TypeError) as error:  # parameters that do not go together
        event(f"not fitted: {type(error).__name__}")
        assume(False)
    event("fitted")
    return model, case


def arguments(case: Data) -> tuple[Any, Any, Any]:
    return case.X, case.y, case.sample_weight


def through_file(model: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save_model(model, path)
        return load_model(path)


def through_skops(model: Any) -> Any:
    io = pytest.importorskip("skops.io")
    content = io.dumps(model)
    return io.loads(content, trusted=io.get_untrusted_types(data=content))


COPIES: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "deepcopy": copy.deepcopy,
    "model file": through_file,
    "skops": through_skops,
}


@pytest.mark.parametrize("copier", COPIES)
@both
@several_cases
@given(draw=st.data())
def test_a_copy_predicts_and_trains_as_the_model(kind: str, copier: str, draw: Any) -> None:
    model, case = fitted(kind, draw)
    copied = COPIES[copier](model)
    assert repr(copied) == repr(model)
    np.testing.assert_array_equal(predicted(copied, case.X), predicted(model, case.X))
    outcomes = []
    for each in (model, copied):
        try:
            fit(each.set_params(warm_start=True, early_stopping=False), *arguments(case))
            outcomes.append(predicted(each, case.X))
        except ValueError as error:
            outcomes.append(str(error))
    np.testing.assert_array_equal(*outcomes)


def fitted_prediction(model: Any, case: Data) -> NDArray:
    return predicted(fit(model, *arguments(case)), case.X)


def in_thread(model: Any, case: Data) -> NDArray:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(fitted_prediction, model, case).result()


def in_worker(model: Any, case: Data) -> NDArray:
    tasks = [joblib.delayed(fitted_prediction)(model, case)]
    [found] = joblib.Parallel(n_jobs=2)(tasks)  # with one job, joblib would start no process
    return found


def in_forked_process(model: Any, case: Data) -> NDArray:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*use of fork", DeprecationWarning)  # amid threads
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as process:
            return process.submit(fitted_prediction, model, case).result()


PLACES = {"thread": in_thread, "worker": in_worker}
if "fork" in multiprocessing.get_all_start_methods():
    PLACES["forked process"] = in_forked_process


@pytest.mark.parametrize("place", PLACES)
@both
@several_cases
@given(draw=st.data())
def test_the_same_seed_gives_the_same_model(kind: str, place: str, draw: Any) -> None:
    # after several threads, a forked process uses one, and their sums differ by rounding
    model, case = fitted(kind, draw, **{"n_threads": 1} if place == "forked process" else {})
    again = PLACES[place](clone(model), case)
    np.testing.assert_array_equal(again, predicted(model, case.X))


@both
@several_cases
@given(draw=st.data())
def test_a_search_in_threads_is_a_plain_search(kind: str, draw: Any) -> None:
    model, case = fitted(kind, draw, n_threads=1)
    if model.__class__ is KINDS["classifier"][0]:
        assume(np.ndim(case.y) == 1 and len(np.unique(case.y)) < 4)
    search = {"cv": 2, "error_score": np.nan}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = cross_validate(clone(model), *arguments(case)[:2], **search)["test_score"]
        with stacked(2):
            found = cross_validate(clone(model), *arguments(case)[:2], **search)["test_score"]
    np.testing.assert_array_equal(found, plain)


@both
@several_cases
@given(draw=st.data())
def test_samples_are_predicted_one_by_one_as_together(kind: str, draw: Any) -> None:
    model, case = fitted(kind, draw)
    X = np.asarray(case.X.todense() if hasattr(case.X, "todense") else case.X)
    model = clone(model)
    fit(model, X, case.y)
    together = predicted(model, X)
    for rows in (slice(3, 4), slice(0, None, 5)):
        np.testing.assert_allclose(predicted(model, X[rows]), together[rows], rtol=1e-4, atol=1e-6)


@both
@several_cases
@given(draw=st.data())
def test_the_executors_agree(kind: str, draw: Any) -> None:
    model, case = fitted(kind, draw, dtype="float64", max_iter=2)
    with patch.object(tiers, "_engine", lambda vector: EngineStep):
        by_python = fit(clone(model), *arguments(case))
    with patch.object(tiers, "FASTEST", "T1"):
        by_autograd = fit(clone(model), *arguments(case))
    expected = predicted(model, case.X)
    scale = max(1.0, float(np.abs(expected).max()))
    for other in (by_python, by_autograd):
        np.testing.assert_allclose(predicted(other, case.X), expected, rtol=1e-6, atol=1e-6 * scale)
