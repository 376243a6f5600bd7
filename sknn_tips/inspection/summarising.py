"""Summary of a network: layers, shapes, parameters and the resolved optimizer."""

from dataclasses import dataclass
from html import escape
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.utils import check_scalar
from torch import nn

from sknn_tips._compat.sklearn import num_samples
from sknn_tips._registry import name_of, shown
from sknn_tips.estimators import networks, plans
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import Found, find, layers, networks_of_members
from sknn_tips.nn.layers import LAYERS, Dropout
from sknn_tips.nn.module import MLP

# The arguments that determine the sizes of a network that is not fitted.
_TOLD_BY = {
    "features": "n_features=..., or X",
    "outputs": "n_outputs=... (1 for two classes, else the number of classes, or of targets), or y",
}


@dataclass(frozen=True)
class Summary:
    """Layers and parameters of a network, printed as a table.

    Attributes
    ----------
    layers : pandas.DataFrame
        One row per layer, with the columns ``layer`` (name), ``output`` (shape), ``trainable``
        (number of trained parameters) and ``other`` (number of other values: the running mean and
        variance of batch norm).
    optimizer : str
        The resolved optimizer with its options, learning rate and schedule.
    """

    layers: pd.DataFrame
    optimizer: str

    @property
    def n_trainable(self) -> int:
        """The number of parameters that are trained by the gradient."""
        return int(self.layers["trainable"].sum())

    @property
    def n_other(self) -> int:
        """The number of other values: running means and variances."""
        return int(self.layers["other"].sum())

    @property
    def n_parameters(self) -> int:
        """The number of all parameters, trained or not."""
        return self.n_trainable + self.n_other

    def __str__(self) -> str:
        head, *body = self._lines()
        rule = "-" * len(head)
        return "\n".join([head, rule, *body, rule, *self._totals()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        totals = "<br>".join(map(escape, self._totals()))
        return f"{self._shown().to_html(index=False)}<p>{totals}</p>"

    def _shown(self) -> pd.DataFrame:
        counts = {c: self.layers[c].map("{:,}".format) for c in ("trainable", "other")}
        return self.layers.assign(**counts)

    def _lines(self) -> list[str]:
        """Return the header and rows of the table, with text left- and numbers right-aligned."""
        shown = self._shown()
        cells = [list(shown.columns), *shown.to_numpy().tolist()]
        widths = [max(len(row[i]) for row in cells) for i in range(len(shown.columns))]
        return [
            "  ".join(
                cell.ljust(width) if i < 2 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        ]

    def _totals(self) -> list[str]:
        return [
            f"{self.n_parameters:,} parameters: {self.n_trainable:,} trainable,"
            f" {self.n_other:,} not",
            f"optimizer: {self.optimizer}",
        ]


def summary(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    n_features: int | None = None,
    n_outputs: int | None = None,
) -> Summary:
    """Describe the network of a model: layers, output shapes, parameters, optimizer.

    A fitted model needs no other arguments. Before fit, the numbers of inputs and outputs are
    determined from X and y, or from `n_features` and `n_outputs`.

    Parameters
    ----------
    model : estimator
        An MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search that
        contains one; or a fitted fold ensemble with one kind of networks, such as that of
        `tabular_pipeline`, of which one network is described.
    X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
        Training data, as for `fit`. If the model is a Pipeline that is not fitted, clones of its
        steps are fitted to it.
    y : {array-like, sparse matrix} of shape (n_samples,) or (n_samples, n_outputs), default=None
        Target values, as for `fit`.
    n_features : int, default=None
        Number of input features of the network, at least 1.
    n_outputs : int, default=None
        Number of outputs of the network, at least 1: the number of classes (1 for two classes), or
        of targets. For a multilabel classifier, pass y instead.

    Returns
    -------
    Summary
        The description, which is printed, or shown in a notebook, as a table.

    Raises
    ------
    ValueError
        If neither the model nor the arguments determine the sizes, or if a size is invalid.
    TypeError
        If the model contains no MLPClassifier or MLPRegressor.

    Examples
    --------
    >>> from sknn_tips import MLPClassifier, summary
    >>> clf = MLPClassifier(512, batchnorm=True, alpha=0, optimizer="gd")
    >>> summary(clf, n_features=784, n_outputs=10)
    layer       output        trainable  other
    ------------------------------------------
    input       (batch, 784)          0      0
    dense       (batch, 512)    401,920      0
    batch norm  (batch, 512)      1,024  1,024
    relu        (batch, 512)          0      0
    dense       (batch, 10)       5,130      0
    softmax     (batch, 10)           0      0
    ------------------------------------------
    409,098 parameters: 408,074 trainable, 1,024 not
    optimizer: gd(nesterov=False), learning_rate_init=0.001, full batch
    """
    members = networks_of_members(layers(model)[-1])
    if len(members) == 1:
        ((model, *_),) = members.values()
    found = find(model, "summary", fitted=bool(members))
    estimator = found.estimator
    if "net_" in vars(estimator):
        module, out_activation = estimator.module_, estimator.out_activation_
    else:
        module, out_activation = _unfitted(found, X, y, n_features, n_outputs)
    return Summary(_layers(module, out_activation), _optimizer(estimator))


def _unfitted(
    found: Found, X: Any, y: Any, n_features: int | None, n_outputs: int | None
) -> tuple[MLP, str]:
    """Return the network that a fit would build, without drawing its weights."""
    estimator = clone(found.estimator)
    estimator._validate_params()
    for name, size in (("n_features", n_features), ("n_outputs", n_outputs)):
        if size is not None:
            check_scalar(size, name, Integral, min_val=1)
    _check_told(
        features=X is not None or n_features is not None,
        outputs=y is not None or n_outputs is not None,
    )
    if y is None:
        assert n_outputs is not None
        y = _stand_in(estimator, n_outputs)
    X = np.zeros((num_samples(y), _features(found, X, y, n_features)))
    X, target = estimator._check_data(X, y, reset=True)
    estimator._learn_target(target, continuing=False, incremental=False)
    network = networks.network_of(estimator, X.shape[1], estimator._target.n_outputs)
    module = MLP(network, dtype=torch.float32)
    return module.eval(), estimator._make_loss().out_activation


def _check_told(*, features: bool, outputs: bool) -> None:
    """Raise one error that names all missing sizes."""
    missing = [name for name, told in (("features", features), ("outputs", outputs)) if not told]
    if missing:
        numbers = " and ".join(f"the number of {name}" for name in missing)
        remedies = "; ".join(_TOLD_BY[name] for name in missing)
        raise ValueError(
            f"summary needs {numbers} before fit. Pass {remedies}; or fit the model first."
        )


def _features(found: Found, X: Any, y: Any, n_features: int | None) -> int:
    if n_features is not None:
        return n_features
    for step in found.steps:
        X = clone(step).fit_transform(X, y if num_samples(y) == num_samples(X) else None)
    return int(np.shape(X)[1])


def _stand_in(estimator: BaseMLP, n_outputs: int) -> NDArray:
    """Return targets for which the estimator has `n_outputs` outputs."""
    if not is_classifier(estimator):
        return np.ones(2 if n_outputs == 1 else (2, n_outputs))
    if n_outputs == 2:
        raise ValueError(
            "n_outputs=2: a classifier of two classes has one output. Pass n_outputs=1, or y for a"
            " multilabel target of two columns."
        )
    return np.arange(max(n_outputs, 2))


@torch.inference_mode()
def _layers(module: MLP, out_activation: str) -> pd.DataFrame:
    """Return the output shape and the number of parameters of each layer.

    One sample of zeros is passed through the network.
    """
    weight = module.dense_layers[0].weight
    x = torch.zeros(1, module.network.n_features, dtype=weight.dtype, device=weight.device)
    rows = [("input", _shape(x), 0, 0)]
    for layer in module:
        x = layer(x)
        trainable = sum(parameter.numel() for parameter in layer.parameters())
        other = sum(b.numel() for b in layer.buffers() if b.is_floating_point())
        rows.append((_name(layer), _shape(x), trainable, other))
    rows.append((out_activation, _shape(x), 0, 0))
    return pd.DataFrame(rows, columns=["layer", "output", "trainable", "other"])


def _shape(x: torch.Tensor) -> str:
    return f"(batch, {x.shape[1]})"


def _name(layer: nn.Module) -> str:
    kind = type(layer)
    name = LAYERS[kind].name if kind in LAYERS else kind.__name__
    return f"{name} {layer.p:g}" if isinstance(layer, Dropout) else name


def _optimizer(estimator: BaseMLP) -> str:
    """Return a description of the resolved optimizer and of other parameters of its updates."""
    choice = plans.choose(estimator)
    options = ", ".join(f"{name}={value!r}" for name, value in choice.options.items())
    if choice.entry.line_search:
        return f"{choice.name}, alpha={estimator.alpha:g}"
    parts = [f"{name_of(choice.name)}({options})"]
    parts.append(f"learning_rate_init={plans.initial_rate(estimator):g}")
    if estimator.learning_rate != "constant":
        parts.append(f"learning_rate={shown(estimator.learning_rate)}")
    if estimator.schedule_params:
        parts.append(f"schedule_params={estimator.schedule_params!r}")
    full_batch = choice.entry.full_batch
    parts.append("full batch" if full_batch else f"batch_size={estimator.batch_size!r}")
    parts += [
        f"{name}={value:g}"
        for name, value in (
            ("alpha", estimator.alpha),
            ("l1", estimator.l1),
            ("activity_l1", estimator.activity_l1),
            ("weight_decay", plans.weight_decay(estimator)),
            ("clip_norm", estimator.clip_norm),
            ("clip_value", estimator.clip_value),
        )
        if value
    ]
    return ", ".join(parts)
