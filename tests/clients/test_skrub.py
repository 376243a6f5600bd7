"""skrub's tables and plans, with our estimators at their end."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_score

from sknn_tips import MLPClassifier

skrub = pytest.importorskip("skrub", reason="make test-clients installs it")


@pytest.fixture
def visits(rng):
    """A table with text, a date and missing values, and whether there was a visit."""
    n_rows = 400
    X = pd.DataFrame(
        {
            "job": rng.choice(["senior nurse", "nurse", "clerk", "office clerk"], n_rows),
            "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.randint(0, 360, n_rows), "D"),
            "age": np.where(rng.rand(n_rows) < 0.1, np.nan, rng.uniform(18, 80, n_rows)),
        }
    )
    y = X["job"].str.contains("nurse") ^ (X["day"].dt.month > 6)
    return X, y.to_numpy()


def test_the_pipeline_of_skrub(visits, classifier):
    X, y = visits
    net = classifier(32, learning_rate_init=0.01, early_stopping=True, random_state=0)
    model = skrub.tabular_pipeline(net)
    assert list(model.named_steps) == [
        *("tablevectorizer", "simpleimputer", "squashingscaler", "mlpclassifier")
    ]
    assert cross_val_score(model, X, y, cv=3).mean() > 0.85


# the key of the join, which the hint rightly calls an identifier
@pytest.mark.filterwarnings("ignore:Column 'person' looks:sknn_tips.exceptions.HintWarning")
def test_a_plan_with_a_join_is_the_model_alone(visits, small):
    X, y = visits
    X = X.assign(person=np.arange(len(X)), day=X["day"].dt.month)
    cities = pd.DataFrame({"person": X["person"], "city": np.where(y, "Rome", "Oslo")})
    people = skrub.var("people", X.assign(visit=y))
    target = people["visit"].skb.mark_as_y()
    joined = people.drop(columns="visit").skb.mark_as_X().merge(skrub.var("cities", cities))
    learner = joined.skb.apply(small("classifier"), y=target).skb.make_learner(fitted=True)
    by_hand = small("classifier").fit(X.merge(cities), y)
    new = {"people": X[:50].assign(visit=y[:50]), "cities": cities}
    np.testing.assert_array_equal(
        learner.predict_proba(new), by_hand.predict_proba(X[:50].merge(cities))
    )
    assert by_hand.oof_score_ > 0.9


def test_a_search_over_choices_of_a_plan(visits):
    X, y = visits
    alpha = skrub.choose_from([1e5, 1e-3], name="alpha")
    net = MLPClassifier(alpha=alpha, learning_rate_init=0.01, max_iter=20, tol=None, random_state=0)
    numbers = skrub.X(X).skb.apply(skrub.TableVectorizer()).fillna(50)
    numbers = numbers.skb.apply(skrub.SquashingScaler())
    search = numbers.skb.apply(net, y=skrub.y(y)).skb.make_grid_search(fitted=True, cv=2)
    assert search.results_["alpha"].tolist() == [1e-3, 1e5]  # the best ones come first
    assert search.results_["mean_test_score"][0] > 0.8
