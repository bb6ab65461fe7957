"""The ledger: which files were taken in, which school's data each brought, which of them is in force, what was decided.

Belongs here: the tables ``ops.landing_file``, ``ops.file_unit``, ``ops.quarantine`` and ``ops.event_state``, and the
rules of supersession. Does not belong here: reading files (``sources``), judging rows (``validation``).

A **unit** is what a later file replaces: the data of one school in one event (``school`` empty: a table about the
event as a whole; ``event_id`` empty, a school year or a day: a register's entry). A unit of a later intake supersedes
the earlier one; two different files for one unit in the *same* intake are both held, since nothing says which is right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import sqlalchemy as sa

from rsoko_pipeline import contracts
from rsoko_pipeline.validation.waiting import EMPTY_CODES, rows_kept_back
from rsoko_pipeline.warehouse import copy

UNIT = ["event_id", "content", "school"]
#: Registers that say where a school's results belong: a change in one of them makes every event pending.
PLACING = ("source_register", "source_municipality", "source_school_code", "source_school_alias", "source_contingent")
#: Who decided what of a finding, besides its ``action``.
_DECISION = ["released_at", "released_by", "reason"]


@dataclass(frozen=True)
class Decision:
    """What a person decided about held rows: ``released`` or ``dropped``, by whom, why."""

    action: str
    by: str
    reason: str


def quarantine_ids(findings: pd.DataFrame) -> pd.Series:
    """Numbers of findings that stay the same from run to run.

    A number is 53 bits of a hash over file, sheet, row, column, code and school.
    """
    parts = findings[["file_id", "sheet", "row_number", "column_name", "code", "school"]].astype("str").fillna("")
    lines = parts.agg("\x1f".join, axis=1)
    hashes = [int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest()) >> 11 for line in lines]
    return pd.Series(hashes, index=findings.index, dtype="Int64")


def as_quarantine(
    findings: pd.DataFrame, received_at: pd.Timestamp, decisions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Rows of ``ops.quarantine`` for findings, with the decisions that people took on them before.

    Args:
        findings: columns ``findings.COLUMNS``.
        received_at: time of the intake or run, UTC.
        decisions: rows of ``ops.quarantine`` that carry a decision (``quarantine_id``, ``action``, ``released_*``,
            ``reason``).
    """
    table = contracts.table("quarantine")
    if findings.empty:
        return table.empty()
    out = findings.assign(quarantine_id=quarantine_ids(findings), received_at=received_at)
    out = out.drop_duplicates("quarantine_id").set_index("quarantine_id")
    if decisions is not None and not decisions.empty:
        decided = decisions.set_index("quarantine_id").reindex(out.index)
        out["action"] = decided["action"].fillna(out["action"])
        out[_DECISION] = decided[_DECISION]
    return table.conform(out.reset_index())


