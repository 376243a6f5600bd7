"""The same seed gives the same numbers, wherever a fit runs, and no global state is touched."""

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed

from sknn_tips import MLPClassifier, MLPRegressor

SMALL = {"hidden_layer_sizes": (32, 16), "dropout": 0.3, "input_dropout": 0.1, "batchnorm": True}
# 3 * 2 * 200 * 2,400,000 operations a step: large enough for more than one thread
LARGE = {"hidden_layer_sizes": (1500, 1500), "dropout": 0.2, "dtype": "float64"}


def numpy_state():
    return np.random.get_state()  # noqa: NPY002 the global state is what the test is about


def coefficients(parameters, X, y):
    clf = MLPClassifier(**parameters, max_iter=3, tol=None, random_state=0, early_stopping=True)
    return clf.fit(X, y).coefs_


PROCESSES = pytest.param("loky", marks=pytest.mark.slow)


@pytest.mark.parametrize("backend", ["threading", PROCESSES])
@pytest.mark.parametrize("parameters", [SMALL, LARGE], ids=["small", "large"])
def test_same_seed_same_numbers_in_every_worker(digits, backend, parameters):
    # next to others in threads a fit takes one of them, where a large one alone takes several
    beside = {"n_threads": 1} if backend == "threading" else {}
    expected = coefficients(parameters | beside, *digits)
    found = Parallel(n_jobs=2, backend=backend)(
        delayed(coefficients)(parameters, *digits) for _ in range(4)
    )
    for coefs in found:
        for a, b in zip(coefs, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_large_step_by_one_thread_agrees_with_several_to_rounding(digits):
    one, several = (coefficients(LARGE | {"n_threads": n}, *digits) for n in (1, 2))
    for a, b in zip(one, several, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_another_seed_gives_other_numbers(digits):
    fits = [MLPClassifier(8, max_iter=1, tol=None, random_state=s).fit(*digits) for s in (0, 1)]
    assert not np.array_equal(fits[0].coefs_[0], fits[1].coefs_[0])


def test_a_generator_goes_on_from_fit_to_fit(digits):
    rng = np.random.RandomState(0)
    kwargs = {"hidden_layer_sizes": 8, "max_iter": 1, "tol": None}
    first = MLPClassifier(**kwargs, random_state=rng).fit(*digits)
    second = MLPClassifier(**kwargs, random_state=rng).fit(*digits)
    assert not np.array_equal(first.coefs_[0], second.coefs_[0])
    again = MLPClassifier(**kwargs, random_state=np.random.RandomState(0)).fit(*digits)
    np.testing.assert_array_equal(first.coefs_[0], again.coefs_[0])


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_global_state_is_untouched(digits, optimizer):
    X, y = digits
    parameters = {"optimizer": optimizer, "max_iter": 2, "tol": None}
    if optimizer == "adam":
        parameters |= SMALL | {"early_stopping": True}
    before = (torch.get_rng_state(), numpy_state(), torch.get_num_threads())
    for estimator in (MLPClassifier(**parameters), MLPRegressor(**parameters)):
        estimator.fit(X, y).predict(X)
        if optimizer == "adam":
            estimator.set_params(early_stopping=False).partial_fit(X, y)
    after = (torch.get_rng_state(), numpy_state(), torch.get_num_threads())
    assert torch.equal(before[0], after[0])
    np.testing.assert_array_equal(before[1][1], after[1][1])
    assert before[1][2] == after[1][2]
    assert before[2] == after[2]
    assert torch.is_grad_enabled()


def test_without_a_seed_every_fit_differs(digits):
    fits = [MLPClassifier(8, max_iter=1, tol=None).fit(*digits) for _ in range(2)]
    assert not np.array_equal(fits[0].coefs_[0], fits[1].coefs_[0])


@pytest.mark.parametrize("options", [{}, {"early_stopping": True, "warm_start": True}])
@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.Philox])
def test_a_random_state_of_any_generator(digits, bits, options):
    """numpy has several generators; only one of them has a state of the old form."""

    def fitted():
        generator = np.random.RandomState(bits(0))
        net = MLPClassifier(5, max_iter=3, tol=None, random_state=generator, **options)
        return net.fit(*digits).fit(*digits)

    np.testing.assert_array_equal(fitted().coefs_[0], fitted().coefs_[0])
