"""A tip, and the base class of all checks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sknn_tips._registry import shown
from sknn_tips.tips.record import FitRecord

SEVERE, HINT = "severe", "hint"

Remedy = dict[str, Any] | str
"""Parameters and their new values, or a name in `STEPS`."""

FIRST_CALL = "first call"

STEPS: dict[str, str] = {
    "StandardScaler": "Put StandardScaler in front: make_pipeline(StandardScaler(), model).",
    "SquashingScaler": "Put SquashingScaler of sknn_tips.preprocessing in front:"
    " make_pipeline(SquashingScaler(), model).",
    "VarianceThreshold": "Put VarianceThreshold in front: make_pipeline(VarianceThreshold(),"
    " model).",
    "transform_input": "Let the Pipeline transform the validation set as well:"
    " Pipeline([...], transform_input=['X_val']), with metadata routing enabled and"
    " set_fit_request(X_val=True, y_val=True).",
    "MLPRegressor": "If y is a quantity, use MLPRegressor.",
    FIRST_CALL: "The first call of fit or partial_fit determines the scale of y: start again, with"
    " a y in the first call that is typical of all calls.",
    "X": "Check how X was made: a filter or a join may have lost its values.",
    "y": "Check how y was made: a filter or a sorted split may have kept one value only.",
}
"""The other remedies, and what to do: preprocessing steps to add, another estimator or data."""

BY_HAND = ("MLPRegressor", FIRST_CALL, "X", "y")
"""The remedies that `Diagnosis.apply` cannot apply to a model."""


@dataclass(frozen=True)
class Tip:
    """A problem that was found in a fit; `print` shows all of it, and a list the main parts.

    Attributes
    ----------
    code : str
        The identifier, such as ``"unscaled-input"``. It is the name of the tip's section in the
        documentation, and its warnings begin with it.
    title : str
    severity : {"severe", "hint"}
    seen : str
        The observation, with numbers.
    why : str
        Why it matters.
    remedy : dict or str
        Parameters and values to try; or the name of a preprocessing step, "StandardScaler",
        "SquashingScaler", "VarianceThreshold" or "transform_input"; or what else must change,
        "MLPRegressor", "first call", "X" or "y".
    also : str
        Other remedies that may help; may be empty.
    """

    code: str
    title: str = field(repr=False)
    severity: str
    seen: str = field(repr=False)
    why: str = field(repr=False)
    remedy: Remedy
    also: str = field(default="", repr=False)

    @property
    def advice(self) -> str:
        """The recommended changes, as a sentence."""
        if isinstance(self.remedy, str):
            first = STEPS[self.remedy]
        else:
            settings = ", ".join(f"{name}={shown(value)}" for name, value in self.remedy.items())
            first = f"Try {settings}."
        return f"{first} {self.also}".rstrip()

    def __str__(self) -> str:
        return f"{self.code}: {self.seen} {self.why} {self.advice}"


Finding = Tip | str | None
"""A tip; or the reason why the check is not applicable; or None if no problem was found."""


def find(check: "Check", record: FitRecord) -> Finding:
    """Return the finding of a check, which is computed once and cached in the record."""
    if check.code not in record.found:
        record.found[check.code] = check.not_applicable(record) or check.examine(record)
    finding: Finding = record.found[check.code]
    return finding


def fires(checks: Iterable["Check"], record: FitRecord) -> bool:
    """Return whether at least one of the checks finds a tip."""
    return any(isinstance(find(check, record), Tip) for check in checks)


class Check(ABC):
    """A check for one problem in the record of a fit.

    Attributes
    ----------
    code, title, why : str
        The code, title and reason of its tip.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    why: ClassVar[str]

    @abstractmethod
    def not_applicable(self, record: FitRecord) -> str:
        """Return why the check cannot be applied to the record, or "" if it can."""

    @abstractmethod
    def examine(self, record: FitRecord) -> Tip | None:
        """Return a tip if the record shows the problem; only called if applicable."""

    def tip(self, seen: str, remedy: Remedy, *, severity: str = SEVERE, also: str = "") -> Tip:
        """Return a tip of this check."""
        return Tip(self.code, self.title, severity, seen, self.why, remedy, also)
