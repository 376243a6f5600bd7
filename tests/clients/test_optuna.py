"""Optuna chooses parameters, and stops trials that are worse than others."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sknn_tips import MLPClassifier
from sknn_tips.callbacks import LambdaCallback

optuna = pytest.importorskip("optuna", reason="the extra test is not installed")
journal = pytest.importorskip("optuna.storages.journal")

X, Y = load_digits(return_X_y=True)
X, X_VAL, Y, Y_VAL = X[:600] / 16, X[600:] / 16, Y[:600], Y[600:]
RATES = {"learning_rate_init": [0.01, 0.03, 1e-6, 3e-6]}
N_EPOCHS = 10


@pytest.fixture(autouse=True)
def quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def by_callback(trial, net):
    """Report each epoch to the trial from a callback of the fit."""

    def tell(net, **kwargs):
        trial.report(net.history[-1]["valid_loss"], len(net.history))
        if trial.should_prune():
            raise optuna.TrialPruned

    net.set_params(callbacks=[LambdaCallback(on_epoch_end=tell)])
    return net.fit(X, Y, X_val=X_VAL, y_val=Y_VAL).history_["val_loss"].iloc[-1]


def by_partial_fit(trial, net):
    """Report each epoch to the trial between calls of partial_fit."""
    for epoch in range(1, N_EPOCHS + 1):
        net.partial_fit(X, Y, classes=np.unique(Y))
        probabilities = net.predict_proba(X_VAL)
        loss = -np.log(probabilities[np.arange(len(Y_VAL)), Y_VAL]).mean()
        trial.report(loss, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return loss


@pytest.mark.parametrize("train", [by_callback, by_partial_fit])
def test_slow_trials_are_pruned(train):
    nets = []

    def objective(trial):
        rate = trial.suggest_categorical("learning_rate_init", RATES["learning_rate_init"])
        nets.append(MLPClassifier(32, max_iter=N_EPOCHS, tol=None, random_state=0))
        return train(trial, nets[-1].set_params(learning_rate_init=rate))

    study = optuna.create_study(
        sampler=optuna.samplers.GridSampler(RATES, seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=3),
    )
    for rate in RATES["learning_rate_init"]:  # the good ones first
        study.enqueue_trial({"learning_rate_init": rate})
    study.optimize(objective, n_trials=4)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 2 + ["PRUNED"] * 2
    assert [len(trial.intermediate_values) for trial in study.trials] == [N_EPOCHS] * 2 + [3, 3]
    assert [hasattr(net, "coefs_") for net in nets][:2] == [True, True]
    if train is by_callback:  # a fit that an error ends leaves nothing behind
        assert not hasattr(nets[2], "coefs_")


def test_a_study_in_a_file_is_continued(tmp_path):
    def objective(trial):
        net = MLPClassifier(
            trial.suggest_categorical("hidden", ["4x1", "64x1"]),
            activation=trial.suggest_categorical("activation", ["relu", "tanh"]),
            learning_rate_init=trial.suggest_float("rate", 0.01, 0.1, log=True),
            max_iter=10,
            tol=None,
            random_state=0,
        )
        return cross_val_score(make_pipeline(MinMaxScaler(), net), X, Y, cv=2).mean()

    for _ in range(2):
        study = optuna.create_study(
            storage=optuna.storages.JournalStorage(
                journal.JournalFileBackend(str(tmp_path / "study.log"))
            ),
            study_name="digits",
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=0),
        )
        study.optimize(objective, n_trials=6)
    assert len(study.trials) == 12
    assert objective(optuna.trial.FixedTrial(study.best_params)) == study.best_value > 0.8
