import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from sknn_tips.inspection import report_html as html

NASTY = "<b>&\"'"
ESCAPED = "&lt;b&gt;&amp;&quot;&#x27;"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98765, "0.9877"),
        (0, "0"),
        (0.0, "0.0000"),
        (1234567, "1,234,567"),
        (np.int64(12), "12"),
        (12345.67, "12,345.7"),
        (-0.00012345, "-1.234e-04"),
        (np.nan, "nan"),
    ],
)
def test_a_number_has_the_digits_of_its_size(value, text):
    assert html.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (np.float64(0.1), "0.1"),
        ("relu", "'relu'"),
        ("a\n  b", r"'a\n b'"),
        (300 * "x", f"'{158 * 'x'}…"),
    ],
)
def test_code_is_that_of_a_parameter(value, text):
    assert html.code(value) == text


@pytest.mark.parametrize(
    "part",
    [
        html.paragraph(NASTY),
        html.paragraph(NASTY, soft=True),
        html.heading(NASTY),
        html.section(NASTY, "x"),
        html.table([NASTY], [["x"]]),
        html.table(["x"], [[NASTY]]),
        html.table(["x"], [[NASTY]], code=[0]),
        html.table(["x"], [["x"]], note=NASTY),
        html.matrix([NASTY], [[1]]),
        html.picture(Figure(), NASTY),
        html.page(NASTY),
    ],
)
def test_every_part_escapes_its_text(part):
    assert NASTY not in part
    assert ESCAPED in part


def test_what_is_empty_is_left_out():
    assert html.section("title", "", "") == ""
    assert html.table(["a"], []) == ""
    assert html.pictures([]) == ""


def test_columns_of_numbers_are_right_aligned_with_their_heads():
    made = html.table(["name", "value", "flag"], [["a", 1.5, True]])
    assert '<th>name</th><th class="n">value</th><th>flag</th>' in made
    assert '<td>a</td><td class="n">1.5000</td><td>True</td>' in made


def test_a_column_with_a_word_is_left_aligned():
    made = html.table(["a", "b"], [[1, 2], ["x", 3]])
    assert made.count('class="n"') == 3  # the second column
    assert "<td>1</td>" in made
    made = html.table(["a"], [[1], ["x"]], code=[0])
    assert made.count('<td class="code">') == 2


def test_a_cell_of_the_matrix_is_coloured_by_its_share_of_the_row():
    made = html.matrix(["a", "b"], [[3, 1], [0, 0]])
    assert re.findall(r"--share:([\d.]+)", made) == ["0.45", "0.15", "0.00", "0.00"]


def test_a_picture_is_a_transparent_png_in_the_page():
    figure = Figure()
    figure.subplots()
    data = re.search(r'src="data:image/png;base64,([^"]+)"', html.picture(figure, "x"))[1]
    alpha = imread(BytesIO(b64decode(data)), format="png")[..., 3]
    height, width = alpha.shape
    assert alpha[0, 0] == alpha[height // 2, width // 2] == 0
    assert alpha.max() == 1  # the axes


def test_pictures_are_inverted_in_the_dark_only():
    outside, dark = html.page("x").split("@media (prefers-color-scheme:dark){.pictures img{")
    assert dark.startswith("filter:invert(1) hue-rotate(180deg)}}")
    assert "invert" not in outside
