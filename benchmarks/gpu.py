"""Test the correctness and the speed of the package on a CUDA device.

    python benchmarks/gpu.py                         all parts; some minutes on a GPU
    python benchmarks/gpu.py --parts equal           only one of them
    python benchmarks/gpu.py --device cpu --quick    a test run without a GPU

There are five parts. `equal` trains in float64 on the device and on the CPU, with every activation,
normalisation, loss, optimizer, schedule and penalty, and compares the weights, for each tier.
`continuing` checks dropout, files, warm starts, own classes and the like on the device. `fits`
compares the fit times of four networks with a plain torch loop on the same GPU, and with one CPU
thread. `sweep` times a search of 100 fits, `tables` the recommended model for tables. The script
prints Markdown tables. Its exit status is 1 if a check fails.
"""

import argparse
import pickle
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
import sklearn
import torch
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import EpochScoring

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import contestants
from benchmarks.fits import NETS
from sknn_tips import (
    MLPClassifier,
    MLPRegressor,
    learning_rate_range,
    load_model,
    save_model,
    stacked,
    tabular_pipeline,
    to_onnx,
)
from sknn_tips.nn.activations import ACTIVATIONS
from sknn_tips.nn.losses import REGRESSOR_LOSSES
from sknn_tips.optim.optimizers import OPTIMIZERS
from sknn_tips.optim.schedules import SCHEDULES
from sknn_tips.step import graph_step, tiers

# Allowed difference of the weights after six epochs in float64, relative to the largest weight.
# Rounding errors are far below it.
TOLERANCE = 1e-6
FOUR_NETS = ("20-64-64-2", "20-100-2", "100-128-64-10", "784-256-256-10")

Case = tuple[str, str, dict, str]
"""Title, estimator ("classifier" or "regressor"), parameters, and kind of data."""

