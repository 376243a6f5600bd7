"""Draw the figures of docs/inspecting.md into docs/images/inspecting, by the code of the page.

python docs/inspecting_pictures.py
"""

import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

DOCS = Path(__file__).parent
FOLDER = DOCS / "images" / "inspecting"
NAMES = ["effects", "curves", "search"]  # in the order of the page


def main() -> None:
    page = (DOCS / "inspecting.md").read_text(encoding="utf-8")
    plt.switch_backend("agg")
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(code, "inspecting.md", "exec"), names)
    FOLDER.mkdir(exist_ok=True)
    for number, name in zip(plt.get_fignums(), NAMES, strict=True):
        figure = plt.figure(number)
        figure.savefig(FOLDER / f"{name}.png", dpi=100, facecolor="white", bbox_inches="tight")


if __name__ == "__main__":
    main()
