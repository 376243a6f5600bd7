"""Check the built site in a browser: no page is wider than the window, on a desk and on a phone.

    python docs/check_layout.py docs/_build/html

Wide tables and code scroll inside their own boxes, which is not reported. The script needs Chromium
and is not part of `make docs`. The exit status is 1 if a page is too wide.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

WIDTHS = [1300, 390]  # pixels; frames of these widths, since a window has at least 500

WRAPPER = """<!DOCTYPE html><pre id="found"></pre><iframe id="frame" height="900"></iframe><script>
const found = [], frame = document.getElementById("frame");
async function look() {
  for (const width of %(widths)s) {
    frame.width = width;
    for (const page of %(pages)s) {
      await new Promise((done) => { frame.onload = done; frame.src = page; });
      const wide = frame.contentDocument.documentElement.scrollWidth;
      if (wide > width + 1) found.push(`${page}: ${wide} pixels in a window of ${width}`);
    }
  }
  document.getElementById("found").textContent = "found:" + found.join("\\n") + ":end";
}
look();
</script>"""


def too_wide(folder: Path, browser: str) -> list[str]:
    """Return a line for each page and width at which the page is wider than the window.

    Parameters
    ----------
    folder : Path
        The folder of the built site.
    browser : str
        The path of Chromium.

    Returns
    -------
    list of str
        The page, its width and that of the window.
    """
    pages = sorted(
        path.resolve().as_uri() for path in folder.rglob("*.html") if "_static" not in path.parts
    )
    if not pages:
        return [f"{folder}: no pages; build the site with `make docs` first"]
    with tempfile.TemporaryDirectory() as temporary:
        wrapper = Path(temporary) / "wrapper.html"
        text = WRAPPER % {"widths": json.dumps(WIDTHS), "pages": json.dumps(pages)}
        wrapper.write_text(text, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--allow-file-access-from-files", "--dump-dom"]
        options += [f"--user-data-dir={temporary}", "--virtual-time-budget=10000000"]
        command = [browser, *options, wrapper.as_uri()]
        dom = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    _, begun, rest = dom.partition('<pre id="found">found:')
    if not begun:
        raise RuntimeError("The browser did not finish; it printed: " + dom[:500])
    return unescape(rest.partition(":end</pre>")[0]).splitlines()


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("Chromium was not found: install it (Debian: apt-get install chromium).")
    lines = too_wide(Path(sys.argv[1]), browser)
    print("\n".join(lines) or "No page is wider than its window.")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
