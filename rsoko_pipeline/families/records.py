"""Records («записи реестров»): what was decided, held, published, evidenced: one row a deed, with its document.

Belongs here: how many deeds of a kind a unit has, for whom, at which of the nine steps of the cycle. Does not belong
here: measures of plans and roadmaps with deadlines (a family of their own), whether a decision had an effect.
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.families.levels import UNIT, at_every_level, named, series
from rsoko_pipeline.families.model import Base, Family

#: What the deeds are counted by: kind, direction and step; and by audience, a deed once in each of its own.
BY_STEP = ("record_kind", "direction", "step")
BY_AUDIENCE = ("record_kind", "audience")
#: Between the audiences of one deed.
_BETWEEN = r"\s*;\s*"


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.record_statistics``.

    A unit's ``n`` counts its own deeds and those of the units inside it; ``units`` says how many different units they
    come from. The same deeds stand in two groupings, which must not be added to each other: by kind, direction and
    step, and (rows with ``audience``) by kind and audience.
    """
    audiences = facts[facts["audience"].notna()]
    audiences = audiences.assign(audience=audiences["audience"].str.split(_BETWEEN, regex=True)).explode(
        "audience", ignore_index=True
    )
    audiences = audiences[audiences["audience"].astype("str") != ""]
    rows = pd.concat([_counted(facts, BY_STEP, base), _counted(audiences, BY_AUDIENCE, base)], ignore_index=True)
    return base.finished("record_statistics", named(rows, base.register, facts))


def _counted(facts: pd.DataFrame, by: tuple[str, ...], base: Base) -> pd.DataFrame:
    keyed = facts.assign(series=series(facts, by), own_unit=facts["level"] + "/" + facts["unit_code"])
    grouped = at_every_level(keyed, base.register).groupby([*UNIT, "series"])
    rows = grouped.agg(n=("own_unit", "size"), units=("own_unit", "nunique")).reset_index()
    return rows.merge(keyed[["series", *by]].drop_duplicates("series"), on="series")


FAMILY = Family(
    name="records",
    title_ru="Решения, меры, свидетельства",
    source="source_record",
    fact="fact_record",
    mart="record_statistics",
    key=("record_kind", "title", "date", "document", "direction", "step", "audience", "about_event"),
    stated=("responsible", "record_status"),
    statistics=statistics,
)
