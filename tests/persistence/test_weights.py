import numpy as np
import pytest
import safetensors.torch
import torch
from safetensors.numpy import load_file, save_file
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.exceptions import ModelFileError
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.persistence import load_weights, save_model, save_weights
from sknn_tips.persistence.weights import named_weights


@pytest.fixture
def other(clf, iris):
    """The same network with other weights."""
    return clone(clf).set_params(random_state=1).fit(*iris)


def test_names_and_shapes_say_what_the_tensors_are(clf, path):
    save_weights(clf, path)
    tensors = load_file(path)
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    norm = [f"{kind}.{key}" for kind, key in [("layernorm", "weight"), ("layernorm", "bias")]]
    norm += [f"batchnorm_before.{k}" for k in ("weight", "bias", "running_mean", "running_var")]
    assert shapes == {
        "input_scaling.weight": (4,),
        "layers.0.weight": (4, 6),
        "layers.0.bias": (6,),
        **{f"layers.0.{name}": (6,) for name in norm},
        "layers.1.weight": (6, 5),
        "layers.1.bias": (5,),
        **{f"layers.1.{name}": (5,) for name in norm},
        "layers.2.weight": (5, 3),
        "layers.2.bias": (3,),
    }
    for i, (coef, intercept) in enumerate(zip(clf.coefs_, clf.intercepts_, strict=True)):
        np.testing.assert_array_equal(tensors[f"layers.{i}.weight"], coef)
        np.testing.assert_array_equal(tensors[f"layers.{i}.bias"], intercept)


def test_every_number_of_the_network_is_in_them(clf):
    numbers = sum(tensor.numel() for tensor in named_weights(clf.module_).values())
    assert numbers == sum(tensor.numel() for tensor in clf.net_.flat.snapshot())


def test_loaded_weights_predict_as_the_saved_ones(clf, other, iris, path):
    X, _ = iris
    assert not np.array_equal(clf.predict_proba(X), other.predict_proba(X))
    save_weights(clf, path)
    assert load_weights(other, path) is other
    np.testing.assert_array_equal(clf.predict_proba(X), other.predict_proba(X))
    np.testing.assert_array_equal(clf.coefs_[0], other.coefs_[0])


def test_arrays_handed_out_before_keep_their_numbers(clf, other, path):
    coefs = other.coefs_
    before = [coef.copy() for coef in coefs]
    save_weights(clf, path)
    load_weights(other, path)
    for coef, old in zip(coefs, before, strict=True):
        np.testing.assert_array_equal(coef, old)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_goes_on_from_them_with_fresh_moments(iris, path, optimizer):
    X, y = iris
    options = {"hidden_layer_sizes": 5, "optimizer": optimizer, "tol": None, "max_iter": 5}
    options |= {"shuffle": False, "warm_start": True, "alpha": 0, "learning_rate_init": "auto"}
    teacher = MLPClassifier(**options, random_state=0).fit(X, y)
    save_weights(teacher, path)
    pupils = [
        load_weights(MLPClassifier(**options, random_state=seed).fit(X, y), path).fit(X, y)
        for seed in (1, 2)
    ]
    np.testing.assert_array_equal(pupils[0].coefs_[0], pupils[1].coefs_[0])
    assert not np.array_equal(pupils[0].coefs_[0], teacher.coefs_[0])


def test_assigned_weights_are_saved(clf, path):
    clf.coefs_[2] = np.ones((5, 3))
    save_weights(clf, path)
    np.testing.assert_array_equal(load_file(path)["layers.2.weight"], 1)
    np.testing.assert_array_equal(clf.coefs_[2], 1)


