"""The weights of a network as the arrays ``coefs_`` and ``intercepts_``, which users may assign."""

import operator
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips.nn.module import MLP


class WeightArrays:
    """The arrays of a module's weights; on the CPU they share its memory.

    Parameters
    ----------
    module : MLP

    Attributes
    ----------
    returned : list of ndarray
        The arrays that `get` returned last.
    """

    def __init__(self, module: MLP) -> None:
        self.layers = module.dense_layers
        self.returned: list[NDArray] = []

    def get(self) -> tuple[list[NDArray], list[NDArray]]:
        """Return ``coefs_`` and ``intercepts_``."""
        coefs = [_view(layer.weight) for layer in self.layers]
        intercepts = [_view(layer.bias) for layer in self.layers]
        self.returned = [*coefs, *intercepts]
        return coefs, intercepts

    def assigned(self, coefs: Any, intercepts: Any) -> list[tuple[NDArray, torch.nn.Parameter]]:
        """Return each array and its parameter; no pairs if all are the module's own memory.

        Raises
        ------
        ValueError
            If the shape of an array is not that of the layer.
        """
        if self._are_returned(coefs, intercepts):
            return []
        weights, biases = zip(*((each.weight, each.bias) for each in self.layers), strict=True)
        _check_shapes("coefs_", coefs, weights)
        _check_shapes("intercepts_", intercepts, biases)
        pairs = list(zip([*coefs, *intercepts], [*weights, *biases], strict=True))
        return [] if all(self._is_own(*pair) for pair in pairs) else pairs

    def _are_returned(self, coefs: Any, intercepts: Any) -> bool:
        """Return whether these are the arrays that `get` returned last: a fast first check."""
        return (
            isinstance(coefs, list)
            and isinstance(intercepts, list)
            and len(coefs) + len(intercepts) == len(self.returned)
            and all(map(operator.is_, chain(coefs, intercepts), self.returned))
        )

    def _is_own(self, array: Any, parameter: torch.Tensor) -> bool:
        """Return whether the array is the parameter's memory, or on a GPU, the returned copy."""
        if not isinstance(array, np.ndarray):
            return False
        if parameter.device.type != "cpu":
            return any(array is each for each in self.returned)
        same_memory = array.__array_interface__["data"][0] == parameter.data_ptr()
        return same_memory and array.flags.c_contiguous


def _view(parameter: torch.Tensor) -> NDArray:
    array = parameter.detach().cpu().numpy()
    if parameter.device.type != "cpu":
        array.flags.writeable = False  # a copy: writing to it would not change the network
    return array


def _check_shapes(name: str, arrays: Any, parameters: tuple[torch.nn.Parameter, ...]) -> None:
    if not isinstance(arrays, list | tuple):
        raise ValueError(f"{name}={arrays!r}: assign a list of {len(parameters)} arrays.")
    if len(arrays) != len(parameters):
        raise ValueError(f"{name} holds {len(arrays)} arrays for {len(parameters)} layers.")
    for i, (array, parameter) in enumerate(zip(arrays, parameters, strict=True)):
        if np.shape(array) != tuple(parameter.shape):
            raise ValueError(
                f"{name}[{i}] has shape {np.shape(array)}; the layer needs"
                f" {tuple(parameter.shape)}."
            )
