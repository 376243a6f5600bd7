"""Columns that are neither numbers nor categories; the advice for dates works as it is written."""

import datetime
import re
from collections import Counter

import pandas as pd
import pytest

from sknn_tips.data.unusable import explain_column, explain_texts

DAYS = pd.date_range("2026-01-10", periods=30, unit="us")
SECONDS = [0.0, 1.0, 59.0]
DATES = {
    "datetimes": (pd.Series(DAYS), "dates or times"),
    "dates": (pd.Series([*DAYS.date, None], dtype=object), "dates or times"),
    "dates among text": (pd.Series([*DAYS.date, "unknown"], dtype=object), "dates or times"),
    "periods": (pd.Series(DAYS.to_period("D")), "dates or times"),
    "ISO": (DAYS.strftime("%Y-%m-%d"), "dates as text"),
    "with hours": (DAYS.strftime("%Y-%m-%dT%H:%M:%S"), "dates as text"),
    "German": (DAYS.strftime("%d.%m.%Y"), "dates as text"),
    "American": (DAYS.strftime("%m/%d/%Y"), "dates as text"),
    "short": (DAYS.strftime("%m/%d/%y"), "dates as text"),
    "month": (DAYS.strftime("%d %b %Y"), "dates as text"),
    "month first": (DAYS.strftime("%B %d, %Y"), "dates as text"),
    "one unknown": ([*DAYS.strftime("%Y-%m-%d"), "unknown"], "dates as text"),
}
SPANS = {
    "times": ([datetime.time(0, 0, int(s)) for s in SECONDS] + [None], "times"),
    "spans": (pd.to_timedelta(SECONDS, unit="s"), "time spans"),
    "objects": (pd.Series(pd.to_timedelta(SECONDS, unit="s"), dtype=object), "time spans"),
}


@pytest.mark.filterwarnings("ignore:Could not infer format")  # pandas, of years with two digits
@pytest.mark.parametrize("kind", DATES)
def test_the_advice_for_dates_works(kind):
    column, what = DATES[kind]
    message = explain_column(pd.Series(column), "when")
    assert message.startswith(f"Column 'when' holds {what}, such as ")
    X = pd.DataFrame({"when": column})
    for conversion in re.findall(r"Convert it by (.*)\. Then", message):
        exec(conversion, {"pd": pd, "X": X})
    year = eval(re.search(r"from it by (.*), \.dt\.month and \.dt\.day_of_week", message)[1])
    assert year.dropna().tolist() == [2026] * 30
    assert X["when"].dt.day_of_week.dropna().tolist() == DAYS.day_of_week.tolist()


@pytest.mark.parametrize("kind", SPANS)
def test_the_advice_for_times_of_day_and_time_spans_works(kind):
    column, what = SPANS[kind]
    message = explain_column(pd.Series(column), "when")
    assert message.startswith(f"Column 'when' holds {what}, such as ")
    conversion = re.search(r"Convert it by (.*)\.$", message)[1]
    seconds = eval(conversion, {"pd": pd, "X": pd.DataFrame({"when": column})})
    assert seconds.dropna().tolist() == SECONDS


@pytest.mark.parametrize(
    "texts",
    [
        DAYS.strftime("%Y-%m-%d")[:19],  # few dates may be a category
        [f"{i}.{i}.3" for i in range(30)],  # versions
        [f"555-{i}-1234" for i in range(30)],  # telephone numbers
        [f"{i}-2026" for i in range(30)],
        ["2026-01-01", *map(str, range(30))],
    ],
)
def test_other_text_is_no_date(texts):
    assert explain_texts(Counter(texts), "a") is None


@pytest.mark.parametrize(
    "column", [[1.0, None], [True, None], [None, None], pd.Categorical(DAYS.strftime("%Y-%m-%d"))]
)
def test_numbers_and_categories_can_be_used(column):
    assert explain_column(pd.Series(column), "a") is None


def test_free_text_is_found_among_many_values_that_nearly_all_differ():
    texts = [f"text {i}" for i in range(400)]
    assert explain_texts(Counter(texts[:199]), "a") is None
    assert explain_texts(Counter(texts[:360] + texts[:40]), "a") is None
    words = "361 different values among 400, such as 'text 0': an identifier or free text"
    assert words in explain_texts(Counter(texts[:361] + texts[:39]), "a")
    assert words in explain_column(pd.Series(texts[:361] + texts[:39]), "a")
