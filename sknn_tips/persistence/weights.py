"""The weights alone, under names that other programs can read."""

import os
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sknn_tips._registry import name_of
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.finding import find_fitted
from sknn_tips.nn.activations import activation_of
from sknn_tips.nn.layers import Dense, Scaling
from sknn_tips.nn.module import MLP, Network
from sknn_tips.persistence.archive import damaged, read_archive, write_archive

# How many differences an error lists.
_LISTED = 3
_PARTS = {"hidden": "hidden activations are", "output": "output is"}
_FIT_ALIKE = (
    "Fit an estimator with the layers, activations and norms, and the kind of target, of the one"
    " whose weights were saved."
)


def save_weights(est: Any, path: str | os.PathLike[str]) -> None:
    """Write the weights of a fitted network to a safetensors file.

    Layer ``i``, from 0, has ``layers.i.weight`` of shape (n_in, n_out), as ``coefs_`` and the
    transpose of torch's, and ``layers.i.bias`` of shape (n_out,). Norms add to them
    ``layers.i.layernorm.weight`` and ``.bias``, and ``layers.i.batchnorm_before.`` or
    ``batchnorm_after.`` (the activation) ``weight``, ``bias``, ``running_mean``, ``running_var``;
    input scaling is ``input_scaling.weight``, of shape (n_features,).
    Its header names the activations, which `load_weights` compares; its checksum has no key: it
    finds accidents, not forgery.

    Parameters
    ----------
    est : MLPClassifier, MLPRegressor, or a model that holds one
        Fitted: also a Pipeline, search or TransformedTargetRegressor.
    path : str or path
        Of the file; the usual ending is ``.safetensors``. An older file is replaced.

    Raises
    ------
    NotFittedError
        Before `est` is fitted.
    OSError
        When the file cannot be written.
    ImportError
        Without the library safetensors: ``pip install 'sknn_tips[save]'``.

    See Also
    --------
    load_weights : Put them into a network of the same shape.
    save_model : Write the whole estimator.
    """
    inner = find_fitted(est, "save_weights").estimator
    _use_assigned(inner)
    write_weights(inner.module_, path, inner.out_activation_)


def load_weights(est: Any, path: str | os.PathLike[str]) -> Any:
    """Put weights from a file into a fitted estimator with the same network.

    Predictions come from the weights loaded, and training goes on from them with fresh moments of
    the optimizer. All else stays what it was: parameters, classes, the scale of y, and what tells
    of the estimator's own training, such as `history_`, `loss_` and `best_epoch_`. The checksum of
    a file of `save_weights` has no key: it finds accidents, not forgery.

    Parameters
    ----------
    est : MLPClassifier, MLPRegressor, or a model that holds one
        Fitted, at least for one epoch.
    path : str or path
        Of a file of `save_weights`, or of any safetensors file with these names and shapes, in
        float16, float32 or float64; of such a file nobody knows the activations.

    Returns
    -------
    est : object
        What was handed in.

    Raises
    ------
    ValueError
        When the network has another shape, other activations, or another output, as that of a
        regressor has; it is then as it was.
    ModelFileError
        When the file is none of weights, truncated, changed, of a newer version, or of a type of
        numbers that numpy has not, such as bfloat16.
    NotFittedError, OSError, ImportError
        As in `save_weights`.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tips import MLPClassifier, load_weights, save_weights
    >>> X, y = load_iris(return_X_y=True)
    >>> teacher = MLPClassifier(tol=None, max_iter=20).fit(X, y)
    >>> pupil = MLPClassifier(tol=None, max_iter=1).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "weights.safetensors")
    ...     save_weights(teacher, path)
    ...     pupil = load_weights(pupil, path)
    >>> bool((pupil.predict_proba(X) == teacher.predict_proba(X)).all())
    True
    """
    inner = find_fitted(est, "load_weights").estimator
    document, arrays = read_archive(path, "weights")
    network = inner.module_.network
    differences = _differences(named_weights(inner.module_), arrays)
    if differences:
        theirs = (document or {}).get("network", "another shape")
        raise ValueError(
            f"{os.fspath(path)!r} holds the weights of a network of {theirs}, and the estimator's"
            f" is {network.summary}: {differences}. {_FIT_ALIKE}"
        )
    _check_activations(path, document or {}, _activations(network, inner.out_activation_))
    with damaged(path):
        _check_numbers(arrays, inner.net_.flat.vector.dtype)
    _put(inner, arrays)
    return est


