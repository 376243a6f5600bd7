"""The parts of the two class docstrings that are the same, written once.

A word with a dollar stands for names of the registries (`listing.NAMES`).
"""

from typing import TypeVar

from sknn_tips.estimators.listing import filled, losses_of
from sknn_tips.nn.losses import CLASSIFIER_LOSSES, REGRESSOR_LOSSES

T = TypeVar("T", bound=type)

SKLEARN_PARAMETERS = """
hidden_layer_sizes : int, array-like of int or str, default=(100,)
    Units of each hidden layer; ``"256x3"`` is ``(256, 256, 256)``. ``()`` is a linear model.

activation : str or list of str, default="relu"
    Activation of the hidden layers, or one for each: $activations.

solver : str, default="adam"
    The optimizer, by scikit-learn's name of the parameter. Takes every name of `optimizer`.

alpha : float, default=0.0001
    L2 penalty on the weights: ``alpha / 2 * ||W||^2 / rows of the batch`` is added to the loss.
    Keras's ``l2(lam)`` is ``alpha=2 * lam * batch_size``.

batch_size : int, "auto" or "sqrt", default="auto"
    Rows of a step; "auto" is ``min(200, n_samples)``, "sqrt" is ``2 * sqrt(n_samples)`` but at
    least 16: small data get many steps an epoch, and large data large products. Without meaning
    for $ignoring_batches; an error for $rejecting_batches.

learning_rate : str, default="constant"
    The schedule. scikit-learn's: "constant"; "invscaling", ``learning_rate_init / t ** power_t``;
    "adaptive", divided by 5 instead of stopping (both for the SGD family alone). For every
    optimizer but $line_search: $between_epochs change the rate between epochs, $to_the_end too,
    over `max_iter` epochs down to 0; $per_step at every update. See `schedule_params`.

learning_rate_init : float or "auto", default=0.001
    The initial rate. "auto" is the optimizer's own usual one (sgd .01, adam .001, adadelta 1 ...);
    use it whenever you compare optimizers.

power_t : float, default=0.5
    Exponent of "invscaling".

max_iter : int, default=200
    Epochs at most; for "lbfgs" iterations.

shuffle : bool, default=True
    Whether rows are drawn in a new order every epoch.

random_state : int, RandomState instance or None, default=None
    Decides weights, order, validation split and dropout. None draws a fresh seed from the system:
    the global random states of numpy and torch are never used (scikit-learn uses numpy's).

tol : float or None, default=1e-4
    Training stops when the loss (the score, under `early_stopping`; what `monitor` names) did not
    improve by `tol` for more than `n_iter_no_change` epochs; $instead_of_stopping lower the
    rate instead, as long as it is above 1e-6 and `min_rate`. None: exactly `max_iter` epochs,
    without a warning.

verbose : bool or int, default=False
    0 prints nothing; 1 a progress bar with loss and metrics (rich, on a terminal or in a
    notebook), else, as in pipes, logs and searches, a plain line now and then; 2 and more one
    "Iteration N, loss = ..." line an epoch. scikit-learn's own ProgressBar is for `set_callbacks`.

warm_start : bool, default=False
    Whether `fit` goes on from the fitted weights, with the optimizer's moments and random state.

momentum : float, default=0.9
    Of $with_momentum. Plain stochastic gradient descent is ``momentum=0``.

nesterovs_momentum : bool, default=True
    Whether the momentum of "sgd" is Nesterov's.

early_stopping : bool, default=False
    Whether a part of the training rows is held out, training stops when the score on it (accuracy
    or R2; of a quantile the loss; or what `monitor` names) no longer improves, and the best
    weights are restored. Stratified by class wherever every class has rows enough.

validation_fraction : float or splitter, default=0.1
    Share of the rows held out under `early_stopping`, or a cross-validation splitter, whose first
    split is taken. For the last k of n rows in order of time that is
    ``PredefinedSplit(np.r_[np.full(n - k, -1), np.zeros(k)])``; the first split of
    ``TimeSeriesSplit()`` leaves most rows out, with a HintWarning.

beta_1, beta_2 : float, default=0.9, 0.999
    Decay of the moments of the Adam family.

epsilon : float, default=1e-8
    Added to the denominator of the Adam family, after the bias correction (as torch and the paper
    do; scikit-learn and Keras add it before).

n_iter_no_change : int or inf, default=10
    See `tol`.

max_fun : int, default=15000
    Evaluations of the loss at most, for "lbfgs".
"""

