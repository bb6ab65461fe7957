"""The exams of a simulated region: who takes which exam and with what result, as protocols in the real layouts.

Belongs here: choosing exams, results that follow from the pupils' levels, which exams share a file. Does not belong
here: where things stand in a protocol (``gia``), pupils and schools (``model``).

The pupils of grade 9 are those who wrote the ВПР of grade 8 a year before. Structures and cuts are made up, like the
region: no scale is invented for a real exam, the files give marks and test scores as protocols do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration, Procedure
from rsoko_pipeline.simulation import gia
from rsoko_pipeline.simulation.gia import ExamSheet
from rsoko_pipeline.simulation.model import SimulatedRegion, simulate_work_arrays
from rsoko_pipeline.simulation.parameters import WorkSpec
from rsoko_pipeline.simulation.streams import stream

#: Rows of one file: an .xls has room for no more than 65,536, and people split far smaller ones.
_MOST_ROWS = 8_000
_LETTERS = "АБВГДЕЖЗИК"


@dataclass(frozen=True)
class _Structure:
    """Short answers of one point, long answers, least primary scores of the marks 3, 4, 5."""

    short: int
    long: tuple[int, ...]
    cuts: tuple[int, int, int]


#: Mathematics as the real exams have it (formats.md §2: maxima 31 and 32); every other exam has one made-up structure.
_STRUCTURES = {
    ("ma", 9): _Structure(19, (2,) * 6, (8, 15, 22)),
    ("ma", 11): _Structure(12, (2, 3, 2, 2, 3, 4, 4), (5, 10, 18)),
    ("mab", 11): _Structure(21, (), (7, 12, 17)),
}
_OTHER = _Structure(20, (2, 3, 3, 4), (10, 18, 26))
#: Share of a grade's pupils who take the exam: obligatory ones, those by choice, the few of ГВЭ, schools' trials.
_SHARES = {"obligatory": 1.0, "by_choice": 0.15, "gve": 0.01, "trial": 0.5}
_OF_SUBJECT = {("ma", 11): 0.45, ("mab", 11): 0.55}
#: Of grade 9 this share goes on to grade 11.
_GO_ON = 0.55
_WRITERS: dict[str, tuple[str, Callable[[Iterable[ExamSheet]], bytes]]] = {
    "oge": (".xls", gia.oge_protocol),
    "gve": (".xls", gia.oge_protocol),
    "trial_oge": (".xls", lambda exams: gia.oge_protocol(exams, "Протокол пробного ОГЭ")),
    "ege": (".xlsx", gia.ege_protocol),
    "trial_ege": (".xlsx", lambda exams: gia.ege_protocol(exams, "Протокол пробного ЕГЭ")),
    "essay": (".xlsx", gia.essay_protocol),
    "trial_essay": (".xlsx", lambda exams: gia.essay_protocol(exams, "Протокол пробного сочинения")),
    "oral": (".xlsx", gia.oral_protocol),
}


def exam_files(
    school_year: str, region: SimulatedRegion, register: pd.DataFrame, cfg: Configuration
) -> Iterator[tuple[str, str, bytes]]:
    """The protocols of a school year's exams: folder, file name, bytes.

    Exams that all must take have a file each; those by choice share one, as the protocols of a wave do.
    """
    for procedure in cfg.procedures.values():
        if procedure.exam is None or procedure.id not in _WRITERS:
            continue
        events = [event for event in cfg.calendar.of_year(school_year) if event.procedure == procedure.id]
        for together in _files(events):
            sheets = [sheet for event in together if (sheet := _sheet(event, procedure, region, register, cfg))]
            # ГВЭ-11 has the protocol of ЕГЭ, with marks.
            suffix, write = _WRITERS["ege" if (procedure.id, together[0].grade) == ("gve", 11) else procedure.id]
            what = "по выбору" if len(together) > 1 else sheets[0].subject if sheets else ""
            for number, part in enumerate(_portions(sheets), start=1):
                name = f"{procedure.short} {what}" + (f", часть {number}" if number > 1 else "")
                yield together[0].event_id, name + suffix, write(part)


def _portions(sheets: Sequence[ExamSheet]) -> Iterator[list[ExamSheet]]:
    """The exams in files of at most ``_MOST_ROWS`` rows, a school's rows of an exam always together."""
    portion: list[ExamSheet] = []
    for sheet in sheets:
        starts = np.flatnonzero(sheet.rows["school"].ne(sheet.rows["school"].shift()).to_numpy())
        ends = [*starts[1:].tolist(), len(sheet.rows)]
        begin = 0
        for start, end in zip(starts.tolist(), ends, strict=True):
            room = _MOST_ROWS - sum(len(one.rows) for one in portion)
            if end - begin > room and start > begin:
                portion.append(_rows(sheet, begin, start))
                begin = start
            if end - begin > _MOST_ROWS - sum(len(one.rows) for one in portion) and portion:
                yield portion
                portion = []
        portion.append(_rows(sheet, begin, len(sheet.rows)))
    if portion:
        yield portion


