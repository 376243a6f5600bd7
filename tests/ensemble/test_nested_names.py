import pytest
from sklearn.model_selection import GridSearchCV

from sknn_tips import tabular_pipeline
from sknn_tips.ensemble import FoldEnsembleRegressor

MODEL = tabular_pipeline("regressor", trees=True)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dropout", "'nets__net__dropout'"),
        ("net__dropout", "'nets__net__dropout'"),
        ("nets__dropout", "'nets__net__dropout'"),
        ("nets__net__droput", "'nets__net__dropout'"),
        ("max_iter", "'nets__net__max_iter' or 'trees__trees__max_iter'"),
        ("trees__max_iter", "'trees__trees__max_iter'"),
        ("shared_step", "'shared_steps'"),
        ("nets__l2", "'nets__net__alpha'"),
    ],
)
def test_a_name_without_its_prefix_or_misspelt_is_answered_with_the_whole_name(name, meant):
    message = rf"^Invalid parameter '{name}' for estimator FoldEnsemble.*Did you mean {meant}\?$"
    with pytest.raises(ValueError, match=message):
        MODEL.set_params(**{name: 0})
    with pytest.raises(ValueError, match=message):
        GridSearchCV(MODEL, {name: [0]}, cv=2, error_score="raise").fit([[0.0]] * 8, range(8))


def test_another_name_is_an_error_of_one_line():
    with pytest.raises(ValueError, match=r"^Invalid parameter 'bogus' for .*See model.get_par"):
        MODEL.set_params(bogus=1)


def test_an_error_about_the_right_name_stays():
    class Strict(FoldEnsembleRegressor):
        def set_params(self, **params):
            raise ValueError("too large")

    model = FoldEnsembleRegressor([("strict", Strict(None))])
    with pytest.raises(ValueError, match=r"^too large$"):
        model.set_params(strict__cv=2)
