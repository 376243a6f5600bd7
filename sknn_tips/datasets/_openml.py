"""Fetching data sets from OpenML with scikit-learn, if no local files are found."""

from sklearn.datasets import fetch_openml
from sklearn.utils import Bunch

from sknn_tips.datasets._find import how_to_provide


def fetch(name: str, version: int, *, as_frame: bool, instead_of: str) -> Bunch:
    """Fetch a data set; scikit-learn caches it in its own folder.

    ``instead_of`` is the local file that was not found; the error message explains how to
    provide it.
    """
    try:
        return fetch_openml(name, version=version, as_frame=as_frame)
    except (OSError, ValueError) as error:  # no network, or an unexpected response of OpenML
        raise FileNotFoundError(
            f"There is no file {instead_of!r}, and fetching {name!r} from OpenML failed: {error}. "
            f"{how_to_provide(instead_of)}"
        ) from error
