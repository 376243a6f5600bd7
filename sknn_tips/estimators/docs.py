"""The class docstrings: parameters from the table, attributes written once for both."""

import json
from collections.abc import Callable
from inspect import cleandoc, signature
from textwrap import indent
from typing import Any, TypeVar

from sknn_tips.estimators.registry_texts import filled
from sknn_tips.parameters import Parameters, table

T = TypeVar("T", bound=type)

ATTRIBUTES = """
coefs_, intercepts_ : list of ndarray
    Weights of shape (n_in, n_out) and biases of shape (n_out,) of each layer. They can be assigned:
    predictions and further training then use the new values.

loss_ : float
    Loss of the last epoch, penalties included.

loss_curve_ : list of float
    Loss of each epoch. Not available with "lbfgs".

best_loss_ : float or None
    Lowest loss of all epochs; after warm starts, of all calls of `fit`. None with `early_stopping`.

best_validation_score_ : float or None
    Highest validation score of all epochs; after warm starts, of all calls of `fit`, while restored
    weights are those of the best epoch of the last call. None without `early_stopping`.

validation_scores_ : list of float or None
    Validation score of each epoch, with `early_stopping`.

best_epoch_ : int
    Epoch with the lowest loss, counted from 1. If another quantity is monitored or weights are
    restored, the epoch with its best value in the last call of `fit`.

history_ : pandas.DataFrame
    One row per epoch: loss, val_loss, the metrics and their ``val_`` columns, lr and seconds (the
    last two not with "lbfgs"). The training loss is the mean over the epoch, penalties included;
    the validation loss has no penalties.

n_iter_ : int
    Number of epochs of the last call of `fit`.

t_ : int
    Number of samples seen in training since the first call of `fit`.

tips_ : list of Tip
    Problems that the checks found in the last fit, severe ones first. Each has a ``code``, a
    ``title``, a ``severity``, what was ``seen``, ``why`` it matters, and a ``remedy``.

stop_reason_ : str
    "converged", "max_iter", "early_stopping", "callback", "interrupted" or "diverged".

n_layers_, n_outputs_, n_features_in_ : int
    Number of layers (input and output included), of outputs and of features.

feature_names_in_ : ndarray of str
    Names of the features, if X was a data frame with string column names.

out_activation_ : str
    "softmax", "logistic", "identity" or "exp".

net_ : skorch.NeuralNet
    The skorch net, with module, loss, optimizer and history. ``net_.tier_`` is ``"T0"`` if the
    engine trained it, ``"T1"`` for autograd, and ``"T2"`` (the slowest) if callbacks were called
    for every batch; ``net_.tier_reason_`` says why.

module_ : torch.nn.Module
    The network.

device_ : str
    Device of the training.
"""


def documented(kind: type[Parameters]) -> Callable[[T], T]:
    """Fill the parameters of a table and the attributes into the docstring of an estimator."""

    def fill(cls: T) -> T:
        if cls.__doc__ is None:  # python -OO
            return cls
        sections = "\n\n".join(_section(kind, name) for name in signature(cls).parameters)
        # Without indentation in every version of Python; 3.13 removes it when it compiles.
        cls.__doc__ = cleandoc(cls.__doc__).format(
            parameters=f"{sections}\n", attributes=f"{ATTRIBUTES.strip()}\n"
        )
        return cls

    return fill


def _section(kind: type[Parameters], name: str) -> str:
    entry = table(kind)[name]
    head = f"{name} : {entry.kind}, default={_written(entry.default)}"
    return f"{head}\n{indent(filled(entry.text), '    ')}"


def _written(default: Any) -> str:
    return json.dumps(default) if isinstance(default, str) else repr(default)
