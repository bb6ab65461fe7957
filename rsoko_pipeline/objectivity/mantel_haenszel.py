"""Mantel–Haenszel: how many times the odds of solving a task in one school are those of equals elsewhere.

Belongs here: the common odds ratio over strata of equal totals. Does not belong here: the test of the school
(``signs.item``). It is the size of an effect in words a person understands; agrees with R's ``mantelhaen.test``
(tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class CommonOdds:
    """Common odds ratio, its 95 % interval (Robins, Breslow, Greenland 1986), χ² without and with correction."""

    ratio: float
    low: float
    high: float
    chi2: float
    chi2_corrected: float


def common_odds(solved: NDArray, member: NDArray, stratum: NDArray) -> CommonOdds | None:
    """Compare members with the others inside strata.

    Args:
        solved: whether a pupil solved the task.
        member: whether the pupil belongs to the school.
        stratum: the pupil's total, a small integer ≥ 0.

    Returns:
        None where no stratum lets one compare.
    """
    solved, member = np.asarray(solved, dtype=bool), np.asarray(member, dtype=bool)
    size = int(stratum.max()) + 1
    a, b, c, d = (
        np.bincount(stratum[mask], minlength=size).astype(np.float64)
        for mask in (member & solved, member & ~solved, ~member & solved, ~member & ~solved)
    )
    n = a + b + c + d
    used = n > 1
    a, b, c, d, n = a[used], b[used], c[used], d[used], n[used]
    r, s = a * d / n, b * c / n
    if r.sum() == 0 or s.sum() == 0:
        return None
    ratio = r.sum() / s.sum()
    p, q = (a + d) / n, (b + c) / n
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    half = _NORMAL_975 * np.sqrt(variance)
    expected = (a + b) * (a + c) / n
    spread = ((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))).sum()
    delta = abs((a - expected).sum())
    return CommonOdds(
        float(ratio),
        float(ratio * np.exp(-half)),
        float(ratio * np.exp(half)),
        float(delta**2 / spread),
        float(max(delta - min(0.5, delta), 0.0) ** 2 / spread),
    )
