"""Copies of a net: to restore after a failure, to pickle, or to change dtype or device."""

from dataclasses import replace
from typing import Any

import torch

from sknn_tips.nn.module import MLP, Network
from sknn_tips.runtime.devices import resolve_device
from sknn_tips.state.checks import check_history, check_shapes, check_values
from sknn_tips.state.net import Net
from sknn_tips.state.plain import (
    choice_of,
    loss_of,
    network_of,
    plain_choice,
    plain_loss,
    plain_network,
    to_numpy,
    to_torch,
)
from sknn_tips.state.state import DEFAULTS, TrainingState

Snapshot = tuple[TrainingState, int]
"""A copy of the state, and the number of epochs in the history."""

# Fields of the state that are saved under a key of their own; all others are saved under "plain".
_PARTS = {
    "tensors": "tensors",
    "moments": "moments",
    "random_state": "random_state",
    "generator_state": "generator",
}
PLAIN = ("criterion_", "lr", *DEFAULTS)
# Fields in which all arrays are tensors.
_TENSORS = ("tensors", "moments", "averaging")


def snapshot(net: Net) -> Snapshot:
    """Return a copy of everything that training changes, for `rollback`."""
    return TrainingState.of(net).copied(), len(net.history)


def rollback(net: Net, saved: Snapshot) -> None:
    """Restore the net to a `snapshot`."""
    state, n_epochs = saved
    state.put_into(net)
    del net.history[n_epochs:]


def to_arrays(net: Net) -> dict[str, Any]:
    """Return the net as numpy arrays and plain values (`plain`), for pickling."""
    state = vars(TrainingState.of(net))
    rows = [{k: v for k, v in row.items() if k != "batches"} for row in net.history]
    return {
        **{key: to_numpy(state[name]) for name, key in _PARTS.items()},
        "history": rows,
        "network": plain_network(net.network),
        "device": str(net.device),
        "plain": {
            **{name: to_numpy(state[name]) for name in PLAIN},
            "criterion_": plain_loss(state["criterion_"]),
            "optimizer_choice": plain_choice(state["optimizer_choice"]),
        },
    }


def from_arrays(saved: dict[str, Any]) -> Net:
    """Rebuild the net, on the CPU if this machine does not have its device.

    Values that were changed raise an error of some type, here or in torch.
    """
    network, device = network_of(saved["network"]), _device_here(saved["device"])
    values = {name: saved[key] for name, key in _PARTS.items()} | saved["plain"]
    check_values(values, network, known=[*_PARTS, *PLAIN])
    values["criterion_"] = loss_of(values["criterion_"])
    values["optimizer_choice"] = choice_of(values.get("optimizer_choice"))
    for name in _TENSORS:
        values[name] = to_torch(values.get(name))
    state = TrainingState(**values)
    net = _held(state, network, state.tensors[0].dtype, device)
    check_shapes(state, net)
    state.put_into(net)
    net.seed_dropout()
    check_history(saved["history"])
    net.history.extend({**row, "batches": []} for row in saved["history"])
    return net


def _device_here(device: str) -> torch.device:
    try:
        return resolve_device(device, 0)
    except ValueError:
        return torch.device("cpu")


def recast(net: Net, network: Network, dtype: torch.dtype, device: torch.device) -> Net:
    """Return the net if it matches, otherwise a new one with its weights and optimizer state.

    The weights of `network` must have the shapes of the net's weights.
    """
    same = network == net.network and dtype == net.flat.vector.dtype
    if same and torch.device(net.device) == device:
        return net
    state = TrainingState.of(net).changed(
        torch.Tensor,
        lambda t: t.detach().clone().to(dtype if t.dim() and t.is_floating_point() else t.dtype),
    )
    new = _held(state, network, dtype, device)
    new.seed_dropout(net.generator)  # uses this generator itself if it belongs to that device
    replace(state, generator_state=None).put_into(new)
    new.history.extend(net.history)
    return new


def _held(state: TrainingState, network: Network, dtype: torch.dtype, device: torch.device) -> Net:
    module = MLP(network, dtype=dtype, device=device)
    module.eval()
    return Net.hold(module, state.criterion_, state.random_state, device)
