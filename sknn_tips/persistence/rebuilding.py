"""Creation of an estimator from the document and tensors of a file, with checks of all parts."""

from typing import Any

import torch

from sknn_tips._registry import lookup
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.losses import Loss
from sknn_tips.nn.module import Network
from sknn_tips.persistence import routing
from sknn_tips.persistence.allowed_types import ESTIMATORS, is_attribute
from sknn_tips.persistence.values import Json, Unpacker, random_state_of
from sknn_tips.runtime.devices import resolve_device
from sknn_tips.state.copies import PLAIN


def rebuilt(document: dict[str, Json], unpacker: Unpacker) -> BaseMLP:
    """Return the estimator, which is fitted if the saved one was.

    Invalid content raises an error of some type, here or in torch.
    """
    name = document["class"]
    if name not in ESTIMATORS:
        raise ValueError(f"it names the class {name!r}, which is none of {', '.join(ESTIMATORS)}")
    kind = ESTIMATORS[name]
    parameters, requests, net, fitted = (
        unpacker.unpack(document[part]) for part in ("parameters", "requests", "net", "fitted")
    )
    unknown = sorted(set(parameters) - set(kind._get_param_names()))
    if unknown:
        raise ValueError(f"{name} has no parameter {', '.join(map(repr, unknown))}")
    _check_attributes(kind, fitted)
    est = kind(**parameters)
    if net is not None:
        _check_net(net)
        net["device"] = fitted["device_"] = _device_here(net["device"])
        fitted["net_"] = net
    est.__setstate__({**vars(est), **fitted})
    if net is not None:
        _check_shapes(est, net)
    routing.request_again(est, requests)
    return est


def _check_attributes(kind: type[BaseMLP], fitted: dict[str, Any]) -> None:
    """Raise an error for names other than those of fitted attributes.

    scikit-learn uses private attributes to determine which functions to call.
    """
    for name in fitted:
        if not is_attribute(kind, name):
            raise ValueError(f"{kind.__name__} has no fitted attribute {name!r}")


def _check_net(net: dict[str, Any]) -> None:
    """Raise an error for an invalid net that would fail later with an unclear error.

    It also prevents the creation of networks that are larger than the stored weights.
    """
    network, tensors = net["network"], net["tensors"]
    if not isinstance(network, Network) or not isinstance(net["plain"]["criterion_"], Loss):
        raise ValueError("its net has no description or no loss")
    unknown = sorted(set(net["plain"]) - set(PLAIN))
    if unknown:
        raise ValueError(f"its net has no attribute {', '.join(map(repr, unknown))}")
    for layer in network.hidden:
        lookup(ACTIVATIONS, layer.activation, "activation")
    needed = sum((n_in + 1) * units * pieces for n_in, units, pieces in network.widths)
    if not tensors or needed > tensors[0].size:
        raise ValueError(f"the network {network.summary} needs more weights than there are")
    if net["plain"]["split_state"] is not None:
        random_state_of(net["plain"]["split_state"][1:])


def _check_shapes(est: BaseMLP, net: dict[str, Any]) -> None:
    """Raise an error for tensors of the wrong shape, which torch would broadcast."""
    network = est.net_.network
    if (est.n_features_in_, est._target.n_outputs) != (network.n_features, network.n_outputs):
        raise ValueError(
            f"{est.n_features_in_} features and {est._target.n_outputs} outputs do not agree with"
            f" the network {network.summary}"
        )
    ours = [tuple(tensor.shape) for tensor in est.net_.flat.snapshot()]
    found = [array.shape for array in net["tensors"]]
    if found != ours:
        raise ValueError(f"its tensors have the shapes {found}; the network's are {ours}")
    averaging = est.net_.averaging or {"parameters": est.net_.tensors[0], "total": torch.zeros(1)}
    if [tuple(averaging[name].shape) for name in ("parameters", "total")] != [ours[0], (1,)]:
        raise ValueError("the average of its weights has another shape")
    moments = est.net_.pending_moments or {"state": {}}
    for name, moment in moments["state"].items():
        if moment.dim() and tuple(moment.shape) != ours[0]:
            raise ValueError(f"{name} of the optimizer has shape {tuple(moment.shape)}")


def _device_here(device: str) -> str:
    """Return the device of the file, or the CPU if this machine does not have the device."""
    try:
        return str(resolve_device(device, 0))
    except ValueError:
        return "cpu"
