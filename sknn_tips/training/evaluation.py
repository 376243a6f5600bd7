"""Evaluate a set of samples after an epoch: loss, score and metrics, in inference mode."""

from dataclasses import dataclass

import torch
from numpy.typing import NDArray

from sknn_tips import exceptions
from sknn_tips.data.rows import Rows
from sknn_tips.exceptions import HintWarning
from sknn_tips.metrics.errors import remedy
from sknn_tips.metrics.metrics import SCORES, Metric, Predicted, compute
from sknn_tips.state.forward import raw_output
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan


@dataclass(frozen=True)
class Evaluation:
    """The predictions of a network for some samples.

    Attributes
    ----------
    raw : torch.Tensor
        Output before the link function.
    decided : ndarray
        Predicted codes, indicator or values, comparable with ``rows.y``.
    """

    net: Net
    plan: Plan
    rows: Rows
    raw: torch.Tensor
    decided: NDArray

    @property
    def loss(self) -> float:
        return self.net.criterion_.mean(self.raw, self.rows.target, self.rows.weight)

    @property
    def score(self) -> float:
        """The validation score; NaN if an output is not finite, whatever the predictions are."""
        if not torch.isfinite(self.raw).all():
            return float("nan")
        return SCORES[self.plan.score](self.rows.y, self.decided, self.rows.sample_weight)

    @property
    def metrics(self) -> dict[str, float]:
        """All metrics; NaN for a metric that raises an error, so that training continues."""
        predicted = _predicted(self.net, self.plan, self.rows, self.raw)
        found: dict[str, float] = {}
        for name, metric in self.plan.metrics.items():
            found |= self._figure(name, metric, predicted)
        return found

    def _figure(self, name: str, metric: Metric, predicted: Predicted) -> dict[str, float]:
        try:
            return compute({name: metric}, predicted)
        except Exception as error:
            if name not in self.net.failed_metrics:
                self.net.failed_metrics.add(name)
                exceptions.warn(
                    f"metrics: {name!r} could not be computed after epoch {len(self.net.history)}"
                    f" and is NaN there: {error}",
                    HintWarning,
                )
            return {name: float("nan")}


def _predicted(net: Net, plan: Plan, rows: Rows, raw: torch.Tensor) -> Predicted:
    return plan.target.predicted(net.criterion_, raw, rows.y, rows.sample_weight)


def evaluate(net: Net, plan: Plan, rows: Rows) -> Evaluation:
    """Predict all samples once; loss, score and metrics are computed when they are read."""
    raw = raw_output(net.flat.memory, rows.X)
    return Evaluation(net, plan, rows, raw, net.criterion_.decide(raw).cpu().numpy())


def record_figures(
    net: Net, plan: Plan, rows: Rows, held_out: Rows | None
) -> tuple[float, Evaluation] | None:
    """Record the metrics, and the validation loss and score, in the current row of the history.

    Return the validation score and its `Evaluation`, or None without a validation set.
    """
    record = net.history.record
    if plan.metrics:
        for name, value in evaluate(net, plan, rows).metrics.items():
            record(f"train_{name}", value)
    if held_out is None:
        return None
    found = evaluate(net, plan, held_out)
    score = found.score
    record("valid_loss", found.loss)
    record(f"valid_{plan.score}", score)
    for name, value in found.metrics.items():
        record(f"valid_{name}", value)
    return score, found


def recorded_columns(plan: Plan, held_out: Rows | None) -> dict[str, bool | None]:
    """Return the columns of an epoch by skorch's names: whether larger is better, None: unknown."""
    metrics = {name: metric.larger_is_better for name, metric in plan.metrics.items()}
    columns: dict[str, bool | None] = {"train_loss": False}
    columns |= {f"train_{name}": larger for name, larger in metrics.items()}
    if held_out is not None:
        columns |= {"valid_loss": False, f"valid_{plan.score}": True}
        columns |= {f"valid_{name}": larger for name, larger in metrics.items()}
    return columns | {"lr": False, "dur": False}


def check_metrics(net: Net, plan: Plan, rows: Rows) -> None:
    """Compute the metrics once before training, so that one that cannot be computed fails now.

    They are computed on the training samples as if all predictions were correct, because an
    untrained network may predict values for which a metric is not defined, or never predict some
    class. A metric of a classifier, such as a user's function, that fails for correct predictions
    is accepted if it works for the predictions of the network.

    Raises
    ------
    ValueError
        The message names the metric, the reason (of scikit-learn or of the user's function), and
        what to write instead.
    """
    predicted = None
    for name, metric in plan.metrics.items():
        if metric.always_defined:
            continue
        if predicted is None:
            raw = raw_output(net.flat.memory, rows.X)
            predicted = _predicted(net, plan, rows, raw)
        try:
            metric.value(predicted.as_if_right())
        except Exception as error:
            if plan.score == "accuracy" and _can_be(metric, predicted):
                continue
            raise ValueError(
                f"metrics: {name!r} cannot be computed here: {_reason(name, error, predicted)}"
            ) from error


def _can_be(metric: Metric, predicted: Predicted) -> bool:
    try:
        metric.value(predicted)
    except Exception:
        return False
    return True


def _reason(name: str, error: Exception, predicted: Predicted) -> str:
    """Return the text of the error, and what to write instead if it is known."""
    advice = remedy(name, error, predicted.y_true)
    return f"{str(error).rstrip('.')}.{advice}" if advice else str(error)
