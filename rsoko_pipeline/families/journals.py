"""Current marks («текущие отметки») from electronic journals, beside the external mark of the same pupil.

Belongs here: marks by subject, grade and period, and their comparison with works of the same school year. Does not
belong here: the journal mark that a work's own file carries (``indicators``).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families.levels import UNIT, at_every_level, named, with_share
from rsoko_pipeline.families.model import Base, Family, of_same_year

_BY = [*UNIT, "subject", "grade", "period"]
_MARKS = (2, 3, 4, 5)
_COUNTS = ["n", *(f"n{mark}" for mark in _MARKS), "linked", "lowered", "confirmed", "raised"]


def related(cfg: Configuration, events: Sequence[str], facts: pd.DataFrame) -> dict[str, list[str]]:
    """The works of the same school years in the journals' subjects and grades that measure that year's programme."""
    years = {cfg.calendar.events[event_id].school_year for event_id in events}
    asked = set(facts[["subject", "grade"]].drop_duplicates().itertuples(index=False, name=None))
    works = [
        event.event_id
        for event in cfg.calendar.events.values()
        if event.school_year in years
        and event.school_year_measured == event.school_year
        and (event.subject, event.grade) in asked
    ]
    return {"fact_result": sorted(works)}


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.journal_statistics``.

    ``n`` counts pupils with a mark. The mean mark is the mean of the pupils' own averages, of their marks where a file
    gives no average. ``linked`` pupils have a mark and an external one of the same school year and subject (the latest
    of several): lowered means that the external mark is below the journal's. Interval of the quality: Wilson.
    """
    rows = facts.assign(external=_external(facts, base))
    mark, external = rows["mark"].astype("float64"), rows["external"].astype("float64")
    shift = external - mark
    counted = rows.assign(
        n=mark.notna().astype("int64"),
        **{f"n{value}": (mark == value).astype("int64") for value in _MARKS},
        average=rows["mean_mark"].astype("float64").fillna(mark),
        linked=shift.notna().astype("int64"),
        lowered=(shift < 0).astype("int64"),
        confirmed=(shift == 0).astype("int64"),
        raised=(shift > 0).astype("int64"),
    )
    groups = at_every_level(counted, base.register).groupby(_BY, as_index=False)
    out = groups[_COUNTS].sum().assign(mean_mark=groups["average"].mean()["average"])
    out = with_share(out, "quality", out["n4"] + out["n5"], out["n"])
    return base.finished("journal_statistics", named(out, base.register, facts))


def _external(facts: pd.DataFrame, base: Base) -> pd.Series:
    """The mark of the pupil's latest work of the same school year and subject, null where there is none."""
    results = base.others.get("fact_result")
    if results is None or results.empty:
        return pd.Series(pd.NA, index=facts.index, dtype="Int16")
    events = base.cfg.calendar.events
    marked = results[results["present"].fillna(False).astype("bool") & results["mark"].notna()]
    of_work = {event_id: events[event_id] for event_id in marked["event_id"].unique()}
    external = pd.DataFrame(
        {
            "school_year": marked["event_id"].map({key: event.school_year for key, event in of_work.items()}),
            "subject": marked["event_id"].map({key: event.subject for key, event in of_work.items()}),
            "pupil": marked["pupil"],
            "until": marked["event_id"].map({key: event.window_to.toordinal() for key, event in of_work.items()}),
            "external": marked["mark"],
        }
    )
    one = ["school_year", "subject", "pupil"]
    latest = external.sort_values("until", kind="stable").drop_duplicates(one, keep="last")
    years = {event_id: events[event_id].school_year for event_id in facts["event_id"].unique()}
    asked = facts[["subject", "pupil"]].assign(school_year=facts["event_id"].map(years))
    found = asked.merge(latest[[*one, "external"]], on=one, how="left")["external"]
    return pd.Series(found.to_numpy(), index=facts.index, dtype="Int16")


FAMILY = Family(
    name="journals",
    title_ru="Текущие отметки",
    source="source_journal_mark",
    fact="fact_journal_mark",
    mart="journal_statistics",
    key=("subject", "grade", "period", "pupil_code"),
    stated=("mark", "mean_mark"),
    statistics=statistics,
    related=related,
    depends=of_same_year,
)
