"""Compare ONNX graphs of `tabular_pipeline` in onnxruntime with the models on real tables.

    SKNN_TIPS_DATA=... python benchmarks/onnx_graphs.py

A model with few epochs and trees is fitted to a part of each table, and predicts the rest. The
times are medians in milliseconds, with one thread; the sizes are in MB. It requires the extras
``onnx``, ``save`` and ``data``.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd

from sknn_tips import save_model, tabular_pipeline, to_onnx
from sknn_tips.datasets import load_table

TABLES = {"adult": "classifier", "titanic": "classifier", "bike_sharing_hour": "regressor"}
N_TRAIN, N_TEST = 4000, 2000


def feeds(graph: Any, X: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the columns of X as the inputs of the graph."""
    dtypes = {1: np.float32, 8: object, 9: bool, 11: np.float64}
    if [each.name for each in graph.graph.input] == ["X"]:
        return {"X": X.to_numpy()}
    found = {}
    for each, (_, column) in zip(graph.graph.input, X.items(), strict=True):
        dtype = dtypes[each.type.tensor_type.elem_type]
        values = column.astype(object)
        values = values.fillna("") if dtype is object else values
        found[each.name] = values.to_numpy(dtype)[:, None]
    return found


def milliseconds(do: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        start = perf_counter()
        do()
        seconds.append(perf_counter() - start)
    return 1e3 * median(seconds)


def row(name: str, kind: str, trees: bool) -> str:
    X, y = load_table(name, return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))[: N_TRAIN + N_TEST]
    n_train = len(order) * 2 // 3
    X, y = X.iloc[order].reset_index(drop=True), y.iloc[order]
    X_test = X[n_train:]
    model = tabular_pipeline(kind, trees=trees, random_state=0).set_params(nets__net__max_iter=10)
    model.fit(X[:n_train], y[:n_train])
    graph = to_onnx(model, X)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
    given = feeds(graph, X_test)
    first = {name: values[:1] for name, values in given.items()}
    found, expected = session.run(None, given), model.predict(X_test)
    wrong = (found[0].reshape(expected.shape) != expected).sum() if kind == "classifier" else 0
    values = model.predict_proba(X_test) if kind == "classifier" else expected
    scale = 1 if kind == "classifier" else np.abs(expected).max()
    error = np.abs(found[-1].reshape(values.shape) - values).max() / scale
    with tempfile.NamedTemporaryFile() as file:
        save_model(model, file.name)
        size = os.path.getsize(file.name)
    predict = model.predict_proba if kind == "classifier" else model.predict
    cells = [
        f"{name}{', with trees' if trees else ''}",
        f"{wrong} of {len(expected)}" if kind == "classifier" else "-",
        f"{error:.0e}",
        f"{graph.ByteSize() / 1e6:.1f} / {size / 1e6:.1f}",
    ]
    for some, batch, times in ((first, X_test[:1], 50), (given, X_test, 7)):
        ours = milliseconds(partial(predict, batch), times)
        theirs = milliseconds(partial(session.run, None, some), times)
        cells.append(f"{theirs:.1f} / {ours:.1f}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    warnings.simplefilter("ignore")
    print("| table | other labels | largest error | size | 1 sample | all samples |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, kind in TABLES.items():
        for trees in (False, True):
            print(row(name, kind, trees), flush=True)


if __name__ == "__main__":
    main()
