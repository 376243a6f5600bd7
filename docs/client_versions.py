"""Write the installed versions of the libraries into the table of docs/clients.md.

``make test-clients`` runs this after its tests, in the environment of the tests.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PAGE = Path(__file__).parent / "clients.md"
# The cells of a row before and after the version; the name of the library is a link.
ROW = re.compile(r"^(\| \[([^\]]+)\]\(\S+\) \| )([^|]*)( \|)", re.MULTILINE)
# Libraries whose distribution has another name than the link.
DISTRIBUTIONS = {"MLflow": "mlflow-skinny", "ONNX Runtime": "onnxruntime"}


def distribution(library: str) -> str:
    """Return the name that pip uses, in lower case."""
    return DISTRIBUTIONS.get(library, library).lower()


def filled(text: str) -> str:
    """Return the text of the page with the versions that are installed."""
    return ROW.sub(lambda row: f"{row[1]}{version(distribution(row[2]))}{row[4]}", text)


if __name__ == "__main__":
    try:
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    except PackageNotFoundError as error:
        sys.exit(f"{error.name} is not installed here. make test-clients installs all libraries.")
