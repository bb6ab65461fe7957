"""MEAN: the school's mean is higher than schools like it have.

Belongs here: the residual from context. Does not belong here: the same cohort's earlier result (``jump``).
A sign of family C: a strong school is not a dishonest one, so alone it never means more than evidence 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import funnel, random_intercept
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work


def compute(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_n`` scores: z = r/√(τ² + σ²/n), shown shrunk."""
    z, n = work.z, work.n
    if (reference & (n > 0)).sum() < settings.min_reference:
        raise NotAvailable(f"школ для сравнения меньше {settings.min_reference}")
    design = np.column_stack([np.ones(len(work)), work.covariates])
    used = reference[work.school]
    design = design[:, _independent(design[reference & (n > 0)])]
    model = random_intercept.fit(z[used], design[work.school[used]], work.school[used])
    residual = work.mean_z - design @ model.beta
    effect, error = model.effects(residual, n)
    units = np.flatnonzero(n >= settings.min_n)
    size = n[units].astype(np.float64)
    # In units of a sum over pupils divided by σ: variance n, extra variance τ²/σ² a pupil.
    spread = funnel.Funnel(0.0, model.between / model.within)
    scaled = residual[units] / np.sqrt(model.within)
    portion = Portion(units, n[units], scaled * size, size, spread.extra_variance)
    details = {
        "effect": np.round(effect[units], 3).tolist(),
        "effect_se": np.round(error[units], 3).tolist(),
        "covariates": [list(work.covariate_names)] * len(units),
    }
    return of_sum(portion, settings.min_n, residual[units], details=details)


def _independent(design: NDArray) -> list[int]:
    """Columns that are not sums of those before them."""
    kept: list[int] = []
    for j in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, j]]) > len(kept):
            kept.append(j)
    return kept
