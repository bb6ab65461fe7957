"""Rules in common use, for whoever must answer why ours flag other schools. Off by default.

Belongs here: the three rules as they are used, each to be shown beside its measured share of honest schools flagged
(docs/methodology/objectivity.md). Does not belong here: signs.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.settings import Compatibility
from rsoko_pipeline.objectivity.work import Work

RULES = {
    "mean": "нижняя граница интервала среднего балла школы выше среднего по региону",
    "border": "работ на границе отметки намного больше, чем при соседних баллах",
    "journal": "отметки намного чаще подтверждённых расходятся с журналом",
}


def flags(work: Work, rules: Compatibility, min_n: int) -> dict[str, NDArray[np.bool_]]:
    """Which schools of at least ``min_n`` pupils each rule flags; a rule without its data is absent.

    ``mean``: lower end of the interval of the school's mean above the region's mean. ``border``: at any cut, pupils
    exactly there at least ``border_ratio`` times the mean of the two neighbouring scores. ``journal``: marks lowered,
    or marks raised, against the journal in at least ``journal_share`` of the works.
    """
    from scipy.special import ndtri, stdtrit

    n = work.n
    enough = n >= min_n
    size = np.maximum(n, 2)
    mean = np.bincount(work.school, weights=work.score, minlength=len(work)) / size
    square = np.bincount(work.school, weights=work.score**2, minlength=len(work))
    sd = np.sqrt(np.maximum(square - size * mean**2, 0.0) / (size - 1))
    level = (1 + rules.mean_interval) / 2
    t = np.where(size > 200, ndtri(level), stdtrit(size - 1, level))
    out = {"mean": enough & (mean - t * sd / np.sqrt(size) > work.score.mean())}
    if work.cuts and not work.by_marks:
        found = np.zeros(len(work), dtype=bool)
        for cut in work.cuts.values():
            at, below, above = (
                np.bincount(work.school[work.score == score], minlength=len(work)) for score in (cut, cut - 1, cut + 1)
            )
            found |= (at >= rules.border_ratio * (below + above) / 2) & (at > 0)
        out["border"] = enough & found
    if work.journal_n is not None and work.same is not None and work.raised is not None:
        both = np.maximum(work.journal_n, 1)
        lowered = work.journal_n - work.same - work.raised
        out["journal"] = enough & (np.maximum(lowered, work.raised) / both >= rules.journal_share)
    return out


def measured(calibration: Path) -> dict[str, tuple[float, float]]:
    """Least and greatest share of honest schools that each rule flagged, over the works of the calibration.

    Args:
        calibration: ``docs/methodology/calibration.json``, as ``make calibration`` writes it.

    Returns:
        By rule; empty where there is no such file (an installation without the documentation).
    """
    if not calibration.exists():
        return {}
    found = {row.pop("Правило"): row for row in json.loads(calibration.read_text(encoding="utf-8"))["rules"]}
    shares = {rule: [share for share, _ in found[text].values()] for rule, text in RULES.items() if text in found}
    return {rule: (min(values), max(values)) for rule, values in shares.items()}
