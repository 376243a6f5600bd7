"""imbalanced-learn resamples the training samples of rare classes."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier

over = pytest.importorskip("imblearn.over_sampling", reason="make test-clients installs it")
ensemble = pytest.importorskip("imblearn.ensemble")
pipeline = pytest.importorskip("imblearn.pipeline")

NET = {"hidden_layer_sizes": 16, "max_iter": 20, "tol": None, "random_state": 0}


@pytest.fixture
def rare():
    """Samples of which one in twenty is positive."""
    X, y = make_classification(
        3000, 8, n_informative=4, weights=[0.95], class_sep=0.8, random_state=0
    )
    return train_test_split(X, y, stratify=y, random_state=0)


def test_resampling_in_a_pipeline_finds_more_of_the_rare_class(rare):
    X, X_test, y, y_test = rare
    plain = pipeline.make_pipeline(StandardScaler(), MLPClassifier(**NET))
    balanced = clone(plain)
    balanced.steps.insert(1, ("smote", over.SMOTE(random_state=0)))
    scores = [
        balanced_accuracy_score(y_test, model.fit(X, y).predict(X_test))
        for model in (plain, balanced)
    ]
    assert scores[1] > scores[0] + 0.1


def test_the_network_gets_the_resampled_samples(rare):
    X, X_test, y, _ = rare
    sampler = over.RandomOverSampler(random_state=0)
    model = pipeline.make_pipeline(sampler, MLPClassifier(**NET)).fit(X, y)
    alone = MLPClassifier(**NET).fit(*sampler.fit_resample(X, y))
    np.testing.assert_array_equal(model.predict_proba(X_test), alone.predict_proba(X_test))


def test_balanced_bags_of_networks(rare, classifier):
    X, X_test, y, y_test = rare
    net = classifier(16, learning_rate_init=0.01, early_stopping=True, random_state=0)
    bags = ensemble.BalancedBaggingClassifier(net, n_estimators=5, random_state=0)
    scores = [
        balanced_accuracy_score(y_test, model.fit(X, y).predict(X_test)) for model in (net, bags)
    ]
    assert scores[1] > scores[0] + 0.05
