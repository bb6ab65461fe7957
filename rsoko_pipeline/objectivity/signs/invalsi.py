"""INVALSI_IDX: the Italian fuzzy-clustering index of classes. Descriptive only, kept for comparison.

Belongs here: the index as published (C. Quintano, R. Castellano, S. Longobardi, Survey Methodology 2009). Does not
belong here: evidence; the calibration measures how much better the signs are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.work import NotAvailable, Work

_CLUSTERS = 2
_FUZZIFIER = 2.0
_STARTS = 20
_STEPS = 200


def compute(
    work: Work, not_started: NDArray | None = None, *, min_n: int = 8, seed: int = 0
) -> tuple[NDArray, NDArray]:
    """Membership of every class in the outlying cluster.

    Class mean, SD, non-response and mean Gini homogeneity of the tasks → two principal components → fuzzy c-means
    (m = 2, best of 20 seeded starts); the outlying cluster is the one of the higher mean score.

    Args:
        work: the work.
        not_started: share of tasks not started by the pupils of ``work.items``; none by default.
        min_n: least pupils of a class.
        seed: of the starts.

    Returns:
        Positions of the classes and their memberships, 0–1.

    Raises:
        NotAvailable: no task scores or too few classes.
    """
    if work.items is None:
        raise NotAvailable(work.no_items)
    items = work.items
    groups = len(work.group_school)
    n = np.bincount(items.group, minlength=groups)
    units = np.flatnonzero(n >= min_n)
    if len(units) < 10:
        raise NotAvailable(f"классов, где не меньше {min_n} работ, меньше 10")
    size = n[units]
    share = items.total / items.top
    mean = np.bincount(items.group, weights=share, minlength=groups)[units] / size
    square = np.bincount(items.group, weights=share**2, minlength=groups)[units] / size
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    absent = np.zeros(len(items.group)) if not_started is None else not_started
    silence = np.bincount(items.group, weights=absent, minlength=groups)[units] / size
    gini = np.zeros(len(units))
    for j, most in enumerate(items.max_points):
        counts = np.stack(
            [np.bincount(items.group[items.scores[:, j] == k], minlength=groups)[units] for k in range(most + 1)]
        )
        gini += 1 - ((counts / size) ** 2).sum(axis=0)
    table = np.column_stack([mean, sd, silence, gini / len(items.max_points)])
    spread = table.std(axis=0)
    standard = (table - table.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    if standard.shape[1] < 2:
        raise NotAvailable("классы не различаются")
    left, values, _ = np.linalg.svd(standard, full_matrices=False)
    membership = _fuzzy(left[:, :2] * values[:2], seed)
    high = int(np.argmax([np.average(mean, weights=column) for column in membership.T]))
    return units, membership[:, high]


def _fuzzy(points: NDArray, seed: int) -> NDArray[np.float64]:
    """Memberships of fuzzy c-means (Bezdek 1981), the best of several starts."""
    rng = np.random.default_rng(seed)
    best, best_loss = np.empty((len(points), _CLUSTERS)), np.inf
    for _ in range(_STARTS):
        u = rng.dirichlet(np.ones(_CLUSTERS), len(points))
        loss = np.inf
        for _ in range(_STEPS):
            power = u**_FUZZIFIER
            centres = (power.T @ points) / power.sum(axis=0)[:, None]
            distance = np.maximum(((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2), 1e-12)
            inverse = distance ** (-1 / (_FUZZIFIER - 1))
            u = inverse / inverse.sum(axis=1, keepdims=True)
            new = float((u**_FUZZIFIER * distance).sum())
            if abs(loss - new) < 1e-9 * max(new, 1.0):
                break
            loss = new
        if new < best_loss - 1e-12:
            best, best_loss = u, new
    return best
