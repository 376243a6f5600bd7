"""The constructor's parameters: one table of what they are, and the two signatures.

A field of `Parameters` is one parameter: its name, default, allowed values, group and description.
The constraints that scikit-learn checks, the docstrings, the overview in the documentation and the
plan of a fit are read from it. The signatures are written out, because editors and scikit-learn
read them; a test compares them with the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np

from sknn_tips._argument_names import suggesting
from sknn_tips._compat.sklearn import HasMethods, Interval, Options, StrOptions
from sknn_tips.runtime.threads import MOST_THREADS

LARGEST = 1e38  # the networks compute with float32, which ends at 3.4e38
_POSITIVE = Interval(Real, 0, LARGEST, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, LARGEST, closed="left")
_AT_LEAST_ONE = Interval(Integral, 1, None, closed="left")
_THREADS = Interval(Integral, 1, MOST_THREADS, closed="both")
_BELOW_ONE = Interval(Real, 0, 1, closed="left")

# The groups, in the order of the overview in the documentation.
NETWORK, TARGET, OPTIMIZER = "network", "loss and target", "optimizer and schedule"
REGULARIZATION, LENGTH = "regularization", "length of training"
VALIDATION, OUTPUT, RUNTIME = "validation and metrics", "output", "runtime"


class Entry(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    name : str
    default : object
    allowed : list
        Ranges and types, as scikit-learn's ``_parameter_constraints`` have them.
    group : str
    kind : str
        The type, as the docstring has it.
    text : str
        The description. A word with a dollar stands for names of the registries
        (`estimators.registry_texts.NAMES`).
    """

    name: str
    default: Any
    allowed: list[Any]
    group: str
    kind: str
    text: str


def _row(default: Any, allowed: list[Any], group: str, kind: str, text: str) -> Any:
    row = {"allowed": allowed, "group": group, "kind": kind, "text": text}
    return field(default=default, metadata=row)


