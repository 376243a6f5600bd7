import pytest

from sknn_tips.persistence.allowed_types import ESTIMATORS, is_attribute


@pytest.mark.parametrize("kind", ESTIMATORS.values())
def test_attributes_are_those_that_fit_sets(iris, kind):
    X, y = iris
    est = kind(hidden_layer_sizes=3, max_iter=1, tol=None)
    est.fit(X, y if kind is ESTIMATORS["MLPClassifier"] else X[:, 0])
    fitted = est.__getstate__().keys() - est.get_params().keys()
    assert [name for name in fitted if not is_attribute(kind, name)] == []


@pytest.mark.parametrize("kind", ESTIMATORS.values())
@pytest.mark.parametrize(
    "name",
    [
        "_get_tags",
        "_metadata_request",
        "_sklearn_version",
        "_skl_callbacks",
        "_parent_callback_ctx",
        "__class__",
        "__sklearn_tags__",
        "_repr_html_",
        "predict",
        "history_",
        "module_",
        "alpha",
        "note",
        "",
    ],
)
def test_no_other_name_is_an_attribute(kind, name):
    assert not is_attribute(kind, name)