failures: list[str] = []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--parts", default=",".join(PARTS), help=", ".join(PARTS))
    parser.add_argument(
        "--quick", action="store_true", help="few cases with small data and few epochs"
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # short fits that do not converge
    heading(options.device)
    for name in options.parts.split(","):
        start = perf_counter()
        print(f"\n## {name}\n", flush=True)
        try:
            PARTS[name](options.device, quick=options.quick)
        except Exception as error:  # the other parts must still run
            failed(name, error)
        print(f"\n({name}: {perf_counter() - start:.0f} s)", flush=True)
    print(f"\n{len(failures)} failures", *failures, sep="\n")
    sys.exit(bool(failures))


def heading(device: str) -> None:
    card = torch.cuda.get_device_name() if torch.device(device).type == "cuda" else "no GPU"
    versions = f"torch {torch.__version__}, scikit-learn {sklearn.__version__}"
    print(f"{card}; {versions}, numpy {np.__version__}, Python {platform.python_version()}")


def failed(what: str, why: object) -> None:
    kind = f"{type(why).__name__}: " if isinstance(why, BaseException) else ""
    text = " ".join(f"{what}: {kind}{why}".split())[:300]
    failures.append(f"- {text}")
    print(f"FAILED {text}", flush=True)


# ---------------------------------------------------------------- equal


def equal(device: str, *, quick: bool) -> None:
    """Compare the weights of each case on the device with those on the CPU, for each tier."""
    print("| case | tier | graph | largest difference |\n|---|---|---|---:|")
    every = list(cases())
    for title, kind, parameters, data in every[::7] if quick else every:
        for tier, graphs in (("T0", True), ("T0", False), ("T1", False)):
            try:
                with only(tier, graphs=graphs) as launched:
                    found = fitted(kind, parameters, data, device)
                    used = found.net_.tier_
                difference = distance(found, fitted(kind, parameters, data, "cpu"))
            except Exception as error:
                failed(f"{title}, {tier}", error)
                continue
            print(f"| {title} | {used} | {bool(launched)} | {difference:.1e} |", flush=True)
            if not difference < TOLERANCE:
                failed(f"{title}, {tier}, graphs {graphs}", f"differs by {difference:.1e}")
            if graphs and device != "cpu" and title in GRAPHED and not launched:
                failed(f"{title}, {tier}", "no graph was launched")


# Simple cases, which must use a CUDA graph; the others may use plain calls.
GRAPHED = (
    "optimizer sgd",
    "optimizer adam",
    "optimizer rmsprop",
    "batchnorm before",
    "activation relu",
    "ema_decay=0.9",
)


def cases() -> Iterator[Case]:
    for name in ACTIVATIONS:
        if name != "step":  # its derivative is 0
            yield f"activation {name}", "classifier", {"activation": name}, "classes"
    for where in ("before", "after"):
        yield f"batchnorm {where}", "classifier", {"batchnorm": where}, "classes"
    yield "layernorm", "classifier", {"layernorm": True}, "classes"
    for name in ("adam", "sgd", "rmsprop", "adagrad"):
        settings = {"input_scaling": True, "optimizer": name}
        yield f"input scaling, {name}", "classifier", settings, "classes"
    for loss in ("log_loss", "squared_error"):
        for data in ("two classes", "classes", "labels"):
            yield f"{loss} of {data}", "classifier", {"loss": loss}, data
    for loss in REGRESSOR_LOSSES:
        yield f"{loss} loss", "regressor", {"loss": loss}, "values"
    for name in OPTIMIZERS:
        yield f"optimizer {name}", "classifier", {"optimizer": name}, "classes"
    needed = {
        "exponential": {"gamma": 0.9},
        "step": {"step_size": 2, "gamma": 0.5},
        "inverse_time": {"decay": 0.1},
    }
    for name in SCHEDULES:
        settings = {"solver": "sgd", "learning_rate": name, "schedule_params": needed.get(name)}
        yield f"schedule {name}", "classifier", settings, "classes"
    for name, value in {
        "alpha": 1.0,
        "l1": 0.01,
        "activity_l1": 0.01,
        "weight_decay": 0.1,
        "clip_norm": 0.1,
        "clip_value": 0.01,
        "ema_decay": 0.9,
        "label_smoothing": 0.1,
        "class_weight": "balanced",
    }.items():
        yield f"{name}={value}", "classifier", {name: value}, "classes"
    yield "sample weights", "classifier", {}, "weighted"
    yield "early stopping", "classifier", {"early_stopping": True}, "classes"


def fitted(kind: str, parameters: dict, data: str, device: str):
    X, y, weight = rows(data)
    estimator = {"classifier": MLPClassifier, "regressor": MLPRegressor}[kind]
    settings = {
        "hidden_layer_sizes": (16, 8),
        "max_iter": 6,
        "tol": None,
        "batch_size": 32,
        "learning_rate_init": "auto",
        "dtype": "float64",
        "random_state": 0,
        "tips": "ignore",
    }
    if parameters.get("optimizer") in ("gd", "lbfgs"):
        settings["batch_size"] = "auto"
    return estimator(**settings | parameters, device=device).fit(X, y, sample_weight=weight)


def rows(kind: str):
    """Return 200 samples with 10 features, their targets and sample weights."""
    rng = np.random.RandomState(0)
    X = rng.randn(200, 10)
    scores = X @ rng.randn(10, 3) + 0.3 * rng.randn(200, 3)
    y = {
        "classes": scores.argmax(axis=1),
        "weighted": scores.argmax(axis=1),
        "two classes": (scores[:, 0] > 0).astype(int),
        "labels": (scores > 0).astype(int),
        "values": np.exp(scores[:, :2] / 4),
    }[kind]
    return X, y, rng.randint(0, 3, 200) if kind == "weighted" else None


def distance(a, b) -> float:
    """Return the largest difference between the weights, relative to the largest weight of `b`."""
    pairs = zip([*a.coefs_, *a.intercepts_], [*b.coefs_, *b.intercepts_], strict=True)
    largest = max(np.abs(weight).max() for weight in b.coefs_)
    return max(float(np.abs(x - y).max()) for x, y in pairs) / largest


@contextmanager
def only(tier: str, *, graphs: bool) -> Iterator[list]:
    """Train with this tier only; yield a list with one item per launch of a graph."""
    launches: list[int] = []
    original, fewest, fastest = graph_step.capture, graph_step.FEWEST_EPOCHS, tiers.FASTEST

    def counted(function: Callable, generator: torch.Generator | None) -> Callable:
        launch = original(function, generator)
        return lambda: (launches.append(1), launch())

    graph_step.capture, tiers.FASTEST = counted, tier
    graph_step.FEWEST_EPOCHS = fewest if graphs else 10**9
    try:
        yield launches
    finally:
        graph_step.capture, graph_step.FEWEST_EPOCHS = original, fewest
        tiers.FASTEST = fastest


# ---------------------------------------------------------------- continuing


def continuing(device: str, *, quick: bool) -> None:
    """Check dropout, pickling and continued training on the device."""
    X, y, _ = rows("classes")
    options = {"dropout": 0.2, "batchnorm": True, "device": device, "random_state": 0}
    options |= {"max_iter": 6, "tol": None, "batch_size": 32, "hidden_layer_sizes": (16, 8)}

    def fit(**more):
        return MLPClassifier(**options | more).fit(X, y)

    def check(what: str, test: Callable[[], bool]) -> None:
        try:
            passed = test()
        except Exception as error:
            failed(what, error)
            return
        print(f"- {what}: {'yes' if passed else 'NO'}", flush=True)
        if not passed:
            failed(what, "no")

    def copied() -> bool:
        model = fit()
        again = pickle.loads(pickle.dumps(model))
        return np.allclose(again.predict_proba(X), model.predict_proba(X), atol=1e-6)

    def resumed() -> bool:
        settings = ({}, {"optimizer": "nesterov"}, {"activation": Gate}, {"ema_decay": 0.9})
        for more in settings:
            model = fit(**more, warm_start=True)
            again = pickle.loads(pickle.dumps(model))
            if distance(again.fit(X, y), model.fit(X, y)):
                return False
        return True

    def moved() -> bool:
        for more in ({}, {"activation": Gate}, {"ema_decay": 0.9}):
            more |= {"dropout": 0.0, "dtype": "float64", "warm_start": True}
            models = [fit(**more, device=each) for each in (device, "cpu")]
            first, second = (
                model.set_params(device=each).fit(X, y)
                for model, each in zip(models, ("cpu", device), strict=True)
            )
            if distance(first, second) > TOLERANCE:
                return False
        return True

    def scored() -> bool:
        callback = EpochScoring("accuracy", lower_is_better=False, use_caching=True)
        model = fit(callbacks=[callback], early_stopping=True)
        return bool(np.isfinite(model.history_["accuracy"]).all())

    def in_threads() -> bool:
        from joblib import Parallel, delayed

        jobs = [delayed(fit)(random_state=seed, max_iter=20) for seed in range(8)]
        pairs = zip(*(Parallel(n, prefer="threads")(jobs) for n in (1, 2)), strict=True)
        return max(distance(*pair) for pair in pairs) == 0

    def warm() -> bool:
        halves = fit(max_iter=3, warm_start=True)
        return distance(halves.fit(X, y), fit()) < 1e-4

    def streamed() -> bool:
        model = MLPClassifier(**options)
        for _ in range(6):
            model.partial_fit(X, y, classes=[0, 1, 2])
        return distance(model, fit()) < 1e-4

    def as_on_cpu() -> bool:
        model = fit(dropout=0.0, dtype="float64")
        there = model.predict_proba(X)
        return np.allclose(there, pickle.loads(pickle.dumps(model)).predict_proba(X), atol=1e-12)

    def assigned() -> bool:
        model = fit(max_iter=1)
        model.coefs_ = [np.zeros_like(weight) for weight in model.coefs_]
        p = model.predict_proba(X)
        return bool(np.ptp(p, axis=0).max() < 1e-6)

    check(
        "two fits with one seed are equal, also with dropout", lambda: distance(fit(), fit()) == 0
    )
    check("an unpickled model predicts the same", copied)
    check("an unpickled model continues training as before", resumed)
    check("a fit on the CPU continues on the device, and the other way round", moved)
    check("skorch's scoring callback computes the accuracy", scored)
    check("fits in two threads are equal to single fits", in_threads)
    check("3 + 3 epochs with warm_start are equal to 6", warm)
    check("6 calls of partial_fit are equal to 6 epochs", streamed)
    check("float64 predictions are equal to those of an unpickled model", as_on_cpu)
    check("assigned weights are used", assigned)
    check("a model file predicts the same", lambda: same_from_file(fit(), X))
    check("an ONNX graph predicts the same", lambda: same_from_onnx(fit(), X))
    check("own classes are equal to those on the CPU", lambda: own_classes(fit) < 1e-4)
    check("lbfgs learns", lambda: fit(solver="lbfgs", max_iter=50, dropout=0.0).score(X, y) > 0.9)
    check("learning_rate_range finds a rate", lambda: rate_found(options, X, y))
    check("training with a sparse X works", lambda: bool(sparse_fit(X, y, options)))
    check(
        "early stopping restores the best epoch", lambda: fit(early_stopping=True).best_epoch_ > 0
    )


def same_from_file(model: MLPClassifier, X: np.ndarray) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        save_model(model, Path(folder) / "net.sknn")
        again = load_model(Path(folder) / "net.sknn")
    return np.allclose(again.predict_proba(X), model.predict_proba(X), atol=1e-6)


def same_from_onnx(model: MLPClassifier, X: np.ndarray) -> bool:
    import onnxruntime

    X = X.astype(np.float32)
    session = onnxruntime.InferenceSession(to_onnx(model, X).SerializeToString())
    labels, p = session.run(None, {session.get_inputs()[0].name: X})
    return bool((labels == model.predict(X)).all()) and np.allclose(
        p, model.predict_proba(X), atol=1e-5
    )


class Gate(torch.nn.Module):
    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return z * torch.sigmoid(2 * z)


def own_classes(fit: Callable[..., MLPClassifier]) -> float:
    settings = {"activation": Gate, "optimizer": torch.optim.RAdam, "dtype": "float64"}
    settings |= {"dropout": 0.0}
    return distance(fit(**settings), fit(**settings, device="cpu"))


def rate_found(options: dict, X: np.ndarray, y: np.ndarray) -> bool:
    return learning_rate_range(MLPClassifier(**options), X, y).suggested_rate > 0


def sparse_fit(X: np.ndarray, y: np.ndarray, options: dict):
    from scipy.sparse import csr_matrix

    return MLPClassifier(**options).fit(csr_matrix(X), y).score(csr_matrix(X), y)


# ---------------------------------------------------------------- fits


def fits(device: str, *, quick: bool) -> None:
    """Time four networks on the device, also with a plain torch loop, and on one CPU thread."""
    print(
        "Microseconds per step, Adam, float32: the first fit, and the median of three later fits.\n"
    )
    print(
        "| network | sknn_tips, first | later | torch, first | later | ratio, later | CPU, later |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in FOUR_NETS[: 1 if quick else None]:
        hidden, n_features, n_classes, batch, n_rows, epochs, _ = NETS[name]
        if quick:
            n_rows, epochs = 4 * batch, 6
        X, y = contestants.data(n_features, n_classes, n_rows)
        steps = epochs * -(-n_rows // batch)

        def ours(where: str, hidden=hidden, batch=batch, epochs=epochs, X=X, y=y):
            model = MLPClassifier(
                hidden, batch_size=batch, max_iter=epochs, tol=None, alpha=0, device=where,
                tips="ignore", random_state=0, n_threads=1,
            )  # fmt: skip
            return lambda: model.fit(X, y)

        each = {
            "ours": seconds(ours(device)),
            "torch": seconds(plain_torch(X, y, hidden, batch, epochs, device)),
            "cpu": seconds(ours("cpu")),
        }
        us = {key: [1e6 * value / steps for value in values] for key, values in each.items()}
        ratio = us["torch"][1] / us["ours"][1]
        print(
            f"| {name} | {us['ours'][0]:.0f} | {us['ours'][1]:.0f} | {us['torch'][0]:.0f} |"
            f" {us['torch'][1]:.0f} | {ratio:.2f} | {us['cpu'][1]:.0f} |",
            flush=True,
        )


def seconds(fit: Callable[[], object]) -> tuple[float, float]:
    """Return the time of the first call and the median time of three later calls."""
    times = []
    for _ in range(4):
        start = perf_counter()
        fit()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(perf_counter() - start)
    return times[0], median(times[1:])


def plain_torch(X, y, hidden, batch, epochs, device) -> Callable[[], float]:
    """Return the fastest plain loop: data on the device, fused Adam, loss read once per epoch."""

    def fit() -> float:
        torch.manual_seed(0)
        module = contestants.torch_module(X.shape[1], hidden, int(y.max()) + 1, False).to(device)
        optimizer = torch.optim.Adam(module.parameters(), lr=0.001, fused=True)
        rows, target = torch.from_numpy(X).to(device), torch.from_numpy(y).to(device)
        total = torch.zeros((), device=device)
        for _ in range(epochs):
            total.zero_()
            for index in torch.randperm(len(rows), device=device).split(batch):
                loss = torch.nn.functional.cross_entropy(module(rows[index]), target[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.detach() * len(index)
        return float(total) / len(rows)

    return fit


# ---------------------------------------------------------------- sweep


def sweep(device: str, *, quick: bool) -> None:
    """Time a search of 20 candidates and five folds, and compare its scores with the CPU's."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    grid = {"alpha": [1e-5, 1e-3, 1e-1, 1.0], "learning_rate_init": [3e-4, 1e-3, 3e-3, 1e-2, 3e-2]}
    if quick:
        grid = {"alpha": [1e-5, 1.0]}
    epochs, cv = (2, 2) if quick else (20, 5)
    scores: dict[str, np.ndarray] = {}
    print("| device | plain GridSearchCV, s | inside stacked(), s |\n|---|---:|---:|")
    for where in dict.fromkeys((device, "cpu")):
        one, two = search_times(where, (100,), grid, X, y, epochs=epochs, cv=cv, scores=scores)
        print(f"| {where} | {one:.1f} | {two:.1f} |", flush=True)
    spread = max(np.abs(found - scores["cpu"]).max() for found in scores.values())
    print(f"\nThe mean scores of the device and of the CPU differ by at most {spread:.4f}.")
    if not spread < 0.02:
        failed("sweep", f"scores differ by {spread:.4f}")


def search_times(device, hidden, grid, X, y, *, epochs, cv, scores=None) -> tuple[float, float]:
    """Return the seconds of a search, plain and inside `stacked`; the scores must be equal."""
    net = MLPClassifier(
        hidden, max_iter=epochs, tol=None, device=device, random_state=0, tips="ignore"
    )
    search = GridSearchCV(net, grid, cv=cv, refit=False, error_score="raise")
    start = perf_counter()
    stock = search.fit(X, y).cv_results_["mean_test_score"]
    middle = perf_counter()
    with stacked(n_jobs=1):
        together = search.fit(X, y).cv_results_["mean_test_score"]
    end = perf_counter()
    if not np.allclose(stock, together, atol=0.01):
        failed(f"stacked on {device}", f"scores differ by {np.abs(stock - together).max():.4f}")
    if scores is not None:
        scores[device] = stock
    return middle - start, end - middle


# ---------------------------------------------------------------- tables


def tables(device: str, *, quick: bool) -> None:
    """Time `tabular_pipeline` on the device and on the CPU, and compare the accuracies."""
    print("| samples | device | time, s | accuracy |\n|---:|---|---:|---:|")
    for n_rows in (500,) if quick else (4_000, 50_000):
        X, y = table(n_rows + 2000)
        accuracies = []
        for where in dict.fromkeys((device, "cpu")):
            model = tabular_pipeline("classifier", random_state=0)
            model.set_params(nets__net__device=where)
            if quick:
                model.set_params(nets__net__max_iter=3)
            start = perf_counter()
            model.fit(X[:n_rows], y[:n_rows])
            time = perf_counter() - start
            accuracies.append(model.score(X[n_rows:], y[n_rows:]))
            print(f"| {n_rows} | {where} | {time:.1f} | {accuracies[-1]:.4f} |", flush=True)
        if not np.ptp(accuracies) < 0.02:
            failed("tables", f"accuracies {accuracies} differ")


def table(n_rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a table with numbers, categories and missing values, and two classes."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.randn(n_rows, 10), columns=[f"x{i}" for i in range(10)])
    X["city"] = pd.Categorical(rng.choice(list("abcdefgh"), n_rows))
    score = X.x0 * X.x1 + np.sin(3 * X.x2) + X.city.cat.codes % 3 + rng.randn(n_rows) / 2
    X = X.mask(rng.rand(*X.shape) < 0.05)
    return X, np.where(score > score.median(), "yes", "no")


PARTS: dict[str, Callable[..., None]] = {
    "equal": equal,
    "continuing": continuing,
    "fits": fits,
    "sweep": sweep,
    "tables": tables,
}

if __name__ == "__main__":
    main()
