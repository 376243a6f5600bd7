"""The pages on parameters are true: their tables, entries, words of others, and their code."""

import ast
import importlib.util
import inspect
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn
import sklearn.impute
import sklearn.inspection
import sklearn.model_selection
import sklearn.neural_network
import sklearn.preprocessing
import skorch.callbacks
import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

import sknn_tips
import sknn_tips.callbacks
import sknn_tips.plotting
from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.tips.checks import CHECKS

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
CHOOSING = (DOCS / "choosing_parameters.md").read_text(encoding="utf-8")
COMING = (DOCS / "coming_from.md").read_text(encoding="utf-8")
CLASSES = {"classifier": MLPClassifier, "regressor": MLPRegressor}
CODE = re.compile(r"`([^`]+)`")


# -- code ----------------------------------------------------------------------------------------

# A block of Python and, where one follows at once, the text that it prints.
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)


def words(text):
    """Split into words, numbers with a point as floats; brackets and commas separate too."""
    found = re.findall(r"[^\s\[\],]+", text)
    return [float(word) if re.fullmatch(r"-?\d+\.\d+", word) else word for word in found]


def with_marks(page):
    slow = page.name in {"inspecting.md", "tables.md"}
    return pytest.param(page, marks=[pytest.mark.slow] * slow, id=page.name)


