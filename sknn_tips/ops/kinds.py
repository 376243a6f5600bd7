"""All kinds of operations, each with the torch function that computes it on any device.

On a CPU a tensor and a numpy array can share memory, and numpy is faster for much of a small
step: products of narrow matrices (10 to 25 us in torch for 2 to 10 columns, 1 to 3 us in numpy),
exp and tanh (2 to 7 times), and the overhead of a call (0.3 us instead of 0.9). A kind may
therefore have a numpy function too, which is used for operands of equal shape, since torch is
faster at broadcasting. The compiled executor has its own code for each kind (`src/`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sknn_tips._compat.torch import aten, fused_adam, fused_sgd, nn_functions
from sknn_tips.ops.bits import draw_kept

# For x above this value, tanh(softplus(x)) is 1 in float32 and float64.
_EXP_STAYS_FINITE = 20.0


class Kind(NamedTuple):
    """The implementation of one kind of operation.

    Attributes
    ----------
    torch : callable
        Takes the inputs, and by keyword ``out`` and the constants.
    constants : tuple of str
        Names of the constants, in the order of the compiled executor.
    numpy : callable or None
        The same computation on arrays that all have the shape of the result, if it is faster.
    """

    torch: Callable[..., Any]
    constants: tuple[str, ...] = ()
    numpy: Callable[..., Any] | None = None


# -- element by element: forward ----------------------------------------------------------------


def _affine(x: Any, *, out: Any, scale: float, shift: float) -> None:
    if scale == 1:
        torch.add(x, shift, out=out)
        return
    torch.mul(x, scale, out=out)
    if shift:
        out.add_(shift)


def _mish_by(exp: Callable[..., Any], minimum: Callable[..., Any]) -> Callable[..., None]:
    """Return a function that computes mish with the functions of torch or of numpy.

    With e = exp(x) and m = e + e^2 / 2, y = x m / (m + 1), and the derivative is
    m / (m + 1) + x e (e + 1) / (m + 1)^2. torch's own function takes three times as long.
    """

    def mish(x: Any, *, out: Any) -> None:
        y, derivative = out
        e = exp(minimum(x, _EXP_STAYS_FINITE))
        m = (0.5 * e + 1) * e
        share = m / (m + 1)
        derivative[...] = share + x * (e * (e + 1) / (m + 1) ** 2)
        y[...] = x * share

    return mish


_FORWARD = {
    "abs": Kind(torch.abs, numpy=np.absolute),
    "add": Kind(torch.add, numpy=np.add),
    "add_product": Kind(
        lambda x, y, z, *, out, factor: torch.addcmul(x, y, z, value=factor, out=out), ("factor",)
    ),
    "add_scaled": Kind(
        lambda x, y, *, out, factor: torch.add(x, y, alpha=factor, out=out), ("factor",)
    ),
    "affine": Kind(_affine, ("scale", "shift")),
    "clamp": Kind(lambda x, *, out, low, high: torch.clamp(x, low, high, out=out), ("low", "high")),
    "copy": Kind(lambda x, *, out: out.copy_(x)),
    "div": Kind(torch.div, numpy=np.divide),
    "elu": Kind(
        lambda x, *, out, alpha, scale: nn_functions.elu(x, alpha, scale, out=out),
        ("alpha", "scale"),
    ),
    "equal": Kind(torch.eq),
    "exp": Kind(torch.exp, numpy=np.exp),
    "fill": Kind(lambda *, out, value: out.fill_(value), ("value",)),
    "gelu": Kind(nn_functions.gelu),
    "gelu_tanh": Kind(lambda x, *, out: nn_functions.gelu(x, approximate="tanh", out=out)),
    "leaky_relu": Kind(
        lambda x, *, out, slope: nn_functions.leaky_relu(x, slope, out=out), ("slope",)
    ),
    "lerp": Kind(lambda x, y, *, out, share: torch.lerp(x, y, share, out=out), ("share",)),
    "log": Kind(torch.log, numpy=np.log),
    "log1p": Kind(torch.log1p, numpy=np.log1p),
    "maximum": Kind(torch.maximum, numpy=np.maximum),
    "mish": Kind(_mish_by(torch.exp, torch.clamp_max), numpy=_mish_by(np.exp, np.minimum)),
    "mul": Kind(torch.mul, numpy=np.multiply),
    "neg": Kind(torch.neg, numpy=np.negative),
    "reciprocal": Kind(torch.reciprocal),
    "relu": Kind(lambda x, *, out: torch.clamp_min(x, 0, out=out)),
    "rsqrt": Kind(torch.rsqrt),
    "sigmoid": Kind(torch.sigmoid),
    "sign": Kind(torch.sign),
    "silu": Kind(nn_functions.silu),
    "softplus": Kind(
        lambda x, *, out, beta, threshold: nn_functions.softplus(x, beta, threshold, out=out),
        ("beta", "threshold"),
    ),
    "sqrt": Kind(torch.sqrt, numpy=np.sqrt),
    "square": Kind(torch.square, numpy=np.square),
    "sub": Kind(torch.sub, numpy=np.subtract),
    "tanh": Kind(torch.tanh, numpy=np.tanh),
    "xlogy": Kind(torch.xlogy),
}

# -- element by element: the gradient of x, from the gradient of y and from x or y ---------------


def _tanh_backward(g: Any, y: Any, *, out: Any) -> None:
    lost = g * y
    lost *= y
    np.subtract(g, lost, out=out)


def _sigmoid_backward(g: Any, y: Any, *, out: Any) -> None:
    once = g * y
    lost = once * y
    np.subtract(once, lost, out=out)


_BACKWARD = {
    "elu_backward": Kind(
        lambda g, x, *, out, alpha, scale: aten.elu_backward.grad_input(
            g, alpha, scale, 1, False, x, grad_input=out
        ),
        ("alpha", "scale"),
    ),
    "gelu_backward": Kind(lambda g, x, *, out: aten.gelu_backward.grad_input(g, x, grad_input=out)),
    "gelu_tanh_backward": Kind(
        lambda g, x, *, out: aten.gelu_backward.grad_input(g, x, approximate="tanh", grad_input=out)
    ),
    "leaky_relu_backward": Kind(
        lambda g, x, *, out, slope: aten.leaky_relu_backward.grad_input(
            g, x, slope, False, grad_input=out
        ),
        ("slope",),
    ),
    "sigmoid_backward": Kind(
        lambda g, y, *, out: aten.sigmoid_backward.grad_input(g, y, grad_input=out),
        numpy=_sigmoid_backward,
    ),
    "silu_backward": Kind(lambda g, x, *, out: aten.silu_backward.grad_input(g, x, grad_input=out)),
    "softplus_backward": Kind(
        lambda g, x, *, out, beta, threshold: aten.softplus_backward.grad_input(
            g, x, beta, threshold, grad_input=out
        ),
        ("beta", "threshold"),
    ),
    "tanh_backward": Kind(
        lambda g, y, *, out: aten.tanh_backward.grad_input(g, y, grad_input=out),
        numpy=_tanh_backward,
    ),
    "threshold_backward": Kind(
        lambda g, y, *, out: aten.threshold_backward.grad_input(g, y, 0, grad_input=out),
        numpy=lambda g, y, *, out: np.multiply(g, y > 0, out=out),
    ),
}

# -- rows, columns and products -------------------------------------------------------------------


def _sum_rows(x: Tensor, *, out: Tensor) -> None:
    torch.matmul(x.new_ones(1, x.shape[0]), x, out=out)


def _sum_columns(x: Tensor, *, out: Tensor) -> None:
    torch.matmul(x, x.new_ones(x.shape[1], 1), out=out)


def _one_hot(codes: Tensor, *, out: Tensor, on: float, off: float) -> None:
    out.fill_(off).scatter_(-1, codes, on)


_OF_MATRICES = {
    "dot": Kind(lambda x, y, *, out: torch.matmul(x, y.mT, out=out)),
    "matmul": Kind(torch.matmul),
    "max_columns": Kind(lambda x, *, out: torch.amax(x, -1, keepdim=True, out=out)),
    "one_hot": Kind(_one_hot, ("on", "off")),
    "sum_columns": Kind(_sum_columns),
    "sum_rows": Kind(_sum_rows),
}

# -- other operations of a training step ----------------------------------------------------------


def _times(rate: Tensor, factor: float) -> float | Tensor:
    """Return the scaled learning rate in the form that torch's functions take: a float on a CPU."""
    return rate * factor if rate.is_cuda else float(rate) * factor