def test_models_around_ours_are_looked_through(iris, path):
    X, y = iris
    numbers = X[:, 0] * 10
    net = MLPClassifier(5, max_iter=2, tol=None, random_state=0)
    reg = MLPRegressor(hidden_layer_sizes=5, max_iter=2, tol=None, random_state=0)
    for model, target, inner in [
        (make_pipeline(StandardScaler(), net), y, lambda model: model[-1]),
        (GridSearchCV(net, {"alpha": [0.0]}, cv=2), y, lambda model: model.best_estimator_),
        (
            TransformedTargetRegressor(reg, transformer=StandardScaler()),
            numbers,
            lambda model: model.regressor_,
        ),
    ]:
        saved = clone(model).fit(X, target)
        save_weights(saved, path)
        found = clone(model).fit(X[::-1], target[::-1])
        assert load_weights(found, path) is found
        np.testing.assert_array_equal(inner(found).coefs_[0], inner(saved).coefs_[0])


def test_weights_of_another_precision_are_rounded(clf, iris, path):
    X, y = iris
    double = clone(clf).set_params(dtype="float64", random_state=1).fit(X, y)
    save_weights(double, path)
    load_weights(clf, path)
    assert clf.coefs_[0].dtype == np.float32
    np.testing.assert_allclose(clf.predict_proba(X), double.predict_proba(X), rtol=1e-3)


def test_weights_of_another_program_can_be_loaded(clf, path):
    shapes = {name: tuple(tensor.shape) for name, tensor in named_weights(clf.module_).items()}
    save_file({name: np.ones(shape, np.float16) for name, shape in shapes.items()}, path)
    load_weights(clf, path)
    np.testing.assert_array_equal(clf.coefs_[1], 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"hidden_layer_sizes": (7, 5)},
            r"is 4-7-5-3 .*layers.0.weight is \(4, 6\) in the file and \(4, 7\) in the network",
        ),
        ({"hidden_layer_sizes": (6,)}, r"is 4-6-3 .*layers.1.weight is \(6, 5\).*and 7 more"),
        ({"batchnorm": "after"}, r"\(batchnorm after, .*_after.weight is missing in the file"),
        ({"batchnorm": False}, "_before.bias is .* missing in the network"),
        ({"layernorm": False}, "layernorm.bias is .* missing in the network"),
        ({"input_scaling": False}, "input_scaling.weight is .* missing in the network"),
        ({"activation": "maxout"}, r"layers.0.weight is \(4, 6\) in the file and \(4, 12\)"),
    ],
    ids=str,
)
def test_another_shape_is_named_with_both_and_changes_nothing(clf, iris, path, change, message):
    save_weights(clf, path)
    other = clone(clf).set_params(**change).fit(*iris)
    before = other.predict_proba(iris[0])
    ours = r"of 4-6-5-3 \(batchnorm before, layernorm, input scaling\), and the estimator's"
    with pytest.raises(ValueError, match=f"{ours}.*{message}"):
        load_weights(other, path)
    np.testing.assert_array_equal(other.predict_proba(iris[0]), before)


def test_a_foreign_file_of_another_shape_names_the_tensors(clf, path):
    save_file({"linear.weight": np.ones((3, 4))}, path)
    with pytest.raises(ValueError, match=r"layers.0.weight is missing.*; and 17 more"):
        load_weights(clf, path)


@pytest.mark.parametrize(
    ("value", "message"),
    [(np.float32("nan"), "NaN"), (np.float64(1e300), "too large"), (np.int32(1), "int32")],
)
def test_weights_that_are_no_usable_numbers(clf, path, tamper, value, message):
    save_weights(clf, path)
    before = clf.coefs_[0].copy()

    def edit(document, tensors):
        tensors["layers.2.weight"] = np.full((5, 3), value)

    tamper(edit, kind="weights")
    with pytest.raises(ModelFileError, match=f"layers.2.weight has .*{message}"):
        load_weights(clf, path)
    np.testing.assert_array_equal(clf.coefs_[0], before)


@pytest.mark.parametrize(
    ("dtype", "name"), [(torch.bfloat16, "BF16"), (torch.float8_e4m3fn, "F8_E4M3")], ids=str
)
def test_numbers_that_numpy_has_not_are_named_with_the_remedy(clf, path, dtype, name):
    tensors = {name: t.detach().to(dtype) for name, t in named_weights(clf.module_).items()}
    safetensors.torch.save_file(tensors, path)
    message = rf"net.safetensors' has numbers of the type {name}, .*tensor.float\(\).*float32"
    with pytest.raises(ModelFileError, match=message):
        load_weights(clf, path)


