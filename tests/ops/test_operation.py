import pytest
import torch

from sknn_tips.ops.operation import operation


def test_constants_stand_in_the_order_of_the_kind():
    x = torch.zeros(2, 3)
    found = operation("affine", x, out=x, shift=1.0, scale=2.0)
    assert list(found.constants.items()) == [("scale", 2.0), ("shift", 1.0)]
    assert found.inputs == found.outputs == (x,)


@pytest.mark.parametrize("constants", [{}, {"scale": 1.0}, {"scale": 1.0, "shift": 0.0, "x": 1.0}])
def test_missing_and_unknown_constants_are_an_error(constants):
    x = torch.zeros(2, 3)
    with pytest.raises(TypeError, match="affine has the constants"):
        operation("affine", x, out=x, **constants)
