"""Exact tests for small samples: beta-binomial counts and sums of small integers.

Belongs here: tail probabilities of counts and the fit of the beta-binomial law. Does not belong here: which counts a
sign looks at (``signs``), normal approximations (``funnel``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: No normal approximation of a sum whose variance is below this.
NORMAL_FROM = 9.0
#: Points of the grid on which laws of small sums are kept: wide enough for variances below ``NORMAL_FROM``.
GRID = 256


@dataclass(frozen=True)
class Tail:
    """Upper tail of a discrete statistic.

    Attributes:
        mid: P(K > k) + ½·P(K = k), the mid-p value (Lancaster 1961).
        conservative: P(K ≥ k).
    """

    mid: NDArray[np.float64]
    conservative: NDArray[np.float64]


class SmallSums:
    """Laws of sums of independent small integers, one law a unit, kept as characteristic functions.

    The law of a sum of independent sums is the product of the functions, so pooling over works is exact too. Values
    outside [−``GRID``/4, 3·``GRID``/4) would wrap round; units are kept here only while their variance is below
    ``NORMAL_FROM``, which keeps them far inside.
    """

    def __init__(self, phi: NDArray[np.complex128]) -> None:
        """Take characteristic functions at the frequencies 2πf/``GRID``, f = 0..``GRID``/2: shape (units, f)."""
        self.phi = phi

    @classmethod
    def of_draws(cls, values: NDArray, probabilities: NDArray, counts: NDArray) -> SmallSums:
        """Sums of ``counts`` draws a unit.

        Args:
            values: the integer values of a draw, shape (k,).
            probabilities: their probabilities by unit, shape (units, k).
            counts: draws by unit, shape (units,).
        """
        frequency = -2j * np.pi * np.arange(GRID // 2 + 1) / GRID
        one = probabilities @ np.exp(np.multiply.outer(np.asarray(values), frequency))
        return cls(one ** np.asarray(counts)[:, None])

    @classmethod
    def of_law(cls, law: NDArray) -> SmallSums:
        """Counts 0, 1, … with the probabilities ``law`` (units × values, fewer than 3/4 of ``GRID`` values)."""
        return cls(np.fft.rfft(law, n=GRID, axis=1))

    def __mul__(self, other: SmallSums) -> SmallSums:
        return SmallSums(self.phi * other.phi)

    def take(self, rows: NDArray) -> SmallSums:
        """The laws of some units."""
        return SmallSums(self.phi[rows])

    def tail(self, observed: NDArray) -> Tail:
        """Upper tails at the observed sums (integers, one a unit)."""
        law = np.clip(np.fft.irfft(self.phi, n=GRID, axis=1), 0.0, 1.0)
        law = np.roll(law, GRID // 4, axis=1)
        at_least = np.cumsum(law[:, ::-1], axis=1)[:, ::-1]
        place = np.clip(np.asarray(observed, dtype=np.int64) + GRID // 4, 0, GRID - 1)
        rows = np.arange(len(place))
        return Tail(_probability(at_least[rows, place] - law[rows, place] / 2), _probability(at_least[rows, place]))


@dataclass(frozen=True)
class Triangle:
    """What all beta-binomial laws of some sizes share: log C(n, k) (−∞ beyond n) and n − k, units × 0..max(n)."""

    n: NDArray[np.int64]
    choose: NDArray[np.float64]
    rest: NDArray[np.int64]

    @property
    def top(self) -> int:
        """The largest size."""
        return self.choose.shape[1] - 1

    @classmethod
    def of(cls, n: NDArray[np.int64]) -> Triangle:
        """Prepare the sizes ``n``."""
        from scipy.special import gammaln

        k = np.arange(int(n.max(initial=0)) + 1)
        rest = n[:, None] - k[None, :]
        inside = rest >= 0
        rest = np.maximum(rest, 0)
        factorial = gammaln(np.arange(len(k)) + 1.0)
        choose = np.where(inside, factorial[n][:, None] - factorial[k][None, :] - factorial[rest], -np.inf)
        return cls(n, choose, rest)


@dataclass(frozen=True)
class BetaBinomial:
    """Beta-binomial law of a count: mean share ``p``, correlation within a unit ``rho`` = 1/(a+b+1)."""

    p: float
    rho: float

    @property
    def shapes(self) -> tuple[float, float]:
        """The parameters a, b of the beta law."""
        total = (1 - self.rho) / self.rho
        return self.p * total, (1 - self.p) * total

    def variance(self, n: NDArray) -> NDArray[np.float64]:
        """Variance of the count among ``n``."""
        n = np.asarray(n, dtype=np.float64)
        return n * self.p * (1 - self.p) * (1 + (n - 1) * self.rho)

    def law(self, n: NDArray) -> NDArray[np.float64]:
        """Probabilities of 0..max(n) by unit, 0 beyond the unit's own n: shape (units, max(n)+1)."""
        n = np.asarray(n, dtype=np.int64)
        return self.law_on(Triangle.of(n))

    def law_on(self, triangle: Triangle) -> NDArray[np.float64]:
        """The same on a triangle prepared once for many laws."""
        a, b = self.shapes
        i = np.arange(triangle.top, dtype=np.float64)
        rise_a, rise_b, rise = (np.r_[0.0, np.cumsum(np.log(x + i))] for x in (a, b, a + b))
        log = triangle.choose + rise_a[None, : triangle.choose.shape[1]] + rise_b[triangle.rest]
        log -= rise[triangle.n][:, None]
        return np.exp(log, out=log)

    def tail(self, k: NDArray, n: NDArray) -> Tail:
        """Upper tails of the counts ``k`` among ``n``; equal pairs are computed once."""
        pairs, where = np.unique(np.stack([np.asarray(k), np.asarray(n)]), axis=1, return_inverse=True)
        law = self.law(pairs[1])
        at_least = np.cumsum(law[:, ::-1], axis=1)[:, ::-1]
        rows = np.arange(pairs.shape[1])
        upper, here = at_least[rows, pairs[0]], law[rows, pairs[0]]
        where = where.ravel()
        return Tail(_probability(upper - here / 2)[where], _probability(upper)[where])


