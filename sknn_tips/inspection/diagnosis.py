"""The report on a fit: every check, with what it found."""

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from sknn_tips.estimators.finding import find
from sknn_tips.inspection.remedying import remedied
from sknn_tips.tips.checks import CHECKS
from sknn_tips.tips.record import FitRecord
from sknn_tips.tips.tip import SEVERE, Finding, Tip


@dataclass(frozen=True)
class Diagnosis:
    """What the checks found in one fit; made by `diagnose`.

    Attributes
    ----------
    tips : list of Tip
        What went wrong, the severe things first, and causes before effects.
    findings : dict of str to (Tip, str or None)
        By code: a tip; or why the check is not applicable; or None where it is silent.
    scores : dict of str to float
        Accuracy or R2 of the training and the validation rows; empty where training diverged
        before it was any good.
    record : FitRecord
        What the checks looked at.
    model : estimator
        The model that was handed in; of a search, what it searches over.
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
        """Return a row a check: its status, and of a tip what was seen and what to do.

        Returns
        -------
        pandas.DataFrame
            Indexed by the code; columns ``title``, ``status`` ("severe", "hint", "silent" or "not
            applicable"), ``seen`` (of one that is not applicable, why), ``why``, ``advice`` and
            ``remedy``.
        """
        rows = [_row(code, finding) for code, finding in self.findings.items()]
        return pd.DataFrame(rows).set_index("code")

    def apply(self, code: str | None = None) -> Any:
        """Return the model with the remedy of one tip, and nothing else changed.

        Parameters
        ----------
        code : str, default=None
            Of a tip that fired; None for the first of `tips`.

        Returns
        -------
        model : estimator
            An unfitted clone.

        Raises
        ------
        ValueError
            When no tip fired, or not this one.
        """
        fired = {tip.code: tip for tip in self.tips}
        if not fired:
            raise ValueError("apply: no tip fired, so there is nothing to change.")
        code = next(iter(fired)) if code is None else code
        if code not in fired:
            raise ValueError(f"apply: {code!r} did not fire. These did: {', '.join(fired)}.")
        return remedied(self.model, fired[code], sparse=self.sparse)

    def __str__(self) -> str:
        parts = [self._headline()]
        for tip in self.tips:
            lines = (f"{tip.severity}: {tip.code}", tip.seen, tip.why, tip.advice)
            parts.append("\n    ".join(lines))
        silent = [code for code, finding in self.findings.items() if finding is None]
        parts.append(f"silent: {', '.join(silent)}")
        reasons = [f"    {code}: {f}" for code, f in self.findings.items() if isinstance(f, str)]
        if reasons:
            parts.append("\n".join(["not applicable:", *reasons]))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(_html_row(tip) for tip in self.tips)
        head = "<tr><th>tip</th><th>seen</th><th>why it matters</th><th>what to do</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        silent = [code for code, finding in self.findings.items() if finding is None]
        others = [f"{code} ({f})" for code, f in self.findings.items() if isinstance(f, str)]
        return (
            f"<p>{escape(self._headline())}</p>{table}"
            f"<p>Silent: {escape(', '.join(silent))}.<br>"
            f"Not applicable: {escape('; '.join(others)) or 'none'}.</p>"
        )

    def _headline(self) -> str:
        name = type(find(self.model, "diagnose").estimator).__name__
        severe = sum(tip.severity == SEVERE for tip in self.tips)
        hints = len(self.tips) - severe
        counts = f"{severe} severe, {hints} hint{'s' * (hints != 1)}" if self.tips else "no tips"
        scored = ", ".join(f"{what} {value:.3f}" for what, value in self.scores.items())
        return (
            f"{name} on {self.record.n_rows:,} rows: {counts}."
            f" {scored or 'It diverged, and no weights are left'}."
        )


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
    status = "not applicable" if finding else "silent"
    return row | {"status": status, "seen": finding or "", "advice": "", "remedy": None}


def _html_row(tip: Tip) -> str:
    first = f"<b>{escape(tip.code)}</b><br>{escape(tip.severity)}"
    cells = (first, *map(escape, (tip.seen, tip.why, tip.advice)))
    return f"<tr>{''.join(f'<td style=text-align:left>{cell}</td>' for cell in cells)}</tr>"
