"""The losses of a regressor."""

import copy
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sknn_tips._registry import lookup
from sknn_tips.nn.losses.base import Loss, Places, half_square, log_of, mean_of
from sknn_tips.nn.ranges import is_number
from sknn_tips.nn.user_objects import tried
from sknn_tips.ops.operation import Operation, operation


class _IdentityLoss(Loss):
    """Base class of losses with an identity link, reported as the mean over outputs like sklearn's.

    The training objective is the sum over outputs.
    """

    out_activation = "identity"

    def link(self, raw: Tensor) -> Tensor:
        return raw

    def reported_scale(self, n_outputs: int) -> float:
        return 1.0 / n_outputs


class SquaredError(_IdentityLoss):
    """Half the squared error, summed over outputs."""

    note = "half the squared error"

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return 0.5 * (raw - target).square().sum(dim=1)

    def total(self, raw: Tensor, target: Tensor) -> Tensor:
        return 0.5 * functional.mse_loss(raw, target, reduction="sum")

    def operations(self, at: Places) -> list[Operation]:
        """Compute (raw - target)^2 / 2; its derivative is raw - target."""
        raw, target, derivative, out = at
        return [
            operation("sub", raw, target, out=derivative),
            *half_square(derivative, torch.empty_like(raw), out),
        ]


class AbsoluteError(_IdentityLoss):
    """The absolute error, summed over outputs: predicts the median and is robust to outliers."""

    note = "which predicts the median"

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return (raw - target).abs().sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Compute |raw - target|; its derivative is the sign of raw - target."""
        raw, target, derivative, out = at
        size = torch.empty_like(raw)
        return [
            operation("sub", raw, target, out=derivative),
            operation("abs", derivative, out=size),
            operation("sum_columns", size, out=out),
            operation("sign", derivative, out=derivative),
        ]

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        """Return the median; sample weights are ignored."""
        return np.asarray(np.median(target, axis=0))


class Huber(_IdentityLoss):
    """Squared error for small residuals and absolute error for large ones (Huber, 1964).

    Parameters
    ----------
    delta : float, default=1.0
        Residual above which the loss is linear, with slope delta.
    """

    note = "squared for small residuals and absolute for large ones"

    def __init__(self, delta: float = 1.0) -> None:
        if not is_number(delta) or delta <= 0:
            raise ValueError(f"loss_params: delta={delta!r} must be a finite number above 0.")
        self.delta = float(delta)

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return functional.huber_loss(raw, target, reduction="none", delta=self.delta).sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Compute c * (r - c / 2), r = raw - target, c = r clipped to +-delta; derivative c."""
        raw, target, derivative, out = at
        residual, size = torch.empty_like(raw), torch.empty_like(raw)
        return [
            operation("sub", raw, target, out=residual),
            operation("clamp", residual, out=derivative, low=-self.delta, high=self.delta),
            operation("add_scaled", residual, derivative, out=size, factor=-0.5),
            operation("mul", size, derivative, out=size),
            operation("sum_columns", size, out=out),
        ]

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        """Return the point where the clipped residuals sum to 0; sample weights are ignored.

        The iteration starts at the median.
        """
        centre = np.asarray(np.median(target, axis=0))
        for _ in range(20):
            centre = centre + np.clip(target - centre, -self.delta, self.delta).mean(axis=0)
        return centre


class Quantile(_IdentityLoss):
    """The pinball loss, summed over outputs: predicts a quantile (Koenker & Bassett, 1978).

    Parameters
    ----------
    quantile : float, default=0.5
        Share of the targets that should lie below the prediction.
    """

    note = "which predicts a quantile"
    predicts_centre = False

    def __init__(self, quantile: float = 0.5) -> None:
        if not is_number(quantile) or not 0 < quantile < 1:
            raise ValueError(
                f"loss_params: quantile={quantile!r} must be one number between 0 and 1, such as"
                " 0.9. For several quantiles fit one estimator each."
            )
        self.quantile = float(quantile)

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        residual = target - raw
        return torch.maximum(self.quantile * residual, (self.quantile - 1) * residual).sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Multiply residual and derivative: -quantile below the target, 1 - quantile above it."""
        raw, target, derivative, out = at
        residual, size = torch.empty_like(raw), torch.empty_like(raw)
        return [
            operation("sub", raw, target, out=residual),
            # at the target itself the mean of both values, as in autograd
            operation("sign", residual, out=derivative),
            operation("affine", derivative, out=derivative, scale=0.5, shift=0.5 - self.quantile),
            operation("mul", residual, derivative, out=size),
            operation("sum_columns", size, out=out),
        ]

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        """Return the quantile; sample weights are ignored."""
        return np.asarray(np.quantile(target, self.quantile, axis=0))


class _ExponentialLoss(Loss):
    """Base class of losses whose network outputs the logarithm of the mean."""

    out_activation = "exp"
    lowest_target = 0.0

    def link(self, raw: Tensor) -> Tensor:
        return torch.exp(raw)

    def baseline(self, target: NDArray, weight: NDArray | None, n_outputs: int) -> NDArray:
        return log_of(mean_of(target, weight))


class PoissonLoss(_ExponentialLoss):
    """Half the Poisson deviance, summed over outputs."""

    note = "half the deviance under an exponential output, for counts (y >= 0)"

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return (torch.xlogy(target, target) - target * raw - target + raw.exp()).sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Compute t * log t - t - t * raw + exp(raw), t = target; derivative exp(raw) - t."""
        raw, target, derivative, out = at
        size, product = torch.empty_like(raw), torch.empty_like(raw)
        return [
            operation("xlogy", target, target, out=size),
            operation("mul", target, raw, out=product),
            operation("sub", size, product, out=size),
            operation("exp", raw, out=derivative),
            operation("sub", derivative, target, out=derivative),
            operation("add", size, derivative, out=size),
            operation("sum_columns", size, out=out),
        ]


