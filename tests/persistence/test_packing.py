import numpy as np
import pytest

from sknn_tips import MLPClassifier
from sknn_tips.persistence.packing import packed
from sknn_tips.persistence.rebuilding import rebuilt
from sknn_tips.persistence.values import Unpacker


def unpacked(est):
    document, tensors, left_out = packed(est)
    assert left_out == []
    return rebuilt(document, Unpacker(tensors))


def test_a_fitted_estimator(iris, clf):
    np.testing.assert_array_equal(unpacked(clf).predict_proba(iris[0]), clf.predict_proba(iris[0]))


def test_an_unfitted_estimator_has_its_parameters_and_no_net():
    est = MLPClassifier((6, 5), optimizer_params={"rho": 0.9}, random_state=3)
    assert packed(est)[0]["net"] is None
    found = unpacked(est)
    assert found.get_params() == est.get_params()
    assert not found.__sklearn_is_fitted__()


def test_code_is_left_out_and_named():
    est = MLPClassifier(callbacks=[print], metrics=[len], alpha=0.5)
    document, _, left_out = packed(est)
    assert sorted(left_out) == ["callbacks", "metrics"]
    assert document["parameters"]["alpha"] == 0.5
    assert not {"callbacks", "metrics"} & set(document["parameters"])


def test_what_is_no_data_is_an_error(clf):
    clf.note_ = object()
    with pytest.raises(TypeError, match="attribute note_ holds"):
        packed(clf)