def fit_beta_binomial(k: NDArray, n: NDArray, trim: float) -> BetaBinomial:
    """Fit by maximum likelihood after dropping the units with the ``trim`` share of highest counts for their size.

    Dropping a tail narrows what is left, so the likelihood is that of the kept units *given* that they lie below the
    point at which the tail was cut (a truncated likelihood); without it a clean region would show too many signs.

    Args:
        k: counts, n: sizes (> 0), one a unit.
        trim: share of units to drop, 0–0.5.

    Returns:
        The law; its correlation is at least 1e-6.
    """
    from scipy.optimize import minimize

    k, n = np.asarray(k, dtype=np.int64), np.asarray(n, dtype=np.int64)
    start = _moments(k, n)
    surprise = start.tail(k, n).mid
    # The limit of every unit: the least count whose surprise falls into the dropped share.
    limit = np.quantile(surprise, trim) if trim else 0.0
    kept = surprise > limit if trim else np.ones(len(k), dtype=bool)
    k, n = k[kept], n[kept]
    sizes, size_of = np.unique(n, return_inverse=True)
    beyond = _first_below(start, sizes, limit)
    triangle = Triangle.of(sizes)
    is_inside = np.arange(triangle.top + 1)[None, :] < beyond[:, None]

    def loss(x: NDArray) -> float:
        table = BetaBinomial(*_unpack(x)).law_on(triangle)
        inside = np.where(is_inside, table, 0.0).sum(axis=1)
        chosen = table[size_of, k]
        return float(-np.sum(np.log(np.maximum(chosen, 1e-300)) - np.log(np.maximum(inside, 1e-300))[size_of]))

    best = minimize(loss, _pack(start), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 400})
    return BetaBinomial(*_unpack(best.x))


def _first_below(law: BetaBinomial, sizes: NDArray, limit: float) -> NDArray[np.int64]:
    """For every size the least count with mid-p at most ``limit`` (size + 1 where there is none)."""
    table = law.law(sizes)
    at_least = np.cumsum(table[:, ::-1], axis=1)[:, ::-1]
    dropped = (at_least - table / 2 <= limit) & (np.arange(table.shape[1])[None, :] <= sizes[:, None])
    return np.where(dropped.any(axis=1), dropped.argmax(axis=1), sizes + 1)


def _moments(k: NDArray, n: NDArray) -> BetaBinomial:
    """Start of the fit: the pooled share and the correlation that explains the spread of the middle units."""
    p = float(np.clip(k.sum() / n.sum(), 1e-4, 1 - 1e-4))
    z2 = (k - n * p) ** 2 / (n * p * (1 - p))
    inner = z2 <= np.quantile(z2, 0.9)
    excess = (z2[inner].mean() / 0.8 - 1) / max(float((n[inner] - 1).mean()), 1.0)
    return BetaBinomial(p, float(np.clip(excess, 1e-3, 0.5)))


def _pack(law: BetaBinomial) -> NDArray[np.float64]:
    return np.array([np.log(law.p / (1 - law.p)), np.log(law.rho / (1 - law.rho))])


def _unpack(x: NDArray) -> tuple[float, float]:
    p, rho = 1 / (1 + np.exp(-np.clip(x, -30.0, 30.0)))
    return float(np.clip(p, 1e-6, 1 - 1e-6)), float(np.clip(rho, 1e-6, 0.9))


def _probability(p: NDArray) -> NDArray[np.float64]:
    return np.clip(p, 0.0, 1.0)
