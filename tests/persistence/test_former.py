"""Files that former versions wrote (`files/make.py`) still load, predict and train as they did."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

from sknn_tips import load_model, load_weights

FILES = Path(__file__).parent / "files"
LABELS = np.array(["setosa", "versicolor", "virginica"])


@pytest.fixture(scope="module")
def predictions():
    with np.load(FILES / "predictions.npz") as archive:
        return dict(archive)


def test_a_classifier(predictions):
    X, y = load_iris(return_X_y=True)
    clf = load_model(FILES / "classifier.safetensors")
    np.testing.assert_allclose(clf.predict_proba(X[::10]), predictions["classifier"], atol=1e-9)
    assert clf.score(X, LABELS[y]) > 0.3
    clf.partial_fit(X, LABELS[y])
    later = clf.predict_proba(X[::10])
    np.testing.assert_allclose(later, predictions["classifier_later"], atol=1e-7)


# The file contains a scaler of scikit-learn 1.9.1; every other version says so when it loads it.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_a_pipeline(predictions):
    X, y = load_diabetes(return_X_y=True)
    model = load_model(FILES / "pipeline.zip")
    np.testing.assert_allclose(model.predict(X[::40]), predictions["pipeline"], rtol=1e-9)
    model[1].partial_fit(model[0].transform(X), y)
    np.testing.assert_allclose(model.predict(X[::40]), predictions["pipeline_later"], rtol=1e-7)


def test_weights(predictions):
    X, _ = load_iris(return_X_y=True)
    clf = load_model(FILES / "classifier.safetensors")
    clf.coefs_ = [np.zeros_like(coef) for coef in clf.coefs_]
    load_weights(clf, FILES / "weights.safetensors")
    np.testing.assert_allclose(clf.predict_proba(X[::10]), predictions["classifier"], atol=1e-9)