def test_bad_input_says_what_is_wrong(clf, path):
    with pytest.raises(NotFittedError):
        save_weights(MLPClassifier(), path)
    with pytest.raises(TypeError, match="save_weights got StandardScaler"):
        save_weights(StandardScaler(), path)
    with pytest.raises(FileNotFoundError):
        load_weights(clf, path)
    save_model(clf, path)
    with pytest.raises(ModelFileError, match="holds a model; read it with load_model"):
        load_weights(clf, path)
    save_weights(clf, path)
    with pytest.raises(NotFittedError):
        load_weights(MLPClassifier(), path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="truncated"):
        load_weights(clf, path)


NETWORKS = {
    "tanh": ({"activation": "tanh"}, "hidden activations are relu, relu.*has tanh, tanh"),
    "each its own": ({"activation": ["relu", "tanh"]}, "are relu, relu.*has relu, tanh"),
    "options": (
        {"activation": "leaky_relu", "activation_params": {"negative_slope": 0.3}},
        r"are relu, relu.*has leaky_relu\(negative_slope=0.3\), leaky_relu\(neg",
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_between_other_activations_are_refused(clf, iris, path, name):
    params, words = NETWORKS[name]
    save_weights(clf, path)
    other = clone(clf).set_params(**params).fit(*iris)
    before = other.predict_proba(iris[0])
    with pytest.raises(ValueError, match=f"{words}.*Fit an estimator with the layers, activations"):
        load_weights(other, path)
    np.testing.assert_array_equal(other.predict_proba(iris[0]), before)
    save_weights(other, path)
    load_weights(clone(other).fit(*iris), path)


def test_options_that_are_the_defaults_are_no_difference(iris, path):
    clf = MLPClassifier(5, "elu", max_iter=1, tol=None).fit(*iris)
    save_weights(clf, path)
    same = clone(clf).set_params(activation_params={"alpha": np.int64(1)}, dropout=0.5).fit(*iris)
    load_weights(same, path)
    slope = clone(clf).set_params(activation_params={"alpha": 0.5}).fit(*iris)
    with pytest.raises(ValueError, match=r"are elu\(alpha=1.0\), and .* elu\(alpha=0.5\)"):
        load_weights(slope, path)


def test_weights_for_another_kind_of_target_are_refused(iris, path):
    X, y = iris
    three = X[:, :3] + 1
    params = {"hidden_layer_sizes": 5, "max_iter": 1, "tol": None}
    kinds = {
        "softmax": MLPClassifier(**params).fit(X, y),
        "logistic": MLPClassifier(**params).fit(X, (three > 2).astype(int)),
        "identity": MLPRegressor(**params).fit(X, three),
        "exp": MLPRegressor("poisson", **params).fit(X, three),
    }
    for saved, est in kinds.items():
        save_weights(est, path)
        for name, other in kinds.items():
            if name == saved:
                load_weights(other, path)
                continue
            with pytest.raises(ValueError, match=f"whose output is {saved}, and .* has {name}"):
                load_weights(other, path)


def test_a_file_that_does_not_tell_its_activations_is_taken_by_its_shapes(clf, iris, path, tamper):
    save_weights(clf, path)

    def as_before(document, tensors):
        del document["hidden"], document["output"]

    tamper(as_before, kind="weights")
    load_weights(clone(clf).set_params(activation="tanh").fit(*iris), path)


def test_activations_of_another_form_are_damage(clf, path, tamper):
    save_weights(clf, path)
    tamper(lambda document, tensors: document.update(hidden=[3]), kind="weights")
    with pytest.raises(ModelFileError, match="damaged"):
        load_weights(clf, path)


def test_what_tells_of_the_own_training_stays(clf, other, path):
    save_weights(clf, path)
    before = other.history_, other.loss_, other.best_epoch_, other.loss_curve_
    load_weights(other, path)
    assert other.history_.equals(before[0])
    assert (other.loss_, other.best_epoch_, other.loss_curve_) == before[1:]