# fmt: off
@dataclass(frozen=True)
class Parameters:
    """The values of the parameters that classifier and regressor share."""

    @classmethod
    def of(cls, estimator: Any) -> Self:
        """Return the values that an estimator has."""
        return cls(**{name: getattr(estimator, name) for name in table(cls)})

    # -- scikit-learn's own ------------------------------------------------------------------------

    hidden_layer_sizes: Any = _row((100,), ["array-like", _AT_LEAST_ONE, str],
        NETWORK, "int, array-like of int or str", """
        Number of units of each hidden layer. ``"256x3"`` is ``(256, 256, 256)``; ``()`` is a linear
        model.""")
    activation: Any = _row("relu", [str, callable, "array-like"],
        NETWORK, "str, callable or list of these", """
        Activation function of the hidden layers, or a list with one for each hidden layer:
        $activations. Or a class of your own, as ``torch.nn.Hardswish``: whatever makes, called
        without arguments, a torch.nn.Module that keeps the width. Its options are set by
        `functools.partial`, not by `activation_params`.""")
    solver: str = _row("adam", [str], OPTIMIZER, "str", """
        The optimizer, under scikit-learn's name of the parameter. It takes every name that
        `optimizer` takes.""")
    alpha: float = _row(0.0001, [_NOT_NEGATIVE], REGULARIZATION, "float", """
        Strength of the L2 penalty: ``alpha / 2 * ||W||^2 / batch_size`` is added to the loss of a
        batch. With sample weights, it is divided by their sum in the batch instead. Biases are not
        penalised. Keras's ``l2(lam)`` is ``alpha=2 * lam * batch_size``.""")
    batch_size: Any = _row("auto", [StrOptions({"auto", "sqrt"}), _AT_LEAST_ONE],
        OPTIMIZER, 'int, "auto" or "sqrt"', """
        Number of samples in a batch. "auto" is ``min(200, n_samples)``. "sqrt" is
        ``2 * sqrt(n_samples)``, but at least 16, so that small data sets get many updates per epoch
        and large ones efficient matrix products. It has no effect with $ignoring_batches, and is an
        error with $rejecting_batches.""")
    learning_rate: Any = _row("constant", [str, callable], OPTIMIZER, "str or callable", """
        Learning rate schedule. scikit-learn's schedules are "constant"; "invscaling",
        ``learning_rate_init / t ** power_t``; and "adaptive", which divides the rate by 5 where
        training would stop. The last two act on the SGD family only. Others act on every optimizer
        except $line_search: $between_epochs, between epochs; $to_the_end, between epochs and down
        to 0 at `max_iter`; $per_step, at every update. See `schedule_params`. Or a function
        ``factor(progress)`` of your own, whose result `learning_rate_init` is multiplied by at
        every update; progress is 0 at the first update and 1 after the last one of `max_iter`
        epochs.""")
    learning_rate_init: Any = _row(0.001, [StrOptions({"auto"}), _POSITIVE],
        OPTIMIZER, 'float or "auto"', """
        Initial learning rate. "auto" is the usual rate of the optimizer (0.01 for sgd, 0.001 for
        adam, 1 for adadelta, ...). Use it whenever you compare optimizers.""")
    power_t: float = _row(0.5, [_NOT_NEGATIVE], OPTIMIZER, "float", """
        Exponent of the "invscaling" schedule.""")
    max_iter: int = _row(200, [_AT_LEAST_ONE], LENGTH, "int", """
        Maximum number of epochs; for "lbfgs", of iterations.""")
    shuffle: bool = _row(True, ["boolean"], OPTIMIZER, "bool", """
        Whether to shuffle the samples in every epoch.""")
    random_state: Any = _row(None, ["random_state"],
        RUNTIME, "int, RandomState instance or None", """
        Determines the initial weights, the order of the samples, the validation split and the
        dropout masks. Pass an int for reproducible results. With None the seed comes from the
        operating system: unlike scikit-learn, the global random state of numpy is not used.""")
    tol: float | None = _row(1e-4, [_NOT_NEGATIVE, None], LENGTH, "float or None", """
        Tolerance of the stopping rule. Training stops when the training loss (with
        `early_stopping`, the validation score; with `monitor`, that quantity) did not improve by at
        least `tol` for more than `n_iter_no_change` consecutive epochs. With
        $reduces_before_stopping the rate is lowered instead, until it reaches 1e-6 or `min_rate`.
        None trains for exactly `max_iter` epochs, without a ConvergenceWarning.""")
    verbose: Any = _row(False, ["verbose"], OUTPUT, "bool or int", """
        0 prints nothing. 1 shows a progress bar with loss and metrics (by rich, on a terminal or in
        a notebook); elsewhere, as in pipes, log files and searches, it prints a line from time to
        time. 2 and more print "Iteration N, loss = ..." after every epoch. scikit-learn's own
        ProgressBar is passed to `set_callbacks`.""")
    warm_start: bool = _row(False, ["boolean"], LENGTH, "bool", """
        Whether `fit` continues from the fitted weights, the optimizer state and the random state of
        the previous call.""")
    momentum: float = _row(0.9, [Interval(Real, 0, 1, closed="both")], OPTIMIZER, "float", """
        Momentum of $with_momentum. ``momentum=0`` is plain stochastic gradient descent.""")
    nesterovs_momentum: bool = _row(True, ["boolean"], OPTIMIZER, "bool", """
        Whether "sgd" uses Nesterov's momentum.""")
    early_stopping: bool = _row(False, ["boolean"], VALIDATION, "bool", """
        Whether to hold out a part of the training data for validation, stop training when the
        validation score no longer improves, and restore the best weights. The score is the accuracy
        or R2; for the "quantile" loss and one of your own it is the loss, and with `monitor` that
        quantity. The split is stratified when every class has enough samples.""")
    validation_fraction: Any = _row(0.1, [_BELOW_ONE, HasMethods(["split"])],
        VALIDATION, "float or splitter", """
        Share of the samples that `early_stopping` holds out, or a cross-validation splitter, whose
        first split is used. To hold out the last k of n samples in order of time, use
        ``PredefinedSplit(np.r_[np.full(n - k, -1), np.zeros(k)])``. The first split of
        ``TimeSeriesSplit()`` leaves out most samples, with a HintWarning.""")
    beta_1: float = _row(0.9, [_BELOW_ONE], OPTIMIZER, "float", """
        Decay rate of the first moment, for the Adam family.""")
    beta_2: float = _row(0.999, [_BELOW_ONE], OPTIMIZER, "float", """
        Decay rate of the second moment, for the Adam family.""")
    epsilon: float = _row(1e-8, [_POSITIVE], OPTIMIZER, "float", """
        Value added to the denominator of the Adam family, after the bias correction (as in torch
        and in the paper; scikit-learn and Keras add it before).""")
    n_iter_no_change: float = _row(10, [_AT_LEAST_ONE, Options(Real, {np.inf})],
        LENGTH, "int or inf", """
        Number of epochs without an improvement of `tol` after which training stops.""")
    max_fun: int = _row(15000, [_AT_LEAST_ONE], LENGTH, "int", """
        Maximum number of evaluations of the loss, for "lbfgs".""")

    # -- ours --------------------------------------------------------------------------------------

    init: Any = _row("auto", [str, callable], NETWORK, "str or callable", """
        Initial weights: $initializers. "auto" draws weights and biases as scikit-learn does; all
        others set the biases to 0. Or a function of your own that fills a tensor in place, as those
        of torch.nn.init: it is called with the weight of each layer, of shape (n_out, n_in), and
        what it draws follows from `random_state`.""")
    init_params: dict[str, Any] | None = _row(None, [dict, None], NETWORK, "dict", """
        Options of the initialiser: gain (glorot, orthogonal), a and mode (he), low=-0.05 and
        high=0.05 (uniform), mean=0 and std=0.05 (normal). All take draw_biases, to draw the biases
        like the weights.""")
    activation_params: dict[str, Any] | None = _row(None, [dict, None], NETWORK, "dict", """
        Options of the activations, such as negative_slope (leaky_relu), alpha (elu) and pieces
        (maxout).""")
    dropout: Any = _row(0.0, [_BELOW_ONE, "array-like"],
        REGULARIZATION, "float or list of float", """
        Share of the outputs of each hidden layer that is set to 0 in training, or a list with one
        share for each hidden layer.""")
    input_dropout: float = _row(0.0, [_BELOW_ONE], REGULARIZATION, "float", """
        Share of the input features that is set to 0 in training.""")
    batchnorm: Any = _row(False, ["boolean", StrOptions({"before", "after"}), "array-like"],
        NETWORK, 'bool, "before", "after" or list', """
        Batch normalisation of each hidden layer, before the activation (also True) or after it; or
        a list with one value for each hidden layer.""")
    layernorm: bool = _row(False, ["boolean"], NETWORK, "bool", """
        Layer normalisation of each hidden layer, before the activation.""")
    input_scaling: bool = _row(False, ["boolean"], NETWORK, "bool", """
        Whether to multiply each feature by a learned weight before the first layer. The weights
        start at 1 and are trained at 6 times the learning rate, without penalties, so that the
        network learns which features matter (RealMLP, arXiv 2407.04491). They are in `module_`, not
        in `coefs_`.""")
    optimizer: Any = _row(None, [str, callable, None], OPTIMIZER, "str or class", """
        The optimizer: $optimizers. None leaves the choice to `solver`. Or a subclass of
        torch.optim.Optimizer: it is built as ``cls(param_groups, lr=rate, **optimizer_params)``,
        and `momentum`, `nesterovs_momentum`, `beta_1`, `beta_2` and `epsilon` do not act on it.""")
    optimizer_params: dict[str, Any] | None = _row(None, [dict, None], OPTIMIZER, "dict", """
        Further options of the optimizer under torch's names, such as rho (adadelta, rmsprop),
        centered (rmsprop) and amsgrad (adam, adamw). betas, eps and momentum override the
        parameters of the same meaning.""")
    schedule_params: dict[str, Any] | None = _row(None, [dict, None], OPTIMIZER, "dict", """
        Options of the schedule: $schedule_options.""")
    weight_decay: float | None = _row(None, [_NOT_NEGATIVE, None], REGULARIZATION, "float", """
        Decoupled weight decay (Loshchilov & Hutter, 2019): before each update the weights, but not
        the biases, are multiplied by ``1 - rate * weight_decay``. None is $weight_decays, the
        default of a class of your own, and 0 for all others.""")
    clip_norm: float | None = _row(None, [_POSITIVE, None], REGULARIZATION, "float", """
        Maximum norm of the gradient of all parameters together, penalties included. It cannot be
        combined with `clip_value`.""")
    clip_value: float | None = _row(None, [_POSITIVE, None], REGULARIZATION, "float", """
        Maximum absolute value of each component of the gradient, penalties included.""")
    ema_decay: float | None = _row(None, [_BELOW_ONE, None], REGULARIZATION, "float", """
        Decay of an exponential moving average of all weights and biases over the updates, such as
        0.99. Validation, predictions and `coefs_` use the average, while training continues with
        the weights themselves, also in `partial_fit` and after loading a saved model. The average
        is corrected for its start, so that the initial weights do not count (Polyak & Juditsky,
        1992).""")
    l1: float = _row(0.0, [_NOT_NEGATIVE], REGULARIZATION, "float", """
        Strength of the L1 penalty: ``l1 * sum |W|`` is added to the loss, as in Keras. Biases are
        not penalised.""")
    activity_l1: float = _row(0.0, [_NOT_NEGATIVE], REGULARIZATION, "float", """
        Strength of the L1 penalty on the outputs of the hidden layers, summed over units and
        averaged over the samples of a batch, as Keras's ``activity_regularizer``.""")
    metrics: Any = _row((), [list, tuple, str, callable],
        VALIDATION, "str, callable or list of these", """
        Metrics that are recorded after every epoch in `history_`, for training and validation data.
        Of a classifier: $classifier_metrics. Of a regressor: $regressor_metrics (mape and mspe as
        shares). Scorers of scikit-learn for such an estimator are given by their names, without
        ``neg_`` (errors are positive), and own metrics as functions ``metric(y_true, y_pred)``.""")
    monitor: str | None = _row(None, [str, None], VALIDATION, "str", """
        Column of `history_` that `tol`, `best_epoch_`, `restore_best` and the "plateau" schedule
        use: "loss", "val_loss", or a metric of the validation data ("roc_auc" means "val_roc_auc";
        "train_roc_auc" is that of the training data). skorch's names are understood too. None is
        the training loss; with `early_stopping`, the validation accuracy or R2, and for the
        "quantile" loss and one of your own the validation loss.""")
    restore_best: bool | None = _row(None, ["boolean", None], VALIDATION, "bool", """
        Whether to restore the weights of the best epoch at the end of training. None does so with
        `early_stopping`. The training loss is a mean over the epoch, measured before its last
        update; to select the weights by the training data, monitor a metric, which is measured
        after the epoch: ``monitor="train_mse"``.""")
    callbacks: Any = _row((), [list, tuple], OUTPUT, "list of callbacks", """
        Callbacks of skorch or of `sknn_tips.callbacks`, as instances or as pairs (name, callback).
        They are called at epochs and, at some cost in speed, at batches, but not by "lbfgs". A
        callback stops training by ``net.stop_training = True`` or by returning True. In a search or
        an ensemble each fit writes the files of its callbacks to a folder of its own.
        scikit-learn's own callbacks are passed to `set_callbacks`.""")
    tips: str = _row("warn", [StrOptions({"warn", "all", "ignore", "raise"})],
        OUTPUT, '{"warn", "all", "ignore", "raise"}', """
        How the problems that the checks of a fit find are reported. "warn" issues a `TipWarning`
        for each severe one, once per code for every line of your program that fits or searches;
        "all" includes the hints; "ignore" reports only divergence; "raise" raises a `TipError` for
        severe ones after the fit, which is kept. `tips_` holds all of them in any case. To silence
        a single code, use ``warnings.filterwarnings("ignore", "dead-units")``. scikit-learn's
        ConvergenceWarning is no tip: ``tol=None`` trains without it.""")
    device: str = _row("auto", [str], RUNTIME, "str", """
        "cpu", "cuda", "cuda:1", "mps" or "auto", which uses a GPU if there is one and a training
        step is large enough.""")
    dtype: str = _row("float32", [StrOptions({"auto", "float32", "float64"})],
        RUNTIME, '"float32", "float64" or "auto"', """
        Data type of the weights and of training. "auto" takes that of X, as scikit-learn does.
        Predictions for float64 data are computed in float64, so that they do not depend on the
        other samples of the call.""")
    n_threads: int | None = _row(None, [_THREADS, None], RUNTIME, "int", """
        Number of CPU threads of a fit. None chooses it by the size of a training step.""")