class Ledger:
    """The ledger of one warehouse."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    # ------------------------------------------------------------------ files
    def known_files(self, config_version: str) -> pd.DataFrame:
        """``file_id``, ``name``, ``status`` of every file that need not be read again.

        A file refused under another configuration is not among them: a new work, scale or layout may let it in.
        """
        files = copy.read_table(self.engine, "landing_file", columns=["file_id", "name", "status", "config_version"])
        outdated = (files["status"] == "refused") & (files["config_version"] != config_version)
        return files.loc[~outdated, ["file_id", "name", "status"]]

    def forget_unreadable(self, still: Sequence[str]) -> None:
        """Drop the entries of files that could not be read, except those in ``still``, which still cannot."""
        with self.engine.begin() as connection:
            connection.execute(_FORGET_UNREADABLE, {"still": list(still)})

    def record(
        self, files: pd.DataFrame, units: pd.DataFrame, quarantine: pd.DataFrame, whole: Collection[str] = ()
    ) -> None:
        """Store one intake in one transaction and let its units take the place of earlier ones.

        Args:
            files: rows of ``ops.landing_file``.
            units: rows of ``ops.file_unit``, ``status`` accepted or held.
            quarantine: rows of ``ops.quarantine`` that no event's build will write.
            whole: contents of units that take the place of all earlier ones of their event, of other schools too.

        What was held of a file that is replaced waits for nobody's decision any more and is dropped; so is an empty
        file of a school whose data another file brings, whichever came first.
        """
        with self.engine.begin() as connection:
            copy.upsert(connection, "landing_file", files)
            if not units.empty:
                connection.execute(_LOCK_UNITS)
                accepted = units.loc[units["status"] == "accepted", UNIT]
                connection.execute(_ARRIVED)
                events = accepted[accepted["content"].isin(list(whole))].drop_duplicates(["event_id", "content"])
                arrived = pd.concat([accepted.astype(object), events.astype(object).assign(school=None)])
                connection.execute(_FILL_ARRIVED, {name: list(arrived[name]) for name in UNIT})
                connection.execute(_SUPERSEDE)
                copy.upsert(connection, "file_unit", units)
                connection.execute(_REFRESH_FILES)
                connection.execute(_SETTLE_REFUSED)
                connection.execute(_SETTLE_RIVALS)
                connection.execute(_SETTLE_SUPERSEDED)
            copy.upsert(connection, "quarantine", quarantine)
            connection.execute(_SETTLE_EMPTY, {"codes": list(EMPTY_CODES)})

    def record_registers(self, file_ids: Sequence[str], findings: pd.DataFrame, received_at: pd.Timestamp) -> None:
        """Store what was found in the register files in force in place of what was known of them; decisions stay.

        Args:
            file_ids: the files.
            findings: columns ``findings.COLUMNS``, ``event_id`` null.
            received_at: time of the run, UTC.
        """
        files = {"files": list(file_ids)}
        with self.engine.begin() as connection:
            decided = pd.read_sql(_DECIDED_OF_REGISTERS, connection, params=files)
            connection.execute(_FORGET_OF_REGISTERS, files)
            copy.upsert(connection, "quarantine", as_quarantine(findings, received_at, decided))

    def files_since(self, moment: pd.Timestamp) -> dict[str, int]:
        """Number of files first seen since then, by status."""
        query = sa.text("select status, count(*) from ops.landing_file where received_at >= :moment group by status")
        with self.engine.connect() as connection:
            return dict(connection.execute(query, {"moment": moment.to_pydatetime()}).all())

    def built_rows(self, event_ids: Sequence[str]) -> int:
        """Number of rows of the last build of these events."""
        query = sa.text(
            "select coalesce(sum(rows), 0) from ops.event_state where event_id = any(cast(:events as text[]))"
        )
        with self.engine.connect() as connection:
            return int(connection.execute(query, {"events": list(event_ids)}).scalar_one())

    def replaced_units(self, file_ids: Sequence[str]) -> pd.DataFrame:
        """The units of some files that later files have taken the place of: columns of ``ops.file_unit`` and ``by``,
        the file in force now, null where there is none.
        """
        with self.engine.connect() as connection:
            return pd.read_sql(_REPLACED_UNITS, connection, params={"files": list(file_ids)})

    def earlier_units(self, event_ids: Sequence[str]) -> pd.DataFrame:
        """The units of pupil rows that were in force once, the latest first: columns as of ``active_units``."""
        return self._units(_EARLIER_UNITS, events=list(event_ids))

    def active_units(self, event_ids: Sequence[str] | None = None) -> pd.DataFrame:
        """The units in force: columns of ``ops.file_unit`` and the file's ``name``; of all events by default."""
        return self._units(_ACTIVE_UNITS, everything=event_ids is None, events=list(event_ids or []))

    def units_by_event(self, event_ids: Sequence[str]) -> dict[str, int]:
        """How many units in force each of these events has; only events that have some."""
        query = sa.text(
            "select event_id, count(*) from ops.file_unit"
            " where status = 'accepted' and event_id = any(cast(:events as text[])) group by event_id"
        )
        with self.engine.connect() as connection:
            return dict(connection.execute(query, {"events": list(event_ids)}).all())

    def _units(self, query: sa.TextClause, **params: bool | list[str]) -> pd.DataFrame:
        texts = dict.fromkeys(("file_id", *UNIT, "status", "name"), "str")
        with self.engine.connect() as connection:
            return pd.read_sql(query, connection, params=params, dtype=texts)

    # ------------------------------------------------------------------ configuration
    def knows_configuration(self, config_version: str) -> bool:
        """Whether an intake has run under this version of the configuration."""
        query = sa.text("select exists (select from ops.config_version where config_version = :version)")
        with self.engine.connect() as connection:
            return bool(connection.execute(query, {"version": config_version}).scalar())

    def note_configuration(self, config_version: str) -> None:
        """Record that an intake runs under this version of the configuration."""
        query = sa.text(
            "insert into ops.config_version (config_version, loaded_at) values (:version, now()) on conflict do nothing"
        )
        with self.engine.begin() as connection:
            connection.execute(query, {"version": config_version})

    # ------------------------------------------------------------------ events
    def known_events(self) -> list[str]:
        """Events that any file, taken or refused, was ever about."""
        query = sa.text("select distinct event_id from ops.landing_file where event_id is not null order by 1")
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def pending_events(
        self, config_version: str, known: Iterable[str], depends: Mapping[str, Sequence[str]] | None = None
    ) -> list[str]:
        """Events whose input differs from what they were built from.

        The input is the files in force, the decisions, the registers and the configuration.

        Args:
            config_version: version of the configuration in force.
            known: the calendar's event ids in partition order, which is also the answer's order.
            depends: as of ``input_hashes``.
        """
        current = self.input_hashes(config_version, depends)
        with self.engine.connect() as connection:
            query = sa.text("select event_id, inputs_hash from ops.event_state where is_published")
            built: dict[str, str] = dict(connection.execute(query).all())
        return [event for event in known if event in current and current[event] != built.get(event)]

    def count_rows(self, event_ids: Sequence[str]) -> None:
        """Enter what validation made of the files of these events: rows accepted and held, status, first finding.

        A file of which nothing went on is ``held``, though its units are in force: a later file replaces them.
        """
        with self.engine.begin() as connection:
            files = {"events": list(event_ids)}
            units = pd.read_sql(_UNITS_OF_FILES, connection, params=files)
            found = pd.read_sql(_FOUND_IN_FILES, connection, params=files)
            held, dropped = (rows_kept_back(found[found["action"] == action], units) for action in ("held", "dropped"))
            worst = found.drop_duplicates("file_id").set_index("file_id")
            counts = pd.DataFrame({"file_id": units["file_id"].unique()}).set_index("file_id")
            counts = counts.assign(held=held, dropped=dropped).fillna(0).astype("int64")
            counts = counts.join(worst[["code", "message"]]).reset_index()
            texts = counts.astype(object).where(counts.notna(), None)
            connection.execute(_COUNT_ROWS, {str(name): texts[name].tolist() for name in texts})

    def mark_published(self, event_ids: Sequence[str]) -> None:
        """The marts of these events are computed from their facts as they stand; until then the events stay pending."""
        query = sa.text("update ops.event_state set is_published = true where event_id = any(cast(:events as text[]))")
        with self.engine.begin() as connection:
            connection.execute(query, {"events": list(event_ids)})

    def mark_reported(self, event_ids: Sequence[str]) -> None:
        """The boards and reports of these events' school year are made from their marts as they stand."""
        query = sa.text("update ops.event_state set is_reported = true where event_id = any(cast(:events as text[]))")
        with self.engine.begin() as connection:
            connection.execute(query, {"events": list(event_ids)})

    def unreported(self) -> list[str]:
        """Events whose reports are older than their marts."""
        query = sa.text("select event_id from ops.event_state where is_published and not is_reported order by 1")
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def input_hashes(self, config_version: str, depends: Mapping[str, Sequence[str]] | None = None) -> dict[str, str]:
        """The input's hash of every event that has a file in force.

        Args:
            config_version: the configuration in force.
            depends: by event the events whose facts it is computed from beside its own files.
        """
        with self.engine.connect() as connection:
            rows = connection.execute(_INPUTS, {"placing": list(PLACING), "registers": list(contracts.REGISTERS)}).all()
        own: dict[str, str] = dict(rows)
        others = {event: [own[other] for other in of if other in own] for event, of in (depends or {}).items()}
        return {
            event: hashlib.sha256(" ".join([config_version, inputs, *others.get(event, [])]).encode()).hexdigest()[:32]
            for event, inputs in own.items()
        }

    # ------------------------------------------------------------------ decisions
    def quarantined(
        self,
        *,
        event_id: str | None = None,
        school: str | None = None,
        code: str | None = None,
        everything: bool = False,
        ids: Sequence[int] | None = None,
    ) -> pd.DataFrame:
        """Rows of ``ops.quarantine`` with their file's ``name``; only what is held now unless ``everything``."""
        parameters = {
            "everything": everything,
            "event": event_id,
            "school": school,
            "code": code,
            "ids": None if ids is None else list(ids),
        }
        with self.engine.connect() as connection:
            return pd.read_sql(_QUARANTINED, connection, params=parameters)

    def decide(self, quarantine_ids: Sequence[int], decision: Decision) -> pd.DataFrame:
        """Record a person's decision on held findings; returns the findings decided now.

        A release of RSK-UNIT-TWICE puts that file's unit in force, supersedes its rivals and drops their findings. The
        rows themselves go on with the event's next run, which the decision makes pending.
        """
        with self.engine.begin() as connection:
            decided = pd.read_sql(
                _DECIDE,
                connection,
                params={**asdict(decision), "ids": [int(number) for number in quarantine_ids]},
            )
            if decision.action == "released":
                for row in decided[decided["code"] == "RSK-UNIT-TWICE"].itertuples():
                    unit = {"event": row.event_id, "school": row.school}
                    connection.execute(_CHOOSE_UNIT, {**unit, "file": row.file_id})
                    connection.execute(_DROP_RIVALS, {**unit, "by": decision.by})
                connection.execute(_REFRESH_FILES)
                connection.execute(_SETTLE_SUPERSEDED)
        return decided


