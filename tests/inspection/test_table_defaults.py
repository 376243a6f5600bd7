"""Which parameters of an ensemble differ from those that `tabular_pipeline` gives it."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.inspection.table_defaults import default_table_model, differences


def changed(model):
    return {
        name: value for name, (value, _) in differences(model, default_table_model(model)).items()
    }


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@pytest.mark.parametrize("trees", [False, True])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"cv": 4, "random_state": 0, "warm_start": True},
        {"nets__net__dropout": 0.1, "nets__net__max_iter": 3, "nets__encoder__max_levels": 9},
        {"nets__encoder__numeric": "passthrough", "nets__encoder__categorical__drop": None},
    ],
)
def test_what_was_set_differs(kind, trees, params):
    model = tabular_pipeline(kind, trees=trees)
    assert changed(model.set_params(**params)) == params
    if trees:
        assert changed(model.set_params(trees__trees__max_iter=9)) == {
            **params,
            "trees__trees__max_iter": 9,
        }


def test_of_a_replaced_part_the_parameters_do_not_differ():
    scaler = StandardScaler()
    assert changed(tabular_pipeline("classifier").set_params(nets__encoder=scaler)) == {
        "nets__encoder": scaler
    }


@pytest.mark.parametrize("net", [LogisticRegression(C=2), MLPClassifier("32x1", max_iter=3)])
def test_the_estimator_of_the_user_has_no_other_default(net):
    model = tabular_pipeline(net, cv=3)
    assert changed(model) == {"cv": 3}
    assert default_table_model(model).get_params()["nets__net"] is net


NETS = tabular_pipeline("classifier").estimators


@pytest.mark.parametrize(
    "estimators",
    [
        LogisticRegression(),
        [("nets", LogisticRegression())],
        [*NETS, ("more", LogisticRegression())],
        [*NETS, ("trees", "drop")],
    ],
)
def test_other_ensembles_are_based_on_none(estimators):
    assert default_table_model(FoldEnsembleClassifier(estimators)) is None
