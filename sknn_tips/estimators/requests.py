"""The metadata requests of ``set_fit_request`` and similar methods as plain dicts."""

from typing import Any

from sklearn import config_context

from sknn_tips._compat.sklearn import REQUESTS

_METHODS = ("fit", "partial_fit", "score")

Requests = dict[str, dict[str, Any]]


def requests_of(estimator: Any) -> Requests:
    """Return the requests of the user, by method and name of the metadata."""
    if REQUESTS not in vars(estimator):
        return {}
    routing = estimator.get_metadata_routing()
    found = {method: dict(getattr(routing, method).requests) for method in _METHODS}
    return {method: requests for method, requests in found.items() if requests}


def request_again(estimator: Any, requests: Requests) -> None:
    """Set the requests of another estimator."""
    setters = {method: f"set_{method}_request" for method in _METHODS}
    with config_context(enable_metadata_routing=True):
        for method, asked in requests.items():
            getattr(estimator, setters[method])(**asked)
