"""The standing check: what is broken now, what is late against the calendar, what waits in quarantine.

Belongs here: questions to the warehouse about its own state. Does not belong here: printing (``cli``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families import dependencies
from rsoko_pipeline.landing.ledger import Ledger


@dataclass(frozen=True)
class Standing:
    """The state of an installation.

    Attributes:
        refused: files refused or held as a whole, not replaced since and not dropped by a person: ``name``,
            ``event_id``, ``code``, ``message``.
        held: held findings by event and code: ``event_id``, ``code``, ``rows``, ``schools``.
        held_events: events held as a whole because too many rows failed: ``event_id``, ``failed``, ``checked``.
        pending: events whose input changed since they were built.
        unreported: school years whose reports are older than their marts.
        late: deadlines missed in the school years that the installation has files of: ``event_id``, ``title``,
            ``due_kind``, ``due``.
        missing: uploads that are late, by event: ``event_id``, ``due``, ``schools``.
    """

    refused: pd.DataFrame
    held: pd.DataFrame
    held_events: pd.DataFrame
    pending: list[str]
    unreported: list[str]
    late: pd.DataFrame
    missing: pd.DataFrame

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do."""
        frames = (self.refused, self.held, self.held_events, self.late, self.missing)
        return not self.pending and not self.unreported and all(frame.empty for frame in frames)


def standing(engine: sa.Engine, cfg: Configuration, today: date) -> Standing:
    """Ask the warehouse for its state.

    Args:
        engine: the warehouse.
        cfg: the configuration in force.
        today: the day against which deadlines are held.
    """
    ledger = Ledger(engine)
    with engine.connect() as connection:

        def ask(query: str) -> pd.DataFrame:
            return pd.read_sql(sa.text(query), connection, params={"today": today})

        return Standing(
            refused=ask(_REFUSED),
            held=ask(_HELD),
            held_events=ask(_HELD_EVENTS),
            pending=ledger.pending_events(cfg.version, cfg.calendar.events, dependencies(cfg)),
            unreported=_years(ledger.unreported(), cfg),
            late=_of_served_years(ask(_LATE), ledger, cfg),
            missing=_of_served_years(ask(_MISSING), ledger, cfg),
        )


def _years(events: Sequence[str], cfg: Configuration) -> list[str]:
    """School years of events, in the calendar's order; events that it no longer has have none."""
    years = {event.school_year for name in events if (event := cfg.calendar.events.get(name))}
    return [year for year in cfg.calendar.years if year in years]


def _of_served_years(rows: pd.DataFrame, ledger: Ledger, cfg: Configuration) -> pd.DataFrame:
    """Without the years before the installation's first file: nobody is late with what nobody was asked for."""
    events = cfg.calendar.events
    served = {events[event].school_year for event in ledger.known_events() if event in events}
    return rows[rows["event_id"].isin([event for event in events if events[event].school_year in served])]


def signs_to_check(engine: sa.Engine, school_years: Sequence[str]) -> int:
    """Number of school × work with evidence of at least 2 in these school years: signs to check, never verdicts."""
    with engine.connect() as connection:
        return int(connection.execute(sa.text(_SIGNS), {"years": list(school_years)}).scalar_one())


def loaded_facts(engine: sa.Engine) -> pd.DataFrame:
    """What is loaded by event: ``event_id``, ``loaded`` and ``expected`` (schools; may be null), ``loaded_at``."""
    with engine.connect() as connection:
        return pd.read_sql(sa.text(_LOADED), connection, params={"registers": list(contracts.REGISTERS)})


def plan_reports(engine: sa.Engine) -> pd.DataFrame:
    """Every report about a measure of a plan; contract ``core.fact_measure_status``."""
    with engine.connect() as connection:
        reports = pd.read_sql(sa.text("select * from core.fact_measure_status"), connection)
    return contracts.table("fact_measure_status").conform(reports)


#: An answer of ``loaded_facts`` where there is no warehouse yet.
NOTHING_LOADED = pd.DataFrame(columns=["event_id", "loaded", "expected", "loaded_at"])

_SIGNS = """
select count(*) from mart.objectivity_evidence where evidence >= 2 and school_year = any(cast(:years as text[]))"""
_LOADED = """
select coalesce(s.event_id, u.event_id) as event_id, coalesce(u.loaded, 0) as loaded, s.expected, e.loaded_at
from (select event_id, count(*) as expected from mart.upload_status group by event_id) s
full join (select event_id, count(distinct school) as loaded from ops.file_unit
           where status = 'accepted' and school <> '' and content <> all(cast(:registers as text[]))
           group by event_id) u using (event_id)
left join ops.event_state e on e.event_id = coalesce(s.event_id, u.event_id)"""
_REFUSED = """
select name, event_id, code, message from ops.landing_file f
left join (select file_id, bool_or(action = 'dropped') and not bool_or(action = 'held') as is_dropped
           from ops.quarantine group by file_id) q using (file_id)
where status in ('refused', 'held') and q.is_dropped is not true order by name"""
_HELD = """
select event_id, code, count(*) as rows, count(distinct school) as schools from ops.quarantine
where action = 'held' group by event_id, code order by event_id nulls first, code"""
_HELD_EVENTS = """
select event_id, failed, checked from ops.check_result
where check_name = 'event_threshold' and not passed order by event_id"""
_LATE = """
select event_id, title, due_kind, due from mart.calendar_status
where status = 'late' and due < :today order by due, event_id"""
_MISSING = """
select event_id, min(due) as due, count(*) as schools from mart.upload_status
where status in ('awaited', 'late') and due < :today group by event_id order by 2, 1"""
