from numbers import Real

import numpy as np
import pytest
import torch
from sklearn.model_selection import KFold

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.callbacks import StopAt
from sknn_tips.hooks.callbacks import TRAINING_HOOKS
from sknn_tips.nn import initializers
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.initializers import INITIALIZERS
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.parameters import ClassifierParameters, table

X, Y = np.arange(40.0).reshape(20, 2), np.tile([0, 1], 10)


class LooksLikeACallback:
    """Has every hook of training, and not what skorch asks for before it calls one."""

    def __init__(self):
        self.__dict__.update(dict.fromkeys(TRAINING_HOOKS, print))

    def __repr__(self):  # in the names of tests, which every worker must give alike
        return "<LooksLikeACallback>"


class OfSklearn:
    """Has a hook of scikit-learn's own callbacks."""

    def on_fit_task_end(self):
        """Do nothing."""

    def __repr__(self):
        return "<OfSklearn>"


# parameters, then what the error must say: the value, the nearest name, the list, the remedy
WRONG = [
    ({"activation": "rellu"}, "activation='rellu'.*Did you mean 'relu'.*'tanh'"),
    ({"activation": ["relu", "rellu"], "hidden_layer_sizes": (3, 3)}, "activation='rellu'"),
    ({"solver": "admw"}, "solver='admw'.*Did you mean 'adamw'.*'sgd'"),
    ({"optimizer": "Adam"}, "optimizer='Adam'.*Did you mean 'adam'"),
    ({"init": "he"}, "init='he'.*'he_normal'"),
    ({"loss": "logloss"}, "loss='logloss'.*Did you mean 'log_loss'"),
    ({"learning_rate": 0.01}, "learning_rate=0.01.*learning_rate_init=0.01"),
    ({"learning_rate": "cosin"}, "Did you mean 'cosine'"),
    ({"metrics": ["rmse"]}, "metrics='rmse'.*'accuracy', .*'balanced_accuracy'.*'roc_auc'"),
    ({"metrics": ["r2"]}, "metrics='r2' is a metric of regressors"),
    ({"metrics": ["roc"]}, "Did you mean 'roc_auc'"),
    ({"metrics": ["msle"]}, "metrics='msle' is a metric of regressors"),
    ({"learning_rate": "step"}, r"learning_rate='step' needs schedule_params={'step_size': 10}"),
    ({"learning_rate": "inverse_time"}, "needs schedule_params={'decay'"),
    ({"schedule_params": {"gamma": 0.9}}, "'gamma', which learning_rate='constant'.*no options"),
    (
        {"learning_rate": "one_cycle", "schedule_params": {"pct_stat": 0.3}},
        "Did you mean 'pct_start'",
    ),
    (
        {"learning_rate": "exponential", "schedule_params": {"gamma": 1.5}},
        "gamma=1.5 must be above 0 and at most 1",
    ),
    ({"monitor": "val_los"}, "monitor='val_los'.*Did you mean 'val_loss'"),
    ({"monitor": "f1_mcro"}, "monitor='f1_mcro' is not known"),
    ({"monitor": "val_loss"}, "monitor='val_loss'.*X_val and y_val.*early_stopping=True"),
    ({"monitor": "roc_auc"}, "monitor='roc_auc' is a metric of the validation set"),
    ({"clip_norm": 1.0, "clip_value": 1.0}, "Set one of them only"),
    (
        {"learning_rate_init": "0.01"},
        r"range \(0.0, inf\)\. Got '0.01' instead\. Write learning_rate_init=0.01 without quotes",
    ),
    ({"learning_rate_init": 0}, r"range \(0.0, inf\)\. Got 0 instead\.$"),
    ({"learning_rate_init": 1e39}, r"range \(0.0, 1e\+38\)\. Got 1e\+39 instead\.$"),
    ({"batch_size": "32"}, r"Got '32' instead\. Write batch_size=32 without quotes\.$"),
    ({"tips": "none"}, r"Got 'none' instead\. Did you mean 'ignore'\?$"),
    ({"tips": "ingore"}, r"Did you mean 'ignore'\?$"),
    ({"tips": False}, r"Got False instead\. Did you mean 'ignore'\?$"),
    ({"tips": True}, r"Got True instead\.$"),
    ({"class_weight": "balance"}, r"Got 'balance' instead\. Did you mean 'balanced'\?$"),
    ({"early_stopping": "yes"}, r"Write early_stopping=True or early_stopping=False\.$"),
    ({"batchnorm": "yes"}, "batchnorm='yes'.*True means 'before', and False means none"),
    ({"activation": np.tanh}, "activation=tanh: .* Write activation='tanh'"),
    # the id, since the repr of torch.relu has an address
    pytest.param(
        {"activation": torch.relu}, "activation=relu: .* Write activation='relu'", id="torch.relu"
    ),
    ({"activation": np.exp}, "activation=exp: .* Give a class"),
    ({"clip_norm": 0}, "clip_norm"),
    ({"weight_decay": -1}, "weight_decay"),
    ({"label_smoothing": 1.0}, "label_smoothing"),
    ({"solver": "lbfgs", "l1": 0.1}, "l1=0.1 does not go with lbfgs, .* alpha's penalty alone"),
    ({"solver": "lbfgs", "activity_l1": 0.1}, "activity_l1=0.1 does not go with lbfgs"),
    ({"solver": "lbfgs", "weight_decay": 0.1}, "weight_decay=0.1 does not go with lbfgs"),
    ({"solver": "lbfgs", "ema_decay": 0.9}, "ema_decay=0.9 does not go with lbfgs.*at None"),
    ({"solver": "lbfgs", "clip_value": 0.1}, "clip_value=0.1 does not go with lbfgs.*at None"),
    (
        {"solver": "lbfgs", "clip_norm": 0.1},
        "clip_norm=0.1 does not .*length of each step.*at None",
    ),
    ({"optimizer_params": {"weight_decay": 0.1}}, "'weight_decay'.*weight_decay="),
    ({"activation": "softmax"}, "activation='softmax'.*output's.*'relu'"),
    ({"loss": "cross_entropy"}, "Did you mean 'log_loss'"),
    (
        {"init": "normal", "init_params": {"std": "wide"}},
        "init_params: std='wide' must be a finite number",
    ),
    ({"optimizer": "adadelta", "optimizer_params": {"rho": 7}}, "rho=7 must be .* below 1"),
    ({"metrics": ["acuracy"]}, "metrics='acuracy'.*Did you mean 'accuracy'"),
    ({"batchnorm": "befor"}, "batchnorm.*before"),
    ({"batchnorm": ["befor"]}, "batchnorm='befor'.*Did you mean 'before'"),
    ({"dropout": 1.0}, "dropout"),
    ({"dropout": [1.5]}, r"dropout=1.5.*\[0, 1\)"),
    ({"dropout": [0.1, 0.2]}, r"dropout=\[0.1, 0.2\] has 2 values for 1 hidden layers"),
    ({"activation": ["relu"] * 3}, "3 values for 1 hidden layers"),
    ({"batchnorm": [True, False]}, "2 values for 1 hidden layers"),
    ({"hidden_layer_sizes": "64"}, "hidden_layer_sizes='64'.*'256x3'"),
    ({"hidden_layer_sizes": (4, 0)}, r"hidden_layer_sizes must be > 0, got \(4, 0\)"),
    ({"hidden_layer_sizes": (4, 2.5)}, "whole number, got 2.5"),
    ({"activation_params": {"slope": 1}}, "'slope'"),
    ({"activation": "elu", "activation_params": {"alfa": 1}}, "Did you mean 'alpha'"),
    ({"init": "he_normal", "init_params": {"gain": 2}}, "'gain'.*'a', 'draw_biases', 'mode'"),
    ({"optimizer_params": {"beta": 1}}, "optimizer_params has the key 'beta'.*optimizer 'adam'"),
    ({"optimizer": "gd", "batch_size": 10}, "batch_size=10.*batch_size='auto'"),
    ({"solver": "sgd", "optimizer": "adam"}, "solver='sgd' and optimizer='adam'"),
    ({"solver": "lbfgs", "dropout": 0.5}, "dropout=0.*optimizer='adam'"),
    ({"batchnorm": True, "batch_size": 1}, "batch_size=1 with batchnorm.*layernorm"),
    ({"device": "gpu"}, "device='gpu'.*'cuda'"),
    ({"dtype": "float16"}, "dtype"),
    ({"callbacks": [print]}, "callbacks holds <built-in function print>.*EarlyStopping"),
    ({"callbacks": [LooksLikeACallback()]}, "callbacks holds <.*LooksLikeACallback.*derives from"),
    ({"callbacks": StopAt("loss", 1)}, r"callbacks=StopAt.*write a list, callbacks=\[StopAt\("),
    ({"callbacks": StopAt}, "callbacks=<class .*StopAt'>: write a list"),
    ({"callbacks": [OfSklearn()]}, r"holds OfSklearn, .*set_callbacks\(OfSklearn\(...\)\)"),
    ({"callbacks": [("a", OfSklearn)]}, "holds OfSklearn, one of scikit-learn's"),
    ({"callbacks": OfSklearn()}, r"set_callbacks\(OfSklearn"),
    ({"callbacks": None}, r"callbacks=None: write callbacks=\(\)"),
    ({"callbacks": 3}, "'callbacks' parameter of MLPClassifier must be"),
    ({"metrics": None}, r"metrics=None: write metrics=\(\)"),
    ({"callbacks": [StopAt]}, r"callbacks holds the class StopAt. Write StopAt\(\)"),
    ({"early_stopping": True, "validation_fraction": 0}, "validation_fraction=0.*X_val"),
    ({"validation_fraction": 5}, "validation_fraction"),
    ({"validation_fraction": "a"}, "validation_fraction='a' must be a number from 0 .*splitter"),
    ({"validation_fraction": KFold}, r"validation_fraction=.*Write KFold\(\)"),
    ({"alpha": -1}, "alpha"),
    ({"hidden_layer_sizes": 10**400}, "a layer has 2147483648 units at most"),
    ({"hidden_layer_sizes": "1x999999999999"}, "1000 layers at most, got '1x999999999999'"),
    ({"dropout": np.array(0.5)}, r"dropout=array\(0.5\): the share"),
    ({"batchnorm": np.array(0)}, r"batchnorm=array\(0\)"),
    ({"n_threads": 10**9}, "'n_threads' .* range"),
    ({"class_weight": {0: 1e300, 1: 1}}, r"class_weight\[0\]=1e\+300 is too large"),
    ({"class_weight": {0: 1e-35, 1: 0}}, "class_weight: the sum of the weights is .*too small"),
    ({"max_iter": 0}, "max_iter"),
    ({"class_weight": {7: 2.0}}, r"class_weight has classes that are not in y: \[7\].*\[0, 1\]"),
    ({"class_weight": "balance"}, "class_weight"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG, ids=lambda value: str(value)[:80])
def test_wrong_options_are_named_before_training(wrong, words):
    clf = MLPClassifier(**wrong)
    with pytest.raises(ValueError, match=f"(?s){words}"):
        clf.fit(X, Y)
    assert not hasattr(clf, "net_")
    assert vars(clf).keys() == clf.get_params(deep=False).keys()


def test_layers_given_in_the_place_of_the_loss():
    with pytest.raises(ValueError, match=r"loss=\(50,\).*hidden_layer_sizes=\(50,\)"):
        MLPRegressor((50,)).fit(X, Y)


REAL = [
    name
    for name, entry in table(ClassifierParameters).items()
    if any(getattr(each, "type", None) is Real for each in entry.allowed)
    and name not in {"dropout", "n_iter_no_change"}  # of one layer each; a whole number, too
]


@pytest.mark.parametrize("size", [1e39, 1e300, 10**400], ids=["1e39", "1e300", "10**400"])
@pytest.mark.parametrize("name", REAL)
def test_numbers_that_float32_does_not_have(name, size):
    with pytest.raises(ValueError, match=f"'{name}' parameter of MLPClassifier must be"):
        MLPClassifier().set_params(**{name: size}).fit(X, Y)


OPTIONS = [
    *[
        ({"optimizer": name}, "optimizer_params", option)
        for name, optimizer in OPTIMIZERS.items()
        for option in optimizer.options
    ],
    *[
        ({"activation": name}, "activation_params", option)
        for name, activation in ACTIVATIONS.items()
        for option in activation.options
    ],
    *[
        ({"init": name}, "init_params", option)
        for name in INITIALIZERS
        for option in initializers.options_of(name)
    ],
    ({"learning_rate": "exponential"}, "schedule_params", "gamma"),
]


@pytest.mark.parametrize("size", [1e39, -1e300, 10**400], ids=["1e39", "-1e300", "10**400"])
@pytest.mark.parametrize(("names", "parameter", "option"), OPTIONS, ids=str)
def test_options_that_float32_does_not_have(names, parameter, option, size):
    wrong = MLPClassifier(**names, **{parameter: {option: size}})
    with pytest.raises(ValueError, match=rf"{parameter}\['{option}'\]=.* is too large"):
        wrong.fit(X, Y)
