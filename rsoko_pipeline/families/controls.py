"""Control of procedures («контроль процедур»): observers, representatives, video, visits, readiness, commissions,
instruction; for olympiads also secrecy of tasks, conflicts of interest, score sheets.

Belongs here: how many of the schools and sessions were controlled, where an observer is missing. Does not belong here:
whether results differ with and without an observer (``objectivity``).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families.levels import UNIT, at_every_level, named, series, with_share
from rsoko_pipeline.families.model import Base, Family, of_same_year
from rsoko_pipeline.history import in_force

_SERIES = ["event_id", "series"]
_SESSIONS = ["sessions", "sessions_covered", "trained", "violations"]
_COUNTS = ["schools", "schools_covered", *_SESSIONS]


def related(cfg: Configuration, events: Sequence[str], facts: pd.DataFrame) -> dict[str, list[str]]:
    """The results of the procedures controlled: which schools wrote them."""
    about = sorted(set(facts["about_event"].dropna()) & set(cfg.calendar.events))
    stages = [event_id for event_id in about if "source_olympiad" in _targets(cfg, event_id)]
    works = [event_id for event_id in about if not _targets(cfg, event_id)]
    return {"fact_result": works, "fact_group_marks": works, "fact_olympiad": stages}


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.control_statistics``: a series is a kind of control × the procedure controlled.

    Schools expected are those with results of the procedure, all of the register for an obligatory work without
    results yet, else those that the files list (``expected_source``); a listed school is always expected. A school is
    covered when control took place in at least one of its sessions. Interval of the coverage: Wilson.
    """
    rows = _keyed(facts)
    expected = _expected(rows, base)
    schools = expected[[*UNIT, "series"]].assign(schools=1)
    counted = rows.groupby([*UNIT, "series"], as_index=False)[_SESSIONS].sum()
    units = counted.merge(schools, on=[*UNIT, "series"], how="outer").fillna(dict.fromkeys(_COUNTS[2:], 0))
    is_school = units["level"] == "school"
    units = units.assign(
        schools=is_school.astype("int64"), schools_covered=(is_school & (units["sessions_covered"] > 0)).astype("int64")
    )
    out = at_every_level(units, base.register).groupby([*UNIT, "series"], as_index=False)[_COUNTS].sum()
    out = with_share(out, "coverage", out["schools_covered"], out["schools"])
    described = out.merge(rows[[*_SERIES, "control", "about_event"]].drop_duplicates(_SERIES), on=_SERIES)
    described = described.merge(
        expected[[*_SERIES, "expected_source"]].drop_duplicates(_SERIES), on=_SERIES, how="left"
    )
    described["expected_source"] = described["expected_source"].fillna("listed")
    return base.finished("control_statistics", named(described, base.register, facts))


def observer_gaps(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.observer_gap``: sessions to which nobody is assigned, and schools that the lists leave out.

    Sent before the sessions, the list of observers says where one is still missing: a row without an observer is a
    session (``absent``); a school that is expected (as in ``statistics``) and not listed has no session (``unlisted``).
    """
    rows = _keyed(facts[facts["control"] == "observer"])
    if rows.empty:
        return contracts.table("observer_gap").empty()
    listed = rows.loc[rows["level"] == "school", [*UNIT, "series"]].drop_duplicates()
    missing = _expected(rows, base).merge(listed, on=[*UNIT, "series"], how="left", indicator="found")
    missing = missing[missing["found"] == "left_only"].merge(
        rows[[*_SERIES, "about_event"]].drop_duplicates(_SERIES), on=_SERIES
    )
    absent = rows[~rows["is_present"].astype("bool")]
    gaps = pd.concat([absent.assign(gap="absent"), missing.assign(gap="unlisted")], ignore_index=True)
    day = gaps["date"].dt.strftime("%Y-%m-%d")
    gaps = gaps.assign(series=series(gaps.assign(day=day), ("about_event", "day", "session")))
    return base.finished("observer_gap", named(gaps.drop(columns=["unit_name", "parent_code"]), base.register, facts))


def _keyed(facts: pd.DataFrame) -> pd.DataFrame:
    """The facts with their ``series`` and the counts of sessions."""
    covered = facts["is_present"].astype("bool")
    return facts.assign(
        series=series(facts, ("control", "about_event")),
        sessions=1,
        sessions_covered=covered.astype("int64"),
        trained=(covered & facts["is_trained"].fillna(False).astype("bool")).astype("int64"),
        violations=facts["violations"].fillna(0).astype("int64"),
    )


def _expected(rows: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Schools that should be controlled: ``event_id, level, unit_code, series, expected_source``."""
    taking_part = _taking_part(base)
    parts = []
    for _, mine in rows.groupby(_SERIES, sort=True):
        event_id, name, about = mine[[*_SERIES, "about_event"]].iloc[0]
        schools, source = _of_procedure(about, taking_part, base) if isinstance(about, str) else ([], "listed")
        listed = mine.loc[mine["level"] == "school", "unit_code"]
        codes = pd.DataFrame({"unit_code": sorted({*schools, *listed})}, dtype="str")
        parts.append(codes.assign(event_id=event_id, series=name, expected_source=source))
    return pd.concat(parts, ignore_index=True).assign(level="school")


def _of_procedure(about: str, taking_part: pd.DataFrame, base: Base) -> tuple[list[str], str]:
    """The schools that write a procedure, and where that is known from."""
    known = taking_part.loc[taking_part["about_event"] == about, "unit_code"]
    if len(known):
        return known.tolist(), "results"
    event = base.cfg.calendar.events.get(about)
    is_work = event is not None and event.subject is not None and event.grade is not None
    if event is None or not is_work or event.participation != "obligatory":
        return [], "listed"
    day = pd.Timestamp(event.window_from)
    schools = in_force(base.register.schools, "school", day)
    is_open = schools["valid_to"].isna() | (schools["valid_to"] >= day)
    return schools.loc[is_open, "school"].tolist(), "register" if is_open.any() else "listed"


def _taking_part(base: Base) -> pd.DataFrame:
    """Which schools have results of which event: ``about_event``, ``unit_code``.

    Of olympiads only the school stage is written in the participants' own schools.
    """
    parts = [pd.DataFrame({"event_id": pd.Series(dtype="str"), "unit_code": pd.Series(dtype="str")})]
    works, groups, stages = (base.others.get(name) for name in ("fact_result", "fact_group_marks", "fact_olympiad"))
    if works is not None:
        parts.append(works.rename(columns={"school": "unit_code"}))
    if groups is not None:
        parts.append(groups[groups["level"] == "school"])
    if stages is not None:
        parts.append(stages[(stages["stage"] == "school") & (stages["level"] == "school")])
    rows = pd.concat([part[["event_id", "unit_code"]] for part in parts], ignore_index=True)
    return rows.drop_duplicates().rename(columns={"event_id": "about_event"})


def _targets(cfg: Configuration, event_id: str) -> frozenset[str]:
    return cfg.procedures[cfg.calendar.events[event_id].procedure].targets


FAMILY = Family(
    name="controls",
    title_ru="Контроль процедур",
    source="source_control",
    fact="fact_control",
    mart="control_statistics",
    key=("about_event", "control", "date", "session"),
    stated=("is_present", "is_trained", "violations"),
    statistics=statistics,
    related=related,
    also={"observer_gap": observer_gaps},
    depends=of_same_year,
)
