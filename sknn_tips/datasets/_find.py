"""Search for data files."""

import os
from pathlib import Path

DATA_VARIABLE = "SKNN_TIPS_DATA"

# Debian's package dataset-fashion-mnist installs fashion-mnist/ in this folder.
DEBIAN_DATASETS = Path("/usr/share/datasets")


def find_file(relative: str) -> Path | None:
    """Return the path of a file in the first data folder that contains it, or None.

    ``relative`` is the path of the file inside a data folder, such as
    ``"mnist/train-images-idx3-ubyte.gz"``.
    """
    places = (folder / relative for folder in data_folders())
    return next((place for place in places if place.is_file()), None)


def data_folders() -> list[Path]:
    """Return the folders to search, in this order: that of the user, then Debian's."""
    own = os.environ.get(DATA_VARIABLE)
    return [Path(own).expanduser(), DEBIAN_DATASETS] if own else [DEBIAN_DATASETS]


def how_to_provide(relative: str) -> str:
    """Return how to provide a file, for the end of every "not found" message."""
    own = os.environ.get(DATA_VARIABLE)
    if not own:
        return f"Set the environment variable {DATA_VARIABLE} to a folder that holds {relative!r}."
    return f"{DATA_VARIABLE} is {own!r}: put {relative!r} in there, or name another folder."
