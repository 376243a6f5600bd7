import pytest

from sknn_tips.network.losses import REGRESSOR_LOSSES, classifier_loss
from sknn_tips.persistence.known import RECORDS, fields_of


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
