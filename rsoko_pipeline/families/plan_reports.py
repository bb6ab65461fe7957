"""Reports about plans («отчёты об исполнении планов»): what a unit says of the measures of plans and roadmaps.

Belongs here: how many measures a unit has done, of those it reports on. Does not belong here: due dates and whether a
measure is late against them (``calendar.plan_status``), the plans themselves (``config/measures``).
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.families.levels import UNIT, at_every_level, named, with_share
from rsoko_pipeline.families.model import Base, Family

#: Columns of the mart by the state that they count.
_COUNTS = {"done": "done", "partly": "partly", "late": "late", "no": "not_done"}


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.plan_report_statistics``.

    Of a unit's reports about one measure (and due date) in an event the last one counts. A municipality and the region
    count the reports of their units beside their own: ``measures`` is the number of reports then, ``units`` says of how
    many units. The interval is Wilson's for the share of measures done.
    """
    last = facts.sort_values(["date", "file_id", "row_number"], kind="stable").drop_duplicates(
        [*UNIT, "plan", "number", "due"], keep="last"
    )
    counted = last.assign(own_unit=last["level"] + "/" + last["unit_code"], documented=last["document"].notna())
    counted = counted.assign(**{column: last["state"] == state for state, column in _COUNTS.items()})
    grouped = at_every_level(counted, base.register).groupby([*UNIT, "plan"])
    sums = {column: (column, "sum") for column in (*_COUNTS.values(), "documented")}
    rows = grouped.agg(units=("own_unit", "nunique"), measures=("own_unit", "size"), **sums).reset_index()
    rows = with_share(rows, "done_share", rows["done"], rows["measures"], "done")
    return base.finished("plan_report_statistics", named(rows, base.register, facts))


FAMILY = Family(
    name="plan_reports",
    title_ru="Отчёты об исполнении планов",
    source="source_measure_status",
    fact="fact_measure_status",
    mart="plan_report_statistics",
    key=("plan", "number", "due", "date"),
    stated=("state",),
    statistics=statistics,
)