@dataclass(frozen=True)
class ClassifierParameters(Parameters):
    """The values of all parameters of a classifier."""

    loss: str = _row("log_loss", [str], TARGET, "str", """
        Loss function: $classifier_losses.""")
    class_weight: Any = _row(None, [dict, StrOptions({"balanced"}), list, None],
        TARGET, 'dict, "balanced" or list of dict', """
        Weights of the classes, which are multiplied with the sample weights in training. "balanced"
        gives all classes the same total weight; it counts weighted samples. For multilabel targets
        pass one dict per output.""")
    label_smoothing: float = _row(0.0, [_BELOW_ONE], TARGET, "float", """
        Share of each target that is spread evenly over the classes, which keeps the network from
        becoming too certain (Szegedy et al., 2016). The validation loss includes it.""")


@dataclass(frozen=True)
class RegressorParameters(Parameters):
    """The values of all parameters of a regressor."""

    loss: Any = _row("squared_error", [str, callable], TARGET, "str or callable", """
        Loss function: $regressor_losses. Or a function ``loss(y_pred, y_true)`` of your own, which
        gets tensors of shape (n_samples, n_outputs) and returns the loss of each value or of each
        sample; or a loss of torch.nn, a class or an instance, whose reduction is switched off. The
        output is then the prediction itself.""")
    loss_params: dict[str, Any] | None = _row(None, [dict, None], TARGET, "dict", """
        Options of the loss: ``{"delta": 1.0}``, the residual at which "huber" becomes linear (with
        `normalize_y` in units of the standardised y), and ``{"quantile": 0.5}`` of "quantile".""")
    normalize_y: bool = _row(False, ["boolean"], TARGET, "bool", """
        Whether to standardise y (each output) inside the estimator. Predictions and metrics have
        the units of y; the losses in `loss_curve_` and `history_` are those of the standardised y.
        It is equivalent to ``TransformedTargetRegressor(transformer=StandardScaler())``.""")
