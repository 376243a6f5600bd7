"""The documentation's site: its first page and the check of its links."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
START = (DOCS / "index.rst").read_text(encoding="utf-8")


# -- the first page --------------------------------------------------------------------------------


def test_its_figures_are_those_of_other_pages():
    pages = ["first_steps.md", "tables.md", "benchmarks.md"]
    others = "".join((DOCS / page).read_text(encoding="utf-8") for page in pages)
    code = re.compile(r"\.\. code-block::.*?\n(?=\.\. )", re.DOTALL)
    figures = re.findall(r"\d+\.\d+", code.sub("", START))
    assert {"0.97", "0.945", "19.2"} <= set(figures)
    assert [figure for figure in figures if figure not in others] == []


@pytest.mark.parametrize("name", ["tips", "tables", "searches"])
def test_a_picture_is_small_and_has_a_variant_for_each_scheme(name):
    for scheme in ("light", "dark"):
        picture = f"images/landing/{name}-{scheme}.png"
        assert f".. image:: {picture}\n            :class: only-{scheme}\n" in START
        assert (DOCS / picture).stat().st_size < 100_000


def test_the_bar_has_five_entries():
    (tree,) = re.findall(r"^\.\. toctree::\n(?:    :.*\n)+\n((?:    .*\n)+)", START, re.MULTILINE)
    entries = [line.split(" <")[0].strip() for line in tree.splitlines()]
    assert entries == ["Start", "Guide", "Examples", "Reference", "Benchmarks"]


# -- the links -------------------------------------------------------------------------------------

PAGE = '<h1 id="top">A page</h1>\n<a href="{link}">a link</a>\n<img src="a picture.png">\n'


def checked(folder):
    """Run the check; return its exit status and the lines that it printed."""
    command = [sys.executable, DOCS / "check_links.py", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a picture.png").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text('<h1 id="section">Another</h1>', encoding="utf-8")
    return tmp_path


GOOD = ["#top", "sub/page.html#section", "sub/page.html", "a%20picture.png", "https://a.org/b#c"]


@pytest.mark.parametrize("link", GOOD)
def test_a_link_that_leads_somewhere(site, link):
    (site / "index.html").write_text(PAGE.format(link=link), encoding="utf-8")
    assert checked(site) == (0, ["All internal links lead to a page, an anchor or a file."])


@pytest.mark.parametrize(
    "link", ["#bottom", "sub/page.html#top", "sub/none.html", "sub", "none.png"]
)
def test_a_link_that_leads_nowhere(site, link):
    (site / "index.html").write_text(PAGE.format(link=link), encoding="utf-8")
    assert checked(site) == (1, [f"index.html: {link}"])


def test_a_missing_picture(site):
    (site / "a picture.png").unlink()
    (site / "index.html").write_text(PAGE.format(link="#top"), encoding="utf-8")
    assert checked(site) == (1, ["index.html: a picture.png"])


def test_a_site_that_was_not_built(tmp_path):
    status, (line,) = checked(tmp_path)
    assert status == 1
    assert line == f"{os.fspath(tmp_path)}: no pages; build the site with `make docs` first"