OUR_PARAMETERS = """
init : str, default="auto"
    First weights: "auto" (scikit-learn's draw, biases included), "glorot_uniform",
    "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal",
    "uniform" (-0.05 to 0.05), "normal" (std 0.05), "zeros" (to see why not). Also xavier_*,
    kaiming_* and random_*. All but "auto" set the biases to 0.

init_params : dict, default=None
    Options of the initialiser: gain (glorot, orthogonal), a and mode (he), low and high
    (uniform), mean and std (normal); of all: draw_biases, to draw the biases as the weights.

activation_params : dict, default=None
    Options of the activations, such as negative_slope (leaky_relu), alpha (elu), pieces (maxout).

dropout : float or list of float, default=0
    Share of each hidden layer's values that is dropped in training, or one for each layer.

input_dropout : float, default=0
    The same for the input.

batchnorm : bool, "before", "after" or list, default=False
    Batch normalisation of each hidden layer, before (also True) or after the activation.

layernorm : bool, default=False
    Layer normalisation of each hidden layer, before the activation.

input_scaling : bool, default=False
    Whether each feature is multiplied by a weight of its own before the first layer, from 1 on and
    trained at 6 times the learning rate, without penalties: the network learns which inputs matter
    (RealMLP, arXiv 2407.04491). Not in `coefs_`; in `module_`.

optimizer : str, default=None
    $optimizers. None leaves it to `solver`.

optimizer_params : dict, default=None
    Further options by torch's names, such as rho (adadelta, rmsprop), centered (rmsprop), amsgrad
    (adam, adamw). betas, eps and momentum win over the parameters for them.

schedule_params : dict, default=None
    Options of the schedule: $schedule_options.

weight_decay : float, default=None
    Decoupled decay (Loshchilov & Hutter, 2019): before each update the weights, not the biases,
    are multiplied by ``1 - rate * weight_decay``. None: $weight_decays, else 0.

clip_norm, clip_value : float, default=None
    Largest norm of the gradient of all parameters together, or largest absolute value of its
    components, penalties included. One of them at most.

ema_decay : float, default=None
    Decay of an exponential moving average of all weights and biases over the updates, such as 0.99.
    What is validated, predicts and stands in `coefs_` is the average; training goes on from the
    weights themselves, also after `partial_fit` or in a saved file. It begins with nothing and is
    corrected for it, so that first weights do not count (Polyak & Juditsky, 1992).

l1 : float, default=0
    L1 penalty: ``l1 * sum |W|`` is added to the loss, as in Keras; biases are left alone.

activity_l1 : float, default=0
    L1 penalty on what each hidden layer's activation gives, summed over units and averaged over
    the rows of the batch, as Keras's ``activity_regularizer``.
"""

