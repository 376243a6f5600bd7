"""Layers that torch has only in a form that draws from its global random state."""

import torch
from torch import nn


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
        self.generator: torch.Generator | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        keep = 1 - self.p
        return x * torch.empty_like(x).bernoulli_(keep, generator=self.generator).div_(keep)

    def extra_repr(self) -> str:
        return f"p={self.p}"