@pytest.mark.parametrize("page", [with_marks(page) for page in PAGES])
def test_the_code_runs_and_prints_what_the_page_says(page, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a page writes files
    names = {}
    with sklearn.config_context():  # a page turns metadata routing on
        for code, expected in BLOCK.findall(page.read_text(encoding="utf-8")):
            exec(compile(code, page.name, "exec"), names)
            printed = words(capsys.readouterr().out)
            for got, said in zip(printed, words(expected), strict=True):
                # Another processor may round a sum in another way.
                assert got == (pytest.approx(said, abs=0.03) if isinstance(said, float) else said)


# -- links ---------------------------------------------------------------------------------------


def anchors(text):
    """Return GitHub's anchors of the headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text(encoding="utf-8"))
    for file, anchor in links:
        to = DOCS / file if file else page
        assert to.is_file(), file
        assert not anchor or anchor in anchors(to.read_text(encoding="utf-8")), anchor


# -- choosing_parameters.md ----------------------------------------------------------------------

ENTRY = re.compile(r"^### (.*?)\n\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
ENTRIES = {tuple(CODE.findall(heading)): body for heading, body in ENTRY.findall(CHOOSING)}


def signature(cls):
    found = inspect.signature(cls).parameters
    return {name: parameter.default for name, parameter in found.items()}


def script(name):
    """Return a script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_what_the_registries_give():
    registry_tables = script("registry_tables")
    used = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert text == registry_tables.filled(text), "run python docs/registry_tables.py"
        used |= {name for _, name, _ in registry_tables.PLACE.findall(text)}
    assert used == set(registry_tables.tables())


def test_every_parameter_has_one_entry_and_nothing_else_has():
    described = [name for names in ENTRIES for name in names]
    known = {name for cls in CLASSES.values() for name in signature(cls)}
    assert sorted(described) == sorted(known)


@pytest.mark.parametrize("names", ENTRIES, ids=", ".join)
def test_an_entry_gives_the_defaults(names):
    said = re.match(r"Defaults? (.*?)\.(?=\s)", ENTRIES[names])[1]
    values = re.findall(r"`([^`]+)`(?: \((\w+)\))?", said)
    assert len(values) == len(names) or len(names) == 1
    for i, (value, estimator) in enumerate(values):
        name = names[min(i, len(names) - 1)]
        for cls in [CLASSES[estimator]] if estimator else CLASSES.values():
            assert signature(cls)[name] == ast.literal_eval(value)
    named = {estimator for _, estimator in values} - {""}
    has = {name for name, cls in CLASSES.items() if names[0] in signature(cls)}
    assert named in (set(), has)
    assert named or has == set(CLASSES)


@pytest.mark.parametrize("names", ENTRIES, ids=", ".join)
def test_an_entry_says_where_from_when_and_at_what_cost(names):
    labels = re.findall(r"^- \*\*(.*?)\*\*", ENTRIES[names], re.MULTILINE)
    assert labels == ["Source", "When to change", "Cost"]


# -- coming_from.md ------------------------------------------------------------------------------


def word_list(text):
    """Return (theirs, ours) of every table whose second column is "sknn_tips"."""
    found, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif len(cells) == 3 and cells[1] == "sknn_tips":
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            found.append(cells[:2])
    return found


WORDS = word_list(COMING)
OURS = list(dict.fromkeys(code for _, ours in WORDS for code in CODE.findall(ours)))


def test_rows_on_patience_say_for_which_they_hold():
    rows = [line for line in COMING.splitlines() if "n_iter_no_change=k - 1" in line]
    assert rows
    assert all("for k of 2 or more" in row for row in rows)
    check_parameters({"n_iter_no_change": 2 - 1})
    with pytest.raises(ValueError, match="n_iter_no_change"):
        check_parameters({"n_iter_no_change": 1 - 1})


@pytest.fixture
def names(tmp_path, monkeypatch):
    """The values of the short names in the column "sknn_tips"."""
    monkeypatch.chdir(tmp_path)
    X, y = load_breast_cancer(return_X_y=True)
    X, y = sklearn.preprocessing.scale(X)[:120], y[:120]
    est = MLPClassifier(8, max_iter=2, tol=None, random_state=0)
    est.fit(X[:80], y[:80], X_val=X[80:], y_val=y[80:])
    sknn_tips.save_model(est, "model.safetensors")
    sknn_tips.save_weights(est, "weights.safetensors")
    found = {"sklearn": sklearn, "sknn_tips": sknn_tips, "skorch": skorch, "est": est}
    found |= {"X": X[:80], "y": y[:80], "w": np.ones(80)}
    found |= {"X_val": X[80:], "y_val": y[80:], "w_val": np.ones(40)}
    found |= {"a": 0.1, "b": 0.1, "b1": 0.9, "b2": 0.99, "c": 1.0, "d": 0.1, "e": 1e-6, "g": 0.5}
    found |= {"k": 10, "lam": 1e-4, "m": 0.9, "n": 2, "p": 0.2, "r": 0.9, "rate": 0.01, "s": 0.1}
    found |= {"share": 0.8, "keep_prob": 0.8, "batch_size": 32, "f": lambda *_, **__: 1.0}
    return found


def check_parameters(params):
    """Raise unless one of the estimators takes these parameters, by name and value."""
    takers = [cls for cls in CLASSES.values() if set(params) <= set(signature(cls))]
    assert takers, f"no parameters: {sorted(params)}"
    errors = []
    for cls in takers:
        try:
            cls(**params)._validate_params()
        except ValueError as error:
            errors.append(error)
    if len(errors) == len(takers):
        raise errors[0]


def is_keywords(code):
    call = ast.parse(f"f({code})", mode="eval").body
    return bool(call.keywords) and not call.args


@pytest.mark.parametrize("code", OURS)
def test_our_word_exists_and_works(code, names):
    names["path"] = "weights.safetensors" if "weights" in code else "model.safetensors"
    if is_keywords(code):
        check_parameters(eval(f"dict({code})", names))
        return
    assert re.match(r"(est|X|sklearn|sknn_tips|skorch)\.", code)
    with mpl.rc_context({"backend": "agg"}):
        eval(code, names)
        plt.close("all")


def test_a_line_without_our_word_says_so():
    assert all(CODE.search(ours) or ours == "none" for _, ours in WORDS)


# What people will look for.
WANTED = """
    epochs batch_size lr patience min_delta validation_data validation_split eval_set
    early_stopping_rounds kernel_initializer kernel_regularizer=l2 kernel_regularizer=l1
    activity_regularizer bias_initializer Dropout BatchNormalization beta_1 epsilon amsgrad clipnorm
    decay ReduceLROnPlateau LearningRateScheduler EarlyStopping restore_best_weights ModelCheckpoint
    TensorBoard history model.summary model.evaluate model.save load_model save_weights state_dict
    DataLoader num_boost_round n_estimators learning_rate objective metric class_weight
    sample_weight verbose_eval Sequential module criterion max_epochs LRScheduler train_split device
"""


@pytest.mark.parametrize("word", WANTED.split())
def test_the_word_is_in_the_list(word):
    assert any(word in theirs for theirs, _ in WORDS)


# -- exact conversions ---------------------------------------------------------------------------

PLAIN = {"hidden_layer_sizes": (), "optimizer": "sgd", "momentum": 0, "alpha": 0}
EXACT = {"init": "zeros", "batch_size": 60, "max_iter": 4, "tol": None, "dtype": "float64"}
LAM, RATE, N = 0.05, 0.1, 60


def trained_by_torch(criterion, n_outputs, make_optimizer, X, target, penalty=0.0):
    """Return the weights after four steps from zero: Keras's penalty is part of the loss."""
    layer = nn.Linear(X.shape[1], n_outputs, dtype=torch.float64)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    optimizer = make_optimizer(layer)
    for _ in range(4):
        optimizer.zero_grad()
        loss = criterion(layer(torch.from_numpy(X)), torch.from_numpy(target))
        (loss + penalty * layer.weight.square().sum()).backward()
        optimizer.step()
    return layer.weight.detach().numpy().T


@pytest.fixture
def classes(rng):
    X = rng.normal(size=(N, 5))
    return X, X[:, :3].argmax(axis=1)


def sgd(layer):
    return torch.optim.SGD(layer.parameters(), RATE)


def sgd_with_decay(layer):
    weight, bias = layer.parameters()
    return torch.optim.SGD([{"params": [weight], "weight_decay": LAM}, {"params": [bias]}], RATE)


def adamw(layer):
    weight, bias = layer.parameters()
    groups = [{"params": [weight], "weight_decay": LAM}, {"params": [bias], "weight_decay": 0}]
    return torch.optim.AdamW(groups, RATE)


@pytest.mark.parametrize(
    ("ours", "make_optimizer", "penalty"),
    [
        ({"alpha": 2 * LAM * N}, sgd, LAM),
        ({"alpha": LAM * N}, sgd_with_decay, 0.0),
        ({"optimizer": "adamw", "weight_decay": LAM}, adamw, 0.0),
    ],
    ids=["keras l2", "torch weight_decay", "torch AdamW"],
)
def test_penalties_of_others(ours, make_optimizer, penalty, classes):
    X, y = classes
    expected = trained_by_torch(nn.CrossEntropyLoss(), 3, make_optimizer, X, y, penalty)
    net = MLPClassifier(**{**PLAIN, **EXACT, **ours}, learning_rate_init=RATE).fit(X, y)
    np.testing.assert_allclose(net.coefs_[0], expected, rtol=1e-9)


def test_mse_of_others_is_twice_our_rate_and_half_our_penalty(classes):
    X, _ = classes
    y = X @ np.arange(5.0)
    expected = trained_by_torch(nn.MSELoss(), 1, sgd, X, y.reshape(-1, 1), LAM)
    net = MLPRegressor(**{**PLAIN, **EXACT, "alpha": LAM * N}, learning_rate_init=2 * RATE)
    np.testing.assert_allclose(net.fit(X, y).coefs_[0], expected, rtol=1e-9)


CLASS_WEIGHTS = [1.0, 5.0, 2.0]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"class_weight": dict(enumerate(CLASS_WEIGHTS))}, {"weight": CLASS_WEIGHTS}),
        ({"label_smoothing": 0.2}, {"label_smoothing": 0.2}),
    ],
    ids=["weights", "smoothing"],
)
def test_cross_entropy_of_torch(ours, theirs, classes):
    X, y = classes
    fitted = cross_entropy_fits(ours, theirs, X, y)
    np.testing.assert_allclose(*fitted, rtol=1e-9)


