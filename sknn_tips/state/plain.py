"""Networks, losses, optimizers and tensors as plain values, and back.

Pickles, files of skops and model files contain only these values: dicts, lists, text, numbers and
numpy arrays; and objects of the user, such as a function as the loss. Thus skops asks for no class
of a part.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips._registry import lookup
from sknn_tips.nn.activations import ACTIVATIONS, activation_of
from sknn_tips.nn.losses import LOSSES, Loss, OwnLoss
from sknn_tips.nn.module import HiddenLayer, Network
from sknn_tips.optim.optimizers import OptimizerChoice, optimizer_of
from sknn_tips.state.state import changed

Plain = dict[str, Any]


def plain_network(network: Network) -> Plain:
    """Return the fields of a network, and of its layers."""
    return {**vars(network), "hidden": [dict(vars(layer)) for layer in network.hidden]}


def network_of(plain: Mapping[str, Any]) -> Network:
    """Return the network; its activations must be known."""
    layers = tuple(HiddenLayer(**layer) for layer in plain["hidden"])
    names = [layer.activation for layer in layers if not callable(layer.activation)]
    for name in names:
        lookup(ACTIVATIONS, name, "activation")
    network = Network(**{**plain, "hidden": layers})
    network.check()
    for name in names:  # its options are checked where a module is made
        activation_of(name).build(network.activation_params)
    return network


def plain_loss(loss: Loss) -> Plain:
    """Return the name of a loss and its options."""
    if isinstance(loss, OwnLoss):
        return {"class": "OwnLoss", "given": loss.given, "is_per_value": loss.is_per_value}
    return {"class": type(loss).__name__, **vars(loss)}


def loss_of(plain: Mapping[str, Any]) -> Loss:
    """Return the loss."""
    options = dict(plain)
    name = options.pop("class")
    if name == "OwnLoss":
        return _own_loss(**options)
    if name not in LOSSES:
        raise ValueError(f"its loss is {name!r}, which is none of {', '.join(LOSSES)}")
    return LOSSES[name](**options)


def _own_loss(given: Any, is_per_value: bool) -> Loss:
    if not callable(given):
        raise ValueError(f"its loss is {given!r}, which is no function")
    loss = OwnLoss(given)
    loss.is_per_value = bool(is_per_value)
    return loss


def plain_choice(choice: OptimizerChoice | None) -> Plain | None:
    """Return the name and the options of an optimizer."""
    return None if choice is None else dict(vars(choice))


def choice_of(plain: Mapping[str, Any] | None) -> OptimizerChoice | None:
    """Return the choice of an optimizer, whose name must be known."""
    if plain is None:
        return None
    choice = OptimizerChoice(**plain)
    optimizer_of(choice.name)
    return choice


def to_numpy(value: Any) -> Any:
    """Return nested values with copies of all tensors as arrays."""
    return changed(value, torch.Tensor, lambda tensor: tensor.detach().clone().cpu().numpy())


def to_torch(value: Any) -> Any:
    """Return nested values with copies of all arrays as tensors."""
    return changed(value, np.ndarray, _tensor)


def _tensor(array: NDArray) -> torch.Tensor:
    return torch.from_numpy(array.copy())
