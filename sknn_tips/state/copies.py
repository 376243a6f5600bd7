"""Copies of a net: one to put back after a failure, one to pickle, one of another dtype."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from sknn_tips.nn.module import MLP, Network
from sknn_tips.ops.bits import Bits, bits_state, make_bits, set_bits_state
from sknn_tips.state.net import Net

# What training changes besides tensors, generators and history.
PLAIN = (
    "criterion_",
    "lr",
    "no_improvement_count",
    "optimizer_choice",
    "partial_epochs",
    "samples_seen",
    "split_state",
    "steps_seen",
    "tier_",
)


def snapshot(net: Net) -> dict[str, Any]:
    """Return a copy of all that training changes, for `rollback`."""
    return {
        "tensors": net.flat.snapshot(),
        "moments": _changed(net.moments(), torch.Tensor, torch.clone),
        "random_state": net.random_state.get_state(legacy=False),
        "generator": bits_state(net.generator),
        "n_epochs": len(net.history),
        "plain": _plain(net),
    }


def rollback(net: Net, saved: dict[str, Any]) -> None:
    """Make the net again what `snapshot` saw."""
    net.flat.restore(saved["tensors"])
    net.pending_moments = saved["moments"]
    net.random_state.set_state(saved["random_state"])
    if net.generator is not None:
        set_bits_state(net.generator, saved["generator"])
    del net.history[saved["n_epochs"] :]
    _take(net, saved["plain"])


def to_arrays(net: Net) -> dict[str, Any]:
    """Return the net as numpy arrays and plain objects, to be pickled."""
    rows = [{k: v for k, v in row.items() if k != "batches"} for row in net.history]
    return {
        "tensors": [tensor.cpu().numpy() for tensor in net.flat.snapshot()],
        "moments": _changed(net.moments(), torch.Tensor, lambda t: StoredTensor(t.cpu().numpy())),
        "random_state": net.random_state,
        "generator": bits_state(net.generator),
        "history": rows,
        "network": net.network,
        "device": str(net.device),
        "plain": _plain(net),
    }


def from_arrays(saved: dict[str, Any]) -> Net:
    """Build the net again; on the CPU where its GPU is not here."""
    device = torch.device(saved["device"])
    if device.type == "cuda" and not torch.cuda.is_available():
        device = torch.device("cpu")
    tensors = [torch.from_numpy(array.copy()) for array in saved["tensors"]]
    module = MLP(saved["network"], dtype=tensors[0].dtype, device=device)
    module.eval()
    net = Net.hold(module, saved["plain"]["criterion_"], saved["random_state"], device)
    net.seed_dropout(_generator(saved["generator"], device))
    net.flat.restore([tensor.to(device) for tensor in tensors])
    _take(net, saved["plain"])
    net.pending_moments = _changed(
        saved["moments"], StoredTensor, lambda a: torch.from_numpy(a.array.copy())
    )
    net.history.extend({**row, "batches": []} for row in saved["history"])
    return net


def recast(net: Net, network: Network, dtype: torch.dtype, device: torch.device) -> Net:
    """Return the net if it fits, else one of that description with its weights and moments.

    The shapes of the weights must be equal.
    """
    same = network == net.network and dtype == net.flat.vector.dtype
    if same and torch.device(net.device) == device:
        return net
    module = MLP(network, dtype=dtype, device=device)
    module.eval()
    new = Net.hold(module, net.criterion_, net.random_state, device)
    new.seed_dropout(net.generator)
    new.flat.restore(net.flat.snapshot())
    _take(new, _plain(net))
    new.pending_moments = _changed(
        net.moments(),
        torch.Tensor,
        lambda t: t.detach().clone().to(dtype if t.dim() else t.dtype),
    )
    new.history.extend(net.history)
    return new


def _plain(net: Net) -> dict[str, Any]:
    return {name: getattr(net, name) for name in PLAIN}


def _take(net: Net, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(net, name, value)


def _generator(state: NDArray | None, device: torch.device) -> Bits | None:
    if state is None:
        return None
    generator = make_bits(0, device)
    set_bits_state(generator, state)
    return generator


@dataclass(frozen=True)
class StoredTensor:
    """Marks an array in an optimizer's state that was a tensor."""

    array: NDArray


def _changed(state: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """Return nested dicts and lists with every member of a kind changed."""
    if isinstance(state, kind):
        return change(state)
    if isinstance(state, dict):
        return {key: _changed(value, kind, change) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(_changed(value, kind, change) for value in state)
    return state