def test_cross_entropy_of_torch_with_weights_and_smoothing_is_another(classes):
    X, y = classes
    ours = {"class_weight": dict(enumerate(CLASS_WEIGHTS)), "label_smoothing": 0.2}
    theirs = {"weight": CLASS_WEIGHTS, "label_smoothing": 0.2}
    net, torchs = cross_entropy_fits(ours, theirs, X, y)
    assert np.abs(net - torchs).max() > 1e-3


def cross_entropy_fits(ours, theirs, X, y):
    """Return the weights of our net and of torch's."""
    weight = theirs.get("weight") and torch.tensor(theirs["weight"], dtype=torch.float64)
    loss = nn.CrossEntropyLoss(**{**theirs, "weight": weight})
    net = MLPClassifier(**{**PLAIN, **EXACT, **ours}, learning_rate_init=RATE).fit(X, y)
    return net.coefs_[0], trained_by_torch(loss, 3, sgd, X, y)


def stopped_fits(digits, ours, k, d, rate):
    """Return the fits that our rule and skorch's callback end."""
    X, y = digits
    theirs = skorch.callbacks.EarlyStopping(
        "valid_loss", patience=k, threshold=d, threshold_mode="abs", sink=lambda *_: None
    )
    fits = []
    for how in ({"monitor": "val_loss", **ours}, {"tol": None, "callbacks": [theirs]}):
        net = MLPClassifier(learning_rate_init=rate, max_iter=100, random_state=0, **how)
        fits.append(net.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:]))
    assert [net.stop_reason_ for net in fits] == ["early_stopping", "callback"]
    return fits


