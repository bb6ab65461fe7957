"""The exams of a simulated region: who takes which exam and with what result, as protocols in the real layouts.

Belongs here: choosing exams and those who take them, days, which exams share a file. Does not belong here: who comes in
which wave (``sittings``), where things stand in a protocol (``gia``), pupils and schools (``model``).

The pupils of grade 9 are those who wrote the ВПР of grade 8 a year before. Students of colleges who take the ЕГЭ are
pupils of grade 11's own cohort who left after grade 9, earlier graduates are of the cohort before; both are entered at
the school where they sign up. Structures and cuts are made up, like the region: no scale is invented for a real exam,
the files give marks and test scores as protocols do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration, Procedure
from rsoko_pipeline.configuration.exams import ExamRules
from rsoko_pipeline.configuration.scales import latest
from rsoko_pipeline.simulation import gia, sittings
from rsoko_pipeline.simulation.gia import ExamSheet
from rsoko_pipeline.simulation.model import SimulatedRegion, WorkResult, in_school, make_cohort, simulate_work_arrays
from rsoko_pipeline.simulation.parameters import WorkSpec
from rsoko_pipeline.simulation.sittings import Sittings, Takers, Wave
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
#: Exams that people take who are no pupils; of pupils who left after grade 9 and of earlier graduates, what share does
#: so of those who would take the subject.
_OPEN_TO_OTHERS = frozenset({"ege", "essay"})
_COLLEGE, _EARLIER = 0.01, 0.03
#: Subjects of the ЕГЭ that are retaken in the same year by who falls short of the minimum; of other exams all are.
_RETAKEN = {"ege": frozenset({"ru", "mab"})}
#: Share of pupils who are not passed where no least score is known.
_NOT_PASSED = 0.03
_IN_NAMES: dict[Wave, str] = {
    "early": ", досрочный период",
    "main": "",
    "reserve": ", резервный день",
    "retake": ", пересдача по выбору",
    "additional": ", дополнительный период",
}
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

    Exams that all must take have a file a wave each; those by choice share one, as the protocols of a wave do.
    """
    for procedure in cfg.procedures.values():
        if procedure.exam is None or procedure.id not in _WRITERS:
            continue
        events = [event for event in cfg.calendar.of_year(school_year) if event.procedure == procedure.id]
        for together in _files(events):
            waves: dict[Wave, list[ExamSheet]] = {wave: [] for wave in _IN_NAMES}
            for event in together:
                turn = events.index(event), len(events)
                for wave, sheet in _sheets(event, procedure, region, register, cfg, turn):
                    waves[wave].append(sheet)
            # ГВЭ-11 has the protocol of ЕГЭ, with marks.
            suffix, write = _WRITERS["ege" if (procedure.id, together[0].grade) == ("gve", 11) else procedure.id]
            for wave, sheets in waves.items():
                what = "по выбору" if len(together) > 1 else sheets[0].subject if sheets else ""
                for number, part in enumerate(_portions(sheets), start=1):
                    named = " ".join(dict.fromkeys((procedure.short, what)))
                    name = f"{named}{_IN_NAMES[wave]}" + (f", часть {number}" if number > 1 else "")
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


def _sheets(
    event: Event,
    procedure: Procedure,
    region: SimulatedRegion,
    register: pd.DataFrame,
    cfg: Configuration,
    turn: tuple[int, int],
) -> Iterator[tuple[Wave, ExamSheet]]:
    """Its sheets by wave; ``turn``: which of how many exams it is when everybody has one to retake by choice."""
    rules = procedure.exam
    assert rules is not None
    code = next((code for code, subject in rules.codes.items() if subject == event.subject), None)
    if code is None:
        return
    grade = event.grade or 11
    subject = event.subject or "ru"
    one = _STRUCTURES.get((subject, grade), _OTHER)
    spec = WorkSpec(event.event_id, subject, grade, int(event.school_year[-4:]), (1,) * one.short + one.long, one.cuts)
    work = simulate_work_arrays(region.parameters, spec, region.schools, region.seed)
    rng = stream(region.seed, "exam", procedure.id, subject, grade, event.school_year)
    graduates, others = _takers(event, procedure, work, region, rng)
    least = _least(procedure, event, spec, work)
    retaken = _RETAKEN.get(procedure.id)
    takers = Takers(
        graduates, others, _waves(procedure, event), least, retaken is None or subject in retaken, turn, one.long
    )
    name = cfg.subjects[event.subject].name if event.subject else procedure.short
    for wave, sat in takers.sit(rng):
        rows = _rows_of(sat, grade, register)
        if rules.result == "pass":
            rows["is_passed"] = sat.total >= least
        elif rules.result_of(subject) == "mark":
            rows["mark"] = np.where(sat.present, spec.mark(sat.total).astype("float64"), np.nan)
        else:
            rows["test_score"] = np.where(sat.present, _test_scores(procedure, event, sat.total, spec), np.nan)
        listed = np.flatnonzero(sat.present) if rules.result == "pass" else np.arange(len(sat))
        if listed.size:
            shown = rows.iloc[listed].reset_index(drop=True)
            yield wave, ExamSheet(code, name, _day(event, wave, rules), shown, sat.scores[listed], one.long)


