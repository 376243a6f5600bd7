"""scikit-learn, from 1.6 on. None of its public names does what these do."""

from collections.abc import Callable
from typing import Any

from sklearn import base, utils
from sklearn.model_selection import _search
from sklearn.utils import _param_validation, metaestimators, multiclass, validation

# The base of estimators that take callbacks: public, but not there before 1.9.
try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
except ImportError:

    class CallbackSupport:  # type: ignore[no-redef]
        """Nothing: this scikit-learn has no callbacks."""


# -- checks of parameters and data ---------------------------------------------------------------

# Around `fit`: checks parameters, unless a meta-estimator did, and from 1.9 on ends callbacks.
fit_context = base._fit_context
# Constraints of parameters; the error lists the choices in scikit-learn's words.
HasMethods = _param_validation.HasMethods
Interval = _param_validation.Interval
Options = _param_validation.Options
StrOptions = _param_validation.StrOptions
# Checks values against them; `_validate_params` can only check all parameters of an estimator.
validate_parameter_constraints = _param_validation.validate_parameter_constraints
# Weights as an array, of the length of X, with scikit-learn's errors.
check_sample_weight = validation._check_sample_weight
# The number of rows of anything that fit takes: arrays, lists, frames, sparse matrices.
num_samples = validation._num_samples
# Some rows of anything that fit takes; `sklearn.utils.resample` only draws them at random.
safe_indexing = utils._safe_indexing
# Some rows of each argument of fit that has one value a row.
check_method_params = validation._check_method_params
# The first call of partial_fit learns `classes`, a later one compares; the errors are the usual.
check_partial_fit_first_call = multiclass._check_partial_fit_first_call

# -- meta-estimators -----------------------------------------------------------------------------

# Parameters of named estimators in a list: the base of Pipeline and VotingClassifier.
BaseComposition = metaestimators._BaseComposition
# The base of all searches, of users' own and experimental ones too.
BaseSearchCV = _search.BaseSearchCV


def fit_target_transformer(regressor: Any, y: Any) -> None:
    """Set ``transformer_`` of a TransformedTargetRegressor without a fit of its regressor."""
    regressor._fit_transformer(y)


def html_block(estimator: Any) -> Any:
    """Return what the HTML of a meta-estimator is made of; its class moves between modules."""
    return estimator._sk_visual_block_()


# -- scorers, whose attributes are all private ---------------------------------------------------

# Where their functions stand: nothing else tells those of classifiers from those of regressors.
CLASSIFICATION_MODULES = ("sklearn.metrics._classification", "sklearn.metrics._ranking")
REGRESSION_MODULES = ("sklearn.metrics._regression",)


def is_scorer(function: Any) -> bool:
    """Say whether a callable is what ``make_scorer`` returns."""
    return hasattr(function, "_score_func")


def function_of_scorer(scorer: Any) -> Callable[..., Any]:
    """Return the ``metric(y_true, y_pred)`` of a scorer."""
    function: Callable[..., Any] = scorer._score_func
    return function


def is_score(scorer: Any) -> bool:
    """Say whether larger values of a scorer's function are better; a loss gets another sign."""
    return bool(scorer._sign > 0)


def takes_labels(scorer: Any) -> bool:
    """Say whether a scorer's function gets what ``predict`` returns, not probabilities."""
    return bool(scorer._response_method == "predict")


# -- callbacks, from 1.9 on ----------------------------------------------------------------------

# The attribute in which `set_callbacks` keeps them; nothing reads it in public.
CALLBACKS = "_skl_callbacks"


def has_callbacks(estimator: Any) -> bool:
    """Say whether callbacks were set on an estimator, or handed down to it."""
    return bool(getattr(estimator, CALLBACKS, None))


def begin_callbacks(estimator: Any, max_subtasks: int) -> Any:
    """Set callbacks up for a fit; return its context. Estimators of others have no public way."""
    return estimator._init_callback_context(max_subtasks=max_subtasks)


# -- files ---------------------------------------------------------------------------------------

# The attribute in which `set_fit_request` and its kind keep what they were given.
REQUESTS = "_metadata_request"
# Classes of private modules in files of skops, which names the module of every class.
SAVED_CLASSES = (
    # Arrays of nodes; `persistence/positions.py` checks them.
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    # What fitted meta-estimators hold.
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.utils._bunch.Bunch",
    # Splitters, which a FoldEnsemble has as `cv`.
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


def is_tree(part: Any) -> bool:
    """Say whether an object is the compiled tree of a decision tree; its class is not public."""
    from sklearn.tree._tree import Tree  # here, as a network alone never loads trees

    return isinstance(part, Tree)


def is_boosting(part: Any) -> bool:
    """Say whether an object is a fitted HistGradientBoosting estimator."""
    return hasattr(part, "_predictors") and hasattr(part, "_bin_mapper")


def bins_of_boosting(boosting: Any) -> Any:
    """Return what bins the features; nothing public does."""
    return boosting._bin_mapper


def trees_of_boosting(boosting: Any) -> list[list[Any]]:
    """Return the trees, of each iteration a list; nothing public does."""
    trees: list[list[Any]] = boosting._predictors
    return trees
