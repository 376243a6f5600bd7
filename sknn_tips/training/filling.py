"""How the batches of stacked networks get into the buffers: by as few calls as can be."""

from collections.abc import Sequence
from itertools import groupby

import torch

from sknn_tips.engine.program import Program
from sknn_tips.training.features import DenseFeatures, Features, Index
from sknn_tips.training.rows import Rows

Copy = tuple[Features, torch.Tensor]
"""Rows to take from, and the buffer that they go to."""


class Filling:
    """Fill the buffers of a stack's program.

    Targets and weights of all networks lie one behind the other, so that one call takes them;
    another takes the features of all neighbours that have the same ones.

    Parameters
    ----------
    program : Program
    rows : sequence of Rows
        Of every network.
    """

    def __init__(self, program: Program, rows: Sequence[Rows]) -> None:
        self.of_each = [
            copies(each, program.x[k], program.given_target[k], program.weight[k])
            for k, each in enumerate(rows)
        ]
        n_networks, n_rows = program.x.shape[:2]
        self.index = torch.empty(n_networks * n_rows, dtype=torch.int64, device=program.x.device)
        lengths = torch.tensor([0, *map(len, rows[:-1])], device=program.x.device)
        self.firsts = lengths.cumsum(0).repeat_interleave(n_rows)
        self.features = []
        first = 0
        for _, same in groupby(rows, key=lambda each: each.X.identity):
            some = list(same)
            stop = first + len(some)
            part = slice(first * n_rows, stop * n_rows)
            self.features.append((some[0].X, part, program.x[first:stop].flatten(0, 1)))
            first = stop
        given = [torch.cat([each.target for each in rows])]
        buffers = [program.given_target]
        if rows[0].weight is not None:
            given.append(torch.cat([each.weight for each in rows if each.weight is not None]))
            buffers.append(program.weight)
        self.joined = [
            (values.reshape(len(values), -1), buffer.flatten(0, 1))
            for values, buffer in zip(given, buffers, strict=True)
        ]

    def __call__(self, batches: Sequence[Index]) -> None:
        """Take the rows of each network's batch."""
        numbers = [batch for batch in batches if isinstance(batch, torch.Tensor)]
        if len(numbers) < len(batches):  # a range of rows, where their order is left as it is
            for batch, mine in zip(batches, self.of_each, strict=True):
                for source, buffer in mine:
                    source.put(batch, buffer)
            return
        torch.cat(numbers, out=self.index)
        for source, part, buffer in self.features:
            source.put(self.index[part], buffer)
        self.index.add_(self.firsts)
        for values, buffer in self.joined:
            torch.index_select(values, 0, self.index, out=buffer)


def copies(
    rows: Rows, x: torch.Tensor | None, target: torch.Tensor, weight: torch.Tensor
) -> list[Copy]:
    """Return what is copied where before a program runs."""
    given = rows.target if rows.target.dim() == 2 else rows.target.unsqueeze(1)
    found: list[Copy] = [] if x is None else [(rows.X, x)]
    found.append((DenseFeatures(given), target))
    if rows.weight is not None:
        found.append((DenseFeatures(rows.weight.unsqueeze(1)), weight))
    return found
