"""Compare errors and fit times with scikit-learn's MLP, with the same parameters, on real tables.

    python benchmarks/tables.py                 all tables, three seeds
    python benchmarks/tables.py adult phoneme   some tables

For each table and seed, a new process with one thread is started. In it, both estimators are first
fitted on some of the samples as a warm-up, and then on all samples; their order alternates with the
seed. Numeric columns are imputed and standardised, categorical ones one-hot encoded, and regression
targets standardised. There are at most 4,000 training samples. Without SKNN_TIPS_DATA,
scikit-learn's bundled datasets are used.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from time import perf_counter

CLASSIFICATION = ["adult", "churn_mlc", "credit_g", "letter", "phoneme", "spambase", "titanic"]
REGRESSION = [
    "abalone",
    "ames_housing",
    "bike_sharing_hour",
    "california_housing",
    "diamonds",
    "wine_quality",
]
BUNDLED = ["breast_cancer", "digits", "wine", "diabetes"]
TRAINING_ROWS = 4000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help="default: all available tables")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--one", type=int, metavar="SEED", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(compare(options.tables[0], options.one)))
        return
    found = CLASSIFICATION + REGRESSION if "SKNN_TIPS_DATA" in os.environ else BUNDLED
    tables = options.tables or found
    results = {table: [] for table in tables}
    for seed in range(options.seeds):
        for table in tables:
            results[table].append(in_fresh_process(table, seed))
            print(f"seed {seed}: {table}", file=sys.stderr)
    report(results)


def in_fresh_process(table: str, seed: int) -> dict:
    command = [sys.executable, __file__, table, "--one", str(seed)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        command, env={**os.environ, **threads}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def compare(table: str, seed: int) -> dict:
    """Return the error, the seconds and the epochs of both estimators on one split."""
    import warnings

    import sklearn.neural_network as theirs
    from sklearn.exceptions import ConvergenceWarning

    import sknn_tips as ours

    warnings.simplefilter("ignore", ConvergenceWarning)
    regression, X_train, X_test, y_train, y_test = prepared(table, seed)
    kind = "MLPRegressor" if regression else "MLPClassifier"
    order = ["sklearn", "ours"] if seed % 2 == 0 else ["ours", "sklearn"]
    result = {"rows": len(X_train), "columns": X_train.shape[1], "regression": regression}
    for warm in (True, False):
        for name in order:
            model = getattr({"sklearn": theirs, "ours": ours}[name], kind)(random_state=seed)
            rows = slice(0, 500) if warm else slice(None)
            model.set_params(max_iter=3 if warm else 200)
            start = perf_counter()
            model.fit(X_train[rows], y_train[rows])
            seconds = perf_counter() - start
            error = (1 - model.score(X_test, y_test)) ** (0.5 if regression else 1)
            result[name] = {"error": error, "seconds": seconds, "epochs": model.n_iter_}
    return result


def prepared(table: str, seed: int):
    """Return whether it is a regression task, and the encoded training and test arrays."""
    import numpy as np
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    X, y, regression = load(table)
    stratify = None if regression else y
    size = min(TRAINING_ROWS, int(len(X) * 0.75))
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=size, random_state=seed, stratify=stratify
    )
    encoder = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    X_train = encoder.fit_transform(X_train).astype(np.float32)
    X_test = encoder.transform(X_test).astype(np.float32)
    if regression:
        mean, scale = y_train.mean(), y_train.std()
        y_train, y_test = (y_train - mean) / scale, (y_test - mean) / scale
    return regression, X_train, X_test, np.asarray(y_train), np.asarray(y_test)


def load(table: str):
    if table in BUNDLED:
        import sklearn.datasets

        X, y = getattr(sklearn.datasets, f"load_{table}")(return_X_y=True, as_frame=True)
        return X, y.to_numpy(), table == "diabetes"
    from sknn_tips.datasets import load_table

    X, y = load_table(table, return_X_y=True)
    regression = table in REGRESSION
    return X, y.to_numpy(dtype=float) if regression else y.astype(str).to_numpy(), regression


def report(results: dict) -> None:
    import numpy as np
    import sklearn
    import torch

    print(f"\n{platform.processor() or platform.machine()}, Python {platform.python_version()},")
    print(f"scikit-learn {sklearn.__version__}, torch {torch.__version__}, one thread, float32\n")
    head = "| table | rows x columns | error sklearn | error sknn_tips | difference +- its noise |"
    print(head + " epochs sklearn | epochs sknn_tips | ratio of times | per epoch |")
    print("|---|---|---|---|---|---|---|---|---|")
    ratios, epoch_ratios, errors = [], [], []
    for table, runs in results.items():
        theirs, ours = ([run[name] for run in runs] for name in ("sklearn", "ours"))
        error = [np.array([r["error"] for r in part]) for part in (theirs, ours)]
        difference = error[1] - error[0]
        noise = difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else np.nan
        epochs = [np.median([r["epochs"] for r in part]) for part in (theirs, ours)]
        pairs = list(zip(theirs, ours, strict=True))
        ratio = np.median([b["seconds"] / a["seconds"] for a, b in pairs])
        a_epoch = np.median(
            [b["seconds"] / b["epochs"] / (a["seconds"] / a["epochs"]) for a, b in pairs]
        )
        ratios.append(ratio)
        epoch_ratios.append(a_epoch)
        errors.append(error[1].mean() / error[0].mean())
        shape = f"{runs[0]['rows']} x {runs[0]['columns']}"
        print(
            f"| {table} | {shape} | {error[0].mean():.4f} | {error[1].mean():.4f} |"
            f" {difference.mean():+.4f} +- {noise:.4f} | {epochs[0]:.0f} | {epochs[1]:.0f} |"
            f" {ratio:.2f} | {a_epoch:.2f} |"
        )
    means = [float(np.exp(np.mean(np.log(values)))) for values in (errors, ratios, epoch_ratios)]
    print(
        f"\ngeometric means of the ratios to scikit-learn: error {means[0]:.3f}, fit time"
        f" {means[1]:.2f}, time per epoch {means[2]:.2f}"
    )
    print(
        "(error: fraction of wrong labels, or sqrt(1 - R2); noise: standard error over the seeds)"
    )


if __name__ == "__main__":
    main()
