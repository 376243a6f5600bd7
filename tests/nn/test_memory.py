import torch

from sknn_tips.nn.memory import by_rate, in_order, rate_groups


def test_views_are_the_modules_own_memory(make_flat):
    flat, module = make_flat(batchnorm="before", layernorm=True)
    for parameter in module.parameters():
        view = flat.memory.of(parameter)
        assert torch.equal(view.value.flatten(), parameter.detach().flatten())
        assert view.value.dim() == 2  # a bias is one row
        view.value.fill_(2.0)
        view.grad.fill_(3.0)
        assert (parameter == 2).all()
        assert (parameter.grad == 3).all()
    for buffer in flat.buffers:
        flat.memory.buffer(buffer).fill_(4.0)
        assert (buffer == 4).all()


def test_weights_come_first_then_biases_then_norms(make_flat):
    flat, module = make_flat(batchnorm="before")
    dense = module.dense_layers
    ordered = in_order(module)
    assert ordered[:6] == [*[layer.weight for layer in dense], *[layer.bias for layer in dense]]
    assert len(ordered) == 10
    n_weights = sum(layer.weight.numel() for layer in dense)
    assert len(flat.memory.weights) == len(flat.memory.weights_grad) == n_weights


def test_parameters_of_one_rate_lie_side_by_side(make_flat):
    flat, module = make_flat(batchnorm="before", input_scaling=True)
    first, last = rate_groups(module)
    assert (first.part.start, first.factor) == (0, 1.0)
    assert last.factor == module[0].rate_factor
    last_of_all = module[0].weight  # though it acts first
    assert flat.vector[last.part].data_ptr() == last_of_all.data_ptr()
    assert (first.part.stop, last.part.stop) == (last.part.start, len(flat.vector))
    _, plain = make_flat(batchnorm="before")
    assert [group.factor for group in rate_groups(plain)] == [1.0]


def test_parameters_by_rate_are_those_of_the_groups(make_flat):
    _, module = make_flat(input_scaling=True, layernorm=True)
    parts = by_rate(module)
    assert [p for part in parts for p in part] == in_order(module)
    lengths = [group.part.stop - group.part.start for group in rate_groups(module)]
    assert [sum(p.numel() for p in part) for part in parts] == lengths
    assert len(parts) == 2
