import pytest
import torch

from sknn_tips.ops.bits import threshold_of
from sknn_tips.ops.executor import compiled
from sknn_tips.ops.native import NativeProgram
from sknn_tips.ops.operation import operation
from sknn_tips.ops.python import PythonProgram


@pytest.mark.usefixtures("compiled_here")
def test_the_compiled_executor_is_taken_where_it_can_be():
    x = torch.ones(2, 3)
    program = compiled([operation("exp", x, out=x)], x)
    assert isinstance(program, NativeProgram)
    program()
    assert torch.allclose(x, torch.ones(2, 3).exp())


@pytest.mark.usefixtures("one_thread")
def test_calls_from_python_do_the_rest():
    x = torch.ones(2, 3)
    mask = operation("dropout", torch.Generator(), out=x, **threshold_of(0.5))
    assert isinstance(compiled([mask], x), PythonProgram)  # not numpy's bits
    whole = torch.ones(2, 3, dtype=torch.float16)
    assert isinstance(compiled([operation("abs", whole, out=whole)], whole), PythonProgram)
    torch.set_num_threads(2)
    assert isinstance(compiled([operation("abs", x, out=x)], x), PythonProgram)
