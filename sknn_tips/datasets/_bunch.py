"""The form in which every loader returns its data set: scikit-learn's Bunch, or ``(X, y)``."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Bunch

# Arrays or pandas objects, as the caller asked: no narrower type would hold for both.
Loaded: TypeAlias = Bunch | tuple[Any, Any]


def bundle(
    data: NDArray[Any] | pd.DataFrame,
    target: NDArray[Any] | pd.Series,
    *,
    feature_names: Iterable[str],
    description: str,
    class_names: Iterable[str] | None = None,
    target_name: str = "target",
    return_X_y: bool,
    as_frame: bool,
) -> Loaded:
    """Return a data set as scikit-learn's own loaders do.

    Parameters
    ----------
    data : ndarray or DataFrame of shape (n_samples, n_features)
    target : ndarray or Series of shape (n_samples,)
    feature_names : iterable of str
        Names of the columns of ``data``.
    description : str
        What the rows are, and where they come from.
    class_names : iterable of str or None, default=None
        Names of the classes; None for regression.
    target_name : str, default="target"
        Name of the target's column.
    return_X_y, as_frame : bool
        As the caller of the loader asked; ``as_frame`` turns arrays into pandas objects.

    Returns
    -------
    Bunch
        With ``data``, ``target``, ``frame`` (both side by side; None without
        ``as_frame``), ``feature_names``, ``target_names`` (the classes, or the target's
        own name) and ``DESCR``. Or the tuple ``(data, target)`` with ``return_X_y``.
    """
    if as_frame:
        data = pd.DataFrame(data, columns=list(feature_names))
        target = pd.Series(target, name=target_name)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        frame=pd.DataFrame(data).assign(**{target_name: target}) if as_frame else None,
        feature_names=list(feature_names),
        target_names=list(class_names) if class_names is not None else [target_name],
        DESCR=description,
    )
