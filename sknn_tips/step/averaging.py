"""The moving average of the weights, which predicts in their place."""

import torch

from sknn_tips.ops.operation import Operation, operation
from sknn_tips.state.net import Net


class WeightAverage:
    """The exponential moving average of all parameters over the updates (Polyak & Juditsky, 1992).

    Between two passes over the rows the network has the average, and ``net.averaging`` the
    parameters that training goes on from; `begin` and `end` change them over. The average begins
    with nothing and is divided by what has come in, as Adam's moments are (Kingma & Ba, 2015), so
    that the first weights do not count, however few updates there are.

    Parameters
    ----------
    net : Net
    decay : float
        What is left of the average at an update; the parameters get the rest.
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
        """Give the network the parameters to train."""
        average = self.vector.clone()
        self.vector.copy_(self.other)
        torch.mul(average, self.total, out=self.other)

    def end(self) -> None:
        """Give the network the average, if there was an update."""
        if not self.total.item():
            return
        parameters = self.vector.clone()
        torch.div(self.other, self.total, out=self.vector)
        self.other.copy_(parameters)

    def operations(self) -> list[Operation]:
        """Return what brings the parameters into the average after an update."""
        return [
            operation("lerp", self.other, self.vector, out=self.other, share=self.share),
            operation("lerp", self.total, self.one, out=self.total, share=self.share),
        ]

    def update(self) -> None:
        """Bring the parameters into the average after an update."""
        self.other.lerp_(self.vector, self.share)
        self.total.lerp_(self.one, self.share)
