"""Everything that the decks set, and what sets it here (part B of the lectures)."""

from typing import NamedTuple


class Setting(NamedTuple):
    """One thing that the decks set.

    Attributes
    ----------
    what : str
        In the decks' words.
    code : str
        Parameters of the estimator, separated by commas, or a call.
    note : str
    """

    what: str
    code: str
    note: str = ""


GROUPS: dict[str, list[Setting]] = {
    "Activations": [
        Setting("step", 'activation="step"', "for weights set by hand: its slope is 0"),
        Setting("sigmoid", 'activation="sigmoid"', 'also `"logistic"`'),
        Setting("tanh", 'activation="tanh"'),
        Setting("relu", 'activation="relu"', "the default, and what D2 says to try first"),
        Setting("leaky relu, slope 0.01 (D2)", 'activation="leaky_relu"'),
        Setting(
            "leaky relu, slope 0.1 (D3)",
            'activation="leaky_relu", activation_params={"negative_slope": 0.1}',
        ),
        Setting("ELU", 'activation="elu"'),
        Setting("maxout", 'activation="maxout"', "twice the parameters"),
        Setting("linear", 'activation="linear"', 'also `"identity"`'),
        Setting("softmax", "MLPClassifier()", "its output for three and more classes"),
        Setting("one for each layer", 'hidden_layer_sizes=(64, 64), activation=["relu", "maxout"]'),
    ],
    "First weights": [
        Setting("zeros", 'init="zeros"', "to see why not"),
        Setting("random uniform (Keras: -0.05 to 0.05)", 'init="uniform"'),
        Setting("random normal (Keras: deviation 0.05)", 'init="normal"'),
        Setting(
            "random normal N(0, 1), biases too",
            'init="normal", init_params={"std": 1.0, "draw_biases": True}',
        ),
        Setting("Xavier, Glorot: uniform", 'init="glorot_uniform"', 'also `"xavier_uniform"`'),
        Setting("Xavier, Glorot: normal", 'init="glorot_normal"', 'also `"xavier_normal"`'),
        Setting("what the decks call Xavier: `randn / sqrt(n_in)`", 'init="lecun_normal"'),
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
        Setting("layer, activation, dropout (D2)", "dropout=0.3", "on only in training"),
        Setting("a share for each layer", "hidden_layer_sizes=(64, 64), dropout=[0.1, 0.3]"),
    ],
    "Optimizers": [
        Setting("gradient descent, all rows a step", 'optimizer="gd", momentum=0'),
        Setting(
            "stochastic gradient descent, one row a step",
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
        Setting("`clipnorm`", "clip_norm=1.0", "of the whole gradient, as torch"),
        Setting("`clipvalue`", "clip_value=0.5"),
    ],
    "Learning-rate schedules": [
        Setting(
            "a step down every ten epochs",
            'learning_rate="step", schedule_params={"step_size": 10}',
        ),
        Setting("an exponential", 'learning_rate="exponential", schedule_params={"gamma": 0.95}'),
        Setting("down when nothing improves", 'learning_rate="plateau"'),
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
        Setting("L1 of the activities", "activity_l1=1e-6"),
        Setting("weight decay", 'optimizer="adamw", weight_decay=0.01'),
        Setting("an ensemble of networks", "BaggingClassifier(MLPClassifier())", "scikit-learn's"),
        Setting("fewer features", "SelectKBest(k=10)", "scikit-learn's, in a Pipeline"),
    ],
    "Losses and metrics": [
        Setting("mse", 'MLPRegressor(loss="squared_error")', "half of it, as scikit-learn"),
        Setting(
            "binary, categorical, sparse categorical cross-entropy",
            'MLPClassifier(loss="log_loss")',
            "labels as they are, or an indicator matrix for several at once",
        ),
        Setting("mse of probabilities (XOR)", 'MLPClassifier(loss="squared_error")'),
        Setting("accuracy", 'MLPClassifier(metrics=["accuracy"])'),
        Setting(
            "mse, rmse, r2, mae, mspe, mape, msle",
            'MLPRegressor(metrics=["mse", "rmse", "r2", "mae", "mspe", "mape", "msle"])',
        ),
        Setting("a user's own", "MLPClassifier(metrics=[hamming_loss])", "any function"),
    ],
    "Data": [
        Setting("standardisation", "make_pipeline(StandardScaler(), MLPClassifier())"),
        Setting("min-max scaling", "make_pipeline(MinMaxScaler(), MLPClassifier())"),
        Setting("a scaled target", "normalize_y=True", "of the regressor"),
        Setting("train, test split", "train_test_split(X, y)"),
        Setting("validation split", "early_stopping=True, validation_fraction=0.1"),
        Setting("validation data handed in", "MLPClassifier().fit(X, y, X_val=X_val, y_val=y_val)"),
    ],
    "The loop": [
        Setting("batch size", "batch_size=100"),
        Setting(
            "epochs, exactly so many", "max_iter=20, tol=None", "iterations are rows / batch_size"
        ),
        Setting("EarlyStopping", 'early_stopping=True, monitor="val_loss", n_iter_no_change=10'),
        Setting("`restore_best_weights`", 'monitor="val_loss", restore_best=True'),
        Setting("ModelCheckpoint", 'ModelCheckpoint("best.safetensors", monitor="val_loss")'),
        Setting("a callback that stops at 80 %", 'StopAt("accuracy", 0.8)'),
        Setting(
            "on_train, on_epoch, on_batch, on_predict_batch; begin and end",
            "LambdaCallback(on_epoch_end=lambda net, **_: print(net.history[-1]))",
        ),
        Setting("TensorBoard", "TensorBoard(writer)", "skorch's callbacks, as they are"),
        Setting("`verbose` 0, 1, 2", "verbose=1"),
        Setting("`history`", "MLPClassifier().fit(X, y).history_", "a DataFrame, a row an epoch"),
        Setting("plots of loss and accuracy", "TrainingHistoryDisplay.from_estimator(model)"),
        Setting("`summary()`", "summary(model, n_features=784, n_outputs=10)"),
        Setting("`evaluate()`", "evaluate(model, X, y)"),
        Setting("the whole model to a file", 'save_model(model, "model.sknn")', "and `load_model`"),
        Setting("the weights alone", 'save_weights(model, "w.safetensors")', "and `load_weights`"),
    ],
}
