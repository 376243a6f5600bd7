"""The report on a fit, with the findings of all checks."""

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from sknn_tips.estimators.unwrapping import find
from sknn_tips.inspection.remedies import remedied
from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import BY_HAND, SEVERE, Finding, Tip


@dataclass(frozen=True)
class Diagnosis:
    """The findings of all checks in one fit, as returned by `diagnose`.

    Attributes
    ----------
    tips : list of Tip
        The problems that were found, severe ones first, and causes before effects.
    findings : dict of str to (Tip, str or None)
        For the code of each check: a tip; or the reason why the check is not applicable; or None
        if it found no problem.
    scores : dict of str to float
        Accuracy or R2 on the training and the validation set; empty if training diverged and left
        no weights to predict with.
    record : FitRecord
        The record of the fit that the checks examined.
    model : estimator
        The model that was passed; of a search, its estimator.
    sparse : bool
        Whether X is sparse.
    """

    tips: list[Tip]
    findings: dict[str, Finding]
    scores: dict[str, float]
    record: FitRecord
    model: Any
    sparse: bool = False

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a DataFrame with one row per check.

        Returns
        -------
        pandas.DataFrame
            The index is the code. The columns are ``title``, ``status`` ("severe", "hint",
            "no problem" or "not applicable"), ``seen`` (the observation, or the reason why the
            check is not applicable), ``why``, ``advice`` and ``remedy``.
        """
        rows = [_row(code, finding) for code, finding in self.findings.items()]
        return pd.DataFrame(rows).set_index("code")

    def apply(self, code: str | None = None) -> Any:
        """Return a clone of the model with the remedy of one tip as the only change.

        Parameters
        ----------
        code : str, default=None
            The code of one of the `tips`; None for the first.

        Returns
        -------
        model : estimator
            An unfitted clone.

        Raises
        ------
        ValueError
            If `tips` is empty, or has no tip with this code, or if its remedy is not a change of
            the model.
        """
        fired = {tip.code: tip for tip in self.tips}
        if not fired:
            raise ValueError("apply: no tip fired, so there is nothing to change.")
        code = next(iter(fired)) if code is None else code
        if code not in fired:
            raise ValueError(f"apply: {code!r} did not fire. These did: {', '.join(fired)}.")
        if fired[code].remedy in BY_HAND:
            raise ValueError(f"apply: {code!r} needs a change by hand. {fired[code].advice}")
        return remedied(self.model, fired[code], sparse=self.sparse)

    def __str__(self) -> str:
        parts = [self._headline()]
        for tip in self.tips:
            lines = (f"{tip.severity}: {tip.code}", tip.seen, tip.why, tip.advice)
            parts.append("\n    ".join(lines))
        fine = [code for code, finding in self.findings.items() if finding is None]
        parts.append(f"no problem found by: {', '.join(fine)}")
        reasons = [f"    {code}: {f}" for code, f in self.findings.items() if isinstance(f, str)]
        if reasons:
            parts.append("\n".join(["not applicable:", *reasons]))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(_html_row(tip) for tip in self.tips)
        head = "<tr><th>tip</th><th>seen</th><th>why it matters</th><th>what to do</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        fine = [code for code, finding in self.findings.items() if finding is None]
        others = [f"{code} ({f})" for code, f in self.findings.items() if isinstance(f, str)]
        return (
            f"<p>{escape(self._headline())}</p>{table}"
            f"<p>No problem found by: {escape(', '.join(fine))}.<br>"
            f"Not applicable: {escape('; '.join(others)) or 'none'}.</p>"
        )

    def _headline(self) -> str:
        name = type(find(self.model, "diagnose").estimator).__name__
        severe = sum(tip.severity == SEVERE for tip in self.tips)
        hints = len(self.tips) - severe
        counts = f"{severe} severe, {hints} hint{'s' * (hints != 1)}" if self.tips else "no tips"
        scored = ", ".join(f"{what} {value:.3f}" for what, value in self.scores.items())
        rows = f"trained on {self.record.n_rows:,} samples"
        if self.record.n_rows_val:
            rows += f" and validated on {self.record.n_rows_val:,}"
        return f"{name}, {rows}: {counts}. {scored or 'It diverged, and no weights are left'}."


def _row(code: str, finding: Finding) -> dict[str, Any]:
    row = {"code": code, "title": CHECKS[code].title, "why": CHECKS[code].why}
    if isinstance(finding, Tip):
        advice, remedy = finding.advice, finding.remedy
        return row | {
            "status": finding.severity,
            "seen": finding.seen,
            "advice": advice,
            "remedy": remedy,
        }
    status = "not applicable" if finding else "no problem"
    return row | {"status": status, "seen": finding or "", "advice": "", "remedy": None}


def _html_row(tip: Tip) -> str:
    first = f"<b>{escape(tip.code)}</b><br>{escape(tip.severity)}"
    cells = (first, *map(escape, (tip.seen, tip.why, tip.advice)))
    return f"<tr>{''.join(f'<td style=text-align:left>{cell}</td>' for cell in cells)}</tr>"
