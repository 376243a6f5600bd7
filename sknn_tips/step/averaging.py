"""The moving average of the weights, used for predictions."""

import torch

from sknn_tips.ops.operation import Operation, operation
from sknn_tips.state.net import Net


class WeightAverage:
    """The exponential moving average of all parameters over the updates (Polyak & Juditsky, 1992).

    Between two passes over the samples the network holds the average, and ``net.averaging`` holds
    the parameters that training continues from; `begin` and `end` swap them. The average starts at
    zero and is divided by the total weight of its terms, like Adam's moments (Kingma & Ba, 2015),
    so that the initial weights do not count, even after few updates.

    Parameters
    ----------
    net : Net
    decay : float
        Weight of the old average at an update; the new parameters have weight ``1 - decay``.
    """

    def __init__(self, net: Net, decay: float) -> None:
        self.vector, self.share = net.flat.memory.vector, 1 - decay
        if net.averaging is None:
            net.averaging = {
                "parameters": self.vector.clone(),
                "total": self.vector.new_zeros(1),
            }
        self.other, self.total = net.averaging["parameters"], net.averaging["total"]
        self.one = torch.ones_like(self.total)

    def begin(self) -> None:
        """Put the parameters that are trained into the network."""
        average = self.vector.clone()
        self.vector.copy_(self.other)
        torch.mul(average, self.total, out=self.other)

    def end(self) -> None:
        """Put the average into the network, if there was an update."""
        if not self.total.item():
            return
        parameters = self.vector.clone()
        torch.div(self.other, self.total, out=self.vector)
        self.other.copy_(parameters)

    def operations(self) -> list[Operation]:
        """Return the operations that add the parameters to the average after an update."""
        return [
            operation("lerp", self.other, self.vector, out=self.other, share=self.share),
            operation("lerp", self.total, self.one, out=self.total, share=self.share),
        ]

    def update(self) -> None:
        """Add the parameters to the average after an update."""
        self.other.lerp_(self.vector, self.share)
        self.total.lerp_(self.one, self.share)
