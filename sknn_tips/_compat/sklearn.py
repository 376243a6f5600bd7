"""scikit-learn, version 1.7 or later; there are no public equivalents of these names."""

from collections.abc import Callable
from typing import Any, TypeVar

from sklearn import base, utils
from sklearn._loss import _loss
from sklearn.metrics import _scorer
from sklearn.model_selection import _search
from sklearn.utils import (
    _available_if,
    _param_validation,
    metaestimators,
    multiclass,
    validation,
)

# Base class of estimators that support callbacks: public, but only from version 1.9 on.
try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
except ImportError:

    class CallbackSupport:  # type: ignore[no-redef]
        """An empty class: this version of scikit-learn has no callbacks."""


Method = TypeVar("Method", bound=Callable[..., Any])

# -- checks of parameters and data ---------------------------------------------------------------


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Decorate `fit`: validate parameters, unless a meta-estimator did; from 1.9 on end callbacks.

    scikit-learn has no types; without those given here, `fit` would have none either.
    """
    decorator: Callable[[Method], Method] = base._fit_context(
        prefer_skip_nested_validation=prefer_skip_nested_validation
    )
    return decorator


def available_if(check: Callable[[Any], bool]) -> Callable[[Method], Method]:
    """Decorate a method that only some estimators have.

    scikit-learn's decorator is public, but it has no types, and its error does not say what the
    check says, which is only its cause.
    """

    def decorate(method: Method) -> Method:
        found: Method = _Available(method, check, method.__name__)
        return found

    return decorate


class _Available(_available_if._AvailableIfDescriptor):
    """A method that is missing where the check fails, with an error that says why.

    `_check` is private, and raises scikit-learn's error since version 1.4.
    """

    def _check(self, obj: Any, owner: type) -> None:
        try:
            super()._check(obj, owner)
        except AttributeError as error:
            reason = f": {error.__cause__}" if error.__cause__ else ""
            raise AttributeError(f"{error}{reason}") from error.__cause__


# Parameter constraints; the error message lists the choices in scikit-learn's wording.
HasMethods = _param_validation.HasMethods
Interval = _param_validation.Interval
Options = _param_validation.Options
StrOptions = _param_validation.StrOptions
# Checks some values against constraints; `_validate_params` always checks all parameters.
validate_parameter_constraints = _param_validation.validate_parameter_constraints
# Returns the sample weights as an array with the length of X, or raises scikit-learn's errors.
check_sample_weight = validation._check_sample_weight
# The number of samples in any X that fit accepts: arrays, lists, data frames, sparse matrices.
num_samples = validation._num_samples
# Selects given samples of any X that fit accepts; `sklearn.utils.resample` only draws at random.
safe_indexing = utils._safe_indexing
# Selects given samples in each argument of fit that has one value per sample.
check_method_params = validation._check_method_params
# The first call of partial_fit stores `classes`, later calls compare; raises scikit-learn's errors.
check_partial_fit_first_call = multiclass._check_partial_fit_first_call

# -- meta-estimators -----------------------------------------------------------------------------

# Parameters of named estimators in a list: base class of Pipeline and VotingClassifier.
BaseComposition = metaestimators._BaseComposition
# Base class of all searches, including experimental ones and those of users.
BaseSearchCV = _search.BaseSearchCV


def fit_target_transformer(regressor: Any, y: Any) -> None:
    """Fit ``transformer_`` of a TransformedTargetRegressor without fitting its regressor."""
    regressor._fit_transformer(y)


def html_block(estimator: Any) -> Any:
    """Return the HTML block of a meta-estimator; the class of the block moves between modules."""
    return estimator._sk_visual_block_()


# -- scorers, whose attributes are all private ---------------------------------------------------

# The modules of their functions: the only way to distinguish classifier and regressor metrics.
CLASSIFICATION_MODULES = ("sklearn.metrics._classification", "sklearn.metrics._ranking")
REGRESSION_MODULES = ("sklearn.metrics._regression",)


def is_scorer(function: Any) -> bool:
    """Return whether a callable was created by ``make_scorer``."""
    return hasattr(function, "_score_func")


def function_of_scorer(scorer: Any) -> Callable[..., Any]:
    """Return the ``metric(y_true, y_pred)`` of a scorer."""
    function: Callable[..., Any] = scorer._score_func
    return function


def is_score(scorer: Any) -> bool:
    """Return whether larger values of the scorer's function are better; losses have sign -1."""
    return bool(scorer._sign > 0)


