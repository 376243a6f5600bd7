"""MNIST and Fashion-MNIST: images of 28 x 28 pixels, one row per image."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sknn_tips._registry import lookup
from sknn_tips.datasets._bunch import Loaded, bundle
from sknn_tips.datasets._find import find_file
from sknn_tips.datasets._idx import read_idx
from sknn_tips.datasets._openml import fetch
from sknn_tips.datasets._subsets import subset_rows

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""Names of the ten classes of Fashion-MNIST, in the order of their labels."""

N_TRAIN = 60_000

# The parts of each subset, as prefixes of the official file names.
SUBSETS = {"train": ("train",), "test": ("t10k",), "all": ("train", "t10k")}

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]


class PictureSet(NamedTuple):
    """The folder and contents of one data set in the format of MNIST."""

    folder: str
    openml_name: str
    class_names: tuple[str, ...]
    description: str


PICTURE_SETS = {
    "mnist": PictureSet(
        "mnist",
        "mnist_784",
        tuple("0123456789"),
        "MNIST: 70,000 handwritten digits, 28 x 28 pixels from 0 (paper) to 255 (ink). "
        "Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits.",
    ),
    "fashion_mnist": PictureSet(
        "fashion-mnist",
        "Fashion-MNIST",
        CLASS_NAMES,
        "Fashion-MNIST: 70,000 pictures of clothes, 28 x 28 pixels from 0 to 255. "
        "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, arXiv 1708.07747.",
    ),
}


def load_mnist(
    *, subset: str = "train", return_X_y: bool = False, as_frame: bool = False
) -> Loaded:
    """Load MNIST, the handwritten digits.

    The four official IDX files are read from ``mnist/`` inside the folder named by the
    environment variable ``SKNN_TIPS_DATA``. If they are not there, ``mnist_784`` is fetched
    from OpenML.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The official parts: 60,000 training images, 10,000 test images, or both in
        this order.
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (n_samples, 784), the raw pixels as uint8 from 0 to
        255; ``target`` of shape (n_samples,) as int64 from 0 to 9; ``frame``,
        ``feature_names``, ``target_names`` and ``DESCR``. Or the tuple
        ``(data, target)`` with ``return_X_y=True``.

    See Also
    --------
    load_fashion_mnist : Clothes in the same format, which are harder to classify.
    is_available : Whether the files are on this machine.

    Examples
    --------
    >>> from sknn_tips.datasets import is_available, load_mnist
    >>> if is_available("mnist"):
    ...     X, y = load_mnist(subset="test", return_X_y=True)
    ...     assert X.shape == (10000, 784)
    """
    return _load("mnist", subset, return_X_y, as_frame)


def load_fashion_mnist(
    *, subset: str = "train", return_X_y: bool = False, as_frame: bool = False
) -> Loaded:
    """Load Fashion-MNIST, images of clothes.

    The four official IDX files are read from ``fashion-mnist/`` inside the folder named by
    the environment variable ``SKNN_TIPS_DATA``, or from the folder of Debian's package
    ``dataset-fashion-mnist``. If they are not there, ``Fashion-MNIST`` is fetched from OpenML.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The official parts: 60,000 training images, 10,000 test images, or both in
        this order.
    return_X_y : bool, default=False
        If true, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If true, ``data`` is a DataFrame and ``target`` a Series.

    Returns
    -------
    Bunch
        With ``data`` of shape (n_samples, 784), the raw pixels as uint8 from 0 to
        255; ``target`` of shape (n_samples,) as int64 from 0 to 9; ``frame``,
        ``feature_names``, ``target_names`` (as ``CLASS_NAMES``) and ``DESCR``. Or the
        tuple ``(data, target)`` with ``return_X_y=True``.

    See Also
    --------
    load_mnist : Handwritten digits in the same format, which are easier to classify.
    is_available : Whether the files are on this machine.

    Examples
    --------
    >>> from sknn_tips.datasets import is_available, load_fashion_mnist
    >>> if is_available("fashion_mnist"):
    ...     clothes = load_fashion_mnist(subset="test")
    ...     assert clothes.data.shape == (10000, 784)
    ...     assert clothes.target_names[0] == "T-shirt/top"
    """
    return _load("fashion_mnist", subset, return_X_y, as_frame)


def idx_files(folder: str, part: str) -> tuple[str, str]:
    """Return the paths of the images and labels of a part inside a data folder."""
    return f"{folder}/{part}-images-idx3-ubyte.gz", f"{folder}/{part}-labels-idx1-ubyte.gz"


def _load(name: str, subset: str, return_X_y: bool, as_frame: bool) -> Loaded:
    parts = lookup(SUBSETS, subset, "subset")
    picture_set = PICTURE_SETS[name]
    found = [_read_part(picture_set.folder, part) for part in parts]
    X, y = _join(found) or _fetch(picture_set, subset)
    return bundle(
        X,
        y,
        feature_names=[f"pixel{number}" for number in range(1, X.shape[1] + 1)],
        description=picture_set.description,
        class_names=picture_set.class_names,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _join(found: list[tuple[Pictures, Labels] | None]) -> tuple[Pictures, Labels] | None:
    """Return the concatenated parts, or None if files of a part are missing."""
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        return None
    return np.concatenate([X for X, _ in parts]), np.concatenate([y for _, y in parts])


def _read_part(folder: str, part: str) -> tuple[Pictures, Labels] | None:
    """Return the images and labels of a part, or None if one of the two files is missing."""
    images_path, labels_path = (find_file(file) for file in idx_files(folder, part))
    if images_path is None or labels_path is None:
        return None
    images = read_idx(images_path, ndim=3)
    labels = read_idx(labels_path, ndim=1)
    if images.shape[1:] != (28, 28):
        raise ValueError(
            f"{str(images_path)!r} holds pictures of shape {images.shape[1:]}, not (28, 28): "
            "it is not of the MNIST family. Copy the official file there."
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{str(images_path)!r} holds {len(images)} pictures but {str(labels_path)!r} "
            f"{len(labels)} labels. Copy both files again from one source."
        )
    return images.reshape(len(images), -1), labels.astype(np.int64)


def _fetch(picture_set: PictureSet, subset: str) -> tuple[Pictures, Labels]:
    files = (file for part in SUBSETS[subset] for file in idx_files(picture_set.folder, part))
    missing = next(file for file in files if find_file(file) is None)
    bunch = fetch(picture_set.openml_name, 1, as_frame=False, instead_of=missing)
    rows = subset_rows(subset, N_TRAIN)  # on OpenML the training images are first
    return bunch.data[rows].astype(np.uint8), bunch.target[rows].astype(np.int64)