def _clip_norm(*, out: Tensor, largest: float) -> None:
    """Clip like torch.nn.utils.clip_grad_norm_, but without inspecting the norm."""
    out.mul_((largest / (torch.linalg.vector_norm(out) + 1e-6)).clamp_(max=1.0))


def _sgd(
    gradient: Tensor,
    rate: Tensor,
    velocity: Tensor | None,
    first: Tensor | None,
    *,
    out: Tensor,
    momentum: float,
    nesterov: float,
    dampening: float,
    factor: float,
) -> None:
    fused_sgd(
        [out],
        [gradient],
        [] if velocity is None else [velocity],
        weight_decay=0.0,
        momentum=momentum,
        lr=_times(rate, factor),
        dampening=dampening,
        nesterov=bool(nesterov),
        maximize=False,
        is_first_step=first is not None and bool(first),
    )


def _adam(
    gradient: Tensor,
    mean: Tensor,
    square: Tensor,
    step: Tensor,
    rate: Tensor,
    largest_square: Tensor | None,
    *,
    out: Tensor,
    beta1: float,
    beta2: float,
    eps: float,
    factor: float,
) -> None:
    fused_adam(
        [out],
        [gradient],
        [mean],
        [square],
        [] if largest_square is None else [largest_square],
        [step],
        lr=_times(rate, factor),
        beta1=beta1,
        beta2=beta2,
        weight_decay=0.0,
        eps=eps,
        amsgrad=largest_square is not None,
        maximize=False,
    )


