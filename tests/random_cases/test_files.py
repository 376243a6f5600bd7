"""Random files: loading ends in a model that predicts, or in an error that a user can act on."""

import pickle
import re
import traceback
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import (
    MLPClassifier,
    MLPRegressor,
    load_model,
    load_weights,
    save_model,
    save_weights,
    tabular_pipeline,
)
from sknn_tips.ensemble import FoldEnsembleClassifier, FoldEnsembleRegressor
from sknn_tips.exceptions import ModelFileError
from sknn_tips.persistence.archive import decode_archive, encode_archive
from tests.random_cases.mutations import (
    archive_of,
    change_entries,
    change_json,
    change_tensors,
    changed_array,
    damaged_bytes,
    entries_of,
    header_changed,
    places,
)
from tests.random_cases.strategies import several_cases
from tests.random_cases.watching import watched

pytest.importorskip("skops")
pytestmark = pytest.mark.filterwarnings("ignore")  # of numpy and scikit-learn, about forged values

FORMER = Path(__file__).parent.parent / "persistence" / "files"
X, CODES = load_iris(return_X_y=True)
LABELS = np.array(["setosa", "versicolor", "virginica"])[CODES]
TABLE = pd.DataFrame(X, columns=list("abcd")).assign(text=LABELS)[::5]
FEW = X[::10]
SMALL = {"max_iter": 2, "tol": None, "random_state": 0}
REMEDY = r"copy it again|[Ss]ave the model again|upgrade|save them again|joblib|load_\w+\("
REMEDY += r"|read it with"

seeds = st.integers(0, 2**32 - 1)


def saved(save: Any, model: Any) -> bytes:
    """Return the bytes of a file."""
    path = Path(pytest.sknn_tips_folder) / "saved"
    save(model, path)
    return path.read_bytes()


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: Any) -> Path:
    """The folder of all files of this module."""
    pytest.sknn_tips_folder = tmp_path_factory.mktemp("files")
    return pytest.sknn_tips_folder


@cache
def rich() -> MLPClassifier:
    return MLPClassifier(
        (6, 5),
        ["relu", "maxout"],
        activation_params={"pieces": 3},
        dropout=0.2,
        input_dropout=0.1,
        batchnorm=["before", "after"],
        layernorm=True,
        input_scaling=True,
        ema_decay=0.5,
        metrics=["balanced_accuracy"],
        early_stopping=True,
        max_iter=2,
        tol=None,
        random_state=np.random.RandomState(0),
    ).fit(X, LABELS)


@cache
def networks() -> dict[str, bytes]:
    """Return files of single networks, one of a former version among them."""
    regressor = MLPRegressor("huber", 5, "elu", normalize_y=True, optimizer="nadam", **SMALL)
    binary = MLPClassifier((), **SMALL).fit(X, LABELS.astype(object) == "setosa")
    multilabel = MLPClassifier(4, solver="sgd", **SMALL).fit(X, (X[:, :2] > 3).astype(int))
    models = [rich(), regressor.fit(X, X[:, :2]), binary, multilabel]
    files = {
        f"{i} {type(model).__name__}": saved(save_model, model) for i, model in enumerate(models)
    }
    return files | {"former": (FORMER / "classifier.safetensors").read_bytes()}


@cache
def wholes() -> dict[str, tuple[bytes, Any]]:
    """Return files of models of several parts, and data to predict."""
    net = MLPClassifier(3, **SMALL)
    forest = RandomForestClassifier(3, max_depth=3, random_state=0)
    boosting = HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=4, random_state=0)
    members = [("net", net), ("forest", forest), ("boosting", boosting)]
    ensemble = FoldEnsembleClassifier(members, cv=2).fit(X, LABELS)
    members = [("net", MLPRegressor(hidden_layer_sizes=3, **SMALL)), ("line", LinearRegression())]
    regressors = FoldEnsembleRegressor(members, cv=2, clip=True).fit(X, CODES)
    table = tabular_pipeline("classifier", cv=2, random_state=0)
    table.set_params(nets__net__max_iter=2, nets__net__hidden_layer_sizes=4)
    y = np.arange(len(TABLE)) % 2
    return {
        "regressors": (saved(save_model, regressors), FEW),
        "pipeline": (saved(save_model, make_pipeline(StandardScaler(), net).fit(X, LABELS)), FEW),
        "ensemble": (saved(save_model, ensemble), FEW),
        "table": (saved(save_model, table.fit(TABLE, y)), TABLE[:10]),
        "former": ((FORMER / "pipeline.zip").read_bytes(), np.zeros((3, 10))),
    }


def check_message(error: Exception, path: Any) -> None:
    assert str(path) in str(error), str(error)


def check_error(error: Exception, path: Any = "") -> None:
    """Check that an error of loading names the file and a remedy."""
    event(type(error).__name__)
    assert isinstance(error, ModelFileError | OSError), repr(error)
    assert str(path) in str(error)
    assert re.search(REMEDY, str(error)), str(error)


