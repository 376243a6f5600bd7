import pytest


@pytest.fixture(autouse=True)
def stacks_need_the_engine(engine):
    """Whatever the run was asked for: a fit by autograd trains alone."""