def _rmsprop(
    gradient: Tensor,
    square: Tensor,
    rate: Tensor,
    mean: Tensor | None,
    velocity: Tensor | None,
    *,
    out: Tensor,
    alpha: float,
    eps: float,
    momentum: float,
    factor: float,
) -> None:
    square.mul_(alpha).addcmul_(gradient, gradient, value=1 - alpha)
    size = square
    if mean is not None:
        mean.lerp_(gradient, 1 - alpha)
        size = square.addcmul(mean, mean, value=-1)
    size = size.sqrt().add_(eps)
    change = gradient / size
    if velocity is not None:
        change = velocity.mul_(momentum).add_(change)
    out.sub_(change * _times(rate, factor))


_OF_STEPS = {
    "adam": Kind(_adam, ("beta1", "beta2", "eps", "factor")),
    "clip_norm": Kind(_clip_norm, ("largest",)),
    "count": Kind(lambda *, out: out.add_(1)),
    "decay": Kind(
        lambda rate, *, out, weight_decay: out.mul_(1 - _times(rate, weight_decay)),
        ("weight_decay",),
    ),
    "dropout": Kind(draw_kept, ("n_dropped", "scale")),
    "rmsprop": Kind(_rmsprop, ("alpha", "eps", "momentum", "factor")),
    "sgd": Kind(_sgd, ("momentum", "nesterov", "dampening", "factor")),
}


def _of_a_batch(*inputs: Any, out: Any) -> None:
    raise TypeError("Only the compiled executor goes through batches; others are given theirs.")


_OF_BATCHES = {"gather": Kind(_of_a_batch), "skip_if_zero": Kind(_of_a_batch)}

KINDS: dict[str, Kind] = {**_FORWARD, **_BACKWARD, **_OF_MATRICES, **_OF_STEPS, **_OF_BATCHES}
