import numpy as np

CODE = "batchnorm-small-batch"


def test_larger_batches_cure_it(cure, regressor, friedman):
    tip, _ = cure(CODE, regressor(batchnorm=True, batch_size=3, max_iter=10), friedman)
    assert "batches of 3 samples" in tip.seen


def test_usual_batches_are_fine(finding):
    assert finding(CODE, parameters={"batchnorm": ["before", False]}, batch_size=16) is None
    assert finding(CODE, parameters={"batchnorm": [False, "after"]}, batch_size=4) is not None


def test_not_applicable_without_batch_norm(finding):
    assert "no batch norm" in finding(CODE, batch_size=2)
    assert "no batch norm" in finding(CODE, batch_size=2, parameters={"batchnorm": [False, False]})


def test_too_few_rows_for_larger_batches_get_another_norm(finding):
    few = {"parameters": {"batchnorm": True}, "n_rows": 5, "batch_size": 5}
    assert finding(CODE, **few).remedy == {"batchnorm": False, "layernorm": True}


def test_switches_may_be_numpys(finding):
    for off in (np.False_, np.array([False, False])):
        assert "no batch norm" in finding(CODE, batch_size=2, parameters={"batchnorm": off})