def _rows(sheet: ExamSheet, first: int, stop: int) -> ExamSheet:
    return replace(sheet, rows=sheet.rows.iloc[first:stop].reset_index(drop=True), scores=sheet.scores[first:stop])


def _files(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Events by file: alone, or all by choice of one grade together."""
    chosen: dict[int | None, list[Event]] = {}
    for event in events:
        if event.participation == "by_choice":
            chosen.setdefault(event.grade, []).append(event)
        else:
            yield [event]
    yield from chosen.values()


def _sheet(
    event: Event, procedure: Procedure, region: SimulatedRegion, register: pd.DataFrame, cfg: Configuration
) -> ExamSheet | None:
    assert procedure.exam is not None
    code = next((code for code, subject in procedure.exam.codes.items() if subject == event.subject), None)
    if code is None:
        return None
    grade = event.grade or 11
    subject = event.subject or "ru"
    one = _STRUCTURES.get((subject, grade), _OTHER)
    spec = WorkSpec(event.event_id, subject, grade, int(event.school_year[-4:]), (1,) * one.short + one.long, one.cuts)
    work = simulate_work_arrays(region.parameters, spec, region.schools, region.seed)
    rng = stream(region.seed, "exam", procedure.id, subject, grade, event.school_year)
    at = np.flatnonzero(_takes(event, procedure, work.number, work.school, region.seed, rng))
    if not at.size:
        return None
    present, total = work.present[at], work.total[at].astype("float64")
    rows = pd.DataFrame(
        {
            "school": register["ris_code"].to_numpy()[work.school[at]],
            "class_name": [f"{grade}{_LETTERS[(number - 1) % len(_LETTERS)]}" for number in work.class_no[at].tolist()],
            "pupil": [
                f"{spec.cohort}-{school}-{n}" for school, n in zip(work.school[at], work.number[at], strict=True)
            ],
            "primary_score": np.where(present, total, np.nan),
        }
    )
    if procedure.exam.result == "pass":
        rows = rows[present].assign(is_passed=total[present] >= np.quantile(total, 0.03))
    elif procedure.exam.result == "mark" or subject in procedure.exam.mark_subjects:
        rows["mark"] = np.where(present, work.mark[at].astype("float64"), np.nan)
    else:
        rows["test_score"] = np.where(present, _test_scores(procedure, event, total, spec.max_score), np.nan)
    scores = work.scores[at][present] if procedure.exam.result == "pass" else work.scores[at]
    name = cfg.subjects[event.subject].name if event.subject else procedure.short
    return ExamSheet(code, name, _day(event), rows.reset_index(drop=True), scores, one.long)


def _takes(
    event: Event, procedure: Procedure, number: np.ndarray, school: np.ndarray, seed: int, rng: np.random.Generator
) -> np.ndarray:
    """Who takes the exam; a pupil who goes on to grade 11 does so in all exams and years."""
    if procedure.id == "gve":
        return rng.random(number.size) < _SHARES["gve"]
    share = _OF_SUBJECT.get(
        (event.subject or "", event.grade or 11),
        _SHARES[
            "by_choice" if event.participation == "by_choice" and not procedure.id.startswith("trial") else "obligatory"
        ],
    )
    takes = rng.random(number.size) < share
    if procedure.id.startswith("trial"):
        takes &= (stream(seed, "trial", procedure.id).random(int(school.max(initial=0)) + 1) < _SHARES["trial"])[school]
    if (event.grade or 11) >= 10:
        takes &= (number * 7 + school * 3) % 100 < 100 * _GO_ON
    return takes


def _test_scores(procedure: Procedure, event: Event, total: np.ndarray, most: int) -> np.ndarray:
    """Test scores by the scale where it is known, else by a made-up curve."""
    scale = procedure.test_scale(event.subject or "", event.grade or 11, event.year)
    if scale is not None and scale.test_scores is not None and scale.max_score == most:
        return np.asarray(scale.test_scores, dtype="float64")[total.astype("int64")]
    return np.round(100 * (total / most) ** 0.85)


def _day(event: Event) -> date:
    """The day of the exam: a working day in its window."""
    days = max((event.window_to - event.window_from).days, 1)
    day = event.window_from + timedelta(days=sum(map(ord, event.subject or "ru")) % days)
    return day - timedelta(days=1) if day.weekday() == 6 and day > event.window_from else day
