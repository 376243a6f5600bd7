"""Where the data files are, and in which order the places are searched."""

import os
from pathlib import Path

DATA_VARIABLE = "SKNN_TIPS_DATA"

# The folder that holds fashion-mnist/ once Debian's package dataset-fashion-mnist is installed.
DEBIAN_DATASETS = Path("/usr/share/datasets")


def find_file(relative: str) -> Path | None:
    """Return the first place where the file is, or None.

    ``relative`` is the file's path inside a data folder, such as
    ``"mnist/train-images-idx3-ubyte.gz"``.
    """
    places = (folder / relative for folder in data_folders())
    return next((place for place in places if place.is_file()), None)


def data_folders() -> list[Path]:
    """Return the folders to search, the first one first: the user's own, then Debian's."""
    own = os.environ.get(DATA_VARIABLE)
    return [Path(own).expanduser(), DEBIAN_DATASETS] if own else [DEBIAN_DATASETS]


def how_to_provide(relative: str) -> str:
    """Tell how to put the file where it is found; the end of every "not found" message."""
    own = os.environ.get(DATA_VARIABLE)
    if not own:
        return f"Set the environment variable {DATA_VARIABLE} to a folder that holds {relative!r}."
    return f"{DATA_VARIABLE} is {own!r}: put {relative!r} in there, or name another folder."
