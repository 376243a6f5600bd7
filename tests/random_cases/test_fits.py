"""Random parameters and data: every fit ends in a usable model or in a clear error."""

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.random_cases.outcomes import check_error, check_predictions, fit
from tests.random_cases.strategies import (
    CLASS_TARGETS,
    GROUPS,
    KINDS,
    VALID,
    VALUE_TARGETS,
    any_parameters,
    data,
    several_cases,
    valid_parameters,
)

TARGETS = {"classifier": CLASS_TARGETS, "regressor": VALUE_TARGETS}
both = pytest.mark.parametrize("kind", KINDS)


def test_every_parameter_is_tried() -> None:
    tried = {*VALID, *(name for group in GROUPS.values() for name in group)}
    assert tried == {name for _, names in KINDS.values() for name in names}


def check(kind: str, parameters: dict[str, Any], case: Any) -> None:
    """Fit an estimator to a case, and check what comes of it."""
    try:
        model = KINDS[kind][0](**parameters)
        fit(model, case.X, case.y, sample_weight=case.sample_weight)
    except Exception as error:
        event(type(error).__name__)
        check_error(error, parameters)
    else:
        event("fitted")
        check_predictions(model, case.X, case.y)


@both
@several_cases
@given(draw=st.data())
def test_any_parameters(kind: str, draw: Any) -> None:
    parameters = draw.draw(any_parameters(kind))
    check(kind, parameters, draw.draw(data(TARGETS[kind])))


@both
@several_cases
@given(draw=st.data())
def test_valid_parameters(kind: str, draw: Any) -> None:
    parameters = draw.draw(valid_parameters(kind))
    check(kind, parameters, draw.draw(data(TARGETS[kind])))
