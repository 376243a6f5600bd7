"""The same small network in each library, with Adam, a rate of .001 and float32.

Every function returns a function ``fit()``, which trains a new model and returns the mean training
loss of the last epoch, without penalties.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

Fit = Callable[[], float]


def sknn_tips(X, y, hidden, batch, epochs, tips=False) -> Fit:
    from sknn_tips import MLPClassifier

    extra = {"dropout": 0.2, "batchnorm": True} if tips else {}
    model = MLPClassifier(
        hidden, batch_size=batch, max_iter=epochs, tol=None, alpha=0, random_state=0, **extra
    )
    return lambda: model.fit(X, y).loss_


def sklearn(X, y, hidden, batch, epochs, tips=False) -> Fit:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        hidden,
        batch_size=batch,
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        alpha=0,
        random_state=0,
    )
    return lambda: model.fit(X, y).loss_


def torch(X, y, hidden, batch, epochs, tips=False) -> Fit:
    """Train with the fastest plain loop: data as tensors, batches selected by index, fused Adam."""
    import torch
    from torch.nn.functional import cross_entropy

    def fit() -> float:
        torch.manual_seed(0)
        module = torch_module(X.shape[1], hidden, int(y.max()) + 1, tips)
        optimizer = torch.optim.Adam(module.parameters(), lr=0.001, fused=True)
        rows, target = torch.from_numpy(X), torch.from_numpy(y)
        for _ in range(epochs):
            order, total = torch.randperm(len(rows)), torch.zeros(())
            for index in order.split(batch):
                loss = cross_entropy(module(rows[index]), target[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.detach() * len(index)
        return float(total) / len(rows)

    return fit


def skorch(X, y, hidden, batch, epochs, tips=False) -> Fit:
    import torch
    from skorch import NeuralNetClassifier

    def fit() -> float:
        torch.manual_seed(0)
        net = NeuralNetClassifier(
            torch_module(X.shape[1], hidden, int(y.max()) + 1, tips),
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=0.001,
            batch_size=batch,
            max_epochs=epochs,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
        )
        return net.fit(X, y).history[-1, "train_loss"]

    return fit


def keras(X, y, hidden, batch, epochs, tips=False) -> Fit:
    import os

    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    def fit() -> float:
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
        output = keras.layers.Dense(int(y.max()) + 1)
        model = keras.Sequential([keras.layers.Input((X.shape[1],)), *layers, output])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer="adam", loss=loss)
        found = model.fit(X, y, batch_size=batch, epochs=epochs, verbose=0)
        return found.history["loss"][-1]

    return fit


def torch_module(n_features, hidden, n_classes, tips):
    """Return the network, with the distribution of scikit-learn's initial weights."""
    from torch import nn

    widths, layers = [n_features, *hidden], []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), *[nn.BatchNorm1d(n_out)] * tips, nn.ReLU()]
        layers += [nn.Dropout(0.2)] * tips
    layers.append(nn.Linear(widths[-1], n_classes))
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


CONTESTANTS = {fit.__name__: fit for fit in (sknn_tips, sklearn, torch, skorch, keras)}


def data(n_features: int, n_classes: int, n_rows: int):
    """Return standard normal samples, and classes from a noisy linear model."""
    rng = np.random.RandomState(0)
    X = rng.randn(n_rows, n_features).astype(np.float32)
    scores = X @ rng.randn(n_features, n_classes) / np.sqrt(n_features)
    return X, (scores + 0.3 * rng.randn(n_rows, n_classes)).argmax(axis=1)
