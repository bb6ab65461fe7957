"""The intake: what is new in the landing folder is copied into the store, read, and entered in the ledger.

Belongs here: deciding what is new (by content alone), unpacking archives, two files for one unit. Does not belong here:
the readers (``sources``), the checks of rows (``validation``), loading into ``core`` (the events' assets).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from upath import UPath

from rsoko_pipeline import contracts, findings, sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families import OF_SOURCE
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing import parsed, registers
from rsoko_pipeline.landing.assembly import merged_frames, reader_findings
from rsoko_pipeline.landing.exams import units as exam_units
from rsoko_pipeline.landing.ledger import UNIT, Ledger, as_quarantine
from rsoko_pipeline.landing.scan import Incoming, scan
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources.model import FileFacts, ReadResult
from rsoko_pipeline.sources.reading import unreadable_id

#: Frames of which a file brings each school's rows as a unit of its own.
_BY_SCHOOL = ("source_school", "source_result")


@dataclass
class Intake:
    """What one intake did.

    Attributes:
        files: rows of ``ops.landing_file`` written.
        units: rows of ``ops.file_unit`` written.
        findings: all findings of reading, columns ``findings.COLUMNS``.
        unchanged: number of files of the landing folder that were known already.
    """

    files: pd.DataFrame = field(default_factory=lambda: contracts.table("landing_file").empty())
    units: pd.DataFrame = field(default_factory=lambda: contracts.table("file_unit").empty())
    findings: pd.DataFrame = field(default_factory=lambda: findings.frame([], file_id=""))
    unchanged: int = 0

    @property
    def events(self) -> list[str]:
        """Events that got a file now, sorted."""
        return sorted(set(self.units.loc[~self.units["content"].isin(contracts.REGISTERS), "event_id"]))

    def count(self, status: str) -> int:
        """Number of files written with this status."""
        return int((self.files["status"] == status).sum())


def take_in(
    landing: UPath,
    store: Store,
    ledger: Ledger,
    cfg: Configuration,
    *,
    workers: int = 2,
    key: bytes | None = None,
    beside: Iterable[Incoming] = (),
) -> Intake:
    """Take in everything new in the landing folder; what is known by its content is not read again.

    Args:
        landing: the folder of incoming files.
        store: where their copies go.
        ledger: what is known so far; gets the new entries in one transaction.
        cfg: configuration, for the readers.
        workers: child processes that open workbooks.
        key: the key of pseudonyms, for the readers.
        beside: what comes from elsewhere, like a file of the folder.
    """
    now = pd.Timestamp.now(tz="UTC").as_unit("us")
    store.sweep()
    arrivals = _Arrivals(ledger.known_files(cfg.version))
    present = [*scan(landing), *beside]
    ledger.forget_unreadable([unreadable_id(item.name) for item in present if item.file_id is None])
    for incoming in present:
        arrivals.add(incoming, store, cfg)
    intake = Intake(unchanged=arrivals.unchanged)
    if not (arrivals.new or arrivals.refused or arrivals.duplicates):
        return intake
    results = list(arrivals.refused)
    claimed = []
    for block in parsed.blocks(sources.read_many(arrivals.new, cfg=cfg, workers=workers, key=key)):
        results += block
        claimed.append(claimed_units(block, now, frames=parsed.keep(block, cfg.version).frames))
    new = pd.concat([intake.units, *claimed], ignore_index=True)
    new = registers.without_failed(new, results, ledger.active_units)
    again = sent_again(arrivals.duplicates, results, ledger, new, now)
    intake.units = pd.concat([hold_rivals(new, results), again], ignore_index=True)
    intake.findings = reader_findings(results)
    intake.files = _files(results, intake.units, arrivals.duplicates, cfg.version, now)
    in_force = intake.units.loc[intake.units["status"] == "accepted", "file_id"]
    without_event = intake.findings[
        intake.findings["event_id"].isna() | ~intake.findings["file_id"].isin(in_force)
    ]  # the others are entered with their event when it is built
    ledger.record(intake.files, intake.units, as_quarantine(without_event, now), whole_tables(cfg))
    return intake


class _Arrivals:
    """Sorts what lies in the landing folder into new, duplicate, refused before reading, and unchanged."""

    def __init__(self, known: pd.DataFrame) -> None:
        first = known[known["status"] != "duplicate"].drop_duplicates("file_id")
        self._first = dict(zip(first["file_id"], first["name"], strict=True))
        self._pairs = set(zip(known["file_id"], known["name"], strict=True))
        self.new: list[tuple[Path, str]] = []
        self.duplicates: list[tuple[str, str, int, str]] = []
        self.refused: list[ReadResult] = []
        self.unchanged = 0

    def add(self, incoming: Incoming, store: Store, cfg: Configuration) -> None:
        if incoming.file_id is None:
            self._refuse(incoming)
            return
        if (incoming.file_id, incoming.name) in self._pairs:
            self.unchanged += 1
            return
        try:
            stream = incoming.path.open("rb")
        except FileNotFoundError:  # taken away since the scan
            return
        with stream:
            if incoming.file_id in self._first:
                self._duplicate(incoming.file_id, incoming.name, incoming.path.stat().st_size)
                return
            stored = store.put(stream, incoming.file_id)
        if sources.is_archive(stored.path):
            self._unpack(stored.path, stored.file_id, stored.size, incoming.name, store, cfg)
        else:
            self._accept(stored.file_id, stored.path, incoming.name)

    def _accept(self, file_id: str, path: Path, name: str) -> None:
        self._first[file_id] = name
        self.new.append((path, name))

    def _duplicate(self, file_id: str, name: str, size: int) -> None:
        self._pairs.add((file_id, name))
        self.duplicates.append((file_id, name, size, self._first[file_id]))

    def _unpack(self, path: Path, file_id: str, size: int, name: str, store: Store, cfg: Configuration) -> None:
        self._first[file_id] = name
        archive = ReadResult(FileFacts(file_id, name, size, format="archive"))
        for member in sources.expand(path, name, store, cfg.limits, archive.findings):
            archive.file.rows_read += 1
            if (member.stored.file_id, member.name) in self._pairs:
                self.unchanged += 1
            elif member.stored.file_id in self._first:
                self._duplicate(member.stored.file_id, member.name, member.stored.size)
            else:
                self._accept(member.stored.file_id, member.stored.path, member.name)
        self.refused.append(archive)

    def _refuse(self, incoming: Incoming) -> None:
        facts = FileFacts(unreadable_id(incoming.name), incoming.name, 0)
        if (facts.file_id, facts.name) in self._pairs:
            self.unchanged += 1
            return
        self.refused.append(
            ReadResult(facts, findings=[Finding(incoming.code, {"name": incoming.name, "reason": incoming.trouble})])
        )


def sent_again(
    duplicates: list[tuple[str, str, int, str]],
    results: list[ReadResult],
    ledger: Ledger,
    new: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """The units of files that are in force again: replaced by a later file, and now sent once more without that one.

    Whoever sends the earlier file again takes the later one back. Where both come together (an archive of everything
    that was ever sent), or a new file brings the same, nothing is said about which of the old ones is right.

    Args:
        duplicates: what has come of known content, under new names.
        results: what has come besides.
        ledger: what is known.
        new: rows of ``ops.file_unit`` that new files bring.
        now: when they came.
    """
    if not duplicates:
        return new.head(0)
    known = {file_id for file_id, *_ in duplicates}
    replaced = ledger.replaced_units(sorted(known))
    arrived = known | {result.file.file_id for result in results}
    replaced = replaced[~replaced["by"].isin(arrived)].drop_duplicates(UNIT, keep="last")
    is_new = pd.MultiIndex.from_frame(replaced[UNIT]).isin(pd.MultiIndex.from_frame(new[UNIT]))
    table = contracts.table("file_unit")
    return table.conform(replaced.loc[~is_new, table.names].assign(status="accepted", received_at=now))


def claimed_units(
    results: list[ReadResult], now: pd.Timestamp, *, frames: Mapping[str, pd.DataFrame] | None = None
) -> pd.DataFrame:
    """Rows of ``ops.file_unit`` for all that the files bring, none of it held yet.

    Args:
        results: the files.
        now: when they came.
        frames: their rows by name where they are put together already.
    """
    accepted = [result for result in results if not result.is_refused]
    frames = dict(merged_frames(accepted) if frames is None else frames)
    table = contracts.table("file_unit")
    if not frames:
        return table.empty()
    formats = {result.file.file_id: result.file.format for result in accepted}
    listed = set(frames["source_school"]["file_id"]) if "source_school" in frames else set()
    parts = []
    sittings = frames.pop("source_exam", None)
    if sittings is not None:  # a unit of an exam is a day, so its schools are no units beside it
        parts.append(exam_units(sittings))
        frames["source_school"] = _of_others(frames["source_school"], sittings)
    for name, frame in frames.items():
        rows = frame[~frame["file_id"].isin(listed)] if name == "source_result" else frame
        parts.append(_units_of(name, rows, formats))
    return table.conform(pd.concat(parts, ignore_index=True).assign(status="accepted", received_at=now))


def _of_others(rows: pd.DataFrame, sittings: pd.DataFrame) -> pd.DataFrame:
    """The rows of files that carry no exam."""
    return rows[~rows["file_id"].isin(set(sittings["file_id"]))]


def _units_of(name: str, frame: pd.DataFrame, formats: Mapping[str, str | None]) -> pd.DataFrame:
    """The units that the frames of one name bring, of all files."""
    event, school = registers.unit(name, frame) if name in contracts.REGISTERS else (frame.get("event_id"), "")
    if name in OF_SOURCE:
        school = frame["unit_code"]
    elif name in _BY_SCHOOL:
        school = frame["school"]
    columns = {
        "file_id": frame["file_id"],
        "event_id": event,
        "school": school,
        "rows": frame["rows"] if name == "source_school" else 1,
        "declared": frame["declared"] if name == "source_school" else pd.NA,
    }
    units = pd.DataFrame(columns, index=frame.index).dropna(subset=["event_id"])
    units = units.groupby(["file_id", "event_id", "school"], as_index=False).agg({"rows": "sum", "declared": "first"})
    contents = {file_id: unit_content(name, file_format) for file_id, file_format in formats.items()}
    return units.assign(content=units["file_id"].map(contents))


def unit_content(frame: str, file_format: str | None) -> str:
    """What a unit is made of: pupil rows replace those of any format, another table only one of its own format."""
    if frame in ("source_school", "source_result"):
        return "source_result"
    return frame if frame in contracts.REGISTERS else f"{frame}:{file_format}"


def whole_tables(cfg: Configuration) -> frozenset[str]:
    """Contents of the tables that replace an event as a whole."""
    layouts = cfg.delimited.values()
    return frozenset(unit_content(layout.target, layout.format) for layout in layouts if layout.replaces == "event")


def hold_rivals(units: pd.DataFrame, results: list[ReadResult]) -> pd.DataFrame:
    """Hold every unit that two different files of the same intake claim, with a finding in each of the files.

    Args:
        units: rows of ``ops.file_unit`` of one intake.
        results: the files of the intake; those concerned get the finding RSK-UNIT-TWICE.
    """
    if units.empty:
        return units
    rivals = units.groupby(UNIT, dropna=False)["file_id"].transform("nunique") > 1
    by_id = {result.file.file_id: result for result in results}
    for _, claim in units[rivals].groupby(UNIT):
        files = list(claim["file_id"])
        for mine in files:
            others = ", ".join(by_id[other].file.name for other in files if other != mine)
            row = claim.iloc[0]
            by_id[mine].findings.append(
                Finding("RSK-UNIT-TWICE", {"name": by_id[mine].file.name, "other": others}, school=row["school"])
            )
    return units.assign(status=units["status"].mask(rivals, "held"))


def _files(
    results: list[ReadResult],
    units: pd.DataFrame,
    duplicates: list[tuple[str, str, int, str]],
    config_version: str,
    now: pd.Timestamp,
) -> pd.DataFrame:
    held = set(units.loc[units["status"] == "held", "file_id"]) - set(
        units.loc[units["status"] == "accepted", "file_id"]
    )
    rows = []
    kept_back = units[units["status"] == "held"].groupby("file_id")["rows"].sum().to_dict()
    for result in results:
        facts, worst = result.file, _worst(result)
        status = "refused" if result.is_refused else "held" if facts.file_id in held else "accepted"
        rejected = len(
            {(f.sheet, f.row_number) for f in result.findings if f.severity == "error" and f.kind.scope == "row"}
        )
        rejected = min(rejected + int(kept_back.get(facts.file_id, 0)), facts.rows_read)
        rows.append(
            (
                facts.file_id,
                facts.name,
                facts.size,
                facts.format,
                facts.edition,
                facts.event_id,
                status,
                facts.rows_read,
                0 if result.is_refused else facts.rows_read - rejected,
                rejected,
                worst.code if worst else None,
                worst.message if worst else None,
                config_version,
                now,
            )
        )
    again = set(units["file_id"]) - {result.file.file_id for result in results}
    for file_id, name, size, first in duplicates:
        code = "RSK-FILE-AGAIN" if file_id in again else "RSK-FILE-DUPLICATE"
        finding = Finding(code, {"name": name, "first": first})
        rows.append(
            (
                file_id,
                name,
                size,
                None,
                None,
                None,
                "duplicate",
                0,
                0,
                0,
                finding.code,
                finding.message,
                config_version,
                now,
            )
        )
    table = contracts.table("landing_file")
    return table.conform(pd.DataFrame(rows, columns=table.names))


def _worst(result: ReadResult) -> Finding | None:
    order = {"error": 0, "warning": 1, "info": 2}
    return min(result.findings, key=lambda f: (order[f.severity], f.kind.scope != "file"), default=None)
