"""Validation of pupil rows: all files of all events of a run at once.

Belongs here: a batch, what is held by row, school, file and event, what goes on. Does not belong here: the rules and
their findings (``rules``), what they compare (``measured``, ``places``), thresholds of files and events
(``thresholds``), aggregate tables and registers (``tables``), storing (``landing``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import STATUS_RU, Configuration
from rsoko_pipeline.findings import catalogue
from rsoko_pipeline.validation import engine
from rsoko_pipeline.validation.checks import shaped
from rsoko_pipeline.validation.found import IDENTITY, about, findings, held, release, together
from rsoko_pipeline.validation.measured import FileHead, Measured, Work
from rsoko_pipeline.validation.places import KEYS, Places
from rsoko_pipeline.validation.rules import (
    ALWAYS,
    PART_OF,
    RESULT_CHECKS,
    RESULT_CODES,
    ROW_CHECKS,
    SCHOOL_CHECKS,
    row_findings,
    school_findings,
)
from rsoko_pipeline.validation.thresholds import PIECE, Weighed
from rsoko_pipeline.validation.verdict import NOTHING_ASKED, SET_ASIDE, Verdict, number, percent, result_frame

#: Checks that need a register of schools.
OF_REGISTER = {"school_known", "municipality_known", "municipality_own", "school_name"}


@dataclass(frozen=True)
class ResultBatch:
    """Pupil rows as readers gave them, of all files of some events.

    Attributes:
        results: rows of ``source_result``, ``event_id`` filled in.
        schools: rows of ``source_school`` of the same files, ``event_id`` filled in; ``rows`` counts also the rows that
            a reader could not read: for thresholds they are failed rows.
        files: what each file's header says (``sources.model.FileFacts`` fits), by file id.
        events: events that must have rows, besides those that have.
        seated: exams with sittings, not one of which may be a work of the statistics (an early period, participants
            of other categories): such an event is not empty.
    """

    results: pd.DataFrame
    schools: pd.DataFrame
    files: Mapping[str, FileHead]
    events: Sequence[str] = ()
    seated: Collection[str] = ()


@dataclass(frozen=True)
class Validated:
    """What became of a batch.

    Attributes:
        passed: the rows that go on, with primary score and mark filled in where they follow from what is known.
        findings: what was found, columns ``findings.COLUMNS``; ``action`` is held, noted or released. The readers' own
            findings are not repeated.
        checks: rows of ``ops.check_result`` without the stamp.
        held_units: ``event_id``, ``file_id``, ``school``, ``code``: schools held as a whole, by themselves or with
            their file, and why.
        held_events: events held as a whole.
    """

    passed: pd.DataFrame
    findings: pd.DataFrame
    checks: pd.DataFrame
    held_units: pd.DataFrame
    held_events: tuple[str, ...]


def validate_results(
    batch: ResultBatch,
    *,
    cfg: Configuration,
    schools: pd.DataFrame | None,
    municipalities: pd.DataFrame | None = None,
    released: pd.DataFrame | None = None,
) -> Validated:
    """Check every row of a batch, once, and say which go on.

    Args:
        batch: the rows.
        cfg: rules, scales and thresholds of the procedures.
        schools: rows of ``core.dim_school``; None where there is no register: its checks are then not available.
        municipalities: rows of ``core.dim_municipality``, for names.
        released: rows of ``ops.quarantine`` that a person has let through.

    A broken table (a column missing, types mixed, an event without rows) holds its events and is a finding, never a
    pass.
    """
    rows, troubles = shaped(batch.results, contracts.table("source_result"))
    listed, more = shaped(batch.schools, contracts.table("source_school"))
    troubles += more
    named = (frame.get("event_id", pd.Series(dtype="str")).dropna().unique() for frame in (rows, listed))
    present = {*batch.events, *(event_id for events in named for event_id in events)}
    if strangers := sorted(present - set(cfg.calendar.events)):
        troubles.append("в календаре нет события " + ", ".join(strangers))
    if not troubles and rows["event_id"].isna().any():
        troubles.append("у строк не указано событие")
    if troubles:
        return _broken(rows, sorted(present), "; ".join(troubles))
    works = [Work.of(event_id, cfg) for event_id in cfg.calendar.events if event_id in present]
    places = Places(listed, rows, works, batch.files, schools, municipalities)
    return _Judgement(Measured(rows, works, batch.files), places, released, batch.seated).validated()


def _broken(rows: pd.DataFrame, events: list[str], reason: str) -> Validated:
    """A batch that cannot be checked: everything held, with the reason."""
    first = rows.reindex(columns=["event_id", "file_id"]).dropna().drop_duplicates("event_id").set_index("event_id")
    file_ids = first["file_id"].to_dict()
    found = together(
        [about(event_id, file_ids.get(event_id, ""), "RSK-STRUCTURE", reason) for event_id in events or [""]]
    )
    return Validated(
        passed=contracts.table("source_result").empty(),
        findings=found.drop(columns=["check", "position"]),
        checks=result_frame(
            [Verdict(event_id, "structure", "error", 1, 1, reason) for event_id in events or [""]], RESULT_CODES
        ),
        held_units=no_units(),
        held_events=tuple(events),
    )


def no_units() -> pd.DataFrame:
    """No school held as a whole."""
    return pd.DataFrame(columns=[*KEYS, "code"], dtype="str")


class _Judgement:
    """One batch on its way from checks to verdicts.

    Frames of findings hold two columns more here: ``check``, and ``position``, the place of the row in ``rows`` or of
    the school in ``places``.
    """

    def __init__(
        self, measured: Measured, schools: Places, released: pd.DataFrame | None, seated: Collection[str]
    ) -> None:
        self.measured, self.schools, self.released, self.seated = measured, schools, released, set(seated)
        self.rows, self.places = measured.rows, schools.rows
        self.works = measured.works
        self.events = [work.event.event_id for work in self.works]
        self.row_frame, self.school_frame = measured.frame(), schools.frame()
        self.row_outcomes = engine.run(self.row_frame, ROW_CHECKS) if len(self.rows) else []
        self.school_outcomes = engine.run(self.school_frame, SCHOOL_CHECKS) if len(self.places) else []
        keys = pd.MultiIndex.from_frame(self.places[KEYS])
        self.place_of_row = keys.get_indexer(pd.MultiIndex.from_frame(self.rows[KEYS]))
        self.failed = self.total = np.zeros(len(self.places), dtype="int64")
        self.weighed: Weighed

    def validated(self) -> Validated:
        """Findings, what is held, what goes on."""
        of_rows = together([row_findings(self.measured, outcome) for outcome in self.row_outcomes])
        of_rows = self._one_row_a_pupil(release(of_rows, self.released))
        failed_row = held(of_rows, len(self.rows))
        self._count(failed_row)
        by_rule = [school_findings(self.schools, outcome) for outcome in self.school_outcomes]
        of_schools = release(together([*by_rule, self._weigh()]), self.released)
        of_files = release(self.weighed.files_over(), self.released)
        of_events = release(together([self.weighed.events_over(), *self._broken_events()]), self.released)
        held_events = set(of_events.loc[of_events["action"] == "held", "event_id"])
        held_event = np.array([event in held_events for event in self.events], dtype="bool")
        held_with_file = held(of_files, len(self.weighed.files))[self.weighed.file_of_part]
        held_school = held(of_schools, len(self.places)) | held_with_file
        goes_on = ~failed_row & ~held_school[self.place_of_row] & ~held_event[self.measured.event]
        found = together([of_rows, of_schools, of_files, of_events])
        alone = of_schools.loc[of_schools["action"] == "held", [*KEYS, "code"]]
        with_file = self.places.loc[held_with_file, KEYS].assign(code="RSK-FILE-THRESHOLD")
        return Validated(
            passed=self._passed(goes_on),
            findings=found.drop(columns=["check", "position"]).drop_duplicates(IDENTITY, ignore_index=True),
            checks=result_frame(self._verdicts(found), RESULT_CODES),
            held_units=pd.concat([alone, with_file], ignore_index=True),
            held_events=tuple(event for event in self.events if event in held_events),
        )

    # ------------------------------------------------------------------ what goes on
    def _one_row_a_pupil(self, found: pd.DataFrame) -> pd.DataFrame:
        """Hold again all but the first of a pupil's released rows: the warehouse has room for one."""
        twice = found[(found["check"] == "pupil_unique") & (found["action"] == "released")]
        pupils = self.rows.loc[twice["position"], ["event_id", "school", "pupil_code"]]
        later = twice.index[pupils.duplicated().to_numpy()]
        return found.assign(action=found["action"].mask(found.index.isin(later), "held"))

    def _passed(self, goes_on: NDArray) -> pd.DataFrame:
        """The rows that go on; score and mark filled in where they follow, a blank task stored as not started."""
        rows = self.rows.assign(primary_score=np.round(self.measured.total, 2))
        rows["mark"] = rows["mark"].fillna(pd.Series(self.measured.sure_mark, dtype="Float64").astype("Int16"))
        scores = rows["scores"].to_numpy(dtype="object", copy=True)
        for layout in self.measured.layouts:
            blank = (layout.scores == contracts.BLANK).any(axis=1) & goes_on[layout.rows]
            for position, row in zip(layout.rows[blank], layout.scores[blank], strict=True):
                scores[position] = np.where(row == contracts.BLANK, contracts.NOT_STARTED, row)
        return rows.assign(scores=scores)[goes_on].reset_index(drop=True)

    # ------------------------------------------------------------------ thresholds, broken tables
    def _count(self, failed_row: NDArray) -> None:
        """Count rows and failed rows of every school; rows that a reader could not read are failed ones."""
        n = len(self.places)
        seen = np.bincount(self.place_of_row, minlength=n)
        self.total = np.maximum(self.places["rows"].to_numpy(dtype="int64", na_value=0), seen)
        self.failed = self.total - seen + np.bincount(self.place_of_row[failed_row], minlength=n)

    def _weigh(self) -> pd.DataFrame:
        """Findings on schools of whose rows too large a share failed; files and events are weighed with them."""
        limits = np.array([work.procedure.thresholds.unit_share_failed for work in self.works])
        limit = limits[self.schools.event] if len(self.places) else np.zeros(0)
        is_over = self.failed > limit * self.total
        parts = self.places[[*PIECE, "sheet", "row_number", "school"]]
        self.weighed = Weighed(
            parts.assign(failed=self.failed, total=self.total, is_over=is_over),
            {work.event.event_id: work.procedure.thresholds for work in self.works},
        )
        over = np.flatnonzero(is_over)
        found = findings(
            self.places.iloc[over],
            "RSK-UNIT-THRESHOLD",
            value=[f"{number(a)} из {number(b)}" for a, b in zip(self.failed[over], self.total[over], strict=True)],
            expected=[percent(share) for share in limit[over]],
        )
        return found.assign(check="unit_threshold", position=over)

    def _broken_events(self) -> Iterator[pd.DataFrame]:
        """Findings on events without rows, and on every event when a check could not be made."""
        broken = [outcome for outcome in (*self.row_outcomes, *self.school_outcomes) if outcome.broken]
        for code, event_id in enumerate(self.events):
            mine = np.flatnonzero(self.measured.event == code)
            if not len(mine) and event_id not in self.seated:
                yield about(event_id, "", "RSK-EVENT-EMPTY")
            elif broken:
                reason = f"проверка «{broken[0].check.name}» не сделана: {broken[0].broken}"
                file_id = self.rows["file_id"].iloc[mine[0]] if len(mine) else ""
                yield about(event_id, file_id, "RSK-STRUCTURE", reason)

    # ------------------------------------------------------------------ check results
    def _verdicts(self, found: pd.DataFrame) -> Iterator[Verdict]:
        """A verdict for every check of every event."""
        unsettled = found[found["action"] != "released"].drop_duplicates(["event_id", "check", "position"])
        failed = unsettled.groupby(["event_id", "check"]).size()
        asked = self._asked()
        for code, (event_id, work) in enumerate(zip(self.events, self.works, strict=True)):
            broken = int(failed.get((event_id, "structure"), 0))
            yield Verdict(event_id, "structure", "error", max(int(asked["structure"][code]), 1), broken)
            names = [] if broken else [name for name in RESULT_CHECKS[1:] if _applies(name, work)]
            for name in names:
                n = int(failed.get((event_id, name), 0))
                if name == "mark_scale" and not work.is_scale_sure:
                    yield self._without_sure_scale(code, work)
                elif not asked[name][code]:
                    yield Verdict.unavailable(event_id, name, self._why_not(name, code))
                else:
                    n = int(self._weighed()["failed"].iloc[code]) if name == "event_threshold" and n else n
                    yield Verdict(event_id, name, catalogue()[RESULT_CODES[name]].severity, int(asked[name][code]), n)

    def _asked(self) -> dict[str, NDArray]:
        """How many rows (schools, files) of each event each check looked at, by name of the check."""
        of_row, of_school = self.measured.event, self.schools.event
        masks: dict[str, tuple[NDArray, NDArray]] = {}
        for check in ROW_CHECKS:
            if check.code is not None:
                before = masks.get(check.name, (False, of_row))[0]
                masks[check.name] = check.asked(self.row_frame) | before, of_row
        for check in SCHOOL_CHECKS:
            masks[check.name] = check.asked(self.school_frame), of_school
        n = len(self.events)
        counts = {name: np.bincount(event[mask], minlength=n) for name, (mask, event) in masks.items()}
        counts["structure"] = np.bincount(of_row, minlength=n)
        counts["unit_threshold"] = np.bincount(of_school, minlength=n)
        weighed = self._weighed()
        counts["file_threshold"], counts["event_threshold"] = (weighed[name].to_numpy() for name in ("files", "total"))
        return counts

    def _weighed(self) -> pd.DataFrame:
        """What thresholds looked at, a row an event."""
        return self.weighed.asked().reindex(self.events, fill_value=0)

    def _without_sure_scale(self, code: int, work: Work) -> Verdict:
        """What can be said of marks where the scale is unknown or an assumption: the rows are taken in either way."""
        event_id = self.events[code]
        if work.scale is None:
            reason = f"шкала работы за {work.event.year} год неизвестна, отметки приняты как в файле"
            return Verdict.unavailable(event_id, "mark_scale", reason)
        mine = self.measured.event == code
        compared = [one for one in self.row_outcomes if one.check.name == "mark_scale" and one.check.code is None]
        checked = sum(int((one.check.asked(self.row_frame) & mine).sum()) for one in compared)
        if not checked:
            return Verdict.unavailable(event_id, "mark_scale", NOTHING_ASKED)
        failed = sum(int(mine[one.failed].sum()) for one in compared)
        note = (
            f"Шкала — {STATUS_RU[work.scale.shown_status]} ({work.scale.source}): по ней не сходится {number(failed)}"
            f" из {number(checked)} отметок. Строки приняты. Что сделать: уточните шкалу в настройке процедуры."
        )
        return Verdict(event_id, "mark_scale", "warning", checked, failed, note)

    def _why_not(self, name: str, code: int) -> str:
        """Why a check had nothing to look at."""
        if name in OF_REGISTER and not self.schools.has_register:
            return "нет реестра школ"
        if name == "scale_max" and not self.works[code].is_scale_sure:
            return f"шкала работы за {self.works[code].event.year} год неизвестна"
        if name == "mark_scale" and not self.measured.fits_scale[self.measured.event == code].any():
            return "максимум работы в файлах не такой, как в её шкале"
        if name == "event_threshold" and self.weighed.files["event_id"].eq(self.events[code]).any():
            return SET_ASIDE
        return NOTHING_ASKED


def _applies(name: str, work: Work) -> bool:
    return name in ALWAYS or PART_OF.get(name, name) in work.procedure.rules
