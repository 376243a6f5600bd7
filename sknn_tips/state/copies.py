"""Copies of a net: to restore after a failure, to pickle, or to change dtype or device."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from numpy.typing import NDArray

from sknn_tips.nn.module import MLP, Network
from sknn_tips.state.net import Net
from sknn_tips.state.state import DEFAULTS, TrainingState, changed

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


def snapshot(net: Net) -> Snapshot:
    """Return a copy of everything that training changes, for `rollback`."""
    return TrainingState.of(net).copied(), len(net.history)


def rollback(net: Net, saved: Snapshot) -> None:
    """Restore the net to a `snapshot`."""
    state, n_epochs = saved
    state.put_into(net)
    del net.history[n_epochs:]


def to_arrays(net: Net) -> dict[str, Any]:
    """Return the net as numpy arrays and plain objects, for pickling."""
    state = vars(TrainingState.of(net).changed(torch.Tensor, StoredTensor.of))
    rows = [{k: v for k, v in row.items() if k != "batches"} for row in net.history]
    return {
        **{key: state[name] for name, key in _PARTS.items()},
        "tensors": [tensor.array for tensor in state["tensors"]],
        "history": rows,
        "network": net.network,
        "device": str(net.device),
        "plain": {name: state[name] for name in PLAIN},
    }


def from_arrays(saved: dict[str, Any]) -> Net:
    """Rebuild the net; on the CPU if it was on a GPU and there is none."""
    device = torch.device(saved["device"])
    if device.type == "cuda" and not torch.cuda.is_available():
        device = torch.device("cpu")
    values = {name: saved[key] for name, key in _PARTS.items()} | saved["plain"]
    values["tensors"] = [torch.from_numpy(array.copy()) for array in values["tensors"]]
    state = TrainingState(**changed(values, StoredTensor, StoredTensor.tensor))
    net = _held(state, saved["network"], state.tensors[0].dtype, device)
    state.put_into(net)
    net.seed_dropout()
    net.history.extend({**row, "batches": []} for row in saved["history"])
    return net


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


@dataclass(frozen=True)
class StoredTensor:
    """An array that was a tensor in the state."""

    array: NDArray

    @classmethod
    def of(cls, tensor: torch.Tensor) -> "StoredTensor":
        return cls(tensor.detach().clone().cpu().numpy())

    def tensor(self) -> torch.Tensor:
        return torch.from_numpy(self.array.copy())
