import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.inspection.remedies import remedied
from sknn_tips.tips.tip import Tip

NET = MLPRegressor(alpha=0.5)
AROUND = {
    "alone": NET,
    "pipeline": make_pipeline(MinMaxScaler(), NET),
    "nested": make_pipeline(MinMaxScaler(), make_pipeline(MinMaxScaler(), NET)),
    "target": TransformedTargetRegressor(NET),
    "both": make_pipeline(MinMaxScaler(), TransformedTargetRegressor(make_pipeline(NET))),
}


def tip(remedy):
    return Tip("code", "Title", "severe", "Seen.", "Why.", remedy)


def inner(model):
    """Return what X passes, and the network."""
    if isinstance(model, Pipeline):
        names, net = inner(model.steps[-1][1])
        return [name for name, _ in model.steps[:-1]] + names, net
    if isinstance(model, TransformedTargetRegressor):
        return inner(model.regressor)
    return [], model


@pytest.mark.parametrize("around", AROUND)
def test_parameters_are_set_on_the_network_wherever_it_is(around):
    model = AROUND[around]
    changed = remedied(model, tip({"alpha": 0.1, "init": "he_normal"}))
    assert inner(changed)[0] == inner(model)[0]
    assert (inner(changed)[1].alpha, inner(changed)[1].init) == (0.1, "he_normal")
    assert NET.alpha == 0.5


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("step", ["StandardScaler", "SquashingScaler", "VarianceThreshold"])
def test_a_step_is_put_right_in_front_of_the_network(around, step):
    before, after = inner(AROUND[around]), inner(remedied(AROUND[around], tip(step)))
    assert after[0] == [*before[0], step.lower()]
    assert after[1].alpha == 0.5


def test_a_second_step_of_a_name_gets_another():
    twice = remedied(remedied(NET, tip("StandardScaler")), tip("StandardScaler"))
    assert inner(twice)[0] == ["standardscaler", "standardscaler-again"]


def test_sparse_rows_keep_their_mean():
    assert not remedied(NET, tip("StandardScaler"), sparse=True)[0].with_mean


def test_sparse_rows_lose_constant_columns():
    assert inner(remedied(NET, tip("VarianceThreshold"), sparse=True))[0] == ["variancethreshold"]


def test_what_cannot_transform_a_validation_set_is_an_error():
    with pytest.raises(ValueError, match=r"option of a Pipeline.*MLPRegressor.*Scale X_val"):
        remedied(NET, tip("transform_input"))
    with pytest.raises(ValueError, match="enable_metadata_routing=True"):
        remedied(AROUND["pipeline"], tip("transform_input"))


def test_a_pipeline_is_told_to_transform_the_validation_set():
    from sklearn import config_context

    model = Pipeline([("scale", StandardScaler()), ("net", MLPClassifier())], memory=None)
    with config_context(enable_metadata_routing=True):
        changed = remedied(model, tip("transform_input"))
        assert changed.transform_input == ["X_val"]
        assert changed[-1].get_metadata_routing().fit.requests == {
            "X_val": True,
            "y_val": True,
            "sample_weight": None,
            "sample_weight_val": None,
        }
