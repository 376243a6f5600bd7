import numpy as np
import pytest
from scipy import stats

from sknn_tips.preprocessing.lack_of_fit import codes_or_ranks, log_p_value


def squared_error(design, target):
    coefficients, *_ = np.linalg.lstsq(design, target)
    return ((target - design @ coefficients) ** 2).sum()


def p_value_of_nested_models(codes, basis, target):
    """The textbook's F test of the functions against a mean for each value, on the samples."""
    functions = np.c_[np.ones(len(codes)), basis[codes]]
    means = np.eye(len(basis))[codes]
    small, large = squared_error(functions, target), squared_error(means, target)
    degrees = len(basis) - np.linalg.matrix_rank(functions), len(codes) - len(basis)
    return stats.f.sf((small - large) / degrees[0] / (large / degrees[1]), *degrees)


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture
def sample(rng):
    """Return codes of 12 values of 200 samples, and a basis of a straight line."""
    codes = np.r_[np.arange(12), rng.randint(0, 12, 188)]
    return codes, np.linspace(0, 1, 12)[:, None]


def test_numbers_are_tested_as_in_the_textbook(sample, rng):
    codes, basis = sample
    y = codes + 0.2 * codes**2 + rng.normal(size=200) * 9
    target = codes_or_ranks(y, classes=False)
    np.testing.assert_array_equal(target[:, 0], np.argsort(np.argsort(y)))
    expected = p_value_of_nested_models(codes, basis, target[:, 0])
    assert 1e-8 < expected < 0.9
    np.testing.assert_allclose(np.exp(log_p_value(codes, basis, target)), expected)


def test_of_several_outputs_the_worst_counts(sample, rng):
    codes, basis = sample
    y = np.c_[codes + rng.normal(size=200), (codes - 6) ** 2 + rng.normal(size=200) * 20]
    target = codes_or_ranks(y, classes=False)
    alone = [p_value_of_nested_models(codes, basis, column) for column in target.T]
    assert alone[0] > 10 * alone[1]
    np.testing.assert_allclose(np.exp(log_p_value(codes, basis, target)), 2 * alone[1])


@pytest.mark.parametrize("labels", [["no", "yes"], ["a", "b", "c"]], ids=str)
def test_classes_are_tested_by_their_indicators(sample, rng, labels):
    codes, basis = sample
    y = np.array(labels)[np.where(rng.rand(200) < 0.3, codes % 2, rng.randint(0, len(labels), 200))]
    alone = [p_value_of_nested_models(codes, basis, (y == label) * 1.0) for label in labels]
    n_tests = 1 if len(labels) == 2 else len(labels)
    found = np.exp(log_p_value(codes, basis, codes_or_ranks(y, classes=True)))
    np.testing.assert_allclose(found, min(1, n_tests * min(alone)))


def test_p_values_of_functions_that_fit_are_uniform(sample, rng):
    codes, basis = sample
    found = [
        np.exp(log_p_value(codes, basis, codes_or_ranks(rng.normal(size=200), classes=False)))
        for _ in range(300)
    ]
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_a_target_without_noise_is_fitted_or_not():
    codes, basis = np.arange(60) % 6, np.arange(6.0)[:, None]
    zigzag = codes_or_ranks(codes % 2, classes=True)
    assert log_p_value(codes, basis, zigzag) < -100
    line = codes_or_ranks(codes * 1.0, classes=False)
    assert log_p_value(codes, basis, line) > np.log(0.5)
    constant = codes_or_ranks(np.zeros(60), classes=False)
    assert log_p_value(codes, basis, constant) > np.log(0.5)


def test_where_no_test_is_possible_nothing_is_found():
    y = codes_or_ranks(np.arange(6.0) % 2, classes=False)
    assert log_p_value(np.arange(6), np.arange(6.0)[:, None], y) == 0  # no value is repeated
    codes = np.array([0, 0, 0, 1, 1, 1])
    assert log_p_value(codes, np.array([[0.0], [1.0]]), y) == 0  # the line fits both means
