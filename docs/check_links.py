"""Check the built site: every internal link, anchor, picture and file that a page names is there.

    python docs/check_links.py docs/_build/html

Links to other sites are not followed. The exit status is 1 if something is missing.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The anchors and the links of a page.

    Parameters
    ----------
    path : Path
        The HTML file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


def missing(folder: Path) -> list[str]:
    """Return a line for every link of the site that leads nowhere.

    Parameters
    ----------
    folder : Path
        The folder of the built site.

    Returns
    -------
    list of str
        The page and the link, sorted.
    """
    pages = {path.resolve(): Page(path) for path in folder.rglob("*.html") if is_page(path)}
    if not pages:
        return [f"{folder}: no pages; build the site with `make docs` first"]
    lines = [
        f"{page.path.relative_to(folder)}: {link}"
        for page in pages.values()
        for link in page.links
        if not leads_somewhere(link, page, pages)
    ]
    return sorted(lines)


def is_page(path: Path) -> bool:
    """Return False for templates of the theme, which are not pages."""
    return "_static" not in path.parts


def leads_somewhere(link: str, page: Page, pages: dict[Path, Page]) -> bool:
    """Return whether the file of an internal link exists, and its anchor, too."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
    if not path.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or path not in pages or anchor in pages[path].anchors


def main() -> None:
    lines = missing(Path(sys.argv[1]))
    print("\n".join(lines) or "All internal links lead to a page, an anchor or a file.")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
