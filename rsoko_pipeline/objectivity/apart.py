"""Signs that stand beside the evidence as rows of ``mart.objectivity_sign``: re-marking and the stages of an olympiad.

Belongs here: their rows in the shape of ``Assessment.signs``. Does not belong here: the tests (``signs.remark``,
``signs.stage``), what re-marking confirms (``outcome``). OBSERVED is about all works of a year together, so it has no
row of an event (``observers``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from rsoko_pipeline.objectivity.combination import benjamini_hochberg, to_z
from rsoko_pipeline.objectivity.settings import Settings

COLUMNS = [
    *("event_id", "level", "unit_code", "sign", "family", "statistic", "z", "p", "p_conservative", "q", "n"),
    "details",
]
_OF_REMARK = ("kappa", "ac2", "exact", "bias", "bias_low", "bias_high", "lowered", "raised", "is_sign", "confirmed")
_OF_STAGE = ("about_event", "first_share", "second_share", "expected_share", "mean_change")


def of_remarking(judged: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Rows of REMARK, a row a school and work with enough works marked twice.

    Args:
        judged: ``outcome.judge``.
        settings: words of the sign.

    Returns:
        Columns ``COLUMNS``: ``statistic`` is the bias as a share of the maximum, p that of the sign test, q over the
        schools of the event.
    """
    p = judged["p"].to_numpy(dtype="float64")
    q = judged.groupby("event_id")["p"].transform(lambda part: benjamini_hochberg(part.to_numpy(dtype="float64")))
    rows = judged.assign(unit_code=judged["school"], statistic=judged["bias"], z=to_z(p), q=q)
    return _rows(rows, "REMARK", _OF_REMARK, settings)


def of_olympiads(signs: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Rows of STAGE, a row a school and municipal stage.

    Args:
        signs: ``mart.olympiad_sign``.
        settings: words of the sign.

    Returns:
        Columns ``COLUMNS``: ``statistic`` is the municipal result less the one expected from the school stage, as
        shares of the maximum; of several subjects of one event that of the least p.
    """
    signs = signs.sort_values(["event_id", "unit_code", "p", "subject"]).drop_duplicates(["event_id", "unit_code"])
    rows = signs.assign(statistic=signs["second_share"] - signs["expected_share"], p_conservative=signs["p"])
    return _rows(rows, "STAGE", _OF_STAGE, settings)


def _rows(rows: pd.DataFrame, sign: str, told: Iterable[str], settings: Settings) -> pd.DataFrame:
    words = settings.signs[sign]
    common = {"comparison": words.comparison, "alternatives": list(words.alternatives)}
    details = [{**_plain(row), **common} for row in rows[list(told)].to_dict("records")]
    out = rows.assign(level="school", sign=sign, family=words.family, details=pd.Series(details, rows.index, "object"))
    return out[COLUMNS].reset_index(drop=True)


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """The row as JSON takes it."""
    return {str(name): value.item() if hasattr(value, "item") else value for name, value in row.items()}
