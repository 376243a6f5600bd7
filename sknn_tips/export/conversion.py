"""to_onnx: converts a fitted model to one ONNX graph."""

import os
import tempfile
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import ClassifierMixin, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.utils.validation import check_is_fitted, validate_data

from sknn_tips.data.polars_frames import from_polars, is_polars
from sknn_tips.export.ensembles import ENSEMBLES
from sknn_tips.export.graph import tensor_type
from sknn_tips.export.networks import DENSE, NETWORKS
from sknn_tips.export.scalers import SCALERS
from sknn_tips.export.tables import TABLES

# Before, operators such as Softmax and Min had other forms or fewer types.
OLDEST_OPSET = 13
USUAL_OPSET = 18  # newer ones add nothing that a graph needs, and older runtimes refuse them
_INSTALL = "pip install 'sknn_tips[onnx]'"
_CLASSIFIER_OPTIONS = {
    "zipmap": [True, False, "columns"],
    "output_class_labels": [True, False],
    "nocl": [False],  # skl2onnx reads it with zipmap
}


def to_onnx(
    model: Any,
    X: Any,
    *,
    target_opset: int | dict[str, int] | None = None,
    options: dict[Any, Any] | None = None,
    int8: bool = False,
) -> Any:
    """Convert a fitted model to one ONNX graph, which other programs can run without Python.

    The model can be an estimator of sknn_tips, an ensemble or transformer of it, the model of
    :func:`tabular_pipeline`, or a Pipeline, search or another model of scikit-learn that contains
    one and that the library skl2onnx can convert. This requires the libraries onnx, skl2onnx and
    onnxruntime: ``pip install 'sknn_tips[onnx]'``.

    Parameters
    ----------
    model : estimator
        A fitted model.

    X : array-like or DataFrame of shape (n_samples, n_features)
        A few samples with the columns of fit, which determine the inputs of the graph. If all
        columns are numbers, there is one input ``X`` of shape (n, n_features); its type is float if
        X is float32, and double otherwise. If there is a column of text, categories or booleans,
        there is one input of shape (n, 1) for each column, in this order. It has the name of the
        column, with a number appended if another result of the graph has this name. Text is a
        string, a missing text the empty string; numbers are double, or float where X is float32.
        Booleans are bool; if some are missing in X, the input is the text "True" or "False".

    target_opset : int or dict, default=None
        The version of ONNX's operators, at least 13, as in ``skl2onnx.to_onnx``; None is 18,
        which onnxruntime reads since version 1.14.

    options : dict, default=None
        Options of skl2onnx's converters, as in ``skl2onnx.to_onnx``.

    int8 : bool, default=False
        Whether to store the weights of dense layers as int8, by onnxruntime's dynamic quantization.
        The file is nearly four times smaller, and predictions are less exact. X must be float32.

    Returns
    -------
    onnx_model : onnx.ModelProto
        Write it to a file with ``onnx.save(onnx_model, path)``. A classifier has the outputs
        ``label`` and ``probabilities`` (n, n_classes); a regressor has ``variable`` (n, n_outputs).

    Raises
    ------
    NotFittedError
        If `model` is not fitted.
    TypeError
        If the model contains something that cannot be expressed in ONNX, such as an activation
        class of your own; the message says what. If `X` is sparse, or a path.
    ValueError
        If the columns of `X` are not those of fit in their order, if `int8` is true and the network
        calculates in double, or if `target_opset` is too old.
    ImportError
        If one of the libraries is not installed.

    See Also
    --------
    save_model : Saves a model for Python, such that training can be continued.

    Notes
    -----
    Labels, probabilities and predictions agree with those of `model` for the same X up to rounding.
    float32 inputs are computed in float32, as in `predict`. ``import sknn_tips.onnx`` registers the
    same converters for ``skl2onnx.to_onnx`` and ``skl2onnx.convert_sklearn``.

    Examples
    --------
    >>> import numpy as np
    >>> import onnxruntime
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tips import MLPClassifier, to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), MLPClassifier(16, tol=None, max_iter=20)).fit(X, y)
    >>> graph = to_onnx(model, X)
    >>> session = onnxruntime.InferenceSession(graph.SerializeToString())
    >>> label, probabilities = session.run(None, {"X": X})
    >>> bool((label == model.predict(X)).all())
    True
    >>> bool(np.allclose(probabilities, model.predict_proba(X)))
    True
    """
    check_is_fitted(model)
    _check_opset(target_opset)
    skl2onnx, errors = register()
    _check_is_table(X)
    types = _input_types(model, X)
    validate_data(model, X, reset=False, skip_check_array=True)  # the columns, as in predict
    if is_classifier(model):  # probabilities as a matrix, not as a list of dicts
        options = _with_matrix(model, options or {})
    try:
        graph = skl2onnx.convert_sklearn(
            model,
            f"sknn_tips {type(model).__name__}",
            initial_types=types,
            target_opset=USUAL_OPSET if target_opset is None else target_opset,
            options=options,
        )
    except errors as error:
        raise TypeError(
            f"to_onnx: a part of this {type(model).__name__} has no converter to ONNX:"
            f" {str(error).splitlines()[0]} Leave this part out, or register a converter with"
            " skl2onnx.update_registered_converter."
        ) from error
    _name_inputs(graph.graph, [name for name, _ in types])
    return _with_int8(graph) if int8 else graph


