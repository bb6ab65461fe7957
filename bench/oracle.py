"""Likelihood ratios of one who knows how a simulated region was made: no sign can find more than they do.

Belongs here: the oracle, and what it may know of the pupils. Does not belong here: regions, tables (``calibration``).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from scipy.special import log_expit, logsumexp, ndtr

from rsoko_pipeline.simulation.calibration import WorkModel, score_distribution
from rsoko_pipeline.simulation.manipulation import HINTED_TASKS
from rsoko_pipeline.simulation.model import WorkResult
from rsoko_pipeline.simulation.parameters import Parameters

#: What an oracle may know of the pupils, from nothing but the region's parameters to everything.
KNOWN = (
    "предел: одна работа",
    "и уровень школы",
    "и другая работа с журналом",
    "и сами способности",
)
#: Draws of sets of hinted tasks and of a school's ease.
_SETS, _EASES = 12, 16


class Oracle:
    """Likelihood ratios of one who knows all about the region but who was honest and how schools differ on tasks.

    It knows the tasks' parameters, the laws of all differences and of what was done, and of the pupils a prior of their
    abilities. It does not know the school's ease of the tasks (integrated out by Laplace's approximation), nor who and
    what was touched (summed over). By the lemma of Neyman and Pearson no test of the same data finds more.
    """

    def __init__(self, parameters: Parameters, model: WorkModel, *, knows_level: bool) -> None:
        spec = model.spec
        self.parameters, self.cuts = parameters, np.array(spec.cuts)
        self.most, self.slope = np.array(spec.max_points), np.array(model.slopes)
        self.judged = self.most >= 2
        #: Sums of step difficulties by task and score, and the steps themselves; infinite beyond the maximum.
        self.sums = np.full((self.most.size, self.most.max() + 1), np.inf)
        for row, offsets in zip(self.sums, model.offsets, strict=True):
            row[: len(offsets) + 1] = (0.0, *offsets)
        spread = parameters.school_task_sd**2 * np.eye(self.most.size)
        spread += parameters.leniency_sd**2 * np.outer(self.judged, self.judged)
        if not knows_level:
            spread += parameters.icc * model.warp[1] ** 2
        self.precision = np.linalg.inv(spread)

    def probabilities(self, theta: np.ndarray, ease: np.ndarray) -> np.ndarray:
        """P(score), pupils × abilities × tasks × scores."""
        k = np.arange(self.sums.shape[1])
        logs = self.slope[:, None] * (k * (theta[:, :, None] + ease)[..., None] - self.sums)
        out = np.exp(logs - logs.max(axis=-1, keepdims=True))
        return np.asarray(out / out.sum(axis=-1, keepdims=True))

    def sources(self, x: np.ndarray, kind: str, strength: float) -> np.ndarray:
        """With which probability an honest score k of a task became the score seen: pupils × tasks × k."""
        k = np.arange(self.sums.shape[1])
        same = (x[:, :, None] == k).astype(np.float64)
        if kind == "hints":
            return (1 - strength) * same + strength * (x == self.most)[:, :, None]
        kept = np.where((x < self.most)[:, :, None], 1 - strength, 1.0) * same
        lenient = kept + strength * (x[:, :, None] - 1 == k)
        return np.where(self.judged[:, None], lenient, same)

    def evidence(
        self, theta: np.ndarray, prior: np.ndarray, sources: np.ndarray, start: np.ndarray, steps: int = 6
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Log-probability of a school's works, the likeliest ease and the Hessian there."""
        k = np.arange(self.sums.shape[1])
        ease = start
        for step in range(steps):
            p = self.probabilities(theta, ease)
            seen = p * sources[:, None]
            of_task = seen.sum(axis=-1)
            seen /= of_task[..., None]
            of_ability = np.log(of_task).sum(axis=-1) + prior
            of_pupil = logsumexp(of_ability, axis=1)
            weight = np.exp(of_ability - of_pupil[:, None])
            mean, mean_seen = p @ k, seen @ k
            gradient = self.slope * (mean_seen - mean)
            curvature = self.slope**2 * ((seen @ k**2 - mean_seen**2) - (p @ k**2 - mean**2))
            by_pupil = np.einsum("nq,nqj->nj", weight, gradient)
            hessian = np.diag(np.einsum("nq,nqj->j", weight, curvature)) - self.precision - by_pupil.T @ by_pupil
            hessian += np.einsum("nqj,nqk->jk", weight[..., None] * gradient, gradient, optimize=True)
            value = float(of_pupil.sum() - ease @ self.precision @ ease / 2)
            if step < steps - 1:
                move = np.linalg.solve(-hessian, by_pupil.sum(axis=0) - self.precision @ ease)
                ease = ease + np.clip(move, -0.5, 0.5)
        determinant = np.linalg.slogdet(self.precision)[1] - np.linalg.slogdet(-hessian)[1]
        return value + float(determinant) / 2, ease, hessian

    def ratio(
        self, kind: str, strength: float, x: np.ndarray, theta: np.ndarray, prior: np.ndarray, rng: np.random.Generator
    ) -> float:
        """Log-likelihood ratio of a school's works ``x`` (pupils × tasks).

        Args:
            kind, strength: what is looked for: «leniency», «hints», «bump».
            x: points.
            theta, prior: possible abilities of every pupil and the logarithms of their probabilities.
            rng: for the draws of sets of hinted tasks and of ease.
        """
        nothing = self.sources(x, "hints", 0.0)
        honest, ease, hessian = self.evidence(theta, prior, nothing, np.zeros(self.most.size))
        if kind == "bump":
            return self._bump(strength, x, theta, prior, ease, hessian, rng)
        changed = self.sources(x, kind, strength)
        if kind == "leniency":
            return self.evidence(theta, prior, changed, ease)[0] - honest
        return self._hints(x, theta, prior, (nothing, changed), (honest, ease), rng)

    def _hints(
        self,
        x: np.ndarray,
        theta: np.ndarray,
        prior: np.ndarray,
        sources: tuple[np.ndarray, np.ndarray],
        honest: tuple[float, np.ndarray],
        rng: np.random.Generator,
    ) -> float:
        """Mean over all sets of hinted tasks, by importance sampling: sets of likelier tasks are drawn more often."""
        size = max(1, round(HINTED_TASKS * self.most.size))
        p = self.probabilities(theta, honest[1])
        logs = [np.log((p * part[:, None]).sum(axis=-1)) for part in sources]
        base = logs[0].sum(axis=-1) + prior
        alone = logsumexp(base[..., None] + logs[1] - logs[0], axis=1) - logsumexp(base, axis=1)[:, None]
        liking = 0.6 * alone.sum(axis=0)
        # log of the sums of exp(liking) over all sets of h tasks among the first i
        sums = np.full((self.most.size + 1, size + 1), -np.inf)
        sums[:, 0] = 0.0
        for i, one in enumerate(liking):
            sums[i + 1, 1:] = np.logaddexp(sums[i, 1:], sums[i, :-1] + one)
        known: dict[tuple[int, ...], float] = {}
        found = []
        for _ in range(_SETS):
            chosen: list[int] = []
            for i in range(self.most.size - 1, -1, -1):
                left = size - len(chosen)
                if left and np.log(rng.random()) < sums[i, left - 1] + liking[i] - sums[i + 1, left]:
                    chosen.append(i)
            if (key := tuple(chosen)) not in known:
                mixed = sources[0].copy()
                mixed[:, chosen] = sources[1][:, chosen]
                chance = liking[chosen].sum() - sums[-1, size]
                known[key] = self.evidence(theta, prior, mixed, honest[1], steps=4)[0] - honest[0] - chance
            found.append(known[key])
        return float(logsumexp(found) - np.log(_SETS * comb(self.most.size, size)))

    def _bump(
        self,
        strength: float,
        x: np.ndarray,
        theta: np.ndarray,
        prior: np.ndarray,
        ease: np.ndarray,
        hessian: np.ndarray,
        rng: np.random.Generator,
    ) -> float:
        total = x.sum(axis=1)
        below = np.isin(total, np.concatenate([self.cuts - 1, self.cuts - 2])).sum() * np.log(1 - strength)
        at = np.isin(total, self.cuts)
        if not at.any():
            return float(below)
        x, theta, prior = x[at], theta[at], prior[at]
        root = np.linalg.inv(np.linalg.cholesky(-hessian)).T
        found = []
        for _ in range(_EASES):
            one = ease + root @ rng.standard_normal(self.most.size)
            seen = np.take_along_axis(self.probabilities(theta, one), x[:, None, :, None], axis=3)[..., 0]
            of_ability = np.log(seen).sum(axis=-1) + prior
            before, after = (np.log(part) for part in self.lifted(strength, x, theta, one))
            found.append((logsumexp(of_ability + after, axis=1) - logsumexp(of_ability + before, axis=1)).sum())
        return float(below + logsumexp(found) - np.log(_EASES))

    def lifted(
        self, strength: float, x: np.ndarray, theta: np.ndarray, ease: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities of works at a cut, by pupil and ability, as multiples of those nobody touched.

        Returns:
            Under honesty (some who lacked one point were given it), and where those who lacked one or two points are
            lifted with probability ``strength``.
        """
        full = x == self.most
        room = (x < self.most).sum(axis=1)[:, None] + full
        sums = np.broadcast_to(self.sums, (len(x), *self.sums.shape))

        def step(k: np.ndarray) -> np.ndarray:
            """Odds of k − 1 against k, pupils × abilities × tasks; 0 where there is no k − 1."""
            high, low = (np.take_along_axis(sums, np.maximum(k - i, 0)[..., None], axis=2)[..., 0] for i in (0, 1))
            odds = np.exp(-self.slope * (theta[:, :, None] + ease - (high - low)[:, None]))
            return np.where((k >= 1)[:, None], odds, 0.0)

        first = step(x)
        lacked_one = (first / room[:, None]).sum(axis=-1)
        # Of two points each goes to a random task with room; the second may go to the task of the first.
        rooms = room[:, :, None] + full[:, None, :]
        each = 1 / (rooms * room[:, None, :])
        each[:, np.arange(self.most.size), np.arange(self.most.size)] = 0.0
        lacked_two = np.einsum("nqj,nqk,njk->nq", first, first, each, optimize=True)
        lacked_two += (first * step(np.maximum(x - 1, 0)) / room[:, None] ** 2).sum(axis=-1)
        help_ = self.parameters.honest_bump
        before = 1 + help_ * lacked_one
        return before, before + strength * ((1 - help_) * lacked_one + lacked_two)


def abilities(
    known: str,
    parameters: Parameters,
    work: WorkResult,
    other: WorkResult,
    models: Sequence[WorkModel],
    place: int,
    pupils: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Abilities that the pupils may have, on the scale of the tasks, and the logarithms of their probabilities.

    Args:
        known: a degree of knowledge, of ``KNOWN``.
        parameters: of the region.
        work, other: the work and the other, honest one.
        models: the models of both works, that of ``work`` at ``place``.
        place: 0 or 1.
        pupils: who is meant, of one school.
    """
    unknown, _, beside, exact = KNOWN
    own, model = work.ability[pupils], models[place]
    if known == exact:
        return model.effective(own)[:, None], np.zeros((len(own), 1))
    grid, spread = np.linspace(-3.2, 3.2, 15), np.sqrt(1 - parameters.icc)
    same = work.school == work.school[pupils[0]]
    z = spread * grid + (0.0 if known == unknown else work.ability[same].mean())
    prior = np.tile(-(grid**2) / 2 + log_expit(parameters.absence_slope * z - model.absence), (len(own), 1))
    if known == beside:
        prior += _from_other_work(parameters, other, models[1 - place], grid, spread, same, pupils)
        edges = np.array([-np.inf, *model.journal, np.inf])
        marks = np.diff(ndtr((edges - z[:, None]) / model.journal_noise), axis=1)
        journal = work.journal[pupils]
        prior += np.where(journal[:, None] > 0, np.log(marks + 1e-12).T[np.maximum(journal, 2) - 2], 0.0)
    return np.tile(model.effective(z), (len(own), 1)), prior - logsumexp(prior, axis=1, keepdims=True)


def _from_other_work(
    parameters: Parameters,
    other: WorkResult,
    model: WorkModel,
    grid: np.ndarray,
    spread: float,
    same: np.ndarray,
    pupils: np.ndarray,
) -> np.ndarray:
    """Log-likelihood of the total in the other work by the ability in this one, pupils × abilities."""
    z = spread * grid + other.ability[same].mean()
    totals = score_distribution(model.slopes, model.offsets, model.effective(z))
    wrote = parameters.absence_slope * z - model.absence
    seen = np.log(totals[:, other.total[pupils]].T + 1e-12) + log_expit(wrote)
    seen = np.where(other.present[pupils, None], seen, log_expit(-wrote))
    r = parameters.subjects_r
    together = -((grid[None, :] - r * grid[:, None]) ** 2) / (2 * (1 - r * r))
    together -= logsumexp(together, axis=1, keepdims=True)
    return np.asarray(logsumexp(seen[:, None, :] + together, axis=2))
