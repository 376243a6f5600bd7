import pytest

NORMS = [
    {"batchnorm": "before"},
    {"batchnorm": "after"},
    {"layernorm": True},
    {"batchnorm": "after", "layernorm": True},
]


@pytest.mark.parametrize("net", NORMS)
def test_operations_are_autograds(net, check_operations):
    check_operations(**net)