def register() -> tuple[Any, Any]:
    """Register the converters; return skl2onnx, and its errors for models without a converter.

    Raises
    ------
    ImportError
        If skl2onnx is not installed; the message names the extra.
    """
    try:
        import skl2onnx
        from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
    except ImportError as error:
        raise ImportError(f"Conversion to ONNX requires skl2onnx: {_INSTALL}.") from error
    for kind, (shapes, convert) in {**NETWORKS, **SCALERS}.items():
        options = _CLASSIFIER_OPTIONS if issubclass(kind, ClassifierMixin) else None
        name = f"SknnTips{kind.__name__}"
        skl2onnx.update_registered_converter(kind, name, shapes, convert, options=options)
    for kind, (name, shapes, convert, parser) in {**ENSEMBLES, **TABLES}.items():
        options = _CLASSIFIER_OPTIONS if issubclass(kind, ClassifierMixin) else None
        skl2onnx.update_registered_converter(
            kind, name, shapes, convert, parser=parser, options=options
        )
    return skl2onnx, (MissingConverter, MissingShapeCalculator)


def _check_opset(target_opset: int | dict[str, int] | None) -> None:
    version = target_opset.get("") if isinstance(target_opset, dict) else target_opset
    if version is not None and version < OLDEST_OPSET:
        raise ValueError(
            f"target_opset={target_opset!r}: the graphs need version {OLDEST_OPSET} of ONNX's"
            " operators (December 2020) or a newer one."
        )


def _check_is_table(X: Any) -> None:
    if isinstance(X, str | os.PathLike):
        raise TypeError(
            f"X={X!r} is a path; to_onnx takes some samples, such as the X of fit, and returns the"
            " graph. Write it to a file with onnx.save(to_onnx(model, X), path)."
        )
    if sparse.issparse(X):
        raise TypeError(
            "X is a sparse matrix, which ONNX does not have. Pass X[:1].toarray(): only the types"
            " and the number of columns are used."
        )


def _input_types(model: Any, X: Any) -> list[tuple[str, Any]]:
    """Return names and types of the inputs of the graph."""
    frame: Any = X if hasattr(X, "columns") else np.asarray(X)
    if is_polars(X):
        frame = from_polars(X)
    if isinstance(frame, np.ndarray):
        if frame.ndim != 2:
            raise ValueError(
                f"X has the shape {frame.shape}; to_onnx takes a table (n_samples, n_features),"
                " such as the X of fit."
            )
        if frame.dtype.kind in "iuf":
            return [("X", tensor_type(_float_dtype([frame.dtype]), [None, frame.shape[1]]))]
        # scikit-learn and TableCleaner number the columns
        names = [f"x{j}" for j in range(frame.shape[1])]
        frame = pd.DataFrame(frame.astype(object), columns=names).infer_objects()
    dtypes = [_column_dtype(column) for _, column in frame.items()]
    if all(dtype.kind == "f" for dtype in dtypes) and not _asks_for_columns(model):
        return [("X", tensor_type(_float_dtype(dtypes), [None, frame.shape[1]]))]
    return [
        (str(name), tensor_type(dtype, [None, 1]))
        for name, dtype in zip(frame.columns, dtypes, strict=True)
    ]


def _name_inputs(graph: Any, names: list[str]) -> None:
    """Give the inputs their names, of which skl2onnx keeps letters and digits only."""
    from onnx.helper import make_node

    taken = {name for node in graph.node for name in node.output}
    taken |= {each.name for each in (*graph.input, *graph.initializer)}
    for each, name in zip(graph.input, names, strict=True):
        if name not in taken:
            taken.add(name)
            graph.node.insert(0, make_node("Identity", [name], [each.name], name=f"Input {name}"))
            each.name = name


def _with_matrix(model: Any, options: dict[Any, Any]) -> dict[Any, Any]:
    """Return the options of a classifier with zipmap=False, unless they have a zipmap."""
    if any(isinstance(key, str) for key in options):  # option names, which go to the model
        return {"zipmap": False, **options}
    key = type(model) if type(model) in options else id(model)
    return {**options, key: {"zipmap": False, **options.get(key, {})}}


def _column_dtype(column: pd.Series) -> np.dtype:
    """Return object for text, bool, or float32 or float64 for numbers.

    Booleans with missing values are text, since a boolean of ONNX cannot be missing.
    """
    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    if pd.api.types.is_object_dtype(dtype):
        kinds: set[Any] = set(map(type, column.dropna()))
        if kinds and all(issubclass(kind, Real) and kind is not bool for kind in kinds):
            return np.dtype(np.float64)
        return np.dtype(object)
    if pd.api.types.is_bool_dtype(dtype):
        return np.dtype(object if column.isna().any() else bool)
    return _float_dtype([dtype]) if pd.api.types.is_numeric_dtype(dtype) else np.dtype(object)


def _float_dtype(dtypes: Any) -> np.dtype:
    """Return float32 if all dtypes are, else float64, as in scikit-learn."""
    return np.dtype(np.float32 if all(dtype == np.float32 for dtype in dtypes) else np.float64)


def _asks_for_columns(model: Any) -> bool:
    """Return whether a ColumnTransformer in the model selects columns, maybe by name."""
    parts = [model, *model.get_params().values()]
    return any(isinstance(part, ColumnTransformer) for part in parts)


def _with_int8(graph: Any) -> Any:
    """Return the graph with the weights of dense layers as int8."""
    import onnx

    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise ImportError(f"int8=True requires onnxruntime: {_INSTALL}.") from error
    dense = [node for node in graph.graph.node if node.name.startswith(DENSE)]
    weights = {name for node in dense for name in node.input}
    if any(
        tensor.name in weights and tensor.data_type == onnx.TensorProto.DOUBLE
        for tensor in graph.graph.initializer
    ):
        raise ValueError(
            "int8=True: the network calculates in double, because X or the output of the step"
            " before it is not float32, and onnxruntime quantizes float. Pass X.astype(np.float32)."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "int8.onnx")
        names = [node.name for node in dense]
        quantize_dynamic(graph, path, nodes_to_quantize=names, weight_type=QuantType.QInt8)
        return onnx.load(path)
