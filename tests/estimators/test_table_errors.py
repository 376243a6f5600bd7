"""The error for a data frame that is not numeric: its advice works as it is written."""

import datetime
import textwrap

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, tabular_pipeline
from sknn_tips.exceptions import DataError

N = 240
Y = np.tile([0, 1], N // 2)
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "age": np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(size=N)),
        "city": np.where(np.arange(N) % 7 == 0, None, np.where(Y, "Rome", "Oslo")),
        "size": pd.Categorical(np.tile(["S", "M", "L"], N // 3)),
        "member": RNG.random(N) < 0.5,
        "signup": pd.date_range("2026-01-01", periods=N),
        "written": pd.date_range("2026-01-01", periods=N).strftime("%d.%m.%Y"),
        "note": [f"customer {i}" for i in range(N)],
    }
)
UNUSABLE = ["signup", "written", "note"]


def net(kind=MLPClassifier):
    return kind(hidden_layer_sizes=5, max_iter=20, tol=None, learning_rate_init=0.1, random_state=0)


def error_of(X, kind=MLPClassifier):
    with pytest.raises(DataError, match=r"^Input X contains text, dates or NaN") as error:
        net(kind).fit(X, Y)
    return str(error.value)


@pytest.mark.parametrize("columns", [list(TABLE), ["city"], ["age", "city", "member"]])
def test_the_lines_of_the_error_work_on_the_table_that_it_is_about(columns):
    X = TABLE[columns]
    names = {"MLPClassifier": net, "X": X}
    exec(textwrap.dedent(error_of(X).split("of the network:\n")[1]), names)
    model, X = names["model"], names["X"]
    assert model.fit(X, Y).score(X, Y) > 0.9
    assert list(X) == [name for name in columns if name not in UNUSABLE]


@pytest.mark.parametrize(
    ("kind", "name"), [(MLPClassifier, "classifier"), (MLPRegressor, "regressor")]
)
def test_the_first_remedy_is_the_model_for_tables(kind, name):
    X = TABLE.drop(columns=UNUSABLE)
    message = error_of(X, kind)
    listed, remedy = message.split(". Use ")
    assert remedy.startswith(f"sknn_tips.tabular_pipeline({name!r}), which takes text and NaN. Or")
    assert "Convert or drop" not in remedy
    assert listed.count("'city'") == 1
    assert f"'city' holds {X['city'].dtype} ({X['city'].isna().sum()} missing)" in listed
    assert f"'age' has {X['age'].isna().sum()} missing" in listed
    assert "member" not in listed
    model = tabular_pipeline(name, cv=2).set_params(nets__net__max_iter=1)
    assert len(model.fit(X, Y).predict(X)) == N


def test_of_numbers_with_nan_the_imputer_is_enough():
    X = TABLE[["age"]]
    message = error_of(X)
    assert "\n" not in message
    assert "OneHotEncoder" not in message
    names = {
        "make_pipeline": make_pipeline,
        "SimpleImputer": SimpleImputer,
        "StandardScaler": StandardScaler,
        "MLPClassifier": net,
    }
    line = message.split(", by ")[1].removesuffix(" of scikit-learn.")
    assert eval(line, names).fit(X, Y).predict(X).shape == (N,)


def test_dates_text_and_identifiers_have_advice_of_their_own():
    lines = error_of(TABLE[["age", *UNUSABLE]]).splitlines()
    assert lines[0].endswith("which takes text and NaN. Convert or drop first:")
    assert [line.split(" holds")[0] for line in lines[1:4]] == [
        f"- Column {name!r}" for name in UNUSABLE
    ]
    assert lines[4].startswith("Or impute in front")
    alone = error_of(TABLE[["signup"]])
    assert "tabular_pipeline" not in alone
    assert "SimpleImputer" not in alone
    assert alone.splitlines()[0].endswith("Convert or drop first:")


def test_an_unnamed_column_is_shown_by_its_number():
    assert "X[0].dt.year" in error_of(pd.DataFrame({0: TABLE["signup"]}))


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([datetime.date(2024, 1, 1 + i) for i in range(20)], "'odd' holds dates or times"),
        ([datetime.timedelta(i) for i in range(20)], "'odd' holds time spans"),
        (["a", "b"] * 10, "tabular_pipeline"),
        ([1.0, None] * 10, "'odd' has 10 missing.*SimpleImputer"),
    ],
)
def test_frames_of_polars_are_explained_by_column(column, words):
    polars = pytest.importorskip("polars", reason="polars is an optional input")
    X = polars.DataFrame({"odd": column, "number": np.arange(20.0)})
    for frame in (X, X.select("odd")):
        with pytest.raises(DataError, match=f"(?s){words}.*X.to_pandas"):
            MLPRegressor().fit(frame, np.arange(20.0))