@pytest.mark.parametrize("k", [2, 4])
def test_patience_of_others_is_one_more_than_ours(digits, k):
    ours, theirs = stopped_fits(digits, {"n_iter_no_change": k - 1, "tol": 1e-9}, k, 0, 0.05)
    assert ours.n_iter_ == theirs.n_iter_ < 100


def test_min_delta_of_others_adds_slow_progress_up_and_tol_does_not(digits):
    k, d = 4, 0.05
    ours, theirs = stopped_fits(digits, {"n_iter_no_change": k - 1, "tol": d}, k, d, 0.002)
    assert ours.n_iter_ < theirs.n_iter_
    loss = ours.history_["val_loss"].to_numpy()
    gains = -np.diff(loss[-k - 1 :])
    assert (gains < d).all()
    assert gains.sum() > d
    reference, missed = np.inf, 0
    for n_epochs, value in enumerate(theirs.history_["val_loss"], 1):  # as Keras counts
        reference, missed = (value, 0) if value < reference - d else (reference, missed + 1)
        assert (missed == k) == (n_epochs == theirs.n_iter_)


def test_restored_weights_are_those_of_figures_that_are_measured_after_the_epoch(classes):
    X, y = classes
    params = {"learning_rate_init": 0.5, "max_iter": 20, "tol": None, "restore_best": True}
    net = MLPClassifier(8, **params, monitor="train_log_loss", alpha=0, random_state=0).fit(X, y)
    restored = sknn_tips.evaluate(net, X, y)["loss"]
    assert restored == pytest.approx(net.history_["log_loss"].min(), rel=1e-5)
    net.set_params(monitor="loss").fit(X, y)
    restored = sknn_tips.evaluate(net, X, y)["loss"]
    assert restored != pytest.approx(net.history_["loss"].min(), rel=1e-3)


def test_torchs_own_first_weights(rng):
    X = rng.normal(size=(20, 400))
    net = MLPRegressor(
        hidden_layer_sizes=300,
        init="he_uniform",
        init_params={"a": 5**0.5, "draw_biases": True},
        learning_rate_init=1e-12,
        max_iter=1,
        tol=None,
        random_state=0,
    ).fit(X, X[:, 0])
    for drawn in (net.coefs_[0], net.intercepts_[0]):
        assert np.abs(drawn).max() == pytest.approx(1 / 20, rel=0.02)
        assert drawn.std() == pytest.approx(1 / 20 / 3**0.5, rel=0.1)


# -- tips.md -------------------------------------------------------------------------------------

TIP = re.compile(r"^## ([a-z-]+)\n\n\*(.*?)\* \((.*?)\)\.\n\n(.*?)(?=^## |\Z)", re.M | re.DOTALL)
TIPS = {code: parts for code, *parts in TIP.findall((DOCS / "tips.md").read_text(encoding="utf-8"))}


def test_every_tip_has_a_section_in_the_order_of_the_checks():
    assert list(TIPS) == list(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_a_section_says_how_why_and_what_to_do_and_has_a_picture(code):
    title, _, text = TIPS[code]
    assert title == CHECKS[code].title
    labels = re.findall(r"^- \*\*(.*?)\.\*\*", text, re.MULTILINE)
    assert labels == ["How it is detected", "Why it matters", "What to do"]
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", text)
    if code in WITHOUT_PICTURE:
        assert not pictures
        return
    (picture,) = pictures
    assert (DOCS / picture).is_file()
    assert code in picture


# Their remedy is no change of the model, so that there are no two fits to compare.
WITHOUT_PICTURE = {"many-classes", "constant-target"}


# -- clients.md ----------------------------------------------------------------------------------


def test_every_library_that_is_tried_has_a_row_with_the_version_of_ci():
    client_versions = script("client_versions")
    pins = (DOCS.parent / "constraints.txt").read_text(encoding="utf-8").lower()
    rows = client_versions.ROW.findall((DOCS / "clients.md").read_text(encoding="utf-8"))
    assert len(rows) >= 15
    for _, library, version, _ in rows:
        assert f"\n{client_versions.distribution(library)}=={version}\n" in pins
    named = {library.lower().replace(" ", "").replace("-", "_") for _, library, _, _ in rows}
    files = Path(__file__).parent.glob("clients/test_*.py")
    assert {path.stem.removeprefix("test_") for path in files} <= named


def test_the_versions_of_the_libraries_are_those_that_are_installed():
    old = "| [scikit-learn](x) | 0.1 | a | b |\n| [ONNX](x) | none | a | b |\n"
    page = script("client_versions")
    page.DISTRIBUTIONS = {"ONNX": "numpy"}
    expected = old.replace("0.1", sklearn.__version__).replace("none", np.__version__)
    assert page.filled(old) == expected
