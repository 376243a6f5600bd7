"""Looks at a network between two epochs: its weights, its gradient, its last update, its units."""

import math
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sknn_tips.network.activations import ACTIVATIONS
from sknn_tips.training.evaluation import mean_loss
from sknn_tips.training.net import Net
from sknn_tips.training.record import Look, Update
from sknn_tips.training.rows import Batch

# The ends of the range of activations that have two. Within a fiftieth of the range of an end the
# slope is below a tenth of what it is in the middle: .08 of 1 (tanh), .02 of .25 (logistic).
RANGES: dict[type[nn.Module], tuple[float, float]] = {nn.Sigmoid: (0.0, 1.0), nn.Tanh: (-1.0, 1.0)}
NEAR_AN_END = 0.02
# A unit counts as saturated when it is there for this share of the rows.
NEARLY_EVERY_ROW = 0.9

# What gives 0, with the slope 0, for all values below 0.
MAY_DIE: tuple[type[nn.Module], ...] = (nn.ReLU,)

_HIDDEN = tuple(ACTIVATIONS.values())


class LastUpdate:
    """Remembers the parameters before an epoch's last update."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.before = torch.empty_like(net.flat.vector.detach())

    @torch.no_grad()
    def __call__(self) -> None:
        self.before.copy_(self.net.flat.vector)

    def take_over(self, other: "LastUpdate") -> None:
        """Remember what another one does, whose parameters were the same."""
        self.before.copy_(other.before)

    @torch.no_grad()
    def change(self) -> torch.Tensor:
        """Return what was added to the parameters since."""
        return torch.sub(self.net.flat.vector, self.before)


def norms(net: Net, vector: torch.Tensor) -> list[float]:
    """Return the norm of each dense layer's weights, in a vector like that of all parameters."""
    sizes = [layer.weight.numel() for layer in net.module_.dense_layers]
    numbers = vector.detach().cpu().numpy()
    parts = [numbers[start:stop] for start, stop in pairwise(accumulate(sizes, initial=0))]
    with np.errstate(over="ignore"):
        return [math.sqrt(float(part.dot(part))) for part in parts]


def look_at_update(net: Net, epoch: int, last: LastUpdate) -> Update:
    """Measure the last update of an epoch."""
    weight = norms(net, net.flat.vector)
    change = [share(*pair) for pair in zip(norms(net, last.change()), weight, strict=True)]
    return Update(epoch, weight, norms(net, net.flat.grad), change)


def look_at_units(net: Net, rows: Batch, epoch: int) -> Look:
    """Let the network answer to some rows, the same every time."""
    with torch.inference_mode(), np.errstate(all="ignore"):
        raw, dead, saturated = _units(net, rows.X)
        return Look(epoch, mean_loss(net, rows, raw), dead, saturated)


def units_alike(net: Net) -> list[bool]:
    """Return by hidden layer whether all its units have the same weights, and so stay alike."""
    weights = [layer.weight.detach().cpu().numpy() for layer in net.module_.dense_layers[:-1]]
    return [weight.shape[1] > 1 and _same_columns(weight) for weight in weights]


def _same_columns(weight: NDArray) -> bool:
    first_row = weight[0]  # drawn weights differ in the first row already
    return bool((first_row == first_row[0]).all() and (weight == weight[:, :1]).all())


def _units(net: Net, x: torch.Tensor) -> tuple[torch.Tensor, list[float], list[float]]:
    """Return the raw output, and by hidden layer the shares of dead and of saturated units."""
    dead, saturated = [], []
    for layer in net.module_:
        x = layer(x)
        if isinstance(layer, _HIDDEN):
            dead.append(_dead(x) if isinstance(layer, MAY_DIE) else math.nan)
            ends = RANGES.get(type(layer))
            saturated.append(math.nan if ends is None else _saturated(x, *ends))
    return x, dead, saturated


def _dead(values: torch.Tensor) -> float:
    return float((values.amax(0) <= 0).float().mean())


def _saturated(values: torch.Tensor, lowest: float, highest: float) -> float:
    margin = NEAR_AN_END * (highest - lowest)
    at_an_end = (values < lowest + margin) | (values > highest - margin)
    return float((at_an_end.float().mean(0) >= NEARLY_EVERY_ROW).float().mean())


def share(part: float, whole: float) -> float:
    """Return a quotient that is infinite, not an error, where weights were zero."""
    if whole == 0:
        return math.inf if part else 0.0
    return part / whole
