"""Encode y for the loss, and decode predictions to labels or to the units of y."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from sknn_tips.metrics.metrics import Predicted, ReadyClassifier, ReadyRegressor
from sknn_tips.nn.losses import Loss


class Target(ABC):
    """The encoding of the target of an estimator, learned from y."""

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """Number of outputs of the network."""

    @abstractmethod
    def check(self) -> None:
        """Raise ValueError unless the attributes, which may be from a file, are as described."""

    @abstractmethod
    def shape(self, n_samples: int) -> tuple[int, ...]:
        """Return the shape of predictions."""

    @abstractmethod
    def encode(self, y: NDArray) -> NDArray:
        """Return class codes (n,), an indicator or scaled values, for the loss and the score."""

    @abstractmethod
    def decode(self, decided: NDArray) -> NDArray:
        """Invert `encode` for the decisions of a loss: labels, indicator, or the user's units."""

    @abstractmethod
    def model(self, loss: Loss, raw: torch.Tensor) -> BaseEstimator:
        """Return an estimator whose predictions are those of a raw output, for scorers."""

    def check_predictions(self, loss: Loss, raw: torch.Tensor) -> None:
        """Raise ValueError if predictions of this raw output would have a wrong shape."""
        ready, n = self.model(loss, raw), len(raw)
        found, expected = [ready.predict(None).shape], [self.shape(n)]
        if isinstance(ready, ReadyClassifier):
            found.append(ready.predict_proba(None).shape)
            expected.append((n, len(ready.classes_)))
        if found != expected:
            raise ValueError(f"the loss {type(loss).__name__} does not fit its target")

    def predicted(
        self, loss: Loss, raw: torch.Tensor, y: NDArray, weight: NDArray | None
    ) -> Predicted:
        """Return the predictions in the form that metrics need.

        Parameters
        ----------
        loss : Loss
        raw : torch.Tensor
            (n, n_outputs)
        y : ndarray
            Encoded targets.
        weight : ndarray of shape (n,) or None
        """
        finite = bool(torch.isfinite(raw).all())
        decided = loss.decide(raw).cpu().numpy()
        return Predicted(y, decided, weight, finite, self.decode, lambda: self.model(loss, raw))


@dataclass(frozen=True)
class ClassTarget(Target):
    """Labels of two or more classes, or a 0/1 indicator.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Labels, sorted; for an indicator the column indices.
    multilabel : bool
        Whether y is an indicator.
    """

    classes: NDArray
    multilabel: bool

    @property
    def is_numeric(self) -> bool:
        """Whether the labels are numbers."""
        return self.classes.dtype.kind in "iuf" and not self.multilabel

    @property
    def exclusive(self) -> bool:
        """Whether a sample has one of more than two classes; then there is one output per class."""
        return not self.multilabel and len(self.classes) > 2

    @property
    def n_outputs(self) -> int:
        return len(self.classes) if self.multilabel or self.exclusive else 1

    def check(self) -> None:
        if not isinstance(self.classes, np.ndarray) or self.classes.ndim != 1:
            raise ValueError(f"its classes are {self.classes!r}, not an array of labels")
        if not isinstance(self.multilabel, bool | np.bool_):
            raise ValueError(f"_multilabel is {self.multilabel!r}, neither True nor False")

    def shape(self, n_samples: int) -> tuple[int, ...]:
        return (n_samples, len(self.classes)) if self.multilabel else (n_samples,)

    def codes(self, y: NDArray) -> NDArray:
        """Return the index of each label in `classes`."""
        return np.searchsorted(self.classes, y)

    def encode(self, y: NDArray) -> NDArray:
        if self.multilabel:
            return y.astype(np.int64)
        return self.codes(y) if self.exclusive else self.codes(y).reshape(-1, 1)

    def decode(self, decided: NDArray) -> NDArray:
        if self.multilabel:
            return decided
        labels: NDArray = self.classes[np.minimum(decided.reshape(-1), len(self.classes) - 1)]
        return labels

    def probabilities(self, loss: Loss, raw: torch.Tensor) -> torch.Tensor:
        """Return the probability of each class, (n, n_classes)."""
        if self.multilabel or self.exclusive:
            return loss.link(raw)
        if len(self.classes) == 1:
            return torch.ones_like(raw)
        return loss.link(torch.hstack([-raw, raw]))

    def logits(self, raw: torch.Tensor) -> torch.Tensor:
        """Return the raw output in scikit-learn's shape: a vector for two classes."""
        return raw if self.multilabel or self.exclusive else raw.ravel()

    def model(self, loss: Loss, raw: torch.Tensor) -> ReadyClassifier:
        return ReadyClassifier(
            self.classes,
            labels=lambda: self.decode(loss.decide(raw).cpu().numpy()),
            proba=lambda: self.probabilities(loss, raw).cpu().numpy(),
            logits=lambda: self.logits(raw).cpu().numpy(),
        )


@dataclass(frozen=True)
class ValueTarget(Target):
    """Numerical targets, standardised if there is a scale.

    Attributes
    ----------
    n_columns : int
        Columns of y.
    mean, scale : ndarray of shape (n_columns,) or None
    """

    n_columns: int
    mean: NDArray | None = None
    scale: NDArray | None = None

    @property
    def n_outputs(self) -> int:
        return self.n_columns

    def check(self) -> None:
        if self.mean is None and self.scale is None:
            return
        for name, value in (("_y_mean", self.mean), ("_y_scale", self.scale)):
            found = np.asarray(value)
            if found.dtype.kind != "f" or found.shape != (self.n_columns,):
                raise ValueError(f"{name} is {value!r}, not a number for each column of y")

    def shape(self, n_samples: int) -> tuple[int, ...]:
        return (n_samples,) if self.n_columns == 1 else (n_samples, self.n_columns)

    def encode(self, y: NDArray) -> NDArray:
        return y if self.mean is None else (y - self.mean) / self.scale

    def decode(self, decided: NDArray) -> NDArray:
        if self.mean is not None:
            decided = (decided * self.scale + self.mean).astype(decided.dtype)
        return decided.ravel() if decided.shape[1] == 1 else decided

    def model(self, loss: Loss, raw: torch.Tensor) -> ReadyRegressor:
        return ReadyRegressor(lambda: self.decode(loss.decide(raw).cpu().numpy()))
