"""The layers, as torch modules and as operations of the engine.

The classes defined here are layers that torch lacks, or that in torch draw from the global random
state.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import torch
from torch import nn

from sknn_tips.nn import norms
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.signals import Part, Signal, View, Views
from sknn_tips.ops.bits import Bits, draw_kept, threshold_of
from sknn_tips.ops.operation import Operation, operation


class Dense(nn.Module):
    """Compute ``x @ weight + bias``, with the weight stored like scikit-learn's ``coefs_``.

    `torch.nn.Linear` stores the transpose and draws its initial weights from the global generator.

    Notes
    -----
    Input: (batch, n_in). Output: (batch, n_out). Weight: (n_in, n_out).
    """

    def __init__(
        self, n_in: int, n_out: int, *, dtype: torch.dtype, device: torch.device | str = "cpu"
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_in, n_out, dtype=dtype, device=device))
        self.bias = nn.Parameter(torch.zeros(n_out, dtype=dtype, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, x, self.weight)

    def operations(self, x: Signal, memory: Views, *, training: bool) -> Part:
        weight, bias = memory.of(self.weight), memory.of(self.bias)
        y = x.beside(weight.value.shape[1], trained=training)
        scaled, scale, unscale = weight, list[Operation](), list[Operation]()
        if x.scale is not None:
            scaled, scale, unscale = _scaled(weight, x.scale)
        forward = [
            *scale,
            operation("matmul", x.value, scaled.value, out=y.value),
            operation("add", y.value, bias.value, out=y.value),
        ]
        if y.grad is None:
            return Part(y, forward, [])
        backward = [
            operation("matmul", x.value.mT, y.grad, out=scaled.grad),
            operation("sum_rows", y.grad, out=bias.grad),
            *unscale,
        ]
        if x.grad is not None:
            backward.append(operation("matmul", y.grad, scaled.value.mT, out=x.grad))
        return Part(y, forward, backward)

    def extra_repr(self) -> str:
        return f"{self.weight.shape[0]} -> {self.weight.shape[1]}"


def _scaled(weight: View, scale: View) -> tuple[View, list[Operation], list[Operation]]:
    """Return S W, with S = diag(scale), and the operations of its forward and backward pass."""
    product, factors = View(*map(torch.empty_like, weight)), scale.value.mT
    backward = [
        operation("mul", product.grad, factors, out=weight.grad),
        operation("mul", product.grad, weight.value, out=product.grad),
        operation("sum_columns", product.grad, out=scale.grad.mT),
    ]
    return product, [operation("mul", weight.value, factors, out=product.value)], backward


class Scaling(nn.Module):
    """Multiply each feature by its own weight, so that the network learns which features matter.

    This is the scaling layer of RealMLP (Holzmüller et al., 2024, arXiv 2407.04491): the weights
    start at 1 and are trained with a larger learning rate than those of the other layers.

    Notes
    -----
    Input and output: (batch, n_features). Weight: (n_features,). The next layer must be dense.
    """

    rate_factor = 6.0
    """The learning rate of these weights, divided by that of the other parameters."""
    has_weights = True

    def __init__(
        self, n_features: int, *, dtype: torch.dtype, device: torch.device | str = "cpu"
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_features, dtype=dtype, device=device))

    @classmethod
    def of_input(cls, used: bool, n_features: int, **options: Any) -> Self:
        return cls(n_features, **options)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight

    def operations(self, x: Signal, memory: Views, *, training: bool) -> Part:
        """Pass the factors to the dense layer, which avoids a product over the batch."""
        return Part(x._replace(scale=memory.of(self.weight)), [], [])

    def extra_repr(self) -> str:
        return f"{self.weight.shape[0]}"


class Dropout(nn.Module):
    """Zero each value with probability `p` while training, and scale the rest by 1 / (1 - p).

    Srivastava et al., 2014. The masks are drawn from `generator`, which the training code sets,
    because `torch.nn.Dropout` can only draw from the global generator.

    Notes
    -----
    Input and output: any shape. Identity in evaluation mode.
    """

    has_weights = False

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: Bits | None = None

    @classmethod
    def of_input(cls, p: float, n_features: int, **options: Any) -> Self:
        return cls(float(p))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        return x * draw_kept(self.generator, out=torch.empty_like(x), **threshold_of(self.p))

    def operations(self, x: Signal, memory: Views, *, training: bool) -> Part:
        if not training:
            return Part(x, [], [])
        y, kept = x.behind(), torch.empty_like(x.value)
        forward = [
            operation("dropout", self.generator, out=kept, **threshold_of(self.p)),
            operation("mul", x.value, kept, out=y.value),
        ]
        backward = [operation("mul", y.grad, kept, out=y.grad)] if y.grad is not None else []
        return Part(y, forward, backward)

    def extra_repr(self) -> str:
        return f"p={self.p}"


# The layers before the first dense one, in their order. The key is the parameter of the estimator,
# and the name in files of weights. `of_input(value, n_features, dtype=..., device=...)` makes the
# layer, where the value is not 0 or False.
INPUT_LAYERS: dict[str, type[Dropout] | type[Scaling]] = {
    "input_dropout": Dropout,
    "input_scaling": Scaling,
}


class Layer(NamedTuple):
    """The operations of one type of layer.

    Attributes
    ----------
    name : str
        The name in a summary of the network.
    operations : callable
        ``operations(layer, x, memory, training=...)`` returns the operations of the forward and the
        backward pass. The input x is (batch, n_in), the output y is (batch, n_out).
    """

    name: str
    operations: Callable[..., Part]


def _of_activation(name: str, of_activation: Callable[[Any, Signal], Part]) -> Layer:
    def operations(layer: nn.Module, x: Signal, memory: Views, *, training: bool) -> Part:
        return of_activation(layer, x)

    return Layer(name, operations)


LAYERS: dict[type[nn.Module], Layer] = {
    Dense: Layer("dense", Dense.operations),
    Dropout: Layer("dropout", Dropout.operations),
    Scaling: Layer("input scaling", Scaling.operations),
    nn.BatchNorm1d: Layer("batch norm", norms.batch_norm),
    nn.LayerNorm: Layer("layer norm", norms.layer_norm),
    **{
        entry.module: _of_activation(name, entry.operations)
        for name, entry in ACTIVATIONS.items()
        if entry.operations is not None
    },
}
