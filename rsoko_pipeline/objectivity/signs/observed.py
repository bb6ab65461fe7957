"""OBSERVED: results are higher where nobody watched.

Belongs here: a school's results with an observer present against without. Does not belong here: how many observers
there were (indicators). Reported apart from the evidence: observers are not sent at random.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.combination import to_p
from rsoko_pipeline.objectivity.settings import Settings

COLUMNS = ["school", "n_observed", "n_unobserved", "observed_value", "unobserved_value", "difference", "p"]
#: In larger groups the permutation law of a mean is normal for every purpose.
_EXACT_BELOW = 30
_PERMUTATIONS = 4999


def compute(results: pd.DataFrame, settings: Settings, seed: int = 0) -> pd.DataFrame:
    """Compare every school that has enough pupil-works of both kinds.

    Args:
        results: a row a pupil × work: ``school``, ``observed`` (flag), ``z`` (score in units of the work's region).
        settings: least n of OBSERVED, for each of the two groups.
        seed: of the permutations; a school's p depends on its own rows and the seed alone.

    Returns:
        Columns ``COLUMNS``: numbers of pupil-works, mean z of each kind, ``difference`` = mean without − mean with an
        observer, ``p`` its one-sided permutation p-value: by 4,999 permutations, in groups of 30 and more by the
        normal law of the permutation mean and variance.
    """
    least = settings.signs["OBSERVED"].min_n
    rows = []
    known = results.dropna(subset=["z", "observed"]).sort_values(["school", "observed", "z"], kind="stable")
    for school, part in known.groupby("school", sort=True, observed=True):
        watched = part["observed"].to_numpy(dtype=bool)
        with_, without = int(watched.sum()), int((~watched).sum())
        if min(with_, without) < least:
            continue
        z = part["z"].to_numpy(dtype=np.float64)
        means = float(z[watched].mean()), float(z[~watched].mean())
        p = _normal_p(z, ~watched) if min(with_, without) >= _EXACT_BELOW else _permutation_p(z, ~watched, seed)
        rows.append((str(school), with_, without, *means, means[1] - means[0], p))
    return pd.DataFrame(rows, columns=COLUMNS)


def _permutation_p(z: NDArray, chosen: NDArray, seed: int) -> float:
    rng = np.random.default_rng([seed, len(z), int(chosen.sum())])
    order = np.argsort(rng.random((_PERMUTATIONS, len(z))), axis=1)[:, : chosen.sum()]
    return float((1 + (z[order].sum(axis=1) >= z[chosen].sum() - 1e-9).sum()) / (1 + _PERMUTATIONS))


def _normal_p(z: NDArray, chosen: NDArray) -> float:
    n, k = len(z), int(chosen.sum())
    spread = np.sqrt(k * (n - k) / n * z.var(ddof=1))
    return float(to_p((z[chosen].sum() - k * z.mean()) / spread)) if spread > 0 else 1.0
