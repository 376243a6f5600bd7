"""Copies of a net: one to put back after a failure, one to pickle, one of another dtype."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from numpy.typing import NDArray

from sknn_tips.nn.module import MLP, Network
from sknn_tips.state.net import Net
from sknn_tips.state.state import DEFAULTS, TrainingState, changed

Snapshot = tuple[TrainingState, int]
"""A copy of the state, and the number of epochs in the history."""

# What a file keeps by itself, and under which name; all else of the state is in its "plain".
_PARTS = {
    "tensors": "tensors",
    "moments": "moments",
    "random_state": "random_state",
    "generator_state": "generator",
}
PLAIN = ("criterion_", "lr", *DEFAULTS)


def snapshot(net: Net) -> Snapshot:
    """Return a copy of all that training changes, for `rollback`."""
    return TrainingState.of(net).copied(), len(net.history)


def rollback(net: Net, saved: Snapshot) -> None:
    """Make the net again what `snapshot` saw."""
    state, n_epochs = saved
    state.put_into(net)
    del net.history[n_epochs:]


def to_arrays(net: Net) -> dict[str, Any]:
    """Return the net as numpy arrays and plain objects, to be pickled."""
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
    """Build the net again; on the CPU where its GPU is not here."""
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
    """Return the net if it fits, else one of that description with its weights and moments.

    The shapes of the weights must be equal.
    """
    same = network == net.network and dtype == net.flat.vector.dtype
    if same and torch.device(net.device) == device:
        return net
    state = TrainingState.of(net).changed(
        torch.Tensor,
        lambda t: t.detach().clone().to(dtype if t.dim() and t.is_floating_point() else t.dtype),
    )
    new = _held(state, network, dtype, device)
    new.seed_dropout(net.generator)  # the generator itself, where it is one of that device
    replace(state, generator_state=None).put_into(new)
    new.history.extend(net.history)
    return new


def _held(state: TrainingState, network: Network, dtype: torch.dtype, device: torch.device) -> Net:
    module = MLP(network, dtype=dtype, device=device)
    module.eval()
    return Net.hold(module, state.criterion_, state.random_state, device)


@dataclass(frozen=True)
class StoredTensor:
    """Marks an array in the state that was a tensor."""

    array: NDArray

    @classmethod
    def of(cls, tensor: torch.Tensor) -> "StoredTensor":
        return cls(tensor.detach().clone().cpu().numpy())

    def tensor(self) -> torch.Tensor:
        return torch.from_numpy(self.array.copy())
