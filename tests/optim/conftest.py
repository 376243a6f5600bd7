import pytest

from sknn_tips.optim.choice import choose_optimizer


@pytest.fixture
def choose():
    """Return what chooses an optimizer, with parameters that are nobody's defaults."""

    def choose(name, params=None, **changed):
        settings = {
            "momentum": 0.8,
            "nesterovs_momentum": True,
            "betas": (0.7, 0.9),
            "epsilon": 1e-5,
        }
        return choose_optimizer(name, **(settings | changed), params=params or {})

    return choose
