"""Measurements of a network between two epochs: weights, gradient, last update and units."""

import math
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.data.rows import Batch
from sknn_tips.state.net import Net
from sknn_tips.tips.record import Probe, Update

# A value within this share (a fiftieth) of the activation's range from an end is near that end.
# There the derivative of a saturating activation is below a tenth of its value in the middle: .08
# of 1 (tanh), .02 of .25 (logistic).
NEAR_AN_END = 0.02
# A unit counts as saturated if it is near an end for at least this share of the samples.
NEARLY_EVERY_ROW = 0.9


class Weights:
    """The positions of the weights of each dense layer in the vector of all parameters."""

    def __init__(self, net: Net) -> None:
        sizes = [layer.weight.numel() for layer in net.module_.dense_layers]
        self.cuts = list(pairwise(accumulate(sizes, initial=0)))

    def norms(self, vector: NDArray) -> list[float]:
        """Return the norm of each layer's part of a vector of weights, gradients or changes."""
        with np.errstate(over="ignore"):
            parts = [vector[start:stop] for start, stop in self.cuts]
            return [math.sqrt(part.dot(part)) for part in parts]


class LastUpdate:
    """Measure the last update of an epoch that uses a batch of full size.

    Parameters
    ----------
    net : Net
    weights : Weights
    epoch : int
        The epoch of the update.

    Attributes
    ----------
    size : Update or None
        None until the update is done; an epoch may end before it.
    """

    def __init__(self, net: Net, weights: Weights, epoch: int) -> None:
        self.memory, self.weights, self.epoch = net.flat.memory, weights, epoch
        self.size: Update | None = None

    def before(self) -> None:
        """Keep the parameters."""
        self.vector = _array(self.memory.vector).copy()

    def after(self) -> None:
        """Measure the update."""
        after, gradient = map(_array, (self.memory.vector, self.memory.grad))
        with np.errstate(all="ignore"):
            change = after - self.vector
        norms = self.weights.norms(after)
        moved = [share(*pair) for pair in zip(self.weights.norms(change), norms, strict=True)]
        self.size = Update(self.epoch, norms, self.weights.norms(gradient), moved)


def _array(tensor: torch.Tensor) -> NDArray:
    array: NDArray = tensor.cpu().numpy()
    return array


def probe_units(net: Net, rows: Batch, epoch: int) -> Probe:
    """Return the loss and the shares of dead and saturated units for some samples.

    All calls of a training get the same samples.
    """
    with torch.inference_mode(), np.errstate(all="ignore"):
        raw, dead, saturated = _units(net, rows.X)
        loss = net.criterion_.mean(raw, rows.target, rows.weight)
        finite = bool(torch.isfinite(net.criterion_.link(raw)).all())
        return Probe(epoch, loss, dead, saturated, finite)


def identical_units(net: Net) -> list[bool]:
    """Return for each hidden layer whether all units have the same weights, and so stay equal."""
    weights = [_array(layer.weight.detach()) for layer in net.module_.dense_layers[:-1]]
    return [weight.shape[1] > 1 and _same_columns(weight) for weight in weights]


def _same_columns(weight: NDArray) -> bool:
    # for randomly drawn weights, the first two values differ already
    return bool(weight[0, 0] == weight[0, 1] and (weight == weight[:, :1]).all())


def _units(net: Net, x: torch.Tensor) -> tuple[torch.Tensor, list[float], list[float]]:
    """Return the raw output, and for each hidden layer the shares of dead and saturated units."""
    dead, saturated = [], []
    for layer, activation in zip(net.module_, net.module_.activations, strict=True):
        x = layer.forward(x)  # ``layer(x)`` also checks for hooks, which takes as long again
        if activation is not None:
            values, ends = _array(x), activation.ends
            dead.append(_dead(values) if activation.may_die else math.nan)
            saturated.append(math.nan if ends is None else _saturated(values, *ends))
    return x, dead, saturated


def _dead(values: NDArray) -> float:
    return float(np.count_nonzero(values.max(axis=0) <= 0) / values.shape[1])


def _saturated(values: NDArray, lowest: float, highest: float) -> float:
    margin = NEAR_AN_END * (highest - lowest)
    at_an_end = (values < lowest + margin) | (values > highest - margin)
    return float(np.mean(at_an_end.mean(axis=0) >= NEARLY_EVERY_ROW))


def share(part: float, whole: float) -> float:
    """Return ``part / whole``; if the weights were zero, infinity (or 0 for no change)."""
    if whole == 0:
        return math.inf if part else 0.0
    return part / whole
