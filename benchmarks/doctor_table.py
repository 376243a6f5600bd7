"""Report the tips of fits with good settings. A severe tip would mean that a check is wrong.

    make doctor-table                              write docs/doctor_table.md
    python benchmarks/doctor_table.py titanic A5   print some rows

The fits are the experiments of the lectures with good settings, and thirteen tables with suitable
Pipelines, with three seeds each. Without SKNN_TIPS_DATA, MNIST and the tables are fetched from
OpenML.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))

import joblib
import sklearn
import torch
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.lectures.data import DATA, REAL_TARGET
from benchmarks.lectures.systems import select
from benchmarks.tables import CLASSIFICATION, REGRESSION, TRAINING_ROWS, load
from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.tips.checks import CHECKS

PAGE = Path(__file__).parents[1] / "docs" / "doctor_table.md"
SEEDS = 3

STOPS = {"early_stopping": True, "monitor": "val_loss"}
# Changes that improve the settings of the decks, where these are not good.
LECTURES: dict[str, dict[str, Any]] = {
    "A1": {"learning_rate_init": 0.001, "max_iter": 10, "dropout": 0.3},
    "A2-ours": {},
    "A3": {"max_iter": 10},
    "A4": {},
    "A5-ours": {},
    "A6-ours": {},
    "A7-scaled": {"learning_rate_init": 0.2, "max_iter": 500},
    "A8": {},
    "A9.6b": {},
    "A9-ours": {},
    "A10.4": {"max_iter": 5},
    "A10.6": {},
}
NETS: dict[str, dict[str, Any]] = {
    "default net": {"max_iter": 200, **STOPS},
    "128-64, batch norm, dropout .2, adamw": {
        "hidden_layer_sizes": (128, 64),
        "batchnorm": True,
        "dropout": 0.2,
        "optimizer": "adamw",
        "max_iter": 100,
        **STOPS,
    },
    "64-64 tanh, sgd": {
        "hidden_layer_sizes": (64, 64),
        "activation": "tanh",
        "optimizer": "sgd",
        "learning_rate_init": "auto",
        "max_iter": 200,
        **STOPS,
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="experiments or tables; default: all")
    only = parser.parse_args().only
    rows = [row for row in all_rows() if not only or row[0] in only]
    jobs = [(row, seed) for row in rows for seed in range(SEEDS)]
    todo = (joblib.delayed(tips_of)(*row, seed) for row, seed in jobs)
    found = joblib.Parallel(n_jobs=2, verbose=5)(todo)
    fired = {row: Counter() for row in rows}
    for (row, _), codes in zip(jobs, found, strict=True):
        fired[row].update(codes)
    text = page(fired)
    print(text)
    if not only:
        PAGE.write_text(text, encoding="utf-8")


def all_rows() -> Iterator[tuple[str, str]]:
    for id_ in LECTURES:
        yield id_, "improved" if LECTURES[id_] else "of the deck"
    for table in CLASSIFICATION + REGRESSION:
        for net in NETS:
            yield table, net


def tips_of(name: str, net: str, seed: int) -> list[tuple[str, str]]:
    """Return the code and the severity of every tip of one fit."""
    tips = lecture(name, seed) if name in LECTURES else table(name, net, seed)
    return [(tip.code, tip.severity) for tip in tips]


def lecture(id_: str, seed: int) -> list[Any]:
    (system,) = (found for found in select(id_) if found.id == id_)
    rows = DATA[system.data]()
    kind = MLPRegressor if system.data in REAL_TARGET else MLPClassifier
    settings = {**system.params, "tol": None, **LECTURES[id_]}
    model = kind(**settings, random_state=seed, tips="ignore")
    own = {"X_val": rows.X_test, "y_val": rows.y_test} if len(rows.X_train) > 100 else {}
    return model.fit(rows.X_train, rows.y_train, **own).tips_


def table(name: str, net: str, seed: int) -> list[Any]:
    X, y, regression = load(name)
    size = min(TRAINING_ROWS, int(len(X) * 0.75))
    stratify = None if regression else y
    X, _, y, _ = train_test_split(X, y, train_size=size, random_state=seed, stratify=stratify)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    settings = {**NETS[net], "tol": None, "random_state": seed, "tips": "ignore"}
    model = MLPRegressor(normalize_y=True, **settings) if regression else MLPClassifier(**settings)
    return make_pipeline(encoder, model).fit(X, y)[-1].tips_


def page(fired: dict[tuple[str, str], Counter]) -> str:
    codes = [code for code in CHECKS if any(c == code for row in fired.values() for c, _ in row)]
    lines = [
        "# Tips on healthy fits",
        "",
        "This page shows which [tips](tips.md) are reported for fits with good settings. The table",
        "shows for how many of three fits, with seeds 0 to 2, each tip was reported. Severe tips",
        "are **bold**; there should be none. These tips were never reported and have no column:",
        f"{', '.join(f'`{code}`' for code in CHECKS if code not in codes)}.",
        "",
        f"| fit | settings | {' | '.join(f'`{code}`' for code in codes)} |",
        "|---|---|" + "---|" * len(codes),
    ]
    for (name, net), counts in fired.items():
        cells = [cell(counts, code) for code in codes]
        lines.append(f"| {name} | {net} | {' | '.join(cells)} |")
    severe = sum(count for row in fired.values() for (_, s), count in row.items() if s == "severe")
    lines += [
        "",
        f"{SEEDS * len(fired)} fits, {severe} severe tips. The fits A1 to A10 are experiments of",
        "[the lectures](lectures.md), with better settings where those of the decks are not good",
        "(`LECTURES` in the script). The others are fits on real tables with up to 4,000 samples.",
        "Their numeric columns are imputed and standardised, categorical columns one-hot encoded,",
        'and regression targets normalised; early stopping uses `monitor="val_loss"`.',
        "",
        f"`make doctor-table`; scikit-learn {sklearn.__version__}, torch {torch.__version__}.",
        "",
    ]
    return "\n".join(lines)


def cell(counts: Counter, code: str) -> str:
    severe, hints = counts[code, "severe"], counts[code, "hint"]
    return f"**{severe}**" if severe else str(hints or "")


if __name__ == "__main__":
    main()
