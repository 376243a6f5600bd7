import numpy as np
import pytest

from sknn_tips.tips import quantities
from sknn_tips.tips.record import Columns


@pytest.mark.parametrize(
    ("rate", "usual", "gentler"), [(1.0, 0.001, 0.001), (0.001, 0.001, 0.0001), (0.05, 0.01, 0.005)]
)
def test_a_gentler_rate_is_the_usual_one_or_a_tenth(record, rate, usual, gentler):
    found = quantities.gentler_rate(record(rate=rate, usual_rate=usual))
    assert found == {"learning_rate_init": gentler}


def test_rises_count_steps_up():
    assert quantities.rises([3, 2, 2.5, 1, 1.5]) == 0.5
    assert quantities.rises([1.0]) == 0.0


def test_smoothed_values_are_means_over_a_tenth_of_the_epochs_on_each_side():
    np.testing.assert_allclose(quantities.smoothed([3, 0, 3, 6]), [1.5, 2, 3, 4.5])
    long = np.arange(40.0) ** 2
    assert quantities.smoothed(long)[20] == pytest.approx(long[16:25].mean())


def test_layers_are_named_as_they_are_read():
    assert quantities.hidden_layers([True]) == "layer 1"
    assert quantities.hidden_layers([False, True]) == "layer 2"
    assert quantities.hidden_layers([True, False, True]) == "layers 1 and 3"
    assert quantities.hidden_layers([True, True]) == "every hidden layer"


def test_the_first_columns_are_named_and_the_others_counted():
    columns = Columns.of(np.arange(10.0).reshape(2, 5))
    assert quantities.named(columns, np.array([4, 0]), most=1) == "column 4 (4 to 9) and 1 more"


@pytest.mark.parametrize(
    ("alpha", "weight", "remedy"),
    [
        (1e-4, 1.0, {}),
        (1.0, 1.0, {"alpha": 1e-4}),
        (1.0, 100.0, {}),
        (1e-4, 1e-5, {"alpha": 1e-9}),
        (0.0, 1e-5, {"l1": 0.0}),
    ],
)
def test_alpha_is_large_or_small_for_the_sample_weights(record, alpha, weight, remedy):
    given = {"alpha": alpha, "l1": 0.0 if alpha else 0.1}
    assert quantities.penalty_of(record(parameters=given, typical_weight=weight)) == remedy


def test_the_size_of_the_data_is_at_least_1(record):
    small, large = (Columns.of(np.full((9, 2), size)) for size in (0.1, 12.0))
    assert quantities.data_size(record(features=small)) == 1
    assert quantities.data_size(record(features=large)) == pytest.approx(12)
