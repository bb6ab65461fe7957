"""Exact tests for small samples: beta-binomial counts and sums of small integers.

Belongs here: tail probabilities of counts and the fit of the beta-binomial law. Does not belong here: which counts a
sign looks at (``signs``), normal approximations (``funnel``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Points of the grid on which laws of small sums are kept.
GRID = 256
#: Largest variance of a sum whose law the grid holds: 6.5 standard deviations on both sides of its centre.
MOST_VARIANCE = (GRID / 2 / 6.5) ** 2


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

    The law of a sum of independent sums is the product of the functions, so pooling over works is exact too. The grid
    holds ``GRID`` values round the sum's centre, which is enough while its variance is at most ``MOST_VARIANCE``.
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
        one = np.einsum("uk,kf->uf", probabilities, np.exp(np.multiply.outer(np.asarray(values), frequency)))
        return cls(_power(one, np.asarray(counts)))

    @classmethod
    def of_law(cls, law: NDArray) -> SmallSums:
        """Counts 0, 1, … with the probabilities ``law`` (units × values)."""
        turns = -(-law.shape[1] // GRID)
        whole = np.zeros((len(law), turns * GRID))
        whole[:, : law.shape[1]] = law
        return cls(np.fft.rfft(whole.reshape(len(law), turns, GRID).sum(axis=1), axis=1))

    @classmethod
    def certain(cls, units: int) -> SmallSums:
        """Sums of nothing: 0 with certainty."""
        return cls(np.ones((units, GRID // 2 + 1), dtype=np.complex128))

    def __mul__(self, other: SmallSums) -> SmallSums:
        return SmallSums(self.phi * other.phi)

    def take(self, rows: NDArray) -> SmallSums:
        """The laws of some units."""
        return SmallSums(self.phi[rows])

    def tail(self, observed: NDArray, centre: NDArray) -> Tail:
        """Upper tails at the observed sums (integers, one a unit) of sums with these expectations."""
        law = np.clip(np.fft.irfft(self.phi, n=GRID, axis=1), 0.0, 1.0)
        first = np.rint(centre).astype(np.int64) - GRID // 2
        law = np.take_along_axis(law, (first[:, None] + np.arange(GRID)) % GRID, axis=1)
        at_least = np.cumsum(law[:, ::-1], axis=1)[:, ::-1]
        place = np.clip(np.asarray(observed, dtype=np.int64) - first, 0, GRID - 1)
        rows = np.arange(len(place))
        return Tail(_probability(at_least[rows, place] - law[rows, place] / 2), _probability(at_least[rows, place]))


@dataclass(frozen=True)
class BetaBinomial:
    """Beta-binomial laws of counts, one a unit.

    Attributes:
        n: sizes by unit.
        p: expected shares by unit, strictly between 0 and 1.
        rho: correlation within a unit, 1/(a+b+1), the same for all.
    """

    n: NDArray[np.int64]
    p: NDArray[np.float64]
    rho: float

    @property
    def variance(self) -> NDArray[np.float64]:
        """Variances of the counts."""
        return np.asarray(self.n * self.p * (1 - self.p) * (1 + (self.n - 1) * self.rho))

    def law(self) -> NDArray[np.float64]:
        """Probabilities of 0..max(n) by unit, 0 beyond the unit's own n: shape (units, max(n)+1)."""
        from scipy.special import gammaln

        whole = (1 - self.rho) / self.rho
        top = int(self.n.max(initial=0))
        k = np.arange(top + 1)
        rest = self.n[:, None] - k[None, :]
        inside = rest >= 0
        rest = np.maximum(rest, 0)
        factorial = gammaln(k + 1.0)
        log = factorial[self.n][:, None] - factorial[k][None, :] - factorial[rest]
        p, of = np.unique(self.p, return_inverse=True)
        log += _rising(p * whole, top)[of]
        log += _rising((1 - p) * whole, top)[of[:, None], rest]
        log -= _rising(np.full(1, whole), top)[0, self.n][:, None]
        return np.exp(np.where(inside, log, -np.inf))

    def take(self, rows: NDArray) -> BetaBinomial:
        """The laws of some units."""
        return BetaBinomial(self.n[rows], self.p[rows], self.rho)

    def tail(self, k: NDArray) -> Tail:
        """Upper tails of the counts ``k``, one a unit."""
        law = self.law()
        at_least = np.cumsum(law[:, ::-1], axis=1)[:, ::-1]
        rows = np.arange(len(self.n))
        upper, here = at_least[rows, k], law[rows, k]
        return Tail(_probability(upper - here / 2), _probability(upper))


