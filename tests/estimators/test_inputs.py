import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.model_selection import PredefinedSplit
from skorch.callbacks import Callback

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import DataError, HintWarning

RNG = np.random.RandomState(0)
X = RNG.rand(20, 3)
Y = np.tile([0, 1], 10)
OPTIONS = {"max_iter": 2, "tol": None, "random_state": 0}
ESTIMATORS = [MLPClassifier(**OPTIONS), MLPRegressor(**OPTIONS)]
both = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)


def changed(X, row, column, value):
    X = X.copy()
    X[row, column] = value
    return X


def test_nothing_trains_on_numbers_that_are_none():
    for value, words in [
        (np.nan, r"column 1 \(1 NaN\).*SimpleImputer"),
        (np.inf, r"column 1 \(1 infinite\).*infinity"),
        (1e300, r"column 1 \(1 too large\).*StandardScaler.*dtype='float64'"),
    ]:
        with pytest.raises(DataError, match=f"(?s)Input X contains.*{words}"):
            MLPClassifier().fit(changed(X, 4, 1, value), Y)


def test_large_values_are_fine_in_float64():
    MLPRegressor(dtype="float64", solver="lbfgs", max_iter=1, tol=None).fit(
        changed(X, 0, 0, 1e39), Y
    )


def test_sparse_input_names_its_columns():
    with pytest.raises(DataError, match=r"column 2 \(1 NaN\)"):
        MLPClassifier().fit(sparse.csr_array(changed(X, 3, 2, np.nan)), Y)


def test_frames_name_text_and_missing_columns_and_show_how_to_encode_them():
    frame = pd.DataFrame(X.copy(), columns=["age", "fare", "size"])
    frame["sex"] = pd.Series(["f", "m"] * 10, dtype="category")
    frame["town"] = "Ulm"
    frame["day"] = pd.date_range("2020-01-01", periods=20)
    frame.loc[[2, 5], "age"] = np.nan
    with pytest.raises(DataError) as error:
        MLPClassifier().fit(frame, Y)
    text = str(error.value)
    for words in (
        "'sex' holds category",
        "'town' holds",
        "'day' holds datetime64",
        "'age' has 2 missing",
        "OneHotEncoder",
    ):
        assert words in text
    assert "'fare'" not in text


def test_pictures_are_to_be_flattened():
    with pytest.raises(DataError, match=r"\(20, 8, 8\).*reshape\(len\(X\), -1\)"):
        MLPClassifier().fit(np.zeros((20, 8, 8)), Y)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_targets_that_are_no_numbers(bad):
    y = Y.astype(float)
    y[[3, 7]] = bad
    with pytest.raises(DataError, match=r"Input y contains.*2 of 20 rows, the first at position 3"):
        MLPRegressor().fit(X, y)
    with pytest.raises(DataError, match="in output 1: 2 of 20 rows"):
        MLPRegressor().fit(X, np.c_[Y, y])


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize(("size", "dtype"), [(1e20, "float32"), (1e39, "float32"), (1e200, "auto")])
def test_targets_that_are_too_large(size, dtype, normalize):
    reg = MLPRegressor(normalize_y=normalize, dtype=dtype)
    with pytest.raises(DataError, match=r"square is too large for float.*Divide y by its standard"):
        reg.fit(X, Y * size)


@pytest.mark.parametrize("kind", [None, object])
def test_text_to_predict(kind):
    with pytest.raises(DataError, match=r"y holds text.*pandas.to_numeric.*MLPClassifier"):
        MLPRegressor().fit(X, np.array(["a", "b"] * 10, dtype=kind))


def test_negative_counts():
    with pytest.raises(DataError, match=r"loss='poisson' needs y >= 0; y has 10 other.*-1"):
        MLPRegressor("poisson").fit(X, -Y)
    with pytest.raises(DataError, match=r"loss='gamma' needs y > 0; y has 10 other.*smallest 0"):
        MLPRegressor("gamma").fit(X, Y)


@both
def test_weights(estimator):
    with pytest.raises(DataError, match="sample_weight is zero for all 20 samples"):
        estimator.fit(X, Y, sample_weight=np.zeros(20))
    with pytest.raises(DataError, match="negative weights, smallest -1"):
        estimator.fit(X, Y, sample_weight=np.r_[-1, np.ones(19)])
    for weight, size in [(1e39, "large"), (1e300, "large"), (1e-300, "small")]:
        with pytest.raises(DataError, match=f"^sample_weight: .*too {size}.*by their mean"):
            estimator.fit(X, Y, sample_weight=np.full(20, weight))
        with pytest.raises(DataError, match=f"^sample_weight_val: .*too {size}"):
            estimator.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=np.full(20, weight))
    with pytest.raises(ValueError, match=r"sample_weight.shape == \(3,\), expected \(20,\)"):
        estimator.fit(X, Y, sample_weight=np.ones(3))
    with pytest.raises(DataError, match=r"sample_weight_val.shape == \(2,\), expected \(20,\)"):
        estimator.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=[1, 2])


