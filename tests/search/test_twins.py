from dataclasses import asdict

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, stacked
from sknn_tips.callbacks import LambdaCallback
from sknn_tips.search import places
from sknn_tips.training.engine_step import EngineStep

X, Y = make_classification(90, 6, n_informative=4, n_classes=3, random_state=0)
FOLDS = 3


def net(**changed):
    settings = {"max_iter": 8, "tol": None, "batch_size": 20, "random_state": 0}
    return MLPClassifier(4, **{**settings, **changed})


pytestmark = pytest.mark.usefixtures("no_helpers")


@pytest.fixture
def passes(monkeypatch):
    """Return, for every pass, of how many networks it was."""
    sizes = []
    stacks, singles = places.Stack.run, EngineStep.run

    def run_stack(self, works):
        sizes.append(len(works))
        return stacks(self, works)

    def run_single(self, work):
        sizes.append(1)
        return singles(self, work)

    monkeypatch.setattr(places.Stack, "run", run_stack)
    monkeypatch.setattr(EngineStep, "run", run_single)
    return sizes


def searched(estimator, grid, passes):
    """Return how many passes were done in stacks; the results are those of the search alone."""
    name = "mlpclassifier__"
    pipe = make_pipeline(StandardScaler(), estimator)
    search = GridSearchCV(
        pipe,
        {f"{name}{key}": values for key, values in grid.items()},
        scoring="neg_log_loss",
        cv=FOLDS,
        refit=False,
    )
    alone = search.fit(X, Y).cv_results_
    passes.clear()
    with stacked():
        together = search.fit(X, Y).cv_results_
    for key in [key for key in alone if key.startswith(("mean_test", "split", "rank"))]:
        np.testing.assert_array_equal(together[key], alone[key])
    return sum(passes)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"optimizer": "sgd", "momentum": 0.8, "learning_rate": "invscaling"},
        {"optimizer": "rmsprop", "optimizer_params": {"centered": True}},
        {"dropout": 0.3, "batchnorm": True},
        {"label_smoothing": 0.1, "l1": 0.01, "clip_norm": 0.5},
        {"class_weight": "balanced"},
        {"dtype": "float64", "shuffle": False},
        {"learning_rate": "exponential", "schedule_params": {"gamma": 0.9}},
    ],
)
def test_the_shorter_training_is_a_part_of_the_longer_one(changed, passes):
    assert searched(net(**changed), {"max_iter": [3, 8, 5]}, passes) == 8 * FOLDS


def test_equal_candidates_train_once(passes):
    assert searched(net(), {"alpha": [0.1, 0.1, 0.1]}, passes) == 8 * FOLDS


def test_what_only_stops_or_records_otherwise(passes):
    grid = {"tol": [None, 0.5], "n_iter_no_change": [2], "metrics": [(), ["f1_macro"]]}
    assert searched(net(), grid, passes) == 8 * FOLDS


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_schedule_that_knows_the_end_parts_them(schedule, passes):
    """With cosine the first epoch may be the same, the others are not."""
    found = searched(net(learning_rate=schedule), {"max_iter": [3, 8]}, passes)
    assert (3 + 8 - 1) * FOLDS <= found <= (3 + 8) * FOLDS


@pytest.mark.parametrize(
    "grid",
    [
        {"random_state": [0, 1]},
        {"alpha": [0.1, 0.2]},
        {"learning_rate_init": [0.1, 0.2]},
        {"clip_value": [0.1, 0.2]},
        {"label_smoothing": [0.1, 0.2]},
        {"optimizer_params": [{"betas": (0.9, 0.99)}, {"betas": (0.9, 0.9)}]},
        {"class_weight": [{0: 2}, {1: 2}]},
        {"batch_size": [20, 30]},
        {"callbacks": [[LambdaCallback()], [LambdaCallback()]]},  # they may do anything
    ],
)
def test_all_others_train_for_themselves(grid, passes):
    assert searched(net(), grid, passes) == 2 * 8 * FOLDS


@pytest.mark.parametrize(
    ("changed", "grid"),
    [
        ({"shuffle": False}, {"batch_size": [20, 30]}),
        ({}, {"shuffle": [True, False]}),
        ({}, {"activation": ["relu", "tanh"], "hidden_layer_sizes": [(4,), "4x2"]}),
        ({}, {"init": ["he_normal", "orthogonal"], "batchnorm": [False, True]}),
        ({}, {"beta_1": [0.9, 0.5], "beta_2": [0.999, 0.9], "epsilon": [1e-8, 1e-3]}),
        (
            {"optimizer": "momentum"},
            {"momentum": [0.9, 0.5], "optimizer_params": [{}, {"dampening": 0.5}]},
        ),
        ({"optimizer": "sgd"}, {"momentum": [0.9, 0.5], "nesterovs_momentum": [True, False]}),
        (
            {"optimizer": "sgd", "learning_rate": "invscaling"},
            {"power_t": [0.5, 0.9], "learning_rate_init": [0.01, 0.1]},
        ),
        ({"learning_rate": "exponential"}, {"schedule_params": [{"gamma": 0.9}, {"gamma": 0.5}]}),
        ({}, {"optimizer": ["adam", "amsgrad", "rmsprop", "sgd"], "weight_decay": [0.0, 0.1]}),
        ({}, {"l1": [0.0, 0.01, 0.1], "activity_l1": [0.0, 0.01]}),
        ({}, {"dropout": [0.0, 0.2, 0.5], "input_dropout": [0.0, 0.2]}),
        ({}, {"dtype": ["float32", "float64"], "layernorm": [False, True]}),
        ({}, {"loss": ["log_loss", "squared_error"], "clip_norm": [None, 0.1]}),
        (
            {"early_stopping": True, "n_iter_no_change": 3},
            {"validation_fraction": [0.2, 0.3], "monitor": ["valid_loss", "valid_accuracy"]},
        ),
    ],
)
def test_every_parameter_counts(changed, grid, passes):
    """Each pair of values gives what it gives alone, whoever is taken for whose twin."""
    searched(net(**changed), grid, passes)


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.PCG64])
def test_with_a_generator_of_ones_own_rows_are_not_shared(bits, passes):
    net_ = net(random_state=np.random.RandomState(bits(0)))
    assert searched(net_, {"max_iter": [3, 8, 5]}, passes) == (3 + 8 + 5) * FOLDS


def test_without_a_seed_nobody_is_equal(passes):
    with stacked():
        GridSearchCV(net(random_state=None), {"alpha": [0.1, 0.1]}, cv=FOLDS, refit=False).fit(X, Y)
    assert sum(passes) == 2 * 8 * FOLDS


def test_their_records_are_those_of_the_search_alone(passes):
    def records():
        found = {}

        def keep(estimator, X, y):
            record = asdict(estimator._record)
            found[estimator.max_iter, X[0, 0]] = {**record, "parameters": None}
            return 0.0

        GridSearchCV(net(), {"max_iter": [3, 8]}, scoring=keep, cv=FOLDS, refit=False).fit(X, Y)
        return found

    alone = records()
    passes.clear()
    with stacked():
        together = records()
    assert len(passes) == 8  # of the three folds together; nobody trained 3 epochs once more
    assert len(together) == 2 * FOLDS
    np.testing.assert_equal(together, alone)