# fmt: on


_TABLES: dict[type[Parameters], dict[str, Entry]] = {
    kind: {each.name: Entry(each.name, each.default, **each.metadata) for each in fields(kind)}
    for kind in (Parameters, ClassifierParameters, RegressorParameters)
}


def table(kind: type[Parameters]) -> Mapping[str, Entry]:
    """Return the rows of a table by name."""
    return _TABLES[kind]


# The parameters that hold options: `optimizer_params__rho` in `set_params` sets one of them.
DICTS = sorted(
    name
    for name in {**table(ClassifierParameters), **table(RegressorParameters)}
    if name.endswith("_params")
)


def _store(estimator: Any, arguments: dict[str, Any]) -> None:
    """Set every argument of a constructor as the attribute of its name, unmodified."""
    del arguments["self"]
    for name, value in arguments.items():
        setattr(estimator, name, value)


class ClassifierSignature:
    """The constructor of a classifier."""

    @suggesting("MLPClassifier.__init__")
    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        loss: str = "log_loss",
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: Any = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float | None = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: Any = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        init: Any = "auto",
        init_params: dict[str, Any] | None = None,
        activation_params: dict[str, Any] | None = None,
        dropout: Any = 0.0,
        input_dropout: float = 0.0,
        batchnorm: Any = False,
        layernorm: bool = False,
        input_scaling: bool = False,
        optimizer: Any = None,
        optimizer_params: dict[str, Any] | None = None,
        schedule_params: dict[str, Any] | None = None,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        ema_decay: float | None = None,
        class_weight: Any = None,
        l1: float = 0.0,
        activity_l1: float = 0.0,
        label_smoothing: float = 0.0,
        metrics: Any = (),
        monitor: str | None = None,
        restore_best: bool | None = None,
        callbacks: Any = (),
        tips: str = "warn",
        device: str = "auto",
        dtype: str = "float32",
        n_threads: int | None = None,
    ) -> None:
        _store(self, locals())


class RegressorSignature:
    """The constructor of a regressor."""

    @suggesting("MLPRegressor.__init__")
    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: Any = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float | None = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: Any = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        init: Any = "auto",
        init_params: dict[str, Any] | None = None,
        activation_params: dict[str, Any] | None = None,
        dropout: Any = 0.0,
        input_dropout: float = 0.0,
        batchnorm: Any = False,
        layernorm: bool = False,
        input_scaling: bool = False,
        optimizer: Any = None,
        optimizer_params: dict[str, Any] | None = None,
        schedule_params: dict[str, Any] | None = None,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        ema_decay: float | None = None,
        loss_params: dict[str, Any] | None = None,
        normalize_y: bool = False,
        l1: float = 0.0,
        activity_l1: float = 0.0,
        metrics: Any = (),
        monitor: str | None = None,
        restore_best: bool | None = None,
        callbacks: Any = (),
        tips: str = "warn",
        device: str = "auto",
        dtype: str = "float32",
        n_threads: int | None = None,
    ) -> None:
        _store(self, locals())