@both
def test_half_a_validation_set(estimator):
    with pytest.raises(DataError, match="X_val was given without y_val"):
        estimator.fit(X, Y, X_val=X)
    with pytest.raises(DataError, match="y_val was given without X_val"):
        estimator.fit(X, Y, y_val=Y)
    with pytest.raises(DataError, match="X_val has 0 rows"):
        estimator.fit(X, Y, X_val=X[:0], y_val=Y[:0])
    with pytest.raises(DataError, match="sample_weight_val is zero"):
        estimator.fit(X, Y, X_val=X, y_val=Y, sample_weight_val=np.zeros(20))


@both
def test_other_features_at_predict(estimator):
    estimator.fit(pd.DataFrame(X, columns=list("abc")), Y)
    with pytest.raises(ValueError, match=r"(?s)feature names.*X\[model.feature_names_in_\]"):
        estimator.predict(pd.DataFrame(X, columns=list("acb")))
    estimator.fit(X, Y)
    with pytest.raises(
        ValueError, match=r"2 features.*expecting 3.*same columns, in the same order"
    ):
        estimator.predict(X[:, :2])


@both
def test_validation_set_must_match(estimator):
    with pytest.raises(ValueError, match="X_val or y_val: X has 2 features"):
        estimator.fit(X, Y, X_val=X[:, :2], y_val=Y)
    with pytest.raises(DataError, match=r"column 0 \(1 NaN\)"):
        estimator.fit(X, Y, X_val=changed(X, 0, 0, np.nan), y_val=Y)


def test_validation_targets_must_match():
    with pytest.raises(DataError, match=r"y_val has classes that y had not in fit: \[2\]"):
        MLPClassifier().fit(X, Y, X_val=X, y_val=Y * 2)
    with pytest.raises(DataError, match="y_val has 2 outputs, and y had 1 in fit"):
        MLPRegressor().fit(X, Y, X_val=X, y_val=np.c_[Y, Y])


@both
def test_one_row_cannot_be_batch_normalised(estimator):
    estimator = type(estimator)(batchnorm=True)
    with pytest.raises(DataError, match=r"1 sample.*layernorm=True"):
        estimator.fit(X[:1], Y[:1])


def test_columns_of_classes():
    with pytest.raises(DataError, match="MultiOutputClassifier"):
        MLPClassifier().fit(X, np.c_[Y, Y + np.arange(20) % 3])


@both
def test_a_failed_refit_leaves_the_estimator_as_it_was(estimator):
    """Whatever goes wrong: before training, in it, or in a warm start or partial_fit."""
    estimator.fit(X, Y)
    expected, before = estimator.predict(X), dict(vars(estimator))
    y_nan = np.where(np.arange(20) == 3, np.nan, Y)
    for attempt in (
        lambda: estimator.fit(changed(X, 0, 0, np.nan), Y),
        lambda: estimator.fit(X[:, :2], y_nan),
        lambda: estimator.partial_fit(X[:, :2], Y),
        lambda: estimator.set_params(max_iter=0).fit(X, Y),
        lambda: estimator.set_params(max_iter=2, learning_rate_init=1e30, optimizer="gd").fit(
            X * 1e9, Y * 10
        ),
    ):
        try:
            attempt()
        except ValueError:
            pass
        else:
            pytest.fail("this must raise")
        now = {name: value for name, value in vars(estimator).items() if name.endswith("_")}
        assert now == {name: value for name, value in before.items() if name.endswith("_")}
        np.testing.assert_array_equal(estimator.predict(X), expected)
    estimator.set_params(learning_rate_init=0.001, optimizer=None)


class Fails(Callback):
    def on_epoch_end(self, net, **kwargs):
        raise RuntimeError("on purpose")


def test_a_failed_warm_start_with_another_loss_changes_no_prediction():
    reg = MLPRegressor(max_iter=3, tol=None, warm_start=True, random_state=0).fit(X, Y)
    expected = reg.predict(X)
    with pytest.raises(RuntimeError, match="on purpose"):
        reg.set_params(loss="poisson", callbacks=[Fails()]).fit(X, Y)
    np.testing.assert_array_equal(reg.predict(X), expected)
    assert len(reg.loss_curve_) == len(reg.history_) == 3


def test_a_failed_fit_gives_the_users_generator_back():
    rng = np.random.RandomState(0)
    with pytest.raises(RuntimeError, match="on purpose"):
        MLPRegressor(random_state=rng, callbacks=[Fails()]).fit(X, Y)
    assert rng.rand() == np.random.RandomState(0).rand()