def _power(base: NDArray[np.complex128], exponent: NDArray) -> NDArray[np.complex128]:
    """Rows of ``base`` to the integer powers ``exponent`` by repeated squaring (numpy's own is slow above 100)."""
    out, square, left = np.ones_like(base), base.copy(), exponent.astype(np.int64)
    while left.any():
        odd = (left & 1).astype(bool)
        out[odd] *= square[odd]
        square *= square
        left >>= 1
    return out


def _rising(start: NDArray, top: int) -> NDArray[np.float64]:
    """Log of start·(start+1)·…·(start+i−1) for i = 0..top, a row a start."""
    out = np.zeros((len(start), top + 1))
    np.cumsum(np.log(start[:, None] + np.arange(top)), axis=1, out=out[:, 1:])
    return out


def fit_rare(k: NDArray, n: NDArray, trim: float) -> tuple[float, float]:
    """Share and correlation of a rare event by maximum likelihood after dropping the units with the highest counts.

    Dropping a tail narrows what is left, so the likelihood is that of the kept units *given* that they lie below the
    point at which the tail was cut (a truncated likelihood); without it a clean region would show too many signs.

    Args:
        k: counts, n: sizes (> 0), one a unit; few different sizes.
        trim: share of units to drop, 0–0.5.

    Returns:
        The share and the correlation of a beta-binomial law.
    """
    from scipy.optimize import minimize

    k, n = np.asarray(k, dtype=np.int64), np.asarray(n, dtype=np.int64)
    start = _moments(k, n)
    surprise = BetaBinomial(n, np.full(len(n), start[0]), start[1]).tail(k).mid
    limit = float(np.quantile(surprise, trim)) if trim else -1.0
    kept = surprise > limit
    k, n = k[kept], n[kept]
    sizes, size_of = np.unique(n, return_inverse=True)

    def table(x: NDArray) -> NDArray[np.float64]:
        p, rho = _unpack(x)
        return BetaBinomial(sizes, np.full(len(sizes), p), rho).law()

    first = table(_pack(*start))
    at_least = np.cumsum(first[:, ::-1], axis=1)[:, ::-1]
    is_inside = at_least - first / 2 > limit

    def loss(x: NDArray) -> float:
        law = table(x)
        inside = np.where(is_inside, law, 0.0).sum(axis=1)
        return float(-np.sum(np.log(np.maximum(law[size_of, k], 1e-300)) - np.log(np.maximum(inside, 1e-300))[size_of]))

    best = minimize(loss, _pack(*start), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3, "maxiter": 400})
    return _unpack(best.x)


def _moments(k: NDArray, n: NDArray) -> tuple[float, float]:
    """Start of the fit: the pooled share and the correlation that explains the spread of the middle units."""
    p = float(np.clip(k.sum() / n.sum(), 1e-4, 1 - 1e-4))
    z2 = (k - n * p) ** 2 / (n * p * (1 - p))
    inner = z2 <= np.quantile(z2, 0.9)
    excess = (z2[inner].mean() / 0.8 - 1) / max(float((n[inner] - 1).mean()), 1.0)
    return p, float(np.clip(excess, 1e-3, 0.5))


def _pack(p: float, rho: float) -> NDArray[np.float64]:
    return np.array([np.log(p / (1 - p)), np.log(rho / (1 - rho))])


def _unpack(x: NDArray) -> tuple[float, float]:
    p, rho = 1 / (1 + np.exp(-np.clip(x, -30.0, 30.0)))
    return float(np.clip(p, 1e-6, 1 - 1e-6)), float(np.clip(rho, 1e-6, 0.9))


def _probability(p: NDArray) -> NDArray[np.float64]:
    return np.clip(p, 0.0, 1.0)