# ---------------------------------------------------------------------------------------------------------------- SQL
#: The name under which the file of a row came first.
_NAMED = """join lateral (select name from ops.landing_file f
    where f.file_id = {}.file_id and f.status <> 'duplicate' order by name limit 1) f on true"""
#: Of all files with a unit in force in some events.
_OF_EVENTS = """where file_id in (select file_id from ops.file_unit
    where event_id = any(cast(:events as text[])) and status = 'accepted')"""

_LOCK_UNITS = sa.text("select pg_advisory_xact_lock(hashtext('rsoko.file_unit'))")

#: Units that an intake brings, for the statements after it in the same transaction; without a school: the whole event.
_ARRIVED = sa.text("create temporary table arrived (event_id text, content text, school text) on commit drop")

_FILL_ARRIVED = sa.text("""
insert into arrived
select * from unnest(cast(:event_id as text[]), cast(:content as text[]), cast(:school as text[]))""")

_SUPERSEDE = sa.text("""
update ops.file_unit u set status = 'superseded' from arrived a
where u.status in ('accepted', 'held') and (u.event_id, u.content) = (a.event_id, a.content)
  and (a.school is null or u.school = a.school)""")

#: A file of which no row passed validation stays held, whatever its units (``Ledger.count_rows``).
_REFRESH_FILES = sa.text("""
update ops.landing_file f set status = u.status
from (select file_id, case when bool_or(status = 'accepted') then 'accepted' when bool_or(status = 'held') then 'held'
             else 'superseded' end as status
      from ops.file_unit group by file_id) u
where u.file_id = f.file_id and f.status in ('accepted', 'held', 'superseded') and f.status <> u.status
  and not (f.status = 'held' and u.status = 'accepted' and f.rows_accepted = 0)""")

