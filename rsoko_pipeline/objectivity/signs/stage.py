"""STAGE: a school's olympiad results are high at its own stage and fall at the municipal one.

Belongs here: the residual of the municipal result on the school one. Does not belong here: winners and prizes
(indicators). Reported apart from the evidence of works.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity import funnel
from rsoko_pipeline.objectivity.combination import benjamini_hochberg, to_p
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.work import NotAvailable

COLUMNS = ["school", "subject", "n", "school_mean", "municipal_mean", "expected", "z", "p", "q"]


def compute(participants: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Test every school with enough participants of both stages, subject by subject.

    Args:
        participants: a row a participant of both stages: ``school, subject, school_share, municipal_share`` (per cent
            of the maximum, 0–100).
        settings: least n of STAGE, least number of schools.

    Returns:
        Columns ``COLUMNS``, one-sided: a small p is «high there, low here».

    Raises:
        NotAvailable: no subject has enough schools.
    """
    known = participants.dropna(subset=["school_share", "municipal_share"])
    parts = [
        _subject(str(subject), part, settings) for subject, part in known.groupby("subject", sort=True, observed=True)
    ]
    parts = [part for part in parts if not part.empty]
    if not parts:
        raise NotAvailable(
            f"нет предмета, по которому не меньше {settings.min_reference} школ имеют "
            f"{settings.signs['STAGE'].min_n} участников обоих этапов"
        )
    return pd.concat(parts, ignore_index=True)


def _subject(subject: str, part: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    codes, schools = pd.factorize(part["school"].astype("str"), sort=True)
    earlier = part["school_share"].to_numpy(dtype=np.float64)
    later = part["municipal_share"].to_numpy(dtype=np.float64)
    n = np.bincount(codes)
    units = np.flatnonzero(n >= settings.signs["STAGE"].min_n)
    if len(units) < settings.min_reference or np.ptp(earlier) == 0:
        return pd.DataFrame(columns=COLUMNS)
    slope, constant = np.polyfit(earlier, later, 1)
    residual = later - constant - slope * earlier
    mean = np.bincount(codes, weights=residual)[units] / n[units]
    within = float(np.sum((residual - (np.bincount(codes, weights=residual) / n)[codes]) ** 2)) / max(
        len(later) - len(n), 1
    )
    variance = np.maximum(within, 1e-9) / n[units]
    spread = funnel.fit(-mean, variance, np.ones(len(units), dtype=bool), centre=0.0)
    z = spread.z(-mean, variance)
    school_mean = np.bincount(codes, weights=earlier)[units] / n[units]
    # Only a fall from a height is a sign: schools below the subject's mean at their own stage show no inflated results.
    p = np.where(school_mean >= earlier.mean(), to_p(z), np.maximum(to_p(z), 0.5))
    return pd.DataFrame(
        {
            "school": np.asarray(schools)[units],
            "subject": subject,
            "n": n[units],
            "school_mean": school_mean,
            "municipal_mean": np.bincount(codes, weights=later)[units] / n[units],
            "expected": constant + slope * school_mean,
            "z": z,
            "p": p,
            "q": benjamini_hochberg(p),
        }
    )
