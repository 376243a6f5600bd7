"""List what the package contains: ``python -m sknn_tips``."""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from inspect import ismodule
from typing import Any

import sknn_tips

DOCUMENTATION = [
    ("help(MLPClassifier)", "in Python: all parameters, attributes and methods, with examples"),
    (
        "docs/index.rst",
        "in the source distribution and the repository: the guide and the reference",
    ),
    ("make docs", "there: build them into docs/_build/html"),
    ("python -m sknn_tips.demo", "show the effect of each tip, and the curves of a tuned network"),
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print public names, extras and where the documentation is."""
    parser = argparse.ArgumentParser(
        prog="python -m sknn_tips", description="List what sknn_tips contains."
    )
    parser.parse_args(arguments)
    print(f"sknn_tips {sknn_tips.__version__}", _summary(sknn_tips), sep="\n")
    objects = {name: getattr(sknn_tips, name) for name in sknn_tips.__all__}
    functions = [(name, _summary(it)) for name, it in objects.items() if not ismodule(it)]
    _print_table("Estimators and functions: from sknn_tips import ...", functions)
    for name, module in objects.items():
        if ismodule(module):
            members = [(member, _summary(getattr(module, member))) for member in module.__all__]
            _print_table(f"from sknn_tips.{name} import ...", members)
    _print_table('Extras: pip install "sknn_tips[...]"', list(_extras()))
    _print_table("Documentation", DOCUMENTATION)


def _summary(of: Any) -> str:
    """Return the first line of a docstring, "" if there is none: for data, and with -OO."""
    documented = ismodule(of) or callable(of)
    return (of.__doc__ or "").strip().partition("\n")[0] if documented else ""


def _print_table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows)
    print(f"\n{title}")
    for name, text in rows:
        print(f"  {name:{width}}  {text}".rstrip())


def _extras() -> Iterator[tuple[str, str]]:
    """Yield each extra and its libraries, without the extras that only combine others."""
    libraries: dict[str, list[str]] = {}
    for requirement in _requirements():
        found = re.match(r"""([\w.-]+)([^;]*);.*\bextra == ['"]([\w-]+)['"]""", requirement)
        if found:
            libraries.setdefault(found[3], []).append(found[1])
    if not libraries:
        yield "?", "unknown, because sknn_tips is not installed but only found on the path"
    for extra, names in libraries.items():
        if "sknn_tips" not in names:
            yield extra, ", ".join(f"{name} {_installed(name)}" for name in names)


def _requirements() -> list[str]:
    try:
        return requires("sknn_tips") or []
    except PackageNotFoundError:
        return []


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # of `| head`; Python would write to the closed pipe once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