_UNITS_OF_FILES = sa.text(f"""
select * from ops.file_unit
{_OF_EVENTS}""")

#: What holds something back first, then what is said of the file as a whole, then what is said of rows.
_FOUND_IN_FILES = sa.text(f"""
select * from ops.quarantine
{_OF_EVENTS}
order by file_id, action <> 'held', row_number nulls first,
         array_position(array['error', 'warning', 'info'], severity), quarantine_id""")

_COUNT_ROWS = sa.text("""
update ops.landing_file f
set rows_accepted = greatest(f.rows_read - c.held - c.dropped, 0), rows_quarantined = least(f.rows_read, c.held),
    code = c.code, message = c.message,
    status = case when f.rows_read > 0 and c.held + c.dropped >= f.rows_read then 'held' else 'accepted' end
from unnest(cast(:file_id as text[]), cast(:held as int[]), cast(:dropped as int[]), cast(:code as text[]),
            cast(:message as text[])) as c (file_id, held, dropped, code, message)
where f.file_id = c.file_id and f.status in ('accepted', 'held')""")

#: What was held waits for nobody's decision any more, for this reason.
_DROP = """update ops.quarantine q set action = 'dropped', released_at = now(), released_by = 'rsoko', reason = '{}'"""
_REPLACED = _DROP.format("заменён более поздним файлом")

#: A refused file is settled where something else stands for the same school and work.
_SETTLE_FILE = """
with settled as (
    {drop}
    from {other} o, ops.landing_file f
    where q.action = 'held' and (q.event_id, q.school) = (o.event_id, o.school) {condition}
      and f.file_id = q.file_id and f.status = 'refused'
    returning q.file_id)
update ops.landing_file f set status = 'superseded' from settled s
where f.file_id = s.file_id and f.status = 'refused'"""

#: A file refused earlier for a school (an empty form, say) is settled by the school's later file for the same work.
_SETTLE_REFUSED = sa.text(_SETTLE_FILE.format(drop=_REPLACED, other="arrived", condition=""))

#: An empty file asks a school for data that another file, of the same intake or of an earlier one, has brought.
_SETTLE_EMPTY = sa.text(
    _SETTLE_FILE.format(
        drop=_DROP.format("данные школы есть в другом файле"),
        other="ops.file_unit",
        condition="""and q.code = any(cast(:codes as text[]))
      and o.status = 'accepted' and o.content like 'source_result%' and o.rows > 0""",
    )
)

