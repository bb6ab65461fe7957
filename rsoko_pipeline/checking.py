"""``rsoko check``: files recognised and validated before anybody sends them, nothing stored.

Belongs here: the way of ``landing`` without its ledger and warehouse, what a person reads about each file. Does not
belong here: reading (``sources``), rules (``validation``), options and exit codes (``cli``).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from rsoko_pipeline import contracts, findings, sources
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.configuration.models import DelimitedLayout, Layout
from rsoko_pipeline.families import FAMILIES
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing import assembly, registers
from rsoko_pipeline.landing.building import judge_exams, judge_family, judge_groups, pupils
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.landing.intake import claimed_units, hold_rivals
from rsoko_pipeline.landing.parsed import Taken
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources.model import FileFacts, ReadResult
from rsoko_pipeline.validation import validate_results
from rsoko_pipeline.validation.registers import OF_SCHOOLS
from rsoko_pipeline.validation.results import OF_REGISTER
from rsoko_pipeline.validation.verdict import unsettled

_SEVERITIES_RU = {"error": "ошибка", "warning": "предупреждение", "info": "к сведению"}
_ARCHIVE = "archive"
_OF_PUPILS = {"source_result", "source_school"}


@dataclass(frozen=True)
class FileReport:
    """What was found about one file.

    Attributes:
        name: the name under which it was given; a member of an archive stands under the archive's name.
        format: what it was recognised as, in Russian; None when it was not.
        works: titles of the calendar's events that it carries.
        rows: data rows read, or members of an archive.
        findings: what was found, columns ``findings.COLUMNS``, errors first.
        is_compared: whether its schools could be looked up in a register.
        not_checked: sentences about checks of its works that could not be made, or only by assumptions.
    """

    name: str
    format: str | None
    works: tuple[str, ...]
    rows: int
    findings: pd.DataFrame
    is_compared: bool = True
    not_checked: tuple[str, ...] = ()

    @property
    def has_findings(self) -> bool:
        """Whether there is anything to correct: errors or warnings."""
        return bool(self.findings["severity"].isin(["error", "warning"]).any())

    @property
    def summary(self) -> str:
        """What the file is, in one line."""
        if self.format is None:
            return "формат не распознан"
        works = ", ".join(self.works) if len(self.works) <= 1 else f"работ: {len(self.works)}"
        said = [self.format, works, f"{'файлов' if self.format == 'Архив' else 'строк'}: {self.rows}"]
        counts = self.findings["severity"].value_counts()
        wrong = [f"{title}: {counts[name]}" for name, title in _COUNTED_RU.items() if name in counts]
        said.append(", ".join(wrong) or "замечаний нет")
        if not self.is_compared:
            said.append("школы не сверялись: реестра среди файлов нет")
        return "; ".join(part for part in said if part)

    def lines(self, limit: int) -> list[str]:
        """Every finding with its place and what to do, grouped by code; ``limit`` of a code, the rest counted.

        Then what could not be checked, which is nothing to correct.
        """
        out = []
        for code, found in self.findings.groupby("code", sort=False):
            shown = found.head(limit)
            for row in shown.itertuples(index=False):
                place = _place(row)
                out.append(f"{code} {_SEVERITIES_RU[str(row.severity)]}{', ' if place else ''}{place}: {row.message}")
            if len(found) > limit:
                out.append(f"{code} … и ещё {len(found) - limit}")
            out += [f"  Что сделать: {remedy}" for remedy in dict.fromkeys(shown["remedy"])]
        return [*out, *self.not_checked]

    def as_dict(self) -> dict[str, Any]:
        """For scripts: everything, findings uncut."""
        shown = self.findings.drop(columns=["file_id", "action"])
        return {
            "name": self.name,
            "format": self.format,
            "works": list(self.works),
            "rows": self.rows,
            "schools_compared": self.is_compared,
            "not_checked": list(self.not_checked),
            "ok": not self.has_findings,
            "findings": json.loads(shown.to_json(orient="records", force_ascii=False)),
        }


_COUNTED_RU = {"error": "ошибок", "warning": "предупреждений"}


def check_files(files: Iterable[tuple[Path, str]]) -> list[FileReport]:
    """Recognise and check files and archives as the intake and the events' assets would.

    Args:
        files: paths and the names to show.

    Returns:
        A report a file, in the order given; an archive is followed by its members. Schools are looked up in the
        registers among the files; without one the checks that need it are left out, and the reports say so.
    """
    cfg = load()
    with tempfile.TemporaryDirectory(prefix="rsoko-check-") as folder:
        results = list(_read(files, Store(Path(folder)), cfg))
    return _Check(results, cfg).reports()


def _read(files: Iterable[tuple[Path, str]], store: Store, cfg: Configuration) -> Iterator[ReadResult]:
    """Every file read, those of archives included; a content that came before is not read as data again."""
    listed: list[ReadResult | None] = []
    plain: list[tuple[Path, str]] = []
    for path, name in files:
        if not _is_archive(path):
            listed.append(None)
            plain.append((path, name))
            continue
        archive = ReadResult(FileFacts(f"{_ARCHIVE}-{len(listed)}", name, path.stat().st_size, format=_ARCHIVE))
        members = list(sources.expand(path, name, store, cfg.limits, archive.findings))
        archive.file.rows_read = len(members)
        listed += [archive, *[None] * len(members)]
        plain += [(member.stored.path, member.name) for member in members]
    read = sources.read_many(plain, cfg=cfg)
    first: dict[str, str] = {}
    for result in (archive or next(read) for archive in listed):
        facts = result.file
        if facts.file_id in first:
            again = Finding("RSK-FILE-DUPLICATE", {"name": facts.name, "first": first[facts.file_id]})
            facts = replace(facts, file_id=f"{facts.file_id}-{facts.name}")
            yield ReadResult(facts, findings=[again])
        else:
            first[facts.file_id] = facts.name
            yield result


def _is_archive(path: Path) -> bool:
    try:
        return sources.is_archive(path)
    except OSError:  # the reader says why it cannot be opened
        return False


@dataclass
class _Check:
    """The files on their way through the rules.

    Attributes:
        results: the files, read.
        cfg: rules, scales, calendar.
        found: findings so far, columns ``findings.COLUMNS``.
        not_checked: the like by event, of pupil rows.
    """

    results: list[ReadResult]
    cfg: Configuration
    found: list[pd.DataFrame] = field(default_factory=list)
    not_checked: dict[str, list[str]] = field(default_factory=dict)

    def reports(self) -> list[FileReport]:
        """Check all files together and say what was found about each."""
        claims = hold_rivals(claimed_units(self.results, pd.Timestamp.now(tz="UTC").as_unit("us")), self.results)
        for result in self.results:
            self.found.append(findings.frame(result.findings, file_id=result.file.file_id))
        units = claims[claims["status"] == "accepted"]
        frames = assembly.merged_frames(self.results)
        register = registers.build(Taken([], frames), units, self.cfg)
        self.found.append(register.findings)
        listed = register.tables["dim_school"]
        schools = None if listed.empty else listed
        self._check_events(frames, units, schools, register.tables)
        found = pd.concat(self.found, ignore_index=True)
        order = found["severity"].map(list(_SEVERITIES_RU).index)
        found = found.assign(order=order).sort_values(["order", "code", "sheet", "row_number"], kind="stable")
        by_file = dict(iter(found.drop(columns="order").groupby("file_id")))
        nothing = findings.frame([], file_id="")
        events = claims.groupby("file_id")["event_id"].unique()
        return [
            FileReport(
                name=result.file.name,
                format=self._format(result.file),
                works=self._titles(events.get(result.file.file_id, ())),
                rows=result.file.rows_read,
                findings=by_file.get(result.file.file_id, nothing).reset_index(drop=True),
                is_compared=schools is not None or not (_OF_PUPILS | OF_SCHOOLS) & set(result.frames),
                not_checked=self._not_checked(result, events.get(result.file.file_id, ())),
            )
            for result in self.results
        ]

    def _check_events(
        self,
        frames: dict[str, pd.DataFrame],
        units: pd.DataFrame,
        schools: pd.DataFrame | None,
        register: Mapping[str, pd.DataFrame],
    ) -> None:
        units = units[~units["content"].isin(contracts.REGISTERS)]
        gathered = assembly.gather((replace(result, findings=[]) for result in self.results), units, frames=frames)
        Crosswalk.stored(register.__getitem__, self.cfg).place(gathered)
        sittings = judge_exams(gathered, cfg=self.cfg)
        self.found.append(gathered.findings)
        if sittings:
            self.found.append(sittings.validated.findings)
        places = register["dim_municipality"]
        works = pupils(gathered)
        if not works.results.empty or works.seated:
            judged = validate_results(works, cfg=self.cfg, schools=schools, municipalities=places)
            self.found.append(judged.findings)
            open_checks = unsettled(judged.checks)
            open_checks = open_checks[~open_checks["check_name"].isin(OF_REGISTER) | (schools is not None)]
            for event_id, message in zip(open_checks["event_id"], open_checks["message"], strict=True):
                self.not_checked.setdefault(event_id, []).append(message)
        groups = judge_groups(gathered, cfg=self.cfg, schools=schools, municipalities=places)
        self.found += [judged.findings for judged in groups.values()]
        families = (judge_family(family, gathered, cfg=self.cfg, schools=schools) for family in FAMILIES.values())
        self.found += [judged.findings for judged in families if judged]

    def _not_checked(self, result: ReadResult, events: Sequence[str]) -> tuple[str, ...]:
        """What could not be checked of a file's pupil rows, with the work's title where there are several."""
        if not _OF_PUPILS & set(result.frames):
            return ()
        said = []
        for event in sorted(events):
            title = f"{''.join(self._titles([event]))}: " if len(events) > 1 else ""
            said += [f"К сведению. {title}{message}" for message in self.not_checked.get(event, ())]
        return tuple(said)

    def _format(self, facts: FileFacts) -> str | None:
        if facts.format == _ARCHIVE:
            return "Архив"
        layouts: list[Layout | DelimitedLayout] = [*self.cfg.layouts.values(), *self.cfg.delimited.values()]
        titles = (one.title for one in layouts if (one.format, one.edition) == (facts.format, facts.edition))
        return next(titles, None)

    def _titles(self, events: Sequence[str]) -> tuple[str, ...]:
        known = self.cfg.calendar.events
        return tuple(known[event].title for event in sorted(events) if event in known)


def _place(row: Any) -> str:
    """The place of a finding in its file, empty when it is about the file as a whole."""
    parts = {"лист": row.sheet, "строка": row.row_number, "столбец": row.column_name}
    return ", ".join(f"{word} {what}" for word, what in parts.items() if pd.notna(what))
