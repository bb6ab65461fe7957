"""OBSERVED: results are higher where nobody watched.

Belongs here: a school's results with an observer present against without. Does not belong here: how many observers
there were (indicators). Reported apart from the evidence: observers are not sent at random.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity.settings import Settings

COLUMNS = ["school", "n", "n_observed", "n_unobserved", "difference", "p"]
_PERMUTATIONS = 4999


def compute(results: pd.DataFrame, settings: Settings, seed: int = 0) -> pd.DataFrame:
    """Compare every school that has enough pupil-works of both kinds.

    Args:
        results: a row a pupil × work: ``school``, ``observed`` (flag), ``z`` (score in units of the work's region).
        settings: least n of OBSERVED, for each of the two groups.
        seed: of the permutations; a school's p depends on its own rows and the seed alone.

    Returns:
        Columns ``COLUMNS``: ``difference`` = mean without − mean with an observer, ``p`` its one-sided permutation
        p-value.
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
        rng = np.random.default_rng([seed, len(z), with_])
        order = np.argsort(rng.random((_PERMUTATIONS, len(z))), axis=1)[:, :without]
        found = float(z[~watched].sum())
        p = (1 + int((z[order].sum(axis=1) >= found - 1e-9).sum())) / (1 + _PERMUTATIONS)
        rows.append((str(school), len(z), with_, without, float(z[~watched].mean() - z[watched].mean()), p))
    return pd.DataFrame(rows, columns=COLUMNS)
