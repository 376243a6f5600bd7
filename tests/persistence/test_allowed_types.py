import pytest

from sknn_tips.nn.losses import REGRESSOR_LOSSES, classifier_loss
from sknn_tips.persistence.allowed_types import ESTIMATORS, RECORDS, fields_of, is_attribute


@pytest.mark.parametrize("name", REGRESSOR_LOSSES)
def test_every_loss_of_a_regressor_is_built_again_from_its_fields(name):
    loss = REGRESSOR_LOSSES[name]()
    kind = RECORDS[type(loss).__name__]
    assert kind is type(loss)
    assert vars(kind(**fields_of(loss))) == vars(loss)


@pytest.mark.parametrize("name", ["log_loss", "squared_error"])
@pytest.mark.parametrize("exclusive", [False, True])
def test_every_loss_of_a_classifier_is_built_again_from_its_fields(name, exclusive):
    loss = classifier_loss(name, 3, exclusive=exclusive)
    kind = RECORDS[type(loss).__name__]
    assert kind is type(loss)
    assert vars(kind(**fields_of(loss))) == vars(loss)


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


def test_a_file_cannot_name_a_loss_that_calls_what_it_is_given():
    assert "SquaredError" in RECORDS
    assert "OwnLoss" not in RECORDS
