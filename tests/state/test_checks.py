import numpy as np
import pytest

from sknn_tips.state.checks import check_generator, check_generator_state


def test_states_of_numpy_generators_are_valid():
    generator = np.random.RandomState(0)
    generator.normal(size=700)
    check_generator(generator)
    check_generator(np.random.RandomState(np.random.PCG64(0)))
    check_generator_state(generator.get_state(legacy=True))


@pytest.mark.parametrize("position", [-1, 625, 10**9])
@pytest.mark.parametrize("legacy", [True, False])
def test_a_position_beyond_the_end_is_an_error(position, legacy):
    state = np.random.RandomState(0).get_state(legacy=legacy)
    if legacy:
        state = (*state[:2], position, *state[3:])
    else:
        state["state"]["pos"] = position
    with pytest.raises(ValueError, match=f"position {position}"):
        check_generator_state(state)


def test_what_is_no_generator_is_an_error():
    with pytest.raises(TypeError, match="of type int"):
        check_generator(3)
