"""Shares of pupils by school: what share is to be expected of a school, and how much honest schools differ in it.

Belongs here: the regression of a share on the school's level and the correlation within schools. Does not belong here:
which share a sign looks at (``signs.journal``, ``signs.absence``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.exact import BetaBinomial
from rsoko_pipeline.objectivity.funnel import WINSORISED_SECOND_MOMENT, winsorised

_LIMIT = 1.6448536269514722
_LEAST_VARIANCE = 1.0
_RIDGE = 1e-3


def fit(k: NDArray, n: NDArray, level: NDArray, reference: NDArray, *, curved: bool = True) -> BetaBinomial:
    """Expected share by school, logit p = a + b·m + c·m² (m the school's level), and one correlation for all schools.

    A quasi-likelihood with residuals limited at ±1.645 standard deviations, so that a few schools of very high shares
    move neither; the correlation is the one at which the residuals, winsorised at 10 % and 90 %, have the second moment
    of a winsorised standard normal (as in ``funnel``), from schools with a binomial variance of at least 1.

    Args:
        k: counts, n: sizes (> 0), by school.
        level: z-scaled mean by school, drawn towards 0 in small schools.
        reference: schools to fit on.
        curved: whether there is a c; without it a school far stronger than all others is not expected too much of.
    """
    m = np.clip(level, *np.quantile(level[reference], [0.01, 0.99]))
    x = np.column_stack([np.ones(len(m)), m, m * m][: 3 if curved else 2])
    size = x.shape[1]
    xr, kr, nr = x[reference], k[reference].astype(np.float64), n[reference].astype(np.float64)
    whole = np.clip(kr.sum() / nr.sum(), 1e-4, 1 - 1e-4)
    beta = np.r_[np.log(whole / (1 - whole)), np.zeros(size - 1)]
    rho = 0.01
    for _ in range(30):
        p = _share(xr @ beta)
        base = nr * p * (1 - p)
        inflation = 1 + (nr - 1) * rho
        residual = np.clip((kr - nr * p) / np.sqrt(base * inflation), -_LIMIT, _LIMIT) * np.sqrt(base * inflation)
        weight = base / inflation
        step = np.linalg.solve(
            (xr * weight[:, None]).T @ xr + _RIDGE * np.eye(size),
            xr.T @ (residual / inflation) - _RIDGE * np.r_[0.0, beta[1:]],
        )
        beta = beta + np.clip(step, -1.0, 1.0)
        rho = _correlation(kr, nr, _share(xr @ beta))
        if np.abs(step).max() < 1e-6:
            break
    return BetaBinomial(np.asarray(n, dtype=np.int64), _share(x @ beta), rho)


def _share(logit: NDArray) -> NDArray[np.float64]:
    return np.asarray(np.clip(1 / (1 + np.exp(-np.clip(logit, -30.0, 30.0))), 1e-4, 1 - 1e-4))


def _correlation(k: NDArray, n: NDArray, p: NDArray) -> float:
    base = n * p * (1 - p)
    told = base >= _LEAST_VARIANCE
    if told.sum() < 5:
        return 1e-3
    raw = (k - n * p)[told] / np.sqrt(base[told])
    size = n[told] - 1
    low, high = 1e-6, 0.5

    def surplus(rho: float) -> float:
        z = raw / np.sqrt(1 + size * rho)
        return float(np.mean(winsorised(z) ** 2)) - WINSORISED_SECOND_MOMENT

    if surplus(low) <= 0:
        return low
    for _ in range(22):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    return (low + high) / 2
