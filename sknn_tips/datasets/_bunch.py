"""The return value of all loaders: scikit-learn's Bunch, or ``(X, y)``."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Bunch

# The tuple contains arrays or pandas objects, depending on `as_frame`.
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
    """Return a data set in the same form as the loaders of scikit-learn.

    Parameters
    ----------
    data : ndarray or DataFrame of shape (n_samples, n_features)
    target : ndarray or Series of shape (n_samples,)
    feature_names : iterable of str
        Names of the columns of ``data``.
    description : str
        Description of the samples and their source.
    class_names : iterable of str or None, default=None
        Names of the classes; None for regression.
    target_name : str, default="target"
        Name of the target column.
    return_X_y, as_frame : bool
        The parameters of the loader; ``as_frame`` converts arrays to pandas objects.

    Returns
    -------
    Bunch
        With ``data``, ``target``, ``frame`` (a DataFrame with both; None without
        ``as_frame``), ``feature_names``, ``target_names`` (the classes, or the name of the
        target) and ``DESCR``. Or the tuple ``(data, target)`` with ``return_X_y``.
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