def predictions(model: Any, data: Any) -> None:
    """Check the shapes of all that a model predicts."""
    repr(model)
    found = model.predict(data)
    assert found.shape[0] == len(data)
    assert found.ndim in (1, 2)
    if hasattr(model, "predict_proba"):
        assert model.predict_proba(data).shape[:1] == (len(data),)


def loaded(data: bytes) -> Any:
    """Return the model of these bytes, or None if loading ends in a proper error."""
    path = Path(pytest.sknn_tips_folder) / "forged"
    path.write_bytes(data)
    try:
        with watched():
            return load_model(path)
    except (ModelFileError, OSError) as error:
        check_error(error, path)
        return None


def check_network(data: bytes) -> None:
    """Load a network; everything that it offers without a fit has to work."""
    model = loaded(data)
    if model is None:
        return
    event("loaded")
    with watched():
        predictions(
            model, FEW if model.n_features_in_ == 4 else np.zeros((3, model.n_features_in_))
        )
        assert len(model.history_) == len(model.net_.history)
    pickle.loads(pickle.dumps(model))


def check_whole(data: bytes, rows: Any) -> None:
    """Load a model of several parts; only scikit-learn's parts may fail when they predict."""
    model = loaded(data)
    if model is None:
        return
    event("loaded")
    try:
        with watched():
            predictions(model, rows)
    except AssertionError:
        raise
    except Exception as error:
        event(f"predict: {type(error).__name__}")
        frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        ours = [name for name in frames if "sklearn" in name or "sknn_tips" in name]
        clear = isinstance(error, NotFittedError | ValueError)
        if not clear and "sklearn" not in ours[-1]:
            raise


# -- damage ----------------------------------------------------------------------------------------


@several_cases
@given(seed=seeds)
def test_damaged_files(seed: int) -> None:
    rng = Random(seed)
    name = rng.choice(sorted({**networks(), **wholes()}))
    if name in wholes():
        data, rows = wholes()[name]
        check_whole(damaged_bytes(data, rng), rows)
    else:
        check_network(damaged_bytes(networks()[name], rng))


# -- forged: the checksums are right ---------------------------------------------------------------


def forged(data: bytes, rng: Random, kind: str = "model") -> bytes:
    """Return a file with other values, with a right checksum."""
    document, tensors = decode_archive(data, "a file", kind)
    assert document is not None
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.7:
            change_json(document, rng)
        else:
            change_tensors(tensors, rng)
    head = {name: document.pop(name, None) for name in ("kind", "protocol", "written_by")}
    data = encode_archive(kind, document, tensors)
    assert head is not None
    return data


@several_cases
@given(seed=seeds)
def test_forged_networks(seed: int) -> None:
    rng = Random(seed)
    data = networks()[rng.choice(sorted(networks()))]
    check_network(forged(data, rng))


@several_cases
@given(seed=seeds)
def test_headers_that_lie(seed: int) -> None:
    rng = Random(seed)
    data = networks()[rng.choice(sorted(networks()))]
    check_network(header_changed(data, rng))


@several_cases
@given(seed=seeds)
def test_forged_models_of_several_parts(seed: int) -> None:
    rng = Random(seed)
    data, rows = wholes()[rng.choice(sorted(wholes()))]
    entries = entries_of(data)
    for _ in range(rng.randint(1, 3)):
        inner = [name for name in entries if name.endswith(".bin")]
        if rng.random() < 0.3:
            name = rng.choice(inner)
            entries[name] = forged(entries[name], rng)
        else:
            change_entries(entries, rng)
    check_whole(archive_of(entries), rows)


@several_cases
@given(seed=seeds)
def test_forged_weights(seed: int) -> None:
    rng = Random(seed)
    path = Path(pytest.sknn_tips_folder) / "weights"
    data = saved(save_weights, rich())
    change = rng.choice([forged, damaged_bytes, header_changed])
    path.write_bytes(change(data, rng, "weights") if change is forged else change(data, rng))
    model = pickle.loads(pickle.dumps(rich()))
    before = model.predict_proba(FEW)
    try:
        with watched():
            load_weights(model, path)
    except (ModelFileError, OSError, ValueError) as error:
        event(type(error).__name__)
        check_message(error, path)
        np.testing.assert_array_equal(model.predict_proba(FEW), before)
    else:
        event("loaded")
        assert np.isfinite(model.predict_proba(FEW)).all()


@several_cases
@given(seed=seeds)
def test_forged_states(seed: int) -> None:
    """States as pickle and skops hand them over."""
    rng = Random(seed)
    state = pickle.loads(pickle.dumps(rich().__getstate__()))
    for _ in range(rng.randint(1, 3)):
        found = [(part, key) for part, key in places(state) if isinstance(part[key], np.ndarray)]
        if rng.random() < 0.3 and found:
            part, key = rng.choice(found)
            part[key] = changed_array(part[key], rng)
        else:
            change_json(state, rng)
    model = object.__new__(MLPClassifier)
    try:
        with watched():
            model.__setstate__(state)
    except ModelFileError as error:
        check_error(error)
    else:
        event("loaded")
        if hasattr(model, "net_"):
            predictions(model, FEW)
