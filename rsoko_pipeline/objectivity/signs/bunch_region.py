"""BUNCH_REGION: a jump in the distribution of the region (municipality) at a cut, against the jumps elsewhere.

Belongs here: the placebo-jump test. Does not belong here: schools (``bunch``).
With y = log(n+½) the jump at s is J_s = (y_s − y_{s−1}) − ½[(y_{s−1} − y_{s−2}) + (y_{s+1} − y_s)]; jumps more than 3
scores from every cut show how large jumps are without a reason. Works of 20–25 points have too few such scores: there
a polynomial of degree 5 (4, 3 where scores are few) is fitted to y on the scores outside of {c−2, c−1, c} (R. Chetty
et al., Quarterly Journal of Economics 2011; 126: 749–804, do so for incomes at a kink), and the jump at a cut is
(y_c − y_{c−1}) less what the polynomial has, over its standard error with the residual over-dispersion of the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.combination import log_to_z
from rsoko_pipeline.objectivity.lattice import Lattice, recognise
from rsoko_pipeline.objectivity.result import SignRows
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work

_AWAY = 3
_LEAST_AT_SCORE = 30
_EXTREMES = 3
_LEAST_PLACEBOS = 4
_MAD = 1.4826
#: Scores so far below a cut may have been lifted to it; degrees of the curve, and what must be left to judge it by.
_LIFTED_FROM = 2
_DEGREES = (3, 5)
_LEAST_FREEDOM = 3
_LEAST_ON_CURVE = 10
_SIGN_FROM = 5.0
#: Logarithms of a tail whose powers do not matter, and of one that is as good as 1.
_SMALL, _NEARLY_CERTAIN = -40.0, -1e-15


class TooFewPlacebos(NotAvailable):
    """Away from the cuts there are too few scores to compare with."""


@dataclass(frozen=True)
class Jumps:
    """Jumps of one distribution.

    Attributes:
        lattice: the lattice they were measured on.
        score: its scores.
        n: pupils at each.
        z: the jump there in units of the placebo jumps, or of its standard error; NaN where it cannot be judged.
        freedom: degrees of freedom of the fit that the error is from; infinite for placebo jumps.
    """

    lattice: Lattice
    score: NDArray[np.float64]
    n: NDArray[np.int64]
    z: NDArray[np.float64]
    freedom: float = np.inf

    def at(self, score: float) -> float:
        """Z of the jump at the first score of the lattice at or above ``score``."""
        place = self.lattice.first_at(score) - self.lattice.first_at(float(self.score[0]))
        return float(self.z[place]) if 0 <= place < len(self.z) else float("nan")


def jumps(score: NDArray, cuts: tuple[float, ...], lattice: Lattice | None = None) -> Jumps:
    """Measure the jumps of a distribution of scores.

    Args:
        score: primary scores of the pupils.
        cuts: the cuts; the scores near them are no placebos.
        lattice: where it is known already; otherwise recognised from the scores.

    Raises:
        TooFewPlacebos: too few scores to compare with.
        NotAvailable: too few scores altogether.
    """
    lattice, first, n = _counts(score, lattice)
    y = np.log(n + 0.5)
    v = 1 / (n + 0.5)
    jump, variance = np.full(len(n), np.nan), np.full(len(n), np.nan)
    here, left, left2, right = slice(2, -1), slice(1, -2), slice(0, -3), slice(3, None)
    jump[here] = (y[here] - y[left]) - 0.5 * ((y[left] - y[left2]) + (y[right] - y[here]))
    variance[here] = 2.25 * v[here] + 2.25 * v[left] + 0.25 * v[left2] + 0.25 * v[right]
    places = first + np.arange(len(n))
    steps_of_cuts = np.array([lattice.first_at(cut) for cut in cuts])
    away = (np.abs(places[:, None] - steps_of_cuts[None, :]) > _AWAY).all(axis=1)
    judged = ~np.isnan(jump) & (n >= _LEAST_AT_SCORE)
    placebo = jump[away & judged]
    if len(placebo) < _LEAST_PLACEBOS + _EXTREMES:
        raise TooFewPlacebos("вдали от границ слишком мало баллов для сравнения")
    outermost = np.argsort(np.abs(placebo - np.median(placebo)), kind="stable")[len(placebo) - _EXTREMES :]
    placebo = np.delete(placebo, outermost)
    median = float(np.median(placebo))
    spread = _MAD * float(np.median(np.abs(placebo - median)))
    z = np.where(judged, (jump - median) / np.sqrt(np.maximum(spread**2, variance)), np.nan)
    return Jumps(lattice, (places * lattice.step).astype(np.float64), n, z)


def smooth_jumps(score: NDArray, cuts: tuple[float, ...], lattice: Lattice | None = None) -> Jumps:
    """Measure the jumps at the cuts against a smooth curve through the scores that no lifting reaches.

    Args:
        score, cuts, lattice: as for ``jumps``.

    Raises:
        NotAvailable: too few scores for the curve.
    """
    lattice, first, n = _counts(score, lattice)
    places = first + np.arange(len(n))
    steps_of_cuts = np.array([lattice.first_at(cut) for cut in cuts])
    behind = steps_of_cuts[None, :] - places[:, None]
    free = ~((behind >= 0) & (behind <= _LIFTED_FROM)).any(axis=1) & (n >= _LEAST_ON_CURVE)
    degree = min(_DEGREES[1], int(free.sum()) - 1 - _LEAST_FREEDOM)
    if degree < _DEGREES[0]:
        raise NotAvailable("баллов вдали от границ отметок слишком мало и для гладкой кривой: скачок сравнить не с чем")
    y, weight = np.log(n + 0.5), n + 0.5
    centre, half = places[free].mean(), np.ptp(places[free]) / 2
    x = np.vander((places - centre) / half, degree + 1)
    information = (x[free] * weight[free, None]).T @ x[free]
    rest = y - x @ np.linalg.solve(information, (x[free] * weight[free, None]).T @ y[free])
    freedom = int(free.sum()) - degree - 1
    dispersion = max(1.0, float(weight[free] @ rest[free] ** 2) / freedom)
    z = np.full(len(n), np.nan)
    for place in steps_of_cuts - first:
        if 1 <= place < len(n) and n[place] >= _LEAST_AT_SCORE:
            step = x[place] - x[place - 1]
            fitted = step @ np.linalg.solve(information, step)
            error = np.sqrt(dispersion * (1 / weight[place] + 1 / weight[place - 1] + fitted))
            z[place] = (rest[place] - rest[place - 1]) / error
    return Jumps(lattice, (places * lattice.step).astype(np.float64), n, z, float(freedom))


def _counts(score: NDArray, lattice: Lattice | None) -> tuple[Lattice, int, NDArray[np.int64]]:
    """The lattice, its first step met, and pupils at every step from there."""
    lattice = recognise(score) if lattice is None else lattice
    step, on = lattice.steps(score)
    if not on.any():
        raise NotAvailable("нет баллов")
    first = int(step[on].min())
    n = np.bincount(step[on] - first)
    if len(n) < 4:
        raise NotAvailable("слишком мало разных баллов, чтобы судить о скачке")
    return lattice, first, n


def compute(work: Work, settings: SignSettings) -> list[SignRows]:
    """Test the region and every municipality with at least ``settings.min_n`` pupils, a row each."""
    if not work.cuts:
        raise NotAvailable("для работы не заданы границы отметок")
    if work.by_marks:
        raise NotAvailable("нет первичных баллов, известны только отметки")
    if len(work.score) < settings.min_n:
        raise NotAvailable(f"участников меньше {settings.min_n}")
    lattice = recognise(work.score)
    out = [_rows("region", 0, work.score, work.cuts, lattice)]
    place = work.municipality[work.school]
    sizes = np.bincount(place[place >= 0], minlength=len(work.municipalities))
    for unit in np.flatnonzero(sizes >= settings.min_n):
        try:
            out.append(_rows("municipality", int(unit), work.score[place == unit], work.cuts, lattice))
        except NotAvailable:
            continue  # the region's row stands; a municipality whose scores are too few to judge has none
    return out


def _rows(level: str, unit: int, score: NDArray, cuts: dict[int, float], lattice: Lattice) -> SignRows:
    """One row: the highest of the jumps at the cuts, its p for the number of cuts (Šidák), all jumps in the details."""
    try:
        found = jumps(score, tuple(cuts.values()), lattice)
    except TooFewPlacebos:
        found = smooth_jumps(score, tuple(cuts.values()), lattice)
    z = {mark: found.at(cut) for mark, cut in cuts.items() if not np.isnan(found.at(cut))}
    if not z:
        raise NotAvailable("у границ отметок слишком мало работ")
    best = max(z, key=lambda mark: z[mark])
    highest = np.array([z[best]])
    log_p = _log_tail_of_highest(highest, found.freedom, len(z))
    p = np.exp(log_p)
    details: dict[str, list[Any]] = {
        "mark": [best],
        "cut": [cuts[best]],
        "jumps": [{str(mark): round(value, 2) for mark, value in z.items()}],
        "step": [lattice.step],
        "is_sign": [z[best] >= _SIGN_FROM],
        "against": ["скачки вдали от границ" if np.isinf(found.freedom) else "гладкая кривая"],
    }
    return SignRows(level, np.array([unit]), np.array([len(score)]), highest, log_to_z(log_p), p, p, details)


def _log_tail_of_highest(z: NDArray, freedom: float, cuts: int) -> NDArray[np.float64]:
    """Logarithm of the probability that the highest of ``cuts`` independent jumps is at least ``z`` (Šidák)."""
    from scipy.special import log_ndtr, stdtr

    one = log_ndtr(-z) if np.isinf(freedom) else np.log(stdtr(freedom, -z))
    one = np.minimum(one, _NEARLY_CERTAIN)
    # 1 − (1 − p)^cuts is cuts·p to the last digit where p is small, and p itself may be less than any number.
    together = np.log(-np.expm1(cuts * np.log1p(-np.exp(np.maximum(one, _SMALL)))))
    return np.minimum(np.where(one > _SMALL, together, one + np.log(cuts)), _NEARLY_CERTAIN)