RUNTIME_PARAMETERS = """
metrics : str, callable or list of these, default=()
    Recorded after every epoch for train and validation in `history_`: "accuracy" and
    "balanced_accuracy" of a classifier; "mae", "mse", "rmse", "msle", "mape", "mspe" (both as
    shares) and "r2" of a regressor; by their names, without ``neg_`` (errors are positive), those
    scorers of scikit-learn that are made for such an estimator; or functions
    ``metric(y_true, y_pred)``.

monitor : str, default=None
    Column of `history_` that `tol`, `best_epoch_`, `restore_best` and "plateau" watch: "loss",
    "val_loss", or a metric, which means that of the validation set ("roc_auc" is "val_roc_auc";
    "train_roc_auc" is the other). skorch's names are understood. None: the training loss; under
    `early_stopping` the validation accuracy or R2, of a quantile the validation loss.

restore_best : bool, default=None
    Whether the weights of the best epoch are put back at the end. None: under `early_stopping`. The
    training loss is the mean while an epoch ran, the weights are those after it: to restore by the
    training rows, ``monitor="train_mse"`` or another metric, which is measured after the epoch.

callbacks : list of callbacks, default=()
    skorch's or those of `sknn_tips.callbacks`, plain or as (name, callback). Called at epochs and,
    at some cost in speed, at batches; not by "lbfgs". One stops training by
    ``net.stop_training = True`` or by returning True. In a search or an ensemble the files of each
    fit go to a folder of their own. scikit-learn's own callbacks are handed to `set_callbacks`.

tips : {"warn", "all", "ignore", "raise"}, default="warn"
    What becomes of the tips that the checks of a fit find. "warn": severe ones are a `TipWarning`,
    each code once for every line of yours that fits or searches; "all": hints too; "ignore": none
    but divergence; "raise": a severe one is a `TipError`, after the fit, which stays. ``tips_`` has
    them in any case. One code is muted by ``warnings.filterwarnings("ignore", "dead-units")``.

device : str, default="auto"
    "cpu", "cuda", "cuda:1", "mps", or "auto": a GPU where there is one and a step is large enough.

dtype : "float32", "float64" or "auto", default="float32"
    Of the weights, and of training. "auto" follows X, as scikit-learn does. Predictions are float64
    for rows of float64, so that the other rows of a call do not change them.

n_threads : int, default=None
    CPU threads of a fit. None: by the size of a step.
"""

ATTRIBUTES = """
coefs_, intercepts_ : list of ndarray
    Weights (n_in, n_out) and biases (n_out,) of each layer. Can be assigned.

loss_ : float
    Loss of the last epoch, penalty included.

loss_curve_ : list of float
    Loss of each epoch. Not for "lbfgs".

best_loss_, best_validation_score_ : float or None
    The lowest loss; under `early_stopping` None, and the highest validation score instead. In a
    warm start that of all fits, as in scikit-learn; weights that are restored are those of the best
    epoch of the last one.

validation_scores_ : list of float or None
    Validation score of each epoch, under `early_stopping`.

best_epoch_ : int
    From 1: of the lowest loss; where another figure is monitored or weights are restored, of the
    best value in the last fit. The training loss is the mean while an epoch ran.

history_ : pandas.DataFrame
    One row an epoch: loss, val_loss, metrics and their ``val_``, lr, seconds (the last two not for
    "lbfgs"). The validation loss is without penalties.

n_iter_ : int
    Epochs of the last fit.

t_ : int
    Rows trained on since the first fit.

tips_ : list of Tip
    What went wrong in the last fit, the severe things first: each with ``code``, ``title``,
    ``severity``, what was ``seen``, ``why`` it matters, and a ``remedy``.

stop_reason_ : str
    "converged", "max_iter", "early_stopping", "callback", "interrupted" or "diverged".

n_layers_, n_outputs_, n_features_in_ : int
    Layers (input and output included), outputs, features.

feature_names_in_ : ndarray of str
    Column names, when X was a frame with names.

out_activation_ : str
    "softmax", "logistic", "identity" or "exp".

net_ : skorch.NeuralNet
    What holds the module, its loss, optimizer and history. ``net_.tier_`` is ``"T0"`` when the
    engine trained it, ``"T1"`` for autograd, ``"T2"`` when callbacks were told of every batch, the
    slowest; ``net_.tier_reason_`` says why.

module_ : torch.nn.Module
    The network.

device_ : str
    Where training ran.
"""


def documented(cls: T) -> T:
    """Fill the shared parts into the docstring of an estimator class."""
    assert cls.__doc__ is not None
    cls.__doc__ = cls.__doc__.format(
        sklearn_parameters=_indented(filled(SKLEARN_PARAMETERS)),
        our_parameters=_indented(filled(OUR_PARAMETERS + RUNTIME_PARAMETERS)),
        classifier_losses=losses_of(CLASSIFIER_LOSSES),
        regressor_losses=losses_of(REGRESSOR_LOSSES),
        attributes=_indented(ATTRIBUTES),
    )
    return cls


def _indented(text: str) -> str:
    lines = text.strip().splitlines()
    return "\n".join("    " + line if line else "" for line in lines).strip() + "\n"