#: What was held of a file is settled once nothing of that file is in force.
_SETTLE_SUPERSEDED = sa.text(f"""
{_REPLACED}
from ops.landing_file f
where q.action = 'held' and f.file_id = q.file_id and f.status = 'superseded'""")

#: Two files claimed a unit; a third one, which came later, has settled the matter.
_SETTLE_RIVALS = sa.text(f"""
{_REPLACED}
from arrived a
where q.action = 'held' and q.code = 'RSK-UNIT-TWICE' and (q.event_id, q.school) = (a.event_id, a.school)""")

_FORGET_UNREADABLE = sa.text("""
with forgotten as (
    delete from ops.landing_file
    where file_id like 'unreadable-%' and file_id <> all(cast(:still as text[])) returning file_id)
delete from ops.quarantine q using forgotten f where q.file_id = f.file_id""")

_ACTIVE_UNITS = sa.text(f"""
select u.*, f.name
from ops.file_unit u
{_NAMED.format("u")}
where u.status = 'accepted' and (:everything or u.event_id = any(cast(:events as text[])))
order by u.event_id, u.content, u.file_id, u.school""")

#: A rival that nobody released was never in force.
_EARLIER_UNITS = sa.text(f"""
select u.*, f.name
from ops.file_unit u
{_NAMED.format("u")}
where u.status = 'superseded' and u.content = 'source_result' and u.event_id = any(cast(:events as text[]))
  and not exists (select from ops.quarantine q
                  where q.code = 'RSK-UNIT-TWICE' and q.action <> 'released'
                    and (q.file_id, q.school) = (u.file_id, u.school))
order by u.received_at desc, u.file_id, u.event_id, u.school""")

_REPLACED_UNITS = sa.text("""
select u.*, f.file_id as by
from ops.file_unit u
left join ops.file_unit f
       on (f.event_id, f.content, f.school) = (u.event_id, u.content, u.school) and f.status = 'accepted'
where u.status = 'superseded' and u.file_id = any(cast(:files as text[]))
order by u.received_at, u.file_id, u.event_id, u.content, u.school""")

_QUARANTINED = sa.text(f"""
select q.*, f.name
from ops.quarantine q
left {_NAMED.format("q")}
where (:everything or action = 'held')
  and (cast(:event as text) is null or q.event_id = :event)
  and (cast(:school as text) is null or q.school = :school)
  and (cast(:code as text) is null or q.code = :code)
  and (cast(:ids as bigint[]) is null or q.quarantine_id = any(cast(:ids as bigint[])))
order by q.event_id nulls first, q.school, f.name, q.row_number, q.quarantine_id""")

_DECIDE = sa.text("""
update ops.quarantine set action = :action, released_at = now(), released_by = :by, reason = :reason
where quarantine_id = any(cast(:ids as bigint[])) and action = 'held' returning *""")

_DECIDED_OF_REGISTERS = sa.text("""
select * from ops.quarantine
where event_id is null and file_id = any(cast(:files as text[])) and action in ('released', 'dropped')""")

#: Two files for one school are the intake's finding: it stands until a person or a later file settles it.
_FORGET_OF_REGISTERS = sa.text("""
delete from ops.quarantine
where event_id is null and file_id = any(cast(:files as text[])) and code <> 'RSK-UNIT-TWICE'""")

_DROP_RIVALS = sa.text("""
update ops.quarantine set action = 'dropped', released_at = now(), released_by = :by, reason = 'выпущен другой файл'
where action = 'held' and code = 'RSK-UNIT-TWICE' and event_id = :event and school = :school""")

_CHOOSE_UNIT = sa.text("""
update ops.file_unit set status = case when file_id = :file then 'accepted' else 'superseded' end
where event_id = :event and school = :school and status in ('accepted', 'held')
  and content in (select content from ops.file_unit
                  where (file_id, event_id, school) = (:file, :event, :school) and content like 'source_result%')""")

_INPUTS = sa.text("""
with registers as (
    select md5(string_agg(content || event_id || school || file_id, ','
                          order by content, event_id, school, file_id)) as hash
    from ops.file_unit where status = 'accepted' and content = any(cast(:placing as text[]))),
units as (
    select event_id, string_agg(content || school || file_id, ',' order by content, school, file_id) as inputs
    from ops.file_unit where status = 'accepted' and content <> all(cast(:registers as text[]))
    group by event_id),
decisions as (
    select event_id, string_agg(quarantine_id::text || action, ',' order by quarantine_id) as inputs
    from ops.quarantine where action in ('released', 'dropped') group by event_id)
select u.event_id, md5(u.inputs || coalesce(d.inputs, '') || coalesce(r.hash, ''))
from units u left join decisions d using (event_id) cross join registers r""")