def _takers(
    event: Event, procedure: Procedure, work: WorkResult, region: SimulatedRegion, rng: np.random.Generator
) -> tuple[Sittings, Sittings]:
    """This year's graduates who take the exam, and others."""
    share = _share(event, procedure)
    takes = rng.random(work.school.size) < share
    if procedure.id.startswith("trial"):
        holds = stream(region.seed, "trial", procedure.id).random(len(region.schools)) < _SHARES["trial"]
        takes &= holds[work.school]
    is_pupil = in_school(work, work.spec.grade)
    graduates = sittings.of_work(work, np.flatnonzero(takes & is_pupil))
    cohort, tasks = work.spec.cohort, work.scores.shape[1]
    before = make_cohort(region.parameters, region.schools, cohort - 1, region.seed)
    is_open = procedure.id in _OPEN_TO_OTHERS
    left = np.flatnonzero(takes & ~is_pupil & (rng.random(takes.size) < _COLLEGE * is_open))
    earlier = np.flatnonzero(
        in_school(before, work.spec.grade) & (rng.random(len(before)) < share * _EARLIER * is_open)
    )
    college = sittings.without_class(work, cohort, left, sittings.COLLEGE, tasks)
    return graduates, college.with_others(sittings.without_class(before, cohort - 1, earlier, sittings.EARLIER, tasks))


def _share(event: Event, procedure: Procedure) -> float:
    """What share of the pupils of the grade take the exam."""
    if procedure.id == "gve":
        return _SHARES["gve"]
    is_chosen = event.participation == "by_choice" and not procedure.id.startswith("trial")
    usual = _SHARES["by_choice" if is_chosen else "obligatory"]
    return _OF_SUBJECT.get((event.subject or "", event.grade or 11), usual)


def _rows_of(sat: Sittings, grade: int, register: pd.DataFrame) -> pd.DataFrame:
    """What every protocol says of a participant; category and appeal only where there is something to say."""
    letters = [
        f"{grade}{_LETTERS[(number - 1) % len(_LETTERS)]}" if number else None for number in sat.class_no.tolist()
    ]
    who = zip(sat.cohort.tolist(), sat.school.tolist(), sat.number.tolist(), strict=True)
    said = {"category": (sat.category, sittings.GRADUATE), "appeal": (sat.appeal, sittings.NO_APPEAL)}
    return pd.DataFrame(
        {
            "school": register["ris_code"].to_numpy()[sat.school],
            "class_name": letters,
            "pupil": [f"{cohort}-{school}-{number}" for cohort, school, number in who],
            "primary_score": np.where(sat.present, sat.total.astype("float64"), np.nan),
            **{name: words for name, (words, usual) in said.items() if (words != usual).any()},
        }
    )


def _least(procedure: Procedure, event: Event, spec: WorkSpec, work: WorkResult) -> float:
    """The least primary score that is enough: by the minimum of the year or the last one known, else by the cuts."""
    assert procedure.exam is not None
    if procedure.exam.result == "pass":
        return float(np.quantile(work.total[work.present], _NOT_PASSED))
    scale = latest(procedure.test_scales, spec.subject, spec.grade)
    if procedure.exam.result_of(spec.subject) == "mark" or scale is None or scale.minimum is None:
        return spec.cuts[0]
    given = _test_scores(procedure, event, np.arange(spec.max_score + 1), spec)
    return int((given >= scale.minimum).argmax())


def _test_scores(procedure: Procedure, event: Event, total: np.ndarray, spec: WorkSpec) -> np.ndarray:
    """Test scores by the scale where it is known, else by a made-up curve."""
    scale = procedure.test_scale(spec.subject, spec.grade, event.year)
    if scale is not None and scale.test_scores is not None and scale.max_score == spec.max_score:
        return np.asarray(scale.test_scores, dtype="float64")[total]
    return np.round(100 * (total / spec.max_score) ** 0.85)


def _waves(procedure: Procedure, event: Event) -> frozenset[Wave]:
    """The waves of the exam: state final attestation has an early period and reserve days; a trial is held once."""
    assert procedure.exam is not None
    periods = {period.period for period in procedure.exam.periods}
    if procedure.id.startswith("trial"):
        return frozenset({"main"})
    waves: set[Wave] = {"main", *periods}
    waves |= {"reserve"} if "early" in periods else set()
    return frozenset(
        waves | ({"retake"} if any(event.year >= one.year_from for one in procedure.exam.retakes) else set())
    )


def _day(event: Event, wave: Wave, rules: ExamRules) -> date:
    """The day of the exam, no Sunday: main and reserve days lie in the window of the event, the others in their own."""
    place = sum(map(ord, event.subject or "ru"))
    days = (event.window_to - event.window_from).days
    if wave == "main":
        first, after = event.window_from, place % max(days * 45 // 100, 1)
    elif wave == "reserve":
        first, after = event.window_from, days * 60 // 100 + place % 5
    else:
        spans = rules.retakes if wave == "retake" else [one for one in rules.periods if one.period == wave]
        first, after = spans[0].days(event.school_year)[0], 5 + place % 5
    day = first + timedelta(days=after)
    return day - timedelta(days=1) if day.weekday() == 6 and day > first else day
