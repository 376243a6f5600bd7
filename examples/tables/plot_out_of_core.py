"""
Train on a table that does not fit into memory
==============================================

:meth:`~sknn_tips.MLPClassifier.partial_fit` trains one epoch on the samples that it receives, and
continues with the state of the optimizer. A file can therefore be read and used for training
chunk by chunk, and the memory that is needed does not depend on the size of the file.

The data is a part of Covertype (patches of forest with seven types of trees) if it is in the
folder given by the environment variable ``SKNN_TIPS_DATA``, and otherwise scikit-learn's digits in
18 chunks. Of the 581,012 rows of Covertype, the first 150,000 are used, so that the example runs
in some seconds; remove ``n_chunks`` to use all. Reading Parquet files needs
``pip install "sknn_tips[data]"``.
"""

# %%
# Reading a file in chunks
# ------------------------
import os
import tempfile
from itertools import islice
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
    chunk_rows, n_chunks = 10_000, 15
else:
    path, chunk_rows, n_chunks = Path(folder.name) / "digits.parquet", 100, None
    X, y = load_digits(return_X_y=True, as_frame=True)
    X.assign(target=y.astype(str)).to_parquet(path)


def chunks(part):
    """Yield DataFrames with some rows of the table; every tenth row is used for testing."""
    for batch in islice(pq.ParquetFile(path).iter_batches(chunk_rows), n_chunks):
        frame = batch.to_pandas()
        is_test = np.arange(len(frame)) % 10 == 0
        yield frame[is_test] if part == "test" else frame[~is_test]


n_rows = sum(len(frame) for part in ("train", "test") for frame in chunks(part))
print(f"{path.name}: {n_rows:,} rows, read {chunk_rows:,} at a time")

# %%
# First pass: fitting the scaler and the encoder
# ----------------------------------------------
# The mean and the standard deviation of the numeric columns, and the categories of the other
# columns, are computed chunk by chunk.
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
    """Return the input of the network and the labels."""
    parts = [scaler.transform(frame[scaler.feature_names_in_])]
    if names:
        parts.append(columns.transform(frame[list(names)]))
    return np.hstack(parts).astype(np.float32), frame["target"].to_numpy(dtype=str)


# %%
# Training passes
# ---------------
# We measure the memory of the process in addition to its memory before the first of these passes.
def tested(model):
    """Return the accuracy on the test rows."""
    right = n_test = 0
    for frame in chunks("test"):
        X, y = prepared(frame)
        right, n_test = right + int((model.predict(X) == y).sum()), n_test + len(X)
    return right / n_test


def memory():
    """Return the memory of the process in MB, or NaN if the system does not report it."""
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
    print(f"pass {epoch + 1}: {rows:,} samples processed, accuracy {accuracies[-1][1]:.4f}")

whole = n_rows * (X.shape[1]) * 4 / 2**20
print(f"additional memory: at most {max(taken):.0f} MB; the whole X needs {whole:.0f} MB")

# %%
# The order of the samples
# ------------------------
# The file of Covertype is ordered by location, and a network that is trained on one location
# after the other forgets the earlier ones. ``fit`` shuffles the samples, and also accepts a
# :class:`numpy.memmap`. Here the encoded samples are written to such a file chunk by chunk. If it
# is larger than 256 MiB, it is not loaded into memory: each batch is read, and converted if
# necessary, when it is used.
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
print(f"{shuffled.n_iter_} epochs with shuffled samples: accuracy {tested(shuffled):.4f}")

# %%
# Figure
# ------
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
left.plot(*zip(*accuracies, strict=True), marker="o", label="chunks, in the order of the file")
left.plot([rows], [tested(shuffled)], marker="s", color="C1", label="fit, shuffled")
left.set(xlabel="samples processed", ylabel="accuracy on test samples", xlim=(0, None))
left.legend()
right.plot(seen, taken, label="this process")
right.axhline(whole, color="C1", linestyle="--", label="the whole X in float32")
right.set(xlabel="samples processed", ylabel="additional memory, MB", ylim=(0, None))
right.legend()
figure.savefig("out_of_core.png")
folder.cleanup()
