"""Check that a release has one version: python .ci/check_version.py v0.2.0.

The tag, pyproject.toml, sknn_tips/__init__.py, CITATION.cff and the newest section of CHANGELOG.md
must name the same. Without a tag, CHANGELOG.md may have an Unreleased section instead.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def read(name: str, pattern: str) -> str:
    """Return what the pattern finds first in a file."""
    found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "none"


def versions() -> dict[str, str]:
    """Return the version that each file names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "pyproject.toml": project["version"],
        "sknn_tips/__init__.py": read("sknn_tips/__init__.py", r'^__version__ = "(.+)"$'),
        "CITATION.cff": read("CITATION.cff", r"^version: (.+)$"),
    }


def main(tag: str | None) -> None:
    """Exit with a message if the versions differ."""
    found = versions()
    if tag is not None:
        found["the tag"] = tag.removeprefix("v")
        found["CHANGELOG.md"] = read("CHANGELOG.md", r"^## \[(.+?)\]")
    if len(set(found.values())) > 1:
        lines = "\n".join(f"    {place}: {version}" for place, version in found.items())
        sys.exit(f"The versions differ:\n{lines}\nWrite one version everywhere, then tag again.")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
