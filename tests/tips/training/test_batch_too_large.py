import pytest

CODE = "batch-too-large"


def test_smaller_batches_cure_it(cure, classifier, digits):
    tip, _ = cure(CODE, classifier(batch_size=1000, max_iter=30), digits, drop=0.0)
    assert "1,347 samples in batches of 1,000 make 2 updates per epoch" in tip.seen


@pytest.mark.parametrize(("n_rows", "batch_size"), [(500, 500), (10_000, 1000)])
def test_few_rows_and_many_updates_are_fine(n_rows, batch_size, finding):
    assert finding(CODE, n_rows=n_rows, batch_size=batch_size) is None


def test_not_applicable_where_all_rows_are_the_batch(finding):
    changed = {"n_rows": 5000, "batch_size": 5000, "optimizer": "gd", "full_batch": True}
    assert finding(CODE, **changed) == "gd uses all samples in each step"
