import pytest
from sklearn import config_context
from sklearn.base import clone

from sknn_tips import MLPClassifier
from sknn_tips.estimators.requests import request_again, requests_of


def test_requests_are_asked_for_again():
    assert requests_of(MLPClassifier()) == {}
    with config_context(enable_metadata_routing=True):
        est = MLPClassifier().set_fit_request(sample_weight=True, X_val="held_out")
        est.set_score_request(sample_weight=False)
    found = requests_of(est)
    assert found["fit"] == {"sample_weight": True, "X_val": "held_out"} | {
        name: None for name in found["fit"] if name not in ("sample_weight", "X_val")
    }
    other = MLPClassifier()
    request_again(other, found)
    assert requests_of(other) == requests_of(clone(est)) == found


def test_what_is_no_method_is_not_called():
    with pytest.raises(KeyError, match="params"):
        request_again(MLPClassifier(), {"params": {"alpha": 1}})
