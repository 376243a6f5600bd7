"""Learning curves as a small SVG, drawn without matplotlib for the HTML of fitted estimators."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

# Readable on white and on black; text and axes have the colour of the surrounding text.
_TRAINING, _VALIDATION = "#0072B2", "#D55E00"
_WIDTH, _HEIGHT = 480, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 24, 28
# More points than this do not change the picture.
_MOST_POINTS = 240
# If a loss rises above this multiple of its initial value, the scale is logarithmic.
_EXPLODED = 100


@dataclass(frozen=True)
class Curves:
    """The losses of one training.

    Attributes
    ----------
    loss, val_loss : list of float
        One value per epoch; `val_loss` is empty if there was no validation set.
    best_epoch : int
        Counted from 1.
    """

    loss: Sequence[float]
    val_loss: Sequence[float]
    best_epoch: int

    @classmethod
    def of(cls, history: Iterable[Mapping[str, Any]], best_epoch: int) -> Self:
        """Return the losses in a history of skorch."""
        rows = list(history)
        loss = [row.get("train_loss", math.nan) for row in rows]
        val_loss = [row.get("valid_loss", math.nan) for row in rows]
        return cls(loss, val_loss if any(map(math.isfinite, val_loss)) else [], best_epoch)


@dataclass(frozen=True)
class _Scale:
    """Positions of epochs and losses in the picture."""

    n_epochs: int
    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, fits: Sequence[Curves]) -> "_Scale | None":
        """Return the scale of all losses, or None if none is finite."""
        curves = [curve for fit in fits for curve in (fit.loss, fit.val_loss)]
        finite = [[value for value in curve if math.isfinite(value)] for curve in curves]
        finite = [curve for curve in finite if curve]
        if not finite:
            return None
        low, high = min(map(min, finite)), max(map(max, finite))
        logarithmic = low > 0 and high > _EXPLODED * min(curve[0] for curve in finite)
        return cls(max(map(len, curves)), low, high, logarithmic)

    def x(self, epoch: int) -> float:
        share = (epoch - 1) / (self.n_epochs - 1) if self.n_epochs > 1 else 0.5
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = (math.log(v) if self.logarithmic else v for v in (self.low, self.high))
        value = math.log(value) if self.logarithmic else value
        # halved first, since the difference of two large numbers may be infinite
        height = high / 2 - low / 2
        share = (value / 2 - low / 2) / height if height else 0.5
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def learning_curves(fits: Sequence[Curves]) -> str:
    """Return an SVG of the losses of one or more fits, or "" if there are none to draw.

    Parameters
    ----------
    fits : sequence of Curves
        A single one has its best epoch marked.
    """
    scale = _Scale.of(fits)
    if scale is None:
        return ""
    alone = len(fits) == 1
    parts = [_axes(scale)]
    for fit in fits:
        parts.append(_line(fit.loss, scale, _TRAINING, faint=not alone))
        parts.append(_line(fit.val_loss, scale, _VALIDATION, faint=not alone, dashed=True))
    validated = any(fit.val_loss for fit in fits)
    if alone:
        parts.append(_best(fits[0], scale))
    label = f"learning curve{'' if alone else 's'}: loss over {scale.n_epochs} epochs"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{label}"'
        ' style="max-width:100%;height:auto" font-family="sans-serif" font-size="11"'
        f' fill="currentColor">{"".join(parts)}{_legend(validated=validated)}</svg>'
    )


def _axes(scale: _Scale) -> str:
    left, right, bottom = _LEFT, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    ticks = []
    for value in dict.fromkeys((scale.high, scale.low)):
        y = scale.y(value)
        ticks.append(
            f'<path d="M{left} {y:.1f}H{right}" stroke="currentColor" stroke-opacity="0.15"/>'
            f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>'
        )
    for epoch in sorted({1, scale.n_epochs}):
        anchor = "end" if epoch > 1 else "start"
        ticks.append(
            f'<text x="{scale.x(epoch):.1f}" y="{bottom + 16}" text-anchor="{anchor}">'
            f"{epoch}</text>"
        )
    middle = (left + right) / 2
    name = "loss (log scale)" if scale.logarithmic else "loss"
    return (
        f'<path d="M{left} {_TOP}V{bottom}H{right}" fill="none" stroke="currentColor"'
        f' stroke-opacity="0.6"/>{"".join(ticks)}'
        f'<text x="{middle}" y="{bottom + 16}" text-anchor="middle">epoch</text>'
        f'<text x="{left}" y="12">{name}</text>'
    )


def _line(
    values: Sequence[float], scale: _Scale, color: str, *, faint: bool, dashed: bool = False
) -> str:
    """Return a curve, with gaps where the loss is not finite."""
    n = len(values)
    step = max(1, math.ceil(n / _MOST_POINTS))
    epochs = sorted({*range(1, n + 1, step), n}) if n else []
    path = []
    for finite, run in groupby(epochs, key=lambda epoch: math.isfinite(values[epoch - 1])):
        if finite:
            points = [f"{scale.x(e):.1f} {scale.y(values[e - 1]):.1f}" for e in run]
            # a line of length zero with round ends is a dot
            path.append("M" + "L".join(points if len(points) > 1 else 2 * points))
    if not path:
        return ""
    look = 'stroke-width="1" stroke-opacity="0.6"' if faint else 'stroke-width="1.8"'
    look += ' stroke-dasharray="5 2.5"' if dashed and n > 1 else ""
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{color}" stroke-linecap="round"'
        f' stroke-linejoin="round" {look}/>'
    )


def _best(fit: Curves, scale: _Scale) -> str:
    """Return a dot at the best epoch."""
    values, color = (fit.val_loss, _VALIDATION) if fit.val_loss else (fit.loss, _TRAINING)
    place = fit.best_epoch - 1
    if not (0 <= place < len(values) and math.isfinite(values[place])):
        return ""
    x, y = scale.x(fit.best_epoch), scale.y(values[place])
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{color}"><title>best epoch'
        f" {fit.best_epoch}: {values[place]:.4g}</title></circle>"
    )


def _legend(*, validated: bool) -> str:
    entries = [("training", _TRAINING, "")]
    if validated:
        entries.append(("validation", _VALIDATION, ' stroke-dasharray="5 2.5"'))
    x = _WIDTH - _RIGHT - 92 * len(entries)
    parts = []
    for number, (name, color, dashes) in enumerate(entries):
        at = x + 92 * number
        parts.append(
            f'<path d="M{at} 8h22" stroke="{color}" stroke-width="1.8"{dashes}/>'
            f'<text x="{at + 28}" y="12">{name}</text>'
        )
    return "".join(parts)
