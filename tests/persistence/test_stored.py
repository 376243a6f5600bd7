import numpy as np
import pandas as pd
import pytest

from sknn_tips.persistence.stored import StoredFrame


def test_a_frame_comes_back():
    frame = pd.DataFrame(
        {
            "name": ["net", "net"],
            "fold": [0, 1],
            "score": [0.1, np.nan],
            "small": np.array([1, 2], np.int8),
            "fast": [True, False],
        }
    )
    for each in (frame, frame[["fold"]]):
        pd.testing.assert_frame_equal(StoredFrame.of(each).frame(), each)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2]}, index=["x", "y"]),
        pd.DataFrame({"a": pd.Categorical(["x", "y"])}),
        pd.DataFrame({"a": pd.to_datetime(["2024-01-01"])}),
        pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    ],
    ids=["labels", "categories", "dates", "nullable"],
)
def test_another_frame_is_an_error(frame):
    with pytest.raises(TypeError, match="more than numbers and text"):
        StoredFrame.of(frame)
