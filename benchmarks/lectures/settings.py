"""The settings in the decks and the equivalent parameters (part B of the lectures)."""

from typing import NamedTuple


class Setting(NamedTuple):
    """A setting in the decks.

    Attributes
    ----------
    what : str
        The setting, as named in the decks.
    code : str
        Parameters of the estimator, separated by commas, or a call.
    note : str
    """

    what: str
    code: str
    note: str = ""


GROUPS: dict[str, list[Setting]] = {
    "Activations": [
        Setting(
            "step", 'activation="step"', "for weights that are set by hand: its derivative is 0"
        ),
        Setting("sigmoid", 'activation="sigmoid"', 'also `"logistic"`'),
        Setting("tanh", 'activation="tanh"'),
        Setting("relu", 'activation="relu"', "the default; D2 recommends to try it first"),
        Setting("leaky relu, slope 0.01 (D2)", 'activation="leaky_relu"'),
        Setting(
            "leaky relu, slope 0.1 (D3)",
            'activation="leaky_relu", activation_params={"negative_slope": 0.1}',
        ),
        Setting("ELU", 'activation="elu"'),
        Setting("maxout", 'activation="maxout"', "twice the parameters"),
        Setting("linear", 'activation="linear"', 'also `"identity"`'),
        Setting("softmax", "MLPClassifier()", "the output for three or more classes"),
        Setting(
            "one activation per layer", 'hidden_layer_sizes=(64, 64), activation=["relu", "maxout"]'
        ),
    ],
    "Initial weights": [
        Setting("zeros", 'init="zeros"', "for demonstration only"),
        Setting("random uniform (Keras: -0.05 to 0.05)", 'init="uniform"'),
        Setting("random normal (Keras: standard deviation 0.05)", 'init="normal"'),
        Setting(
            "random normal N(0, 1), also for the biases",
            'init="normal", init_params={"std": 1.0, "draw_biases": True}',
        ),
        Setting("Xavier, Glorot: uniform", 'init="glorot_uniform"', 'also `"xavier_uniform"`'),
        Setting("Xavier, Glorot: normal", 'init="glorot_normal"', 'also `"xavier_normal"`'),
        Setting("Xavier as defined in the decks: `randn / sqrt(n_in)`", 'init="lecun_normal"'),
        Setting("He: normal, `randn / sqrt(n_in / 2)`", 'init="he_normal"'),
        Setting("He: uniform", 'init="he_uniform"', 'also `"kaiming_uniform"`'),
        Setting(
            "He of D0: variance 4 / (n_in + n_out)",
            'init="glorot_normal", init_params={"gain": 2**0.5}',
        ),
        Setting("torch's `gain`", 'init="xavier_uniform", init_params={"gain": 5 / 3}'),
        Setting(
            "torch's `a` and `mode`",
            'init="kaiming_uniform", init_params={"a": 0.1, "mode": "fan_out"}',
        ),
    ],
    "Blocks": [
        Setting("layer, BatchNorm, activation (D0)", 'batchnorm="before"', "also `True`"),
        Setting("layer, activation, BatchNorm (D2, D4)", 'batchnorm="after"'),
        Setting("layer, activation, dropout (D2)", "dropout=0.3", "only in training"),
        Setting("one fraction per layer", "hidden_layer_sizes=(64, 64), dropout=[0.1, 0.3]"),
    ],
    "Optimizers": [
        Setting("gradient descent with all samples in each step", 'optimizer="gd", momentum=0'),
        Setting(
            "stochastic gradient descent with one sample per step",
            'optimizer="sgd", momentum=0, batch_size=1',
        ),
        Setting("mini-batch SGD", 'optimizer="sgd", momentum=0, batch_size=100'),
        Setting("momentum", 'optimizer="momentum", momentum=0.9'),
        Setting("Nesterov", 'optimizer="nesterov", momentum=0.9'),
        Setting("Adagrad", 'optimizer="adagrad"'),
        Setting("Adadelta, rho 0.95", 'optimizer="adadelta", optimizer_params={"rho": 0.95}'),
        Setting("RMSprop, rho 0.9", 'optimizer="rmsprop", optimizer_params={"rho": 0.9}'),
        Setting("Adam", 'optimizer="adam", beta_1=0.9, beta_2=0.999'),
        Setting("Adam with amsgrad", 'optimizer="amsgrad"'),
        Setting("the optimizer's usual rate", 'optimizer="adagrad", learning_rate_init="auto"'),
        Setting(
            "`decay`: rate / (1 + decay * step)",
            'learning_rate="inverse_time", schedule_params={"decay": 1e-4}',
        ),
        Setting("`clipnorm`", "clip_norm=1.0", "of the whole gradient, as in torch"),
        Setting("`clipvalue`", "clip_value=0.5"),
    ],
    "Learning-rate schedules": [
        Setting(
            "a smaller rate every ten epochs",
            'learning_rate="step", schedule_params={"step_size": 10}',
        ),
        Setting(
            "exponential decay", 'learning_rate="exponential", schedule_params={"gamma": 0.95}'
        ),
        Setting("a smaller rate when there is no improvement", 'learning_rate="plateau"'),
        Setting("half a cosine", 'learning_rate="cosine"', 'or `"warmup_cosine"`, `"one_cycle"`'),
    ],
    "Regularisation": [
        Setting(
            "L2, Keras's `l2(lam)`",
            "alpha=2 * 0.01 * 100, batch_size=100",
            "`alpha` is 2 * lam * batch_size",
        ),
        Setting("L1", "l1=0.01"),
        Setting("L1 + L2, `l1_l2(.01, .01)`", "l1=0.01, alpha=2 * 0.01 * 100, batch_size=100"),
        Setting("L1 penalty on the activations", "activity_l1=1e-6"),
        Setting("weight decay", 'optimizer="adamw", weight_decay=0.01'),
        Setting("an ensemble of networks", "BaggingClassifier(MLPClassifier())", "of scikit-learn"),
        Setting("fewer features", "SelectKBest(k=10)", "of scikit-learn, in a Pipeline"),
    ],
    "Losses and metrics": [
        Setting("mse", 'MLPRegressor(loss="squared_error")', "half of it, as in scikit-learn"),
        Setting(
            "binary, categorical, sparse categorical cross-entropy",
            'MLPClassifier(loss="log_loss")',
            "labels are not encoded; for multilabel targets, an indicator matrix",
        ),
        Setting("mse of probabilities (XOR)", 'MLPClassifier(loss="squared_error")'),
        Setting("accuracy", 'MLPClassifier(metrics=["accuracy"])'),
        Setting(
            "mse, rmse, r2, mae, mspe, mape, msle",
            'MLPRegressor(metrics=["mse", "rmse", "r2", "mae", "mspe", "mape", "msle"])',
        ),
        Setting("a user-defined metric", "MLPClassifier(metrics=[hamming_loss])", "any function"),
    ],
    "Data": [
        Setting("standardisation", "make_pipeline(StandardScaler(), MLPClassifier())"),
        Setting("min-max scaling", "make_pipeline(MinMaxScaler(), MLPClassifier())"),
        Setting("a scaled target", "normalize_y=True", "for the regressor"),
        Setting("train, test split", "train_test_split(X, y)"),
        Setting("validation split", "early_stopping=True, validation_fraction=0.1"),
        Setting("separate validation data", "MLPClassifier().fit(X, y, X_val=X_val, y_val=y_val)"),
    ],
    "The training loop": [
        Setting("batch size", "batch_size=100"),
        Setting(
            "exact number of epochs",
            "max_iter=20, tol=None",
            "iterations per epoch: n_samples / batch_size",
        ),
        Setting("EarlyStopping", 'early_stopping=True, monitor="val_loss", n_iter_no_change=10'),
        Setting("`restore_best_weights`", 'monitor="val_loss", restore_best=True'),
        Setting("ModelCheckpoint", 'ModelCheckpoint("best.safetensors", monitor="val_loss")'),
        Setting("a callback that stops at 80 %", 'StopAt("accuracy", 0.8)'),
        Setting(
            "on_train, on_epoch, on_batch, on_predict_batch, each with begin and end",
            "LambdaCallback(on_epoch_end=lambda net, **_: print(net.history[-1]))",
        ),
        Setting("TensorBoard", "TensorBoard(writer)", "all callbacks of skorch can be used"),
        Setting("`verbose` 0, 1, 2", "verbose=1"),
        Setting(
            "`history`", "MLPClassifier().fit(X, y).history_", "a DataFrame with a row per epoch"
        ),
        Setting("plots of loss and accuracy", "TrainingHistoryDisplay.from_estimator(model)"),
        Setting("`summary()`", "summary(model, n_features=784, n_outputs=10)"),
        Setting("`evaluate()`", "evaluate(model, X, y)"),
        Setting("saving the whole model", 'save_model(model, "model.sknn")', "and `load_model`"),
        Setting(
            "saving the weights only", 'save_weights(model, "w.safetensors")', "and `load_weights`"
        ),
    ],
}
