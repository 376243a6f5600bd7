"""Find our estimator inside a Pipeline, a search or a TransformedTargetRegressor."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sknn_tips._compat.sklearn import BaseSearchCV
from sknn_tips.estimators.base import BaseMLP

# Between the name of an estimator of an ensemble and the number of the fold.
FOLD = " fold "


@dataclass(frozen=True)
class Found:
    """One of our estimators, and the meta-estimators around it in a model.

    Attributes
    ----------
    estimator : MLPClassifier or MLPRegressor
    steps : list of Pipeline
        Pipelines that transform X before it reaches the estimator, in this order.
    targets : list of TransformedTargetRegressor
        Meta-estimators that transform y.
    """

    estimator: BaseMLP
    steps: list[Pipeline] = field(default_factory=list)
    targets: list[TransformedTargetRegressor] = field(default_factory=list)

    def transform(self, X: Any) -> Any:
        """Return X as it reaches the estimator; the steps must be fitted."""
        for step in self.steps:
            X = step.transform(X)
        return X

    def transform_target(self, y: NDArray) -> NDArray:
        """Return y as it reaches the estimator."""
        for target in self.targets:
            columns = y.reshape(len(y), -1)
            changed = target.transformer_.transform(columns)
            y = changed.ravel() if y.ndim == 1 else changed
        return y

    def restore_target(self, y: NDArray) -> NDArray:
        """Return predictions in the units of y before all transformations."""
        for target in reversed(self.targets):
            changed = target.transformer_.inverse_transform(y.reshape(len(y), -1))
            y = changed.ravel() if y.ndim == 1 else changed
        return y


def find(model: Any, caller: str, besides: str = "", *, fitted: bool = False) -> Found:
    """Return our estimator in `model`, fitted if the model is.

    Parameters
    ----------
    model : object
        An MLPClassifier or MLPRegressor, or a Pipeline, TransformedTargetRegressor or search (such
        as GridSearchCV) that holds one as its last step, regressor or best estimator.
    caller : str
        Name of the public function, for the error message.
    besides : str, default=""
        What else the function takes, for the error message.
    fitted : bool, default=False
        Whether the function needs a fitted network, for the error message.

    Raises
    ------
    TypeError
        If there is none.
    """
    inner, steps, targets = model, [], []
    while not isinstance(inner, BaseMLP):
        if isinstance(inner, Pipeline) and len(inner.steps) > 1:
            steps.append(inner[:-1])
        elif isinstance(inner, TransformedTargetRegressor):
            targets.append(inner)
        below = _inside(inner)
        if below is None:
            raise TypeError(
                f"{caller} got {type(model).__name__}. It takes {besides}an MLPClassifier or"
                " MLPRegressor of sknn_tips, or a Pipeline, TransformedTargetRegressor or search"
                f" with one in it.{_hint(inner, fitted=fitted)}"
            )
        inner = below
    return Found(inner, steps, targets)


def layers(model: Any) -> list[Any]:
    """Return a model and the estimators inside of it, from the outermost to the innermost.

    Those are the last step of a Pipeline, the regressor of a TransformedTargetRegressor and the
    best estimator of a search; the last in the list is none of these.
    """
    found = [model]
    while (below := _inside(found[-1])) is not None:
        found.append(below)
    return found


def _inside(model: Any) -> Any:
    """Return the estimator inside of a meta-estimator, fitted if that is; else None."""
    if isinstance(model, Pipeline) and len(model.steps):
        return model.steps[-1][1]
    if isinstance(model, TransformedTargetRegressor):
        return getattr(model, "regressor_", model.regressor)
    if isinstance(model, BaseSearchCV):
        return getattr(model, "best_estimator_", model.estimator)
    return None


def _hint(model: Any, *, fitted: bool) -> str:
    """Return how to refer to a network of an ensemble, recognised by its attributes."""
    if fitted:
        parts = [f"estimators_[{name!r}][0]" for name in networks_of_members(model)]
    else:
        estimators = getattr(model, "estimators", None)
        pairs = estimators if isinstance(estimators, list) else [("estimators", estimators)]
        parts = [
            f"get_params()[{name!r}]"
            for name, estimator in pairs
            if isinstance(layers(estimator)[-1], BaseMLP)
        ]
    return f" Of a {type(model).__name__}, pass a part: model.{parts[0]}." if parts else ""


def networks_of_members(ensemble: Any) -> dict[str, list[BaseMLP]]:
    """Return the fitted networks of a fold ensemble by the names of its estimators.

    Estimators of other kinds, such as trees, have none. Another model has none either.
    """
    members = getattr(ensemble, "estimators_", None)
    inner = {
        name: [layers(member)[-1] for member in of_name]
        for name, of_name in (members.items() if isinstance(members, dict) else ())
    }
    return {name: nets for name, nets in inner.items() if isinstance(nets[0], BaseMLP)}


def networks_by_fold(ensemble: Any) -> dict[str, BaseMLP]:
    """Return the fitted networks of a fold ensemble, by the estimator's name and the fold."""
    return {
        f"{name}{FOLD}{number}": net
        for name, nets in networks_of_members(ensemble).items()
        for number, net in enumerate(nets)
    }


def find_fitted(model: Any, caller: str, besides: str = "") -> Found:
    """Return our estimator in `model`; raise NotFittedError if it is not fitted."""
    if hasattr(inner := layers(model)[-1], "estimators"):  # an ensemble; its parts do not exist yet
        check_is_fitted(inner)
    found = find(model, caller, besides, fitted=True)
    check_is_fitted(found.estimator)
    return found


def without_searches(model: Any) -> Any:
    """Return an unfitted clone with each search replaced by its best estimator or its estimator."""
    if isinstance(model, BaseSearchCV):
        return without_searches(getattr(model, "best_estimator_", model.estimator))
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        return clone(model).set_params(**{name: without_searches(last)})
    if isinstance(model, TransformedTargetRegressor):
        inner = getattr(model, "regressor_", model.regressor)
        return clone(model).set_params(regressor=without_searches(inner))
    return clone(model)
