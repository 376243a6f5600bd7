"""A small layer over skl2onnx's containers, in which a calculation is written as calls.

Only operators are used that have the same form in all versions since opset 13, and that onnxruntime
has for both float and double.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Graph:
    """Adds nodes to the ONNX graph of one operator of skl2onnx.

    The methods take and return names of results in the graph.

    Parameters
    ----------
    scope, operator, container : Scope, Operator, ModelComponentContainer
        What skl2onnx passes to a converter.
    dtype : dtype, default=float64
        The type of the calculation: float32 or float64.
    """

    def __init__(self, scope: Any, operator: Any, container: Any, dtype: Any = np.float64) -> None:
        self.scope, self.operator, self.container = scope, operator, container
        self.dtype = np.dtype(dtype)

    def node(self, kind: str, *inputs: str, domain: str = "", name: str = "", **given: Any) -> str:
        """Add a node and return the name of its only output."""
        output: str = self.scope.get_unique_variable_name(f"{kind}_result")
        name = self.scope.get_unique_operator_name(name or kind)
        self.container.add_node(kind, list(inputs), output, op_domain=domain, name=name, **given)
        return output

    def constant(self, values: Any, dtype: Any = None) -> str:
        """Return a constant, of the dtype of the calculation unless another is given."""
        name: str = self.scope.get_unique_variable_name("constant")
        array = np.asarray(values, dtype=dtype or self.dtype)
        content: Any = array.ravel()
        if array.dtype.kind in "UO":  # onnx 1.17 encodes str as ASCII
            content = [text.encode() for text in content]
        self.container.add_initializer(name, _proto(array.dtype), list(array.shape), content)
        return name

    def cast(self, x: str, dtype: Any = None) -> str:
        """Cast to a dtype, by default that of the calculation."""
        return self.node("Cast", x, to=_proto(dtype or self.dtype))

    def columns(self, x: str, positions: Sequence[int] | NDArray) -> str:
        """Return the columns at these positions."""
        return self.node("Gather", x, self.constant(positions, np.int64), axis=1)

    def concat(self, parts: Sequence[str]) -> str:
        """Join matrices side by side."""
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=1)

    def mean(self, x: str, width: int) -> str:
        """Return the mean of each row, (n, 1), as a product: ReduceMean changed with opset 18."""
        return self.node("MatMul", x, self.constant(np.full((width, 1), 1 / width)))

    def clip(self, x: str, low: Any, high: Any) -> str:
        """Limit the values like numpy.clip, which keeps NaN, as Clip of ONNX need not."""
        lowest, highest = self.constant(low), self.constant(high)
        x = self.node("Where", self.node("Less", x, lowest), lowest, x)
        return self.node("Where", self.node("Greater", x, highest), highest, x)

    def output(self, result: str, position: int = 0) -> None:
        """Make a result an output of the operator."""
        self.container.add_node(
            "Identity",
            result,
            self.operator.outputs[position].full_name,
            name=self.scope.get_unique_operator_name("Output"),
        )


def joined(graph: Graph, variables: Sequence[Any]) -> str:
    """Return the input variables side by side, in the dtype of the calculation."""
    return graph.concat([graph.cast(variable.full_name) for variable in variables])


def is_float32(variables: Sequence[Any]) -> bool:
    """Return whether all variables are float32; then scikit-learn calculates in float32, too."""
    from skl2onnx.common.data_types import FloatTensorType

    return all(isinstance(variable.type, FloatTensorType) for variable in variables)


def tensor_type(dtype: Any, shape: Sequence[int | None]) -> Any:
    """Return skl2onnx's type of a tensor of strings (dtype object), booleans or numbers."""
    from skl2onnx.common import data_types

    kinds = {
        "float32": data_types.FloatTensorType,
        "float64": data_types.DoubleTensorType,
        "int64": data_types.Int64TensorType,
        "bool": data_types.BooleanTensorType,
        "object": data_types.StringTensorType,
    }
    return kinds[np.dtype(dtype).name](list(shape))


def n_rows(operator: Any) -> int | None:
    """Return the number of samples that the operator's input declares, usually None."""
    rows: int | None = operator.inputs[0].get_first_dimension()
    return rows


def set_rows(operator: Any) -> None:
    """Set the number of samples of the outputs; the parser knows the rest of their types."""
    for output in operator.outputs:
        output.type.shape[0] = n_rows(operator)


def lookup(graph: Graph, x: str, codes: dict[Any, int], default: int) -> str:
    """Return the code of each value, of an int64 or a text; int64."""
    given: dict[str, Any] = {"values_int64s": list(codes.values()), "default_int64": default}
    keys = list(codes) or [0]
    if not codes:
        given["values_int64s"] = [default]
    given["keys_strings" if isinstance(keys[0], str) else "keys_int64s"] = keys
    # the version that all runtimes have; skl2onnx would choose one that it does not support itself
    return graph.node("LabelEncoder", x, domain="ai.onnx.ml", op_version=2, **given)


def _proto(dtype: Any) -> int:
    from onnx.helper import np_dtype_to_tensor_dtype

    return int(np_dtype_to_tensor_dtype(np.dtype(dtype)))