def write_weights(
    module: MLP, path: str | os.PathLike[str], out_activation: str | None = None
) -> None:
    """Write the file of `save_weights`; without `out_activation`, any output may load it."""
    tensors = {
        name: np.array(tensor.detach().cpu().numpy())
        for name, tensor in named_weights(module).items()
    }
    network = module.network
    document = {"network": network.summary, **_activations(network, out_activation)}
    write_archive(path, "weights", document, tensors)


def named_weights(module: MLP) -> dict[str, torch.Tensor]:
    """Return weights, biases, parameters of other layers, and running statistics, by name."""
    found: dict[str, torch.Tensor] = {}
    layer = -1
    for part in module:
        if isinstance(part, Dense):
            layer += 1
            name = f"layers.{layer}"
        elif isinstance(part, nn.BatchNorm1d):
            name = f"layers.{layer}.batchnorm_{module.network.hidden[layer].batchnorm}"
        elif isinstance(part, nn.LayerNorm):
            name = f"layers.{layer}.layernorm"
        elif isinstance(part, Scaling):
            name = "input_scaling"
        else:  # only those of the user's own hold anything
            name = f"layers.{layer}.activation"
        for key, tensor in part.state_dict(keep_vars=True).items():
            if tensor.is_floating_point():  # but not the count of batches, which has no effect
                found[f"{name}.{key}"] = tensor
    return found


def _activations(network: Network, out_activation: str | None) -> dict[str, Any]:
    """Return name and options of each hidden activation, and the output's name, for the file."""
    hidden = []
    for layer in network.hidden:
        activation = activation_of(layer.activation)
        if activation.options:
            module = activation.build(network.activation_params)
            options = {name: getattr(module, name) for name in activation.options}
        hidden.append([name_of(layer.activation), options if activation.options else {}])
    return {"hidden": hidden, "output": out_activation}


def _check_activations(
    path: str | os.PathLike[str], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    """Reject weights that were trained between other activations, where the file tells."""
    for part, found in ours.items():
        if theirs.get(part) not in (None, found):
            with damaged(path):
                shown = _shown(theirs[part])
            raise ValueError(
                f"{os.fspath(path)!r} holds the weights of a network whose {_PARTS[part]} {shown},"
                f" and the estimator has {_shown(found)}. {_FIT_ALIKE}"
            )


def _shown(activations: Any) -> str:
    if isinstance(activations, str):
        return activations
    texts = []
    for name, options in activations:
        listed = ", ".join(f"{option}={value!r}" for option, value in options.items())
        texts.append(f"{name}({listed})" if listed else str(name))
    return ", ".join(texts)


def _use_assigned(est: BaseMLP) -> None:
    if est.net_.take_weights(est.coefs_, est.intercepts_):
        est.coefs_, est.intercepts_ = est.net_.weights()


def _put(est: BaseMLP, arrays: dict[str, NDArray]) -> None:
    """Give the net new memory with these weights; arrays that users hold keep their numbers."""
    net = est.net_
    layers = range(len(net.module_.dense_layers))
    coefs = [arrays[f"layers.{i}.weight"] for i in layers]
    net.take_weights(coefs, [arrays[f"layers.{i}.bias"] for i in layers])
    with torch.no_grad():
        for name, tensor in named_weights(net.module_).items():
            tensor.copy_(torch.from_numpy(arrays[name].copy()))
    net.optimizer_choice = net.pending_moments = None  # moments of other weights mislead
    est.coefs_, est.intercepts_ = net.weights()


def _differences(ours: dict[str, torch.Tensor], arrays: dict[str, NDArray]) -> str:
    """Name the tensors whose shapes differ, or return nothing."""
    expected = {name: tuple(tensor.shape) for name, tensor in ours.items()}
    found = {name: array.shape for name, array in arrays.items()}
    names = [*expected, *sorted(set(found) - set(expected))]
    differences = [
        f"{name} is {found.get(name, 'missing')} in the file and"
        f" {expected.get(name, 'missing')} in the network"
        for name in names
        if expected.get(name) != found.get(name)
    ]
    more = len(differences) - _LISTED
    return "; ".join(differences[:_LISTED]) + (f"; and {more} more" if more > 0 else "")


def _check_numbers(arrays: dict[str, NDArray], dtype: torch.dtype) -> None:
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise ValueError(f"{name} has dtype {array.dtype}, not floating point")
        if not torch.from_numpy(array.copy()).to(dtype).isfinite().all():
            raise ValueError(f"{name} has values that are NaN or too large for {dtype}")
