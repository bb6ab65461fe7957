"""ITEM: tasks fully solved far more often than pupils with the same rest of the work solve them elsewhere.

Belongs here: the likelihood ratio for «some tasks were told», and the tasks that stand out. Does not belong here:
leniency in the tasks marked by judgement (``lenient``), the laws and the honest differences (``rest_score``).

If a share ε of the pupils was told the answer, P'(k) = (1 − ε)·P(k) + ε·[k = m]. Λ is the log-likelihood ratio of the
school's works for «each task was helped with probability ¼, ε = 0.6 (weight 0.9) or 0.3 (0.1)» against «nobody was
helped», the honest differences between schools integrated out in both. Its law under honesty is that of honest schools
drawn from the region, by size, the far tail exponential.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional
from rsoko_pipeline.objectivity.conditional import ConditionalTables
from rsoko_pipeline.objectivity.rest_score import Help, RestScores
from rsoko_pipeline.objectivity.result import SignRows, of_tail
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import Items, NotAvailable, Work

_LEAST_TASKS = 4
_NAMED_FROM = 3.0
#: Probability that a task was helped; shares of pupils told the answer, with the weight of each in the ratio.
_HELPED = 0.25
_TOLD = ((0.3, 0.1), (0.6, 0.9))
#: A log-likelihood ratio of one task above this says no more.
_MOST = 500.0


def tables(work: Work, reference: NDArray) -> tuple[Items, ConditionalTables]:
    """The work's task scores and the region's conditional tables on the reference schools."""
    if work.items is None:
        raise NotAvailable(work.no_items)
    items = work.items
    if len(items.tasks) < _LEAST_TASKS:
        raise NotAvailable(f"заданий с баллами меньше {_LEAST_TASKS}")
    if not reference[items.school].any():
        raise NotAvailable("в школах сравнения нет баллов за задания")
    return items, conditional.fit(items.scores, items.total, items.max_points, reference[items.school])


def compute(scores: RestScores, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_pooled`` pupils with task scores."""
    units = np.flatnonzero(scores.n >= settings.min_pooled)
    if not (scores.n >= settings.min_n).any():
        raise NotAvailable(f"нет школ, где не меньше {settings.min_n} работ с баллами за задания")
    n = scores.n[units]
    found = scores.ratio(np.array([_perhaps_told(scores, task) for task in range(len(scores.laws))]))
    tasks, z = scores.items.tasks, scores.z[units]
    named = [[tasks[j] for j in np.flatnonzero(row >= _NAMED_FROM)] for row in z]
    details: dict[str, list[Any]] = {
        "tasks": named,
        "profile": [
            dict(zip(tasks, np.round(row, 2).tolist(), strict=True)) if names else {}
            for row, names in zip(z, named, strict=True)
        ],
    }
    return of_tail(units, n, found.value[units], found.tail(units, n), settings.min_n, details)


def _perhaps_told(scores: RestScores, task: int) -> NDArray[np.float64]:
    """Log-likelihoods of a task's scores if it was told with probability ``_HELPED``."""
    plain = scores.plain[task]
    gain = np.full(plain.shape, 1 - _HELPED)
    for share, weight in _TOLD:
        gain += _HELPED * weight * np.exp(np.minimum(scores.helped(task, _told(share)) - plain, _MOST))
    return plain + np.log(gain)


def _told(share: float) -> Help:
    def after(law: NDArray[np.float64]) -> NDArray[np.float64]:
        out = (1 - share) * law
        out[:, -1] += share
        return out

    return after
