"""Ablation study of `tabular_pipeline` on real tables, and a comparison with other models.

    SKNN_TIPS_DATA=... python benchmarks/tabular.py               all tables, three seeds
    python benchmarks/tabular.py --only peers --seeds 1           without the ablation study
    python benchmarks/tabular.py --tables credit_g abalone
    python benchmarks/tabular.py --unseen --jobs 2                the tables of unseen_tables.py

Each part of the model is removed or changed in turn. The script prints the error (fraction of wrong
labels, or RMSE divided by the standard deviation of y) and the log loss of classifiers, relative to
the complete model (or to that of `--base`), as geometric mean and median over the tables. The other
models are scikit-learn's MLP (imputed, standardised and one-hot encoded columns) and
HistGradientBoosting, and LightGBM, CatBoost and RealMLP-TD (pytabkit) if they are installed, all
with their defaults. There are at most 4,000 training and 5,000 test samples. For each table and
seed, a new process with one thread is started, and its CPU time is measured.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from time import process_time
from typing import Any

import numpy as np
import tables
import unseen_tables
from tables import TRAINING_ROWS

CLASSIFICATION = tables.CLASSIFICATION + unseen_tables.CLASSIFICATION
REGRESSION = tables.REGRESSION + unseen_tables.REGRESSION

TEST_ROWS = 5000
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

# The parameters that remove or change a part. Parts of classifiers do not affect regressors.
LEFT_OUT: dict[str, dict[str, Any]] = {
    "complete model": {},
    "without piecewise-linear bins": {"nets__encoder__numeric": "squash"},
    "StandardScaler instead of the bins": {"nets__encoder__numeric": "standardise"},
    "bins from a decision tree": {"nets__encoder__numeric__strategy": "tree"},
    "without bins for each value": {"nets__encoder__numeric__max_values": 0},
    "at most 50 levels": {"nets__encoder__max_levels": 50},
    "without input scaling": {"nets__net__input_scaling": False},
    "relu instead of mish": {"nets__net__activation": "relu"},
    "dropout of .1": {"nets__net__dropout": 0.1},
    "without weight decay": {"nets__net__weight_decay": 0.0},
    "constant learning rate": {"nets__net__learning_rate": "constant"},
    "beta_2=0.999": {"nets__net__beta_2": 0.999},
    "last epoch instead of the best": {"nets__net__restore_best": False},
    "without label smoothing": {"nets__net__label_smoothing": 0.0},
    "without temperature scaling": {"calibrate": False},
    "half as many folds": {"cv": 4},
    "with trees": {"trees": True},
}
# The other models, by name: package, class name without its ending, and parameters.
PEERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "scikit-learn's MLP": ("sklearn.neural_network", "MLP", {}),
    "HistGradientBoosting": (
        "sklearn.ensemble",
        "HistGradientBoosting",
        {"categorical_features": "from_dtype"},
    ),
    "LightGBM": ("lightgbm", "LGBM", {"n_jobs": 1, "verbose": -1}),
    "CatBoost": (
        "catboost",
        "CatBoost",
        {"thread_count": 1, "verbose": 0, "allow_writing_files": False},
    ),
    "RealMLP-TD": ("pytabkit", "RealMLP_TD_", {"n_threads": 1, "device": "cpu"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="*", default=tables.CLASSIFICATION + tables.REGRESSION)
    parser.add_argument("--unseen", action="store_true", help="other tables, and --only peers")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--base", default="complete model", help="the model of the errors of 1")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes at a time")
    parser.add_argument(
        "--only",
        choices=["peers"],
        help="the complete model, with and without trees, and the other models",
    )
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.unseen:
        options.tables = unseen_tables.CLASSIFICATION + unseen_tables.REGRESSION
        options.only = "peers"
    variants = list(LEFT_OUT) if options.only is None else ["complete model", "with trees"]
    if options.one:
        print(json.dumps(measure(options.one[0], int(options.one[1]), variants)))
        return
    splits = list(product(options.tables, range(options.seeds)))
    with ThreadPoolExecutor(options.jobs) as threads:
        run = partial(in_fresh_process, only=options.only)
        measured = list(threads.map(lambda split: run(*split), splits))
    found = [(table, of_split) for (table, _), of_split in zip(splits, measured, strict=True)]
    report(found, options.base)


def in_fresh_process(table: str, seed: int, only: str | None) -> dict:
    command = [sys.executable, __file__, "--one", table, str(seed)]
    command += ["--only", only] if only else []
    env = {**os.environ, **THREADS}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    print(f"{table}, seed {seed}: {done.stdout.splitlines()[-1]}", file=sys.stderr, flush=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(table: str, seed: int, variants: list[str]) -> dict[str, dict[str, float]]:
    """Return the error, the log loss and the seconds of each model on one split."""
    warnings.simplefilter("ignore")  # convergence warnings of scikit-learn's MLP
    is_classifier = table in CLASSIFICATION
    split = rows_of(table, seed, is_classifier=is_classifier)
    fits: dict[str, Callable[[], Any]] = {
        name: model_of(name, is_classifier, seed) for name in variants
    }
    installed = [name for name, (package, *_) in PEERS.items() if importlib.util.find_spec(package)]
    fits |= {name: peer(name, split[0], is_classifier, seed) for name in installed}
    return {
        name: figures(make(), *split, is_classifier=is_classifier) for name, make in fits.items()
    }


def rows_of(table: str, seed: int, *, is_classifier: bool) -> tuple[Any, Any, Any, Any]:
    """Return training and test DataFrames, and targets: integer class codes, or floats."""
    from sklearn.model_selection import train_test_split

    from sknn_tips.datasets import load_table

    seen = table in tables.CLASSIFICATION + tables.REGRESSION
    X, y = load_table(table, return_X_y=True) if seen else unseen_tables.load(table)
    y = np.unique(y.astype(str), return_inverse=True)[1] if is_classifier else y.to_numpy(float)
    n_test = min(TEST_ROWS, max(len(X) // 4, len(X) - TRAINING_ROWS))
    sizes = {"test_size": n_test, "train_size": min(TRAINING_ROWS, len(X) - n_test)}
    stratify = y if is_classifier else None
    parts = train_test_split(X, y, **sizes, random_state=seed, stratify=stratify)
    for frame in parts[:2]:  # each part has only the levels that occur in it
        for column in frame.select_dtypes("category"):
            frame[column] = frame[column].cat.remove_unused_categories()
    return tuple(parts)


def model_of(name: str, is_classifier: bool, seed: int) -> Callable[[], Any]:
    """Return a function that creates the model with one part changed."""

    def make() -> Any:
        from sklearn.preprocessing import StandardScaler

        from sknn_tips import tabular_pipeline
        from sknn_tips.preprocessing import SquashingScaler

        scalers = {"squash": SquashingScaler(), "standardise": StandardScaler()}
        changed = {
            key: scalers.get(value, value) if isinstance(value, str) else value
            for key, value in LEFT_OUT[name].items()
        }
        kind = "classifier" if is_classifier else "regressor"
        model = tabular_pipeline(kind, trees=changed.pop("trees", False), random_state=seed)
        known = model.get_params()
        return model.set_params(**{key: value for key, value in changed.items() if key in known})

    return make


def peer(name: str, X: Any, is_classifier: bool, seed: int) -> Callable[[], Any]:
    """Return a function that creates another model for the table."""

    def make() -> Any:
        from sklearn.compose import TransformedTargetRegressor, make_column_transformer
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

        package, kind, parameters = PEERS[name]
        kind += "Classifier" if is_classifier else "Regressor"
        model = getattr(importlib.import_module(package), kind)(random_state=seed, **parameters)
        categories = list(X.select_dtypes("category"))
        numbers = [column for column in X if column not in categories]
        if name == "HistGradientBoosting":
            return model
        if name == "scikit-learn's MLP":
            one_hot = OneHotEncoder(handle_unknown="ignore", max_categories=50, sparse_output=False)
            table = make_column_transformer(
                (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
                (make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot), categories),
            )
            if not is_classifier:
                model = TransformedTargetRegressor(model, transformer=StandardScaler())
            return make_pipeline(table, model)
        if name == "CatBoost":
            model.set_params(cat_features=categories)
        return make_pipeline(FunctionTransformer(ready_for(name, X, categories, numbers)), model)

    return make


def ready_for(name: str, X: Any, categories: list, numbers: list) -> Callable[[Any], Any]:
    """Return a function that converts a DataFrame to the format that a package requires."""
    levels = {column: X[column].cat.categories for column in categories}
    medians = X[numbers].median()

    def ready(table: Any) -> Any:
        table = table.copy()
        for c in categories:
            if name == "CatBoost":  # categories and missing values as text
                text = table[c].astype(object).where(table[c].notna(), "missing")
                table[c] = text.astype(str).astype(object)
            else:
                table[c] = table[c].cat.set_categories(levels[c])
        if name == "CatBoost":
            return table
        if name == "RealMLP-TD":  # it does not accept missing numbers
            return table.fillna(medians)
        return table.set_axis([f"x{i}" for i in range(table.shape[1])], axis=1)

    return ready


def figures(model: Any, X_train, X_test, y_train, y_test, *, is_classifier: bool) -> dict:
    """Fit a model and return its scores on the test samples."""
    start = process_time()
    model.fit(X_train, y_train)
    seconds = process_time() - start
    if not is_classifier:
        residuals = model.predict(X_test) - y_test
        return {"error": np.sqrt(np.mean(residuals**2)) / np.std(y_test), "seconds": seconds}
    proba = np.asarray(model.predict_proba(X_test), dtype=float)
    proba = np.clip(proba / proba.sum(axis=1, keepdims=True), 1.2e-7, 1 - 1.2e-7)
    codes = np.searchsorted(model.classes_, y_test)
    return {
        "error": max(np.mean(proba.argmax(axis=1) != codes), 0.5 / len(y_test)),
        "log loss": -np.mean(np.log(proba[np.arange(len(codes)), codes])),
        "calibration": calibration_error(proba, codes),
        "seconds": seconds,
    }


def calibration_error(proba: np.ndarray, codes: np.ndarray, n_bins: int = 15) -> float:
    """Return the expected calibration error of the largest probability (Guo et al., 2017)."""
    confidence, correct = proba.max(axis=1), proba.argmax(axis=1) == codes
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = np.bincount(bins, confidence - correct, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(codes))


def report(found: list[tuple[str, dict[str, dict[str, float]]]], base: str) -> None:
    """Print the errors, of means over the seeds, relative to those of the model `base`.

    "better / worse" are the numbers of tables on which the error is lower and higher. The number
    after ± is the standard error over the tables. The log loss is a median, because losses near 0
    have extreme ratios.
    """
    values: dict[str, dict[str, dict[str, list[float]]]] = {}
    for table, by_name in found:
        for name, measured in by_name.items():
            for key, value in measured.items():
                of_table = values.setdefault(name, defaultdict(dict))[key]
                of_table.setdefault(table, []).append(value)
    whole = values[base]
    columns = ["error", "classifiers", "regressors", "better / worse", "log loss"]
    print(f"| | {' | '.join(columns)} | calibration error | fit, CPU s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, measured in values.items():
        ratio = {
            key: {t: np.mean(v) / np.mean(whole[key][t]) for t, v in measured[key].items()}
            for key in ("error", "log loss")
        }
        errors = ratio["error"]
        logs = np.log(list(errors.values()))
        cells = [
            f"{mean(errors.values())} ± {np.std(logs) / np.sqrt(max(1, len(logs) - 1)):.3f}",
            mean(errors[t] for t in errors if t in CLASSIFICATION),
            mean(errors[t] for t in errors if t in REGRESSION),
            f"{np.sum(logs < -1e-9)} / {np.sum(logs > 1e-9)}",
            f"{np.median(list(ratio['log loss'].values()) or [np.nan]):.3f}",
        ]
        of_tables = [np.mean(v) for v in measured["calibration"].values()]
        cells.append(f"{np.mean(of_tables):.3f}" if of_tables else "")
        seconds = np.median([value for v in measured["seconds"].values() for value in v])
        print(f"| {name} | {' | '.join(cells)} | {seconds:.1f} |")


def mean(ratios) -> str:
    """Return the geometric mean as text; an empty string if there are no ratios."""
    logs = [np.log(ratio) for ratio in ratios]
    return f"{np.exp(np.mean(logs)):.3f}" if logs else ""


if __name__ == "__main__":
    main()
