"""Layers that torch does not have, or only in a form that draws from its global random state."""

import torch
from torch import nn

from sknn_tips.ops.bits import Bits, draw_kept, threshold_of


class Dense(nn.Module):
    """``x @ weight + bias``, with the weight stored as scikit-learn's ``coefs_`` are.

    `torch.nn.Linear` stores the transpose and draws its first weights from the global generator.

    Notes
    -----
    Input: (batch, n_in). Output: (batch, n_out). Weight: (n_in, n_out).
    """

    def __init__(
        self, n_in: int, n_out: int, *, dtype: torch.dtype, device: torch.device | str = "cpu"
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_in, n_out, dtype=dtype, device=device))
        self.bias = nn.Parameter(torch.zeros(n_out, dtype=dtype, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, x, self.weight)

    def extra_repr(self) -> str:
        return f"{self.weight.shape[0]} -> {self.weight.shape[1]}"


class Scaling(nn.Module):
    """Multiply each feature by a weight of its own: the network learns which inputs matter.

    The scaling layer of RealMLP (Holzmüller et al., 2024, arXiv 2407.04491): the weights start at 1
    and train with a larger learning rate than those of the other layers.

    Notes
    -----
    Input and output: (batch, n_features). Weight: (n_features,). A dense layer comes next.
    """

    rate_factor = 6.0
    """Their learning rate over that of the other parameters."""

    def __init__(
        self, n_features: int, *, dtype: torch.dtype, device: torch.device | str = "cpu"
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_features, dtype=dtype, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight

    def extra_repr(self) -> str:
        return f"{self.weight.shape[0]}"


class Dropout(nn.Module):
    """Zero each value with probability `p` while training, and scale the rest by 1 / (1 - p).

    Srivastava et al., 2014. The masks come from `generator`, which training sets, because
    `torch.nn.Dropout` can only draw from the global one.

    Notes
    -----
    Input and output: any shape. Identity in evaluation mode.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: Bits | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        return x * draw_kept(self.generator, out=torch.empty_like(x), **threshold_of(self.p))

    def extra_repr(self) -> str:
        return f"p={self.p}"
