"""The HTML elements of a report. Text is escaped here, so that no caller has to."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from sknn_tips._registry import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST_VALUE = 160

_CSS = """
:root{color-scheme:light dark;--ink:#1d2129;--soft:#5b6472;--page:#fff;--card:#f4f6f8;
--line:#d5dae0;--severe:#b3261e;--hint:#8a5a00;--shade:0 114 178}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a7b0bd;--page:#14171b;--card:#1f242b;
--line:#39414c;--severe:#ff8a80;--hint:#f2c14e;--shade:64 156 220}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:60rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-bottom:.2rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.4rem 0}
.soft{color:var(--soft)}
.wide{overflow-x:auto;margin:.5rem 0;overflow-wrap:normal}
table{border-collapse:collapse;border:0;font-size:.9rem}
th,td{padding:.3rem .7rem;border:0;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}
@media (max-width:30rem){th,td{padding:.3rem .4rem}}
th{color:var(--soft);font-weight:600}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.code{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere;min-width:6rem}
td.share{background:rgb(var(--shade)/var(--share))}
.tip{background:var(--card);border-left:4px solid var(--hint);padding:.6rem .9rem;margin:.7rem 0}
.tip.severe{border-color:var(--severe)}
.tip h3{margin:0}
.pictures{display:flex;flex-wrap:wrap;gap:.8rem}
.pictures img{width:28rem;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.pictures img{filter:invert(1) hue-rotate(180deg)}}
"""


def number(value: Any) -> str:
    """Return a number with four decimals, or the digits that its size makes useful."""
    if isinstance(value, Integral):
        return f"{int(value):,}"
    value = float(value)
    if value and abs(value) < 1e-3:
        return f"{value:.3e}"
    return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.1f}"


def code(value: Any) -> str:
    """Return the value of a parameter as in Python; a long one is cut."""
    value = value.item() if isinstance(value, np.generic) else value
    text = " ".join(shown(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def paragraph(text: str, *, soft: bool = False) -> str:
    """Return a paragraph; a soft one is of less importance."""
    start = '<p class="soft">' if soft else "<p>"
    return f"{start}{escape(text)}</p>"


def heading(text: str) -> str:
    """Return the heading of a part of a section."""
    return f"<h3>{escape(text)}</h3>"


def section(title: str, *parts: str) -> str:
    """Return a section of parts that are HTML, or "" if all of them are empty."""
    body = "".join(parts)
    return f"<section><h2>{escape(title)}</h2>{body}</section>" if body else ""


def table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], *, code: Iterable[int] = (), note: str = ""
) -> str:
    """Return a table, or "" if there are no rows.

    Parameters
    ----------
    head : sequence of str
    rows : iterable of sequences
        Numbers are formatted; other values are written as text. Columns of numbers only are
        right-aligned.
    code : iterable of int, default=()
        Positions of the columns that hold values of parameters.
    note : str, default=""
        A sentence below the table.
    """
    rows = [list(row) for row in rows]
    if not rows:
        return ""
    code = set(code)
    styles = [
        "n" if all(map(_is_number, column)) else "code" if i in code else ""
        for i, column in enumerate(zip(*rows, strict=True))
    ]
    top = "".join(
        f"{_opened('th', 'n' if style == 'n' else '')}{escape(name)}</th>"
        for name, style in zip(head, styles, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, row, styles))}</tr>" for row in rows)
    return scrolled(f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>") + (
        paragraph(note, soft=True) if note else ""
    )


def matrix(names: Sequence[str], counts: Sequence[Sequence[Any]]) -> str:
    """Return a confusion matrix, each cell coloured by its share of the row."""
    top = "".join(f'<th scope="col" class="n">{escape(name)}</th>' for name in names)
    rows = ""
    for name, row in zip(names, counts, strict=True):
        total = sum(row) or 1
        cells = "".join(
            f'<td class="n share" style="--share:{0.6 * value / total:.2f}">{number(value)}</td>'
            for value in row
        )
        rows += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    head = f"<thead><tr><th>true \\ predicted</th>{top}</tr></thead>"
    return scrolled(f"<table>{head}<tbody>{rows}</tbody></table>")


def scrolled(html: str) -> str:
    """Return an element that scrolls where the screen is too narrow for it."""
    return f'<div class="wide">{html}</div>'


def picture(figure: "Figure", description: str) -> str:
    """Return a matplotlib figure as an image within the page.

    It is transparent, and in dark mode the page inverts its lightness and keeps its hues, so that
    one image is readable on both backgrounds.
    """
    file = BytesIO()
    figure.savefig(file, format="png", dpi=110, transparent=True)
    data = b64encode(file.getvalue()).decode("ascii")
    return f'<img alt="{escape(description)}" src="data:image/png;base64,{data}">'


def pictures(images: Iterable[str]) -> str:
    """Return images side by side, or below each other where there is no room."""
    html = "".join(images)
    return f'<div class="pictures">{html}</div>' if html else ""


def page(title: str, *parts: str) -> str:
    """Return the whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{chr(10).join(filter(None, parts))}\n</body></html>\n"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _opened(tag: str, css: str) -> str:
    return f'<{tag} class="{css}">' if css else f"<{tag}>"


def _cell(value: Any, style: str) -> str:
    text = number(value) if _is_number(value) else str(value)
    return f"{_opened('td', style)}{escape(text)}</td>"
