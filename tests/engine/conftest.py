import numpy as np
import pytest
import torch

from sknn_tips.engine.memory import Memory
from sknn_tips.network.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.training.flat import FlatParameters


@pytest.fixture
def make_flat():
    """Return a maker of small networks in float64, with every parameter drawn."""

    def make(
        n_outputs=3,
        units=(6, 4),
        seed=0,
        layernorm=False,
        input_dropout=0.0,
        input_scaling=False,
        **layer,
    ):
        hidden = tuple(HiddenLayer(width, **layer) for width in units)
        network = Network(5, n_outputs, hidden, {}, input_dropout, layernorm, input_scaling)
        module = MLP(network, dtype=torch.float64)
        rng = np.random.RandomState(seed)
        draw_weights(module, "he_normal", {"draw_biases": True}, ["relu"] * (len(units) + 1), rng)
        flat = FlatParameters(module)
        with torch.no_grad():  # the norms' parameters too
            flat.vector.add_(torch.from_numpy(0.1 * rng.randn(len(flat.vector))))
        module.train()
        return flat, module

    return make


@pytest.fixture
def stacked():
    """Return a function that puts networks into one stack."""

    def stack(flats):
        vector = torch.stack([flat.vector.detach() for flat in flats])
        buffers = [torch.stack(each) for each in zip(*[f.buffers for f in flats], strict=True)]
        module = flats[0].memory.module
        return Memory(module, vector, torch.zeros_like(vector), buffers)

    return stack
