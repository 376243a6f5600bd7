"""Check which data sets can be loaded without a download."""

from sknn_tips._registry import lookup
from sknn_tips.datasets._find import find_file
from sknn_tips.datasets._mnist import PICTURE_SETS, SUBSETS, idx_files
from sknn_tips.datasets._tables import TABLES, table_file


def is_available(name: str) -> bool:
    """Return whether the files of a data set are on this machine; nothing is downloaded.

    Parameters
    ----------
    name : str
        ``"mnist"``, ``"fashion_mnist"`` or a name for :func:`load_table`.

    Returns
    -------
    bool
        True if all files of the data set were found.

    Examples
    --------
    >>> from sknn_tips.datasets import is_available
    >>> is_available("mnist") in (True, False)
    True
    """
    return all(find_file(file) is not None for file in lookup(FILES, name, "name"))


FILES: dict[str, list[str]] = {
    name: [file for part in SUBSETS["all"] for file in idx_files(picture_set.folder, part)]
    for name, picture_set in PICTURE_SETS.items()
} | {name: [table_file(name)] for name in TABLES}
