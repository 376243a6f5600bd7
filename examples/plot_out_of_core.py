"""
Out of core: a table that never is in memory as a whole
=======================================================

:meth:`~sknn_tips.MLPClassifier.partial_fit` trains one epoch on the rows it is given, and the
optimizer goes on where it was. So a file can be read and trained on chunk by chunk, and the memory
that training takes does not grow with the file.

The rows are those of Covertype (581,012 patches of forest, seven kinds of trees) where the
environment variable ``SKNN_TIPS_DATA`` names a folder that has them, else scikit-learn's digits
in 18 chunks. Reading Parquet needs ``pip install "sknn_tips[data]"``.
"""

# %%
# A file, and a way to read it in chunks
# --------------------------------------
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tips import MLPClassifier
from sknn_tips.datasets import is_available

folder = tempfile.TemporaryDirectory()
if is_available("covertype"):
    path = Path(os.environ["SKNN_TIPS_DATA"]) / "tabular" / "covertype.parquet"
    chunk_rows = 10_000
else:
    path, chunk_rows = Path(folder.name) / "digits.parquet", 100
    X, y = load_digits(return_X_y=True, as_frame=True)
    X.assign(target=y.astype(str)).to_parquet(path)


def chunks(part):
    """Yield the table as DataFrames of some rows; every tenth row is for testing."""
    for batch in pq.ParquetFile(path).iter_batches(chunk_rows):
        frame = batch.to_pandas()
        is_test = np.arange(len(frame)) % 10 == 0
        yield frame[is_test] if part == "test" else frame[~is_test]


n_rows = pq.ParquetFile(path).metadata.num_rows
print(f"{path.name}: {n_rows:,} rows, read {chunk_rows:,} at a time")

# %%
# A first pass: what the scaler and the encoder must know
# -------------------------------------------------------
# Mean and standard deviation of the numbers, and the categories of the names, chunk by chunk.
scaler, names, classes, n_train = StandardScaler(), {}, set(), 0
for frame in chunks("train"):
    n_train += len(frame)
    numbers = frame.drop(columns="target").select_dtypes("number")
    scaler.partial_fit(numbers)
    for column in frame.columns.drop([*numbers, "target"]):
        names.setdefault(column, set()).update(frame[column])
    classes |= set(frame["target"])

first = pd.DataFrame({column: sorted(values)[:1] for column, values in names.items()})
encoder = OneHotEncoder(categories=[sorted(values) for values in names.values()])
columns = ColumnTransformer([("names", encoder, list(names))], sparse_threshold=0)
if names:
    columns.fit(first)


def prepared(frame):
    """Return the network's input and the labels."""
    parts = [scaler.transform(frame[scaler.feature_names_in_])]
    if names:
        parts.append(columns.transform(frame[list(names)]))
    return np.hstack(parts).astype(np.float32), frame["target"].to_numpy(dtype=str)


# %%
# The passes that train
# ---------------------
# The memory is that of the process beyond what it had before the first of these passes.
def tested(model):
    """Return the accuracy on the rows that are never trained on."""
    right = n_test = 0
    for frame in chunks("test"):
        X, y = prepared(frame)
        right, n_test = right + int((model.predict(X) == y).sum()), n_test + len(X)
    return right / n_test


def memory():
    """Return the megabytes of the process, where the system tells them."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:  # not on macOS and Windows
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


model = MLPClassifier("128x2", batch_size=50, random_state=0)
seen, taken, accuracies, before, rows = [], [], [], memory(), 0
for epoch in range(3):
    for frame in chunks("train"):
        X, y = prepared(frame)
        model.partial_fit(X, y, classes=sorted(map(str, classes)))
        rows += len(X)
        seen.append(rows)
        taken.append(memory() - before)
    accuracies.append((rows, tested(model)))
    print(f"pass {epoch + 1}: {rows:,} rows trained on, accuracy {accuracies[-1][1]:.4f}")

whole = n_rows * (X.shape[1]) * 4 / 2**20
print(f"memory: at most {max(taken):.0f} MB more than before; X alone would take {whole:.0f} MB")

# %%
# The order of the rows
# ---------------------
# Covertype's file goes from place to place, and a network that sees one place at a time forgets the
# others. ``fit`` shuffles, and takes a :class:`numpy.memmap` too: the prepared rows, written to a
# file chunk by chunk. Beyond 256 MiB it is not loaded: each batch is read when its turn comes, and
# cast if its type is another.
shape = (n_train, X.shape[1])
mapped = np.memmap(Path(folder.name) / "X", dtype=np.float32, mode="w+", shape=shape)
labels, start = np.empty(n_train, dtype=object), 0
for frame in chunks("train"):
    X, y = prepared(frame)
    rows_of_chunk = slice(start, start + len(X))
    mapped[rows_of_chunk], labels[rows_of_chunk] = X, y
    start += len(X)

shuffled = MLPClassifier("128x2", batch_size=50, max_iter=3, tol=None, random_state=0)
shuffled.fit(mapped, labels)
print(f"{shuffled.n_iter_} epochs of shuffled rows: accuracy {tested(shuffled):.4f}")

# %%
# The picture
# -----------
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
left.plot(*zip(*accuracies, strict=True), marker="o", label="chunks in the file's order")
left.plot([rows], [tested(shuffled)], marker="s", color="C1", label="fit, shuffled")
left.set(xlabel="rows trained on", ylabel="accuracy on rows never trained on", xlim=(0, None))
left.legend()
right.plot(seen, taken, label="this process")
right.axhline(whole, color="C1", linestyle="--", label="X in float32, as a whole")
right.set(xlabel="rows trained on", ylabel="MB more than before", ylim=(0, None))
right.legend()
figure.savefig("out_of_core.png")
folder.cleanup()