@both
def test_weights_on_one_side_of_the_split(estimator):
    weight = np.tile([0.0, 1.0, 1.0, 0.0], 5)
    fold = PredefinedSplit(np.where(weight > 0, 0, -1))
    estimator = type(estimator)(early_stopping=True, validation_fraction=fold)
    with pytest.raises(DataError, match="all 10 training rows are zero"):
        estimator.fit(X, Y, sample_weight=weight)
    with pytest.raises(DataError, match="all 10 validation rows are zero"):
        estimator.fit(X, Y, sample_weight=1 - weight)


def test_one_validation_row_has_no_r2():
    with pytest.raises(DataError, match=r"X_val has 1 row, too few.*at least 2"):
        MLPRegressor(early_stopping=True).fit(X, Y, X_val=X[:1], y_val=Y[:1])
    reg = MLPRegressor(max_iter=2, tol=None).fit(X, Y, X_val=X[:1], y_val=Y[:1])
    assert reg.history_["val_r2"].isna().all()


def test_batchnorm_with_one_row_left_by_the_split():
    clf = MLPClassifier(batchnorm=True, early_stopping=True, validation_fraction=0.6)
    with pytest.raises(DataError, match="1 sample"):
        clf.fit(X[:3], [0, 0, 0])


@pytest.mark.parametrize("how", ["warm_start", "partial_fit"])
def test_a_failure_while_going_on_rolls_the_training_back(how):
    reg = MLPRegressor(max_iter=3, tol=None, warm_start=True, random_state=0).fit(X, Y)
    twin = MLPRegressor(max_iter=3, tol=None, warm_start=True, random_state=0).fit(X, Y)
    go_on = reg.fit if how == "warm_start" else reg.partial_fit
    with pytest.raises(ValueError, match="non-finite"):
        go_on(X * 1e30, Y)
    np.testing.assert_array_equal(reg.predict(X), twin.predict(X))
    np.testing.assert_array_equal(reg.fit(X, Y).predict(X), twin.fit(X, Y).predict(X))
    assert len(reg.history_) == len(twin.history_) == 6


def labelled(labels):
    """Return X, y and weights with these index labels."""
    frame = pd.DataFrame(X[: len(labels)], index=labels, columns=list("abc"))
    return frame, pd.Series(Y[: len(labels)], index=labels), pd.Series(1.0, index=labels)


@both
@pytest.mark.parametrize(
    "labels", [range(20), list("abcdefghijklmnopqrst"), [*range(10), *"abcdefghij"]]
)
def test_the_same_labels_in_another_order_are_hinted_at(estimator, labels):
    frame, y, weight = labelled(labels)
    words = r"X and y have the same index labels .* y\.loc\[X\.index\]; .* y\.to_numpy\(\)"
    with pytest.warns(HintWarning, match=words):
        estimator.fit(frame, y[::-1])
    with pytest.warns(HintWarning, match="X and sample_weight have the same"):
        estimator.fit(frame, y, sample_weight=weight[::-1])
    with pytest.warns(HintWarning, match=r"X_val and y_val have .* pass y_val\.loc\[X_val\.index"):
        estimator.fit(frame, y, X_val=frame, y_val=y[::-1])


@both
def test_other_labels_and_arrays_are_matched_by_position_without_a_hint(estimator, recwarn):
    frame, y, _ = labelled(range(20))
    other = pd.Series(Y, index=range(1, 21))
    repeated, y_repeated, _ = labelled([0, 1] * 10)
    for given in (
        *((frame, y), (frame[::-1], y[::-1]), (frame, other), (frame, Y), (X, y[::-1])),
        (repeated, y_repeated[::-1]),
    ):
        estimator.fit(*given)
    assert not recwarn


@both
def test_a_series_is_no_sample(estimator):
    frame = pd.DataFrame(X, columns=list("abc"))
    estimator.fit(frame, Y)
    row = frame.iloc[0]
    with pytest.raises(DataError, match=r"X is a pandas Series.*X\.to_frame\(\)\.T, or df\.iloc"):
        estimator.predict(row)
    expected = estimator.predict(frame)[:1]
    np.testing.assert_allclose(estimator.predict(row.to_frame().T), expected)
    np.testing.assert_allclose(estimator.predict(frame.iloc[[0]]), expected)


@both
def test_weights_by_name_are_those_of_classes(estimator):
    with pytest.raises(DataError, match=r"sample_weight='balanced'.*class_weight='balanced'"):
        estimator.fit(X, Y, sample_weight="balanced")


@both
def test_a_validation_array_beside_a_frame_is_named(estimator):
    frame = pd.DataFrame(X, columns=list("abc"))
    with pytest.warns(HintWarning, match="X_val has no feature names, and X has") as caught:
        losses = estimator.fit(frame, Y, X_val=X, y_val=Y).history_["val_loss"].tolist()
    assert len(caught) == 1
    estimator.fit(frame, Y, X_val=frame, y_val=Y)
    assert losses == estimator.history_["val_loss"].tolist()
