"""What a stack of networks costs: the figures behind `training.stack` and `search.sweep`.

    python benchmarks/stacks.py

Microseconds of a step for each network, update included: alone, in stacks of 2 to 16, and in two
stacks that two threads train side by side. Every network has its own rows; medians, interleaved.
"""

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import perf_counter

import numpy as np
import torch
from contestants import data

from sknn_tips.network.losses import classifier_loss
from sknn_tips.network.module import MLP, HiddenLayer, Network, draw_weights
from sknn_tips.training.engine_step import EngineStep
from sknn_tips.training.net import Net
from sknn_tips.training.optimizers import choose_optimizer
from sknn_tips.training.plan import Plan
from sknn_tips.training.rows import make_rows
from sknn_tips.training.stack import Stack, largest_stack
from sknn_tips.training.step import Pass
from sknn_tips.training.threads import torch_threads

NETS = {
    "20-64-64-2": ((64, 64), 20, 2, 128),
    "20-100-2": ((100,), 20, 2, 200),
    "64-100-10": ((100,), 64, 10, 200),
    "100-128-64-10": ((128, 64), 100, 10, 128),
    "784-256-256-10": ((256, 256), 784, 10, 128),
}
SIZES = [1, 2, 4, 8, 16]
ROUNDS, BATCHES = 7, 6


def main() -> None:
    heads = [*map(str, SIZES), *[f"2 x {size}" for size in SIZES]]
    print(f"| network | our limit | {' | '.join(heads)} |\n|---|---:|{'---:|' * len(heads)}")
    for name in NETS:
        works = [work(name, k) for k in range(2 * SIZES[-1])]
        times = {head: [] for head in heads}
        for _ in range(ROUNDS):
            for size in SIZES:
                times[str(size)].append(seconds([works[:size]]) / size)
                both = [works[:size], works[size : 2 * size]]
                times[f"2 x {size}"].append(seconds(both) / (2 * size))
        cells = [f"{1e6 * median(each) / BATCHES:.0f}" for each in times.values()]
        print(f"| {name} | {largest_stack(works[0])} | {' | '.join(cells)} |")


def seconds(groups: list[list[Pass]]) -> float:
    """Return the time of a pass of every group, each in a thread, after one that warms up."""
    runs = [_runner(group) for group in groups]
    with ThreadPoolExecutor(len(runs)) as threads:
        list(threads.map(_in_one_thread, runs))
        start = perf_counter()
        for _ in range(3):
            list(threads.map(_in_one_thread, runs))
        return (perf_counter() - start) / 3


def _runner(works: list[Pass]):
    if len(works) == 1:
        works[0].step.move_out()
        return lambda: works[0].step.run(works[0])
    stack = Stack(works)
    return lambda: stack.run(works)


def _in_one_thread(run) -> None:
    with torch_threads(1):
        run()


def work(name: str, k: int) -> Pass:
    """Return a pass of a network over its own rows."""
    hidden, n_features, n_classes, batch = NETS[name]
    network = Network(n_features, n_classes, tuple(HiddenLayer(units) for units in hidden))
    module, rng = MLP(network, dtype=torch.float32), np.random.RandomState(k)
    draw_weights(module, "auto", {}, ["relu"] * (len(hidden) + 1), rng)
    loss = classifier_loss("log_loss", max(n_classes, 3), exclusive=True)
    net = Net.hold(module, loss, rng, torch.device("cpu"))
    net.use_callbacks([])
    adam = choose_optimizer(
        "adam",
        momentum=0.9,
        nesterovs_momentum=True,
        betas=(0.9, 0.999),
        epsilon=1e-8,
        params={},
    )
    plan = Plan(adam, 0.001, batch, 100, "accuracy", lambda *_: None, alpha=1e-4)
    X, y = data(n_features, n_classes, batch * BATCHES)
    rows = make_rows(X.copy(), y, None, loss.encode, torch.zeros(1))
    order = torch.from_numpy(rng.permutation(len(rows)))
    step = EngineStep(net, plan)
    return Pass(step, rows, order.split(batch), None, lambda: False)


if __name__ == "__main__":
    main()
