"""Saving and loading of only the weights, in a file that other programs can read."""

import os
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sknn_tips._registry import name_of
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.estimators.unwrapping import find_fitted
from sknn_tips.nn.activations import activation_of
from sknn_tips.nn.layers import INPUT_LAYERS, Dense
from sknn_tips.nn.module import MLP, Network
from sknn_tips.persistence.archive import damaged, read_archive, write_archive
from sknn_tips.persistence.suffixes import check_suffix

# Maximal number of differences that an error message lists.
_LISTED = 3
_PARTS = {"hidden": "hidden activations are", "output": "output is"}
_FIT_ALIKE = (
    "Fit an estimator with the layers, activations and norms, and the kind of target, of the one"
    " whose weights were saved."
)


def save_weights(est: Any, path: str | os.PathLike[str]) -> None:
    """Save the weights of a fitted network to a safetensors file.

    Layer ``i``, counted from 0, has ``layers.i.weight`` of shape (n_in, n_out), which is the shape
    of ``coefs_`` and the transpose of that in torch, and ``layers.i.bias`` of shape (n_out,). With
    layer norm there are also ``layers.i.layernorm.weight`` and ``.bias``. With batch norm there are
    ``weight``, ``bias``, ``running_mean`` and ``running_var`` of ``layers.i.batchnorm_before.`` or
    ``layers.i.batchnorm_after.`` (before or after the activation). Input scaling is
    ``input_scaling.weight`` of shape (n_features,). The header contains the activations, which
    `load_weights` compares, and a checksum without a key: it detects accidental changes, but not
    manipulation.

    Parameters
    ----------
    est : MLPClassifier, MLPRegressor, or a model that contains one
        A fitted estimator; it may be a Pipeline, search or TransformedTargetRegressor.
    path : str or path
        The path of the file; the usual extension is ``.safetensors``. A `HintWarning` is issued for
        that of another format, such as ``.pt``. An existing file is replaced.

    Raises
    ------
    NotFittedError
        If `est` is not fitted.
    OSError
        If the file cannot be written.
    ImportError
        If safetensors is not installed: ``pip install 'sknn_tips[save]'``.

    See Also
    --------
    load_weights : Load the weights into a network with the same layers.
    save_model : Save the whole estimator.

    Examples
    --------
    >>> import os, tempfile
    >>> from safetensors.numpy import load_file
    >>> from sknn_tips import MLPClassifier, save_weights
    >>> net = MLPClassifier(5, tol=None, max_iter=1).fit([[0.0, 1.0], [1.0, 0.0]], ["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "weights.safetensors")
    ...     save_weights(net, path)
    ...     weights = load_file(path)  # other programs can read the file, too
    >>> {name: weights[name].shape for name in sorted(weights)}
    {'layers.0.bias': (5,), 'layers.0.weight': (2, 5), 'layers.1.bias': (1,), ...}
    """
    inner = find_fitted(est, "save_weights").estimator
    _use_assigned(inner)
    check_suffix(path, ".safetensors")
    write_weights(inner.module_, path, inner.out_activation_)


def load_weights(est: Any, path: str | os.PathLike[str]) -> Any:
    """Load weights from a file into a fitted estimator with the same network.

    Predictions use the loaded weights, and training continues from them with a new optimizer state.
    Everything else remains unchanged: parameters, classes, the scale of y, and attributes that
    describe the training of the estimator, such as `history_`, `loss_` and `best_epoch_`. The
    checksum of a file of `save_weights` is without a key: it detects accidental changes, but not
    manipulation.

    Parameters
    ----------
    est : MLPClassifier, MLPRegressor, or a model that contains one
        An estimator that was fitted for at least one epoch.
    path : str or path
        The path of a file of `save_weights`, or of any safetensors file with the same names and
        shapes, in float16, float32 or float64. The activations of such other files are not known,
        so they are not compared.

    Returns
    -------
    est : object
        The estimator that was passed.

    Raises
    ------
    ValueError
        If the network has another shape, other activations, or another output (such as that of a
        regressor). The estimator is then unchanged.
    ModelFileError
        If the file does not contain weights, is truncated, changed, of a newer version, or has a
        dtype that numpy does not have, such as bfloat16.
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
    """Write the file of `save_weights`.

    Without `out_activation`, networks with any output activation can load it.
    """
    tensors = {
        name: np.array(tensor.detach().cpu().numpy())
        for name, tensor in named_weights(module).items()
    }
    network = module.network
    document = {"network": network.summary, **_activations(network, out_activation)}
    write_archive(path, "weights", document, tensors)


def named_weights(module: MLP) -> dict[str, torch.Tensor]:
    """Return weights, biases, parameters of norms and scaling, and running statistics, by name."""
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
        elif layer < 0:
            name = next(name for name, kind in INPUT_LAYERS.items() if type(part) is kind)
        else:  # only activations of the user have tensors
            name = f"layers.{layer}.activation"
        for key, tensor in part.state_dict(keep_vars=True).items():
            if tensor.is_floating_point():  # excludes num_batches_tracked, which is not used
                found[f"{name}.{key}"] = tensor
    return found


def _activations(network: Network, out_activation: str | None) -> dict[str, Any]:
    """Return name and options of hidden activations, and the output activation, for the file."""
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
    """Raise an error if the activations in the file, if known, differ from those of the network."""
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
    """Set the weights of the net in new memory, so that arrays held by users do not change."""
    net = est.net_
    layers = range(len(net.module_.dense_layers))
    coefs = [arrays[f"layers.{i}.weight"] for i in layers]
    net.take_weights(coefs, [arrays[f"layers.{i}.bias"] for i in layers])
    with torch.no_grad():
        for name, tensor in named_weights(net.module_).items():
            tensor.copy_(torch.from_numpy(arrays[name].copy()))
    net.optimizer_choice = net.pending_moments = None  # the old moments do not fit the new weights
    est.coefs_, est.intercepts_ = net.weights()


def _differences(ours: dict[str, torch.Tensor], arrays: dict[str, NDArray]) -> str:
    """Return a text that lists tensors with different shapes, or "" if there are none."""
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
