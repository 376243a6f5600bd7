"""The state of a torch optimizer, which has parts of one parameter vector as its parameters."""

import torch

from sknn_tips.nn.flat import FlatParameters

State = dict[str, torch.Tensor]


def states(optimizer: torch.optim.Optimizer) -> list[State]:
    """Return the state of each part, without the entries that are None."""
    parts = [part for group in optimizer.param_groups for part in group["params"]]
    return [
        {name: value for name, value in optimizer.state[part].items() if value is not None}
        for part in parts
    ]


def joined(of_parts: list[State]) -> State:
    """Return the states of the parts as the state of the whole vector."""
    if len(of_parts) < 2:
        return of_parts[0] if of_parts else {}
    return {
        name: torch.cat([state[name] for state in of_parts]) if value.dim() else value
        for name, value in of_parts[0].items()
    }


def load(optimizer: torch.optim.Optimizer, flat: FlatParameters, state: State) -> None:
    """Load the state of the vector exactly.

    torch's `load_state_dict` would cast it and lose precision.
    """
    fused = optimizer.defaults.get("fused")
    for parameter, group in flat.groups if state else ():
        part = {
            name: value[group.part] if value.dim() else value.clone()
            for name, value in state.items()
        }
        optimizer.state[parameter] = {
            name: value.to(parameter.device if fused or value.dim() else "cpu")
            for name, value in part.items()
        }


def set_rate(optimizer: torch.optim.Optimizer, flat: FlatParameters, rate: float) -> None:
    """Set the learning rate of each group, times the group's factor."""
    for options, (_, group) in zip(optimizer.param_groups, flat.groups, strict=True):
        options["lr"] = rate * group.factor