def takes_labels(scorer: Any) -> bool:
    """Return whether the scorer's function takes the output of ``predict``, not probabilities."""
    return bool(scorer._response_method == "predict")


# -- callbacks, from 1.9 on ----------------------------------------------------------------------

# The attribute in which `set_callbacks` stores the callbacks; there is no public access.
CALLBACKS = "_skl_callbacks"


def has_callbacks(estimator: Any) -> bool:
    """Return whether an estimator has callbacks, its own or propagated ones."""
    return bool(getattr(estimator, CALLBACKS, None))


def begin_callbacks(estimator: Any, max_subtasks: int) -> Any:
    """Set up callbacks for a fit and return its context; other libraries have no public way."""
    return estimator._init_callback_context(max_subtasks=max_subtasks)


# -- files ---------------------------------------------------------------------------------------

# The attribute in which `set_fit_request` and similar methods store their arguments.
REQUESTS = "_metadata_request"
# The module of the losses of gradient boosting, in files: "_loss" in scikit-learn 1.7.
MODULE_OF_LOSSES: str = _loss.CyHalfBinomialLoss.__module__
# Classes from private modules that occur in skops files, which name the module of every class.
SAVED_CLASSES = (
    # Arrays of nodes; validated by `persistence/bounds.py`.
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    # Attributes of fitted meta-estimators.
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.utils._bunch.Bunch",
    # Splitters, which a FoldEnsemble stores as `cv`.
    *(
        f"sklearn.model_selection._split.{name}"
        for name in (
            "GroupKFold",
            "GroupShuffleSplit",
            "KFold",
            "LeaveOneGroupOut",
            "LeaveOneOut",
            "PredefinedSplit",
            "RepeatedKFold",
            "RepeatedStratifiedKFold",
            "ShuffleSplit",
            "StratifiedGroupKFold",
            "StratifiedKFold",
            "StratifiedShuffleSplit",
            "TimeSeriesSplit",
        )
    ),
)


def requests_of_scorer(part: Any) -> Any:
    """Return the metadata requests in the scorer of a search without `scoring`, or None.

    Before version 1.8, this scorer copies the requests of its estimator.
    """
    if not isinstance(part, _scorer._PassthroughScorer):
        return None
    requests = vars(part).get(REQUESTS)
    copied = vars(type(part)(part._estimator)).get(REQUESTS)
    return requests if repr(requests) == repr(copied) else None  # not if the user changed them


def make_scorer_anew(part: Any) -> None:
    """Give the scorer of a search without `scoring` the attributes of this version, in place."""
    if isinstance(part, _scorer._PassthroughScorer):
        estimator = part._estimator
        vars(part).clear()
        part.__init__(estimator)


def is_tree(part: Any) -> bool:
    """Return whether an object is the compiled tree of a decision tree; its class is private."""
    from sklearn.tree._tree import Tree  # imported here, since a network alone does not need trees

    return isinstance(part, Tree)


def trees_without_check(estimator: Any) -> list[Any]:
    """Return the compiled trees that an estimator calls without a check of the features.

    A forest and gradient boosting check X once, by their own number of features.
    """
    from sklearn.ensemble._forest import BaseForest
    from sklearn.ensemble._gb import BaseGradientBoosting
    from sklearn.tree import BaseDecisionTree

    inner = [estimator]
    if isinstance(estimator, BaseForest | BaseGradientBoosting):
        found = getattr(estimator, "estimators_", [])
        inner = found.ravel().tolist() if hasattr(found, "ravel") else found  # an array or a list
    return [
        each.tree_
        for each in inner
        if isinstance(each, BaseDecisionTree) and hasattr(each, "tree_")
    ]


def is_boosting(part: Any) -> bool:
    """Return whether an object is a fitted HistGradientBoosting estimator."""
    return hasattr(part, "_predictors") and hasattr(part, "_bin_mapper")


def bins_of_boosting(boosting: Any) -> Any:
    """Return the object that bins the features; there is no public access to it."""
    return boosting._bin_mapper


def trees_of_boosting(boosting: Any) -> list[list[Any]]:
    """Return one list of trees per iteration; there is no public access to them."""
    trees: list[list[Any]] = boosting._predictors
    return trees


def baseline_of_boosting(boosting: Any) -> Any:
    """Return the start of the sum over trees, (1, n_trees_per_iteration)."""
    return boosting._baseline_prediction


def categories_of_boosting(boosting: Any) -> list[Any]:
    """Return the categories of each categorical feature, which the estimator puts first."""
    if boosting._preprocessor is None:
        return []
    return list(boosting._preprocessor.named_transformers_["encoder"].categories_)
