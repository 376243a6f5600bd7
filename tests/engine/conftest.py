import numpy as np
import pytest
import torch

from sknn_tips.network.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.ops import native
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.python import PythonProgram
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


@pytest.fixture(params=["python", "native"])
def run(request):
    """Return what runs operations, by either executor."""
    if request.param == "python":
        return lambda operations: PythonProgram(operations)()
    if native.module() is None:
        pytest.skip("the compiled executor is not here")

    def run_compiled(operations):
        if operations:
            last = operations[-1].outputs[0]  # before it, a counter may be of another dtype
            NativeProgram(operations, last.dtype)()

    return run_compiled
