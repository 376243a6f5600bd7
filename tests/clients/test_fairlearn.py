"""fairlearn makes the rates of selection of two groups alike."""

import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

metrics = pytest.importorskip("fairlearn.metrics", reason="make test-clients installs it")
postprocessing = pytest.importorskip("fairlearn.postprocessing")
reductions = pytest.importorskip("fairlearn.reductions")


@pytest.fixture
def loans(rng):
    """Incomes of two groups, one of which has less, and whether a loan was granted."""
    group = rng.choice(["a", "b"], 1000)
    income = rng.normal(size=1000) + 1.5 * (group == "a")
    X = pd.DataFrame({"income": income, "debt": rng.normal(size=1000), "is a": group == "a"})
    y = (X["income"] - 0.5 * X["debt"] + 0.5 * rng.normal(size=1000) > 0.7).astype(int)
    return X.astype(float), y, group


@pytest.fixture
def model(classifier):
    net = classifier(16, learning_rate_init=0.02, tol=1e-2, random_state=0)
    return make_pipeline(StandardScaler(), net)


def difference(y, predicted, group):
    """The difference of the groups' rates of selection."""
    return metrics.demographic_parity_difference(y, predicted, sensitive_features=group)


# fairlearn writes into frames in ways that pandas 3 deprecates.
@pytest.mark.filterwarnings("ignore:Setting an? (value|item):DeprecationWarning")
def test_reductions_weight_the_samples(loans, model):
    X, y, group = loans
    step = model.steps[-1][0]
    fair = reductions.ExponentiatedGradient(
        model,
        reductions.DemographicParity(difference_bound=0.05),
        max_iter=5,
        sample_weight_name=f"{step}__sample_weight",
    )
    fair.fit(X, y, sensitive_features=group)
    before = difference(y, model.fit(X, y).predict(X), group)
    after = difference(y, fair.predict(X, random_state=0), group)
    assert after < 0.15 < 0.4 < before


def assert_thresholds_help(model, X, y, group):
    fair = postprocessing.ThresholdOptimizer(
        estimator=model, constraints="demographic_parity", predict_method="predict_proba"
    )
    fair.fit(X, y, sensitive_features=group)
    before = difference(y, model.fit(X, y).predict(X), group)
    predicted = fair.predict(X, sensitive_features=group, random_state=0)
    assert difference(y, predicted, group) < 0.1 < 0.4 < before


def test_thresholds_of_each_group(loans, model):
    assert_thresholds_help(model, *loans)


def test_thresholds_of_a_model_of_a_table(loans, small):
    X, y, group = loans
    table = X.assign(group=group).drop(columns="is a")
    assert_thresholds_help(small("classifier"), table, y, group)
