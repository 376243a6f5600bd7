import pytest
import torch

from sknn_tips.state import torch_moments


@pytest.fixture
def net(make_net):
    """A network with two learning rates."""
    return make_net(input_scaling=True)


@pytest.fixture
def optimizer(net):
    return torch.optim.Adam([{"params": [parameter]} for parameter, _ in net.flat.groups])


def test_the_state_of_the_vector_is_loaded_and_read_exactly(net, optimizer):
    assert torch_moments.joined(torch_moments.states(optimizer)) == {}
    vector = net.flat.vector.detach()
    saved = {
        "step": torch.tensor(7.0),
        "exp_avg": torch.arange(len(vector)) / 3,  # float32 remains, beside weights of float64
        "exp_avg_sq": vector**2,
    }
    torch_moments.load(optimizer, net.flat, saved)
    found = torch_moments.joined(torch_moments.states(optimizer))
    assert found.keys() == saved.keys()
    for name, value in saved.items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value)


def test_entries_that_are_none_are_left_out(net):
    optimizer = torch.optim.SGD([parameter for parameter, _ in net.flat.groups], lr=0.1)
    for parameter, _ in net.flat.groups:
        optimizer.state[parameter] = {"momentum_buffer": None}
    assert torch_moments.states(optimizer) == [{}, {}]


def test_each_part_has_its_own_rate(net, optimizer):
    torch_moments.set_rate(optimizer, net.flat, 0.25)
    factors = [group.factor for _, group in net.flat.groups]
    assert len(set(factors)) == 2
    assert [group["lr"] for group in optimizer.param_groups] == [0.25 * each for each in factors]
