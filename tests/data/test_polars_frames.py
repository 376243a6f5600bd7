import datetime

import numpy as np
import pandas as pd
import pytest

from sknn_tips.data.polars_frames import from_polars, is_polars, kinds_of_polars

polars = pytest.importorskip("polars", reason="polars is an optional input")
DAY = datetime.date(2024, 2, 29)


def test_frames_of_polars_are_recognised():
    assert is_polars(polars.DataFrame({"a": [1]}))
    for other in (pd.DataFrame({"a": [1]}), np.ones((1, 1)), [[1]], polars.Series([1])):
        assert not is_polars(other)


def test_columns_keep_values_and_names():
    found = from_polars(
        polars.DataFrame(
            {
                "number": [1, None],
                "text": ["a", None],
                "day": [DAY, None],
                "level": polars.Series(["x", "y"], dtype=polars.Categorical),
            }
        )
    )
    expected = pd.DataFrame(
        {
            "number": [1.0, np.nan],
            "text": pd.Series(["a", None], dtype=object),
            "day": pd.Series([DAY, None], dtype=object),
            "level": pd.Categorical(["x", "y"]),
        }
    )
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([DAY], "M"),
        ([datetime.datetime(2024, 2, 29, 12)], "M"),
        ([datetime.time(12)], "M"),
        ([datetime.timedelta(1)], "m"),
        (["2024-02-29"], ""),
        ([1.0], ""),
    ],
)
def test_dates_and_time_spans_have_numpys_kind(values, kind):
    assert kinds_of_polars(polars.Series(values)) == {kind}
    assert kinds_of_polars(polars.DataFrame({"a": values, "number": [1]})) == {kind, ""}
