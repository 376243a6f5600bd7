"""Choose the options of an optimizer, and validate those that the user passed."""

from collections.abc import Mapping
from typing import Any

from sknn_tips._registry import check_options
from sknn_tips.exceptions import UnknownOptionError
from sknn_tips.nn.ranges import checked
from sknn_tips.optim.optimizers import RANGES, OptimizerChoice, optimizer_of

# torch's names of options that are separate parameters of the estimators.
_ELSEWHERE = {
    "lr": "learning_rate_init={} beside it",
    "weight_decay": "weight_decay={} beside it (decoupled, weights only), or alpha for L2",
}


def choose_optimizer(
    name: Any,
    *,
    momentum: float,
    nesterovs_momentum: bool,
    betas: tuple[float, float],
    epsilon: float,
    params: Mapping[str, Any],
) -> OptimizerChoice:
    """Merge scikit-learn's options, those implied by the name, and ``optimizer_params``.

    Later sources take precedence.

    `name` may be a class of the user.

    Raises
    ------
    ValueError
        If `params` has a key or a value that the optimizer does not accept.
    """
    entry = optimizer_of(name)
    own = _own_options(name, params)
    options: dict[str, Any] = {}
    if "momentum" in entry.estimator_parameters:
        options["momentum"] = momentum
    if "nesterovs_momentum" in entry.estimator_parameters:
        options["nesterov"] = nesterovs_momentum
    if "betas" in entry.estimator_parameters:
        options["betas"] = betas
    if "epsilon" in entry.estimator_parameters:
        options["eps"] = epsilon
    options |= dict(entry.fixed)
    options |= own
    if "betas" in options and not entry.own:  # torch rejects a float beside an integer
        first, second = options["betas"]
        options["betas"] = float(first), float(second)
    if entry.is_sgd_family:
        _check_nesterov(options, asked="nesterov" in own)
    return OptimizerChoice(name, options)


def _own_options(name: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the validated ``optimizer_params`` under torch's names."""
    entry = optimizer_of(name)
    for key, remedy in _ELSEWHERE.items():
        if key in params:
            raise UnknownOptionError(
                f"optimizer_params has the key {key!r}: write {remedy.format(repr(params[key]))}."
            )
    if entry.own:  # it checks them itself
        return dict(params)
    check_options(params, entry.options, "optimizer_params", f"optimizer {name!r}")
    options = checked(params, RANGES, "optimizer_params")
    for alias, meant in entry.aliases.items():
        if alias not in options:
            continue
        if meant in options:
            raise ValueError(
                f"optimizer_params has {alias}={params[alias]!r} and {meant}={params[meant]!r}, two"
                f" names of the same option of {name}. Give one of them."
            )
        options[meant] = options.pop(alias)
    return options


def _check_nesterov(options: dict[str, Any], *, asked: bool) -> None:
    """Disable Nesterov momentum if there is no momentum, and reject it together with dampening."""
    nesterov = options.get("nesterov")
    if not options.get("momentum"):
        if nesterov and asked:
            raise ValueError(
                "optimizer_params: nesterov=True needs a momentum above 0. Add 'momentum': 0.9."
            )
        options["nesterov"] = False  # torch raises an error for it without momentum
    elif nesterov and options.get("dampening"):
        raise ValueError(
            f"optimizer_params: dampening={options['dampening']!r} does not go with Nesterov's"
            " momentum. Write optimizer='momentum', or leave the dampening out."
        )
