"""Creation of an estimator from the document and tensors of a file, with checks of all parts."""

from typing import Any

from sknn_tips._compat.sklearn import REQUESTS
from sknn_tips.estimators.base import BaseMLP
from sknn_tips.persistence.allowed_types import ESTIMATORS, is_attribute
from sknn_tips.persistence.values import Json, Unpacker


def rebuilt(document: dict[str, Json], unpacker: Unpacker) -> BaseMLP:
    """Return the estimator, which is fitted if the saved one was.

    Invalid content raises an error of some type, here or in torch.
    """
    name = document["class"]
    if name not in ESTIMATORS:
        raise ValueError(f"it names the class {name!r}, which is none of {', '.join(ESTIMATORS)}")
    kind = ESTIMATORS[name]
    parameters, requests, net, fitted = (
        unpacker.unpack(document[part]) for part in ("parameters", "requests", "net", "fitted")
    )
    unknown = sorted(set(parameters) - set(kind._get_param_names()))
    if unknown:
        raise ValueError(f"{name} has no parameter {', '.join(map(repr, unknown))}")
    _check_attributes(kind, fitted)
    est = kind(**parameters)
    est._restore({**vars(est), **fitted, "net_": net, REQUESTS: requests})
    return est


def _check_attributes(kind: type[BaseMLP], fitted: dict[str, Any]) -> None:
    """Raise an error for names other than those of fitted attributes.

    scikit-learn uses private attributes to determine which functions to call.
    """
    for name in fitted:
        if not is_attribute(kind, name):
            raise ValueError(f"{kind.__name__} has no fitted attribute {name!r}")
