import pytest

from sknn_tips.search.team import Team


@pytest.fixture(autouse=True)
def stacks_need_the_engine(engine):
    """Whatever the run was asked for: a fit by autograd trains alone."""


@pytest.fixture
def no_helpers(monkeypatch):
    """On a busy machine even these searches may seem long enough; `test_team` has the helpers."""
    monkeypatch.setattr(Team, "_is_worth_help", lambda self, remaining: False)