class GammaLoss(_ExponentialLoss):
    """Half the Gamma deviance, summed over outputs: for amounts whose spread grows with them."""

    note = (
        "half the deviance under an exponential output, for amounts whose spread grows with them"
        " (y > 0)"
    )
    lowest_is_allowed = False

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        return (raw - target.log() + target * (-raw).exp() - 1).sum(dim=1)

    def operations(self, at: Places) -> list[Operation]:
        """Compute raw - log t + t * exp(-raw) - 1, t = target; derivative 1 - t * exp(-raw)."""
        raw, target, derivative, out = at
        size, ratio = torch.empty_like(raw), torch.empty_like(raw)
        return [
            operation("neg", raw, out=ratio),
            operation("exp", ratio, out=ratio),
            operation("mul", target, ratio, out=ratio),
            operation("log", target, out=size),
            operation("sub", raw, size, out=size),
            operation("add", size, ratio, out=size),
            operation("affine", size, out=size, scale=1.0, shift=-1.0),
            operation("sum_columns", size, out=out),
            operation("affine", ratio, out=derivative, scale=-1.0, shift=1.0),
        ]


_FUNCTION = (
    "Give a function loss(y_pred, y_true) that returns the loss of each value, such as"
    " functools.partial(torch.nn.functional.smooth_l1_loss, reduction='none'), a loss class of"
    " torch.nn, or a name, such as 'huber'."
)


class OwnLoss(_IdentityLoss):
    """A function of the user, summed over outputs.

    Parameters
    ----------
    given : callable
        ``given(y_pred, y_true)``, both (n, n_outputs), returns the loss of each value or of each
        sample; or a loss of torch.nn, a class or an instance, whose reduction is switched off.
    """

    # unknown, so early stopping monitors the loss itself
    predicts_centre = False

    def __init__(self, given: Callable[..., Any]) -> None:
        self.given, self.is_per_value = given, True
        with tried("loss", given, _FUNCTION):
            self.function = _unreduced(given)

    def per_sample(self, raw: Tensor, target: Tensor) -> Tensor:
        values: Tensor = self.function(raw, target).to(raw.dtype)
        return values.reshape(len(raw), -1).sum(dim=1)

    def reported_scale(self, n_outputs: int) -> float:
        return super().reported_scale(n_outputs) if self.is_per_value else 1.0

    def check(self, like: Tensor, n_outputs: int) -> None:
        raw = torch.linspace(0.1, 0.9, 3 * n_outputs).to(like).view(3, n_outputs)
        with tried("loss", self.given, _FUNCTION), torch.enable_grad():
            values = self.function(raw.clone().requires_grad_(), raw.flip(0, 1))
            shape = tuple(getattr(values, "shape", ()))
            if not shape:
                raise ValueError(
                    "it returns one number for all samples, and weights and batches need one for"
                    " each; pass reduction='none' to a function of torch"
                )
            if shape not in {(3, n_outputs), (3, 1), (3,)}:
                raise ValueError(f"it returns the shape {shape} for two of {(3, n_outputs)}")
            if not values.requires_grad:
                raise ValueError("what it returns has no gradient by y_pred")
        self.is_per_value = shape == (3, n_outputs)


def _unreduced(given: Any) -> Callable[..., Any]:
    """Return a function of the predictions and targets, that of torch.nn without reduction."""
    kind = given.func if isinstance(given, partial) else given
    if isinstance(kind, type) and issubclass(kind, nn.Module):
        known = inspect.signature(kind).parameters
        return given(reduction="none") if "reduction" in known else given()
    if isinstance(given, nn.Module) and hasattr(given, "reduction"):
        given = copy.copy(given)
        given.reduction = "none"
    return given


REGRESSOR_LOSSES: dict[str, type[Loss]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "quantile": Quantile,
    "poisson": PoissonLoss,
    "gamma": GammaLoss,
}


def loss_of(given: Any) -> Callable[..., Loss]:
    """Return the class of a loss, given its name or a function of the user.

    Raises
    ------
    UnknownOptionError
        If it is neither; the message lists the names.
    """
    return partial(OwnLoss, given) if callable(given) else lookup(REGRESSOR_LOSSES, given, "loss")


def options_of(given: Any) -> list[str]:
    """Return the names of the options that ``loss_params`` may hold for this loss."""
    return [] if callable(given) else list(inspect.signature(REGRESSOR_LOSSES[given]).parameters)
