import pytest
import torch

from sknn_tips.ops import native


@pytest.fixture
def one_thread():
    """Let torch take one thread, as a fit of small steps does."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def compiled_here(one_thread):
    """Skip where there is no compiled executor."""
    missing = native.unsupported_reason(torch.empty(0))
    if missing:
        pytest.skip(missing)
