"""skl2onnx, and the part of it that converts the steps inside a model."""

from typing import Any


def parse(scope: Any, model: Any, inputs: list[Any]) -> list[Any]:
    """Declare the operators of a model inside another one, and return the output variables.

    skl2onnx's own meta-estimators call this function. The public ones convert whole models only.
    Since skl2onnx 1.5.
    """
    from skl2onnx._parse import _parse_sklearn

    outputs: list[Any] = _parse_sklearn(scope, model, inputs)
    return outputs
