"""The simulated region as incoming files: what a centre would find in its landing folder after a school year.

Belongs here: which works are simulated, which files are written where, ``truth.csv``. Does not belong here: the layouts
(``f1``, ``forms``, ``aggregates``, ``registers``), the pupils (``model``), the mistakes (``dirt``).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.families import family_of
from rsoko_pipeline.simulation import aggregates, pupils, xlsx
from rsoko_pipeline.simulation.conditions import make_context
from rsoko_pipeline.simulation.dirt import Fact, double_year, soil, times
from rsoko_pipeline.simulation.exams import exam_files
from rsoko_pipeline.simulation.f1 import f1_workbook
from rsoko_pipeline.simulation.forms import FormWriter
from rsoko_pipeline.simulation.history import make_history
from rsoko_pipeline.simulation.manipulation import MEANING
from rsoko_pipeline.simulation.model import Cohort, SimulatedRegion, in_school, make_cohort, simulate_works
from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec
from rsoko_pipeline.simulation.procedures import rows_of
from rsoko_pipeline.simulation.protocols import Heading, Protocol, protocol, school_texts
from rsoko_pipeline.simulation.region import make_contingent, make_register
from rsoko_pipeline.simulation.registers import (
    codes_workbook,
    context_workbook,
    contingent_workbook,
    municipalities_workbook,
    register_workbook,
)
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.templates import Row, Template, template
from rsoko_pipeline.simulation.units import Unit, units
from rsoko_pipeline.simulation.works import spec_of

PROCEDURE = "vpr"
LAYOUTS = ("f1", "forms")
TRUTH = "truth.csv"
#: Files that schools send later, with corrections. The landing scan passes over folders that begin with a dot.
LATER = ".later"
#: Works whose collection form is in two parts, with the share of the tasks in part 1.
_TWO_PARTS = {("ru", 4): 0.4, ("ma", 7): 0.5, ("ma", 8): 0.5}
_ROLL = range(1, 12)


@dataclass(frozen=True)
class SimulationSummary:
    """What was written.

    Attributes:
        out: the folder.
        schools, years: number of schools, school years written.
        events: events of the calendar whose works of pupils (ВПР) were simulated.
        procedures: number of procedures that files were written of.
        pupil_works: works written by pupils (absent pupils apart).
        enrolled_works: the same with absent pupils.
        manipulated: number of dishonest schools.
        files: the files of the landing folder, relative to ``out``.
        later: corrected files that wait for ``deliver_later``.
        facts: number of lines of ``truth.csv``.
    """

    out: Path
    schools: int
    years: tuple[str, ...]
    events: tuple[str, ...]
    procedures: int
    pupil_works: int
    enrolled_works: int
    manipulated: int
    files: tuple[Path, ...]
    later: tuple[Path, ...]
    facts: int

    def __str__(self) -> str:
        later = f"; исправленных, которые придут позже: {len(self.later)}" if self.later else ""
        return (
            f"Смоделировано: школ {self.schools} (с искажениями {self.manipulated}), учебные годы "
            f"{', '.join(self.years)}, процедур {self.procedures}. "
            f"Работ ВПР: {len(self.events)}, их написано участниками: {self.pupil_works}. "
            f"Файлов: {len(self.files)}{later}. Что в них на самом деле: {self.out / TRUTH}"
        )


@dataclass(frozen=True)
class PlannedWork:
    """An event of the calendar with the work that its pupils write and the work's names in files."""

    event: Event
    spec: WorkSpec
    heading: Heading


@dataclass
class _Writer:
    """Writes files under ``out`` and remembers them."""

    out: Path
    files: list[Path] = field(default_factory=list)
    later: list[Path] = field(default_factory=list)

    def write(self, name: str, data: bytes, *, later: bool = False) -> None:
        path = self.out / LATER / name if later else self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        (self.later if later else self.files).append(path.relative_to(self.out))


def planned_works(cfg: Configuration, school_years: Collection[str]) -> list[PlannedWork]:
    """The ВПР works of some school years that have a structure (``works.spec_of``)."""
    procedure = cfg.procedures[PROCEDURE]
    out = []
    for event in cfg.calendar.events.values():
        if event.procedure == PROCEDURE and event.school_year in school_years:
            spec = spec_of(event, procedure)
            if spec is not None:
                out.append(PlannedWork(event, spec, _heading(event, cfg)))
    return out


def _heading(event: Event, cfg: Configuration) -> Heading:
    subject = cfg.subjects[event.subject or ""]
    days = (event.window_to - event.window_from).days + 1
    window = [event.window_from + timedelta(days=k) for k in range(days)]
    lessons = [day for day in window if cfg.calendar.is_school_day(day)] or window
    written: date = lessons[(7 * (event.grade or 0) + len(subject.name)) % len(lessons)]
    return Heading(
        procedure=cfg.procedures[event.procedure].short,
        subject=subject.name,
        short=subject.short,
        grade=event.grade or 0,
        year=event.year,
        written=written,
        school_year=event.school_year,
    )


def simulate(
    out: Path,
    *,
    schools: int = 40,
    years: int = 2,
    school_years: Collection[str] = (),
    seed: int = 1,
    manipulated: float = 0.1,
    layout: str = "f1",
    dirt: float = 1.0,
    procedures: bool = True,
    cfg: Configuration | None = None,
    parameters: Parameters | None = None,
    progress: Callable[[str], None] | None = None,
) -> SimulationSummary:
    """Write the incoming files of a simulated region and ``truth.csv`` into ``out``, nothing else.

    Every class writes every work, those drawn by lot included. The same arguments give the same bytes. The files that
    an earlier simulation wrote into ``out`` are removed first; no other file is touched.

    Args:
        out: folder; Ф1 or forms and reports lie in a sub-folder a school year and event, registers beside.
        schools: number of schools.
        years: how many of the calendar's last school years, where none are named.
        school_years: the school years, «2020/2021».
        seed: the region.
        manipulated: share of dishonest schools, 0–1.
        layout: ``f1`` (a Ф1 a work) or ``forms`` (a collection form a school × work).
        dirt: how often each kind of mistake occurs in a school year; 0 for clean files.
        procedures: also the files of all other procedures of these school years, not of the ВПР alone.
        cfg: configuration; the loaded one by default.
        parameters: settings of the model.
        progress: called with a line in Russian at every step.

    Raises:
        ValueError: an unknown layout or school year, or no work to simulate.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"вид файлов «{layout}» неизвестен, есть: {', '.join(LAYOUTS)}")
    cfg = cfg or load()
    tell = progress or (lambda _: None)
    parameters = parameters or Parameters()
    if unknown := set(school_years) - set(cfg.calendar.years):
        raise ValueError(f"учебного года {min(unknown)} в календаре нет, есть: {', '.join(cfg.calendar.years)}")
    works = planned_works(cfg, school_years or cfg.calendar.years[-years:])
    if not works:
        raise ValueError("в календаре нет ни одной работы ВПР, для которой известны шкала и задания")
    _remove_earlier(out)
    out.mkdir(parents=True, exist_ok=True)
    writer = _Writer(out)
    settings = {
        "schools": schools,
        "years": ", ".join(school_years) or years,
        "seed": seed,
        "manipulated": manipulated,
        "layout": layout,
        "dirt": dirt,
    }
    facts = [Fact("parameter", what=name, detail=str(value)) for name, value in (settings | asdict(parameters)).items()]

    tell(f"Моделирую работы: {len(works)}")
    region = simulate_works(parameters, [work.spec for work in works], schools, seed, manipulated=manipulated)
    works = [work for work in works if region.works[work.spec.work_id].present.any()]
    written = sorted({work.event.school_year for work in works})
    history = make_history(make_register(region.schools, seed, cfg.region.code), written, seed)
    facts += [*history.facts, *_manipulations(region, history.after)]
    writer.write("Реестр школ.xlsx", register_workbook(history.schools()))
    writer.write("Реестр муниципалитетов.xlsx", municipalities_workbook(history.municipalities()))
    if len(codes := history.codes()):
        writer.write("Коды школ.xlsx", codes_workbook(codes))
    for school_year in written:
        planned = [work for work in works if work.event.school_year == school_year]
        tell(f"Пишу файлы {school_year}: {len(planned)} работ")
        folder = school_year.replace("/", "-")
        register = history.of_year(school_year)
        contingent = _contingent(region, register, school_year)
        writer.write(f"{folder}/Контингент {folder}.xlsx", contingent_workbook(contingent))
        context = make_context(register, region.schools, contingent, school_year, seed)
        writer.write(f"{folder}/Условия школ {folder}.xlsx", context_workbook(context))
        facts += _write_works(writer, folder, planned, region, register, layout, dirt)
        facts += _write_reports(writer, folder, planned, region, register, cfg.region.name, dirt)
        if procedures:
            tell(f"Пишу файлы других процедур {school_year}")
            named = cfg.region.code, cfg.region.name
            of_level = units(register, region.schools.level, named, contingent, context, seed)
            _write_procedures(writer, folder, school_year, planned, region, of_level, cfg)
            for place, name, data in exam_files(school_year, region, register, cfg):
                writer.write(f"{folder}/{place}/{name}", data)
    _write_truth(writer, facts)
    results = region.works.values()
    held = {path.parent.name for path in writer.files} & cfg.calendar.events.keys()
    return SimulationSummary(
        out=out,
        schools=schools,
        years=tuple(written),
        events=tuple(work.event.event_id for work in works),
        procedures=len({cfg.calendar.events[event].procedure for event in held}),
        pupil_works=sum(int(work.present.sum()) for work in results),
        enrolled_works=sum(len(work.present) for work in results),
        manipulated=len({one.school for work in results for one in work.truth}),
        files=tuple(writer.files),
        later=tuple(writer.later),
        facts=len(facts) + len(writer.files) + len(writer.later),
    )


def deliver_later(out: Path) -> list[Path]:
    """The corrected files arrive: move them from ``.later`` to where they belong; their new places."""
    waiting = sorted(path for path in (out / LATER).rglob("*") if path.is_file())
    arrived = []
    for path in waiting:
        place = out / path.relative_to(out / LATER)
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.append(path.rename(place))
    return arrived


# ----------------------------------------------------------------------------------------------------------- the files
def _write_works(
    writer: _Writer,
    folder: str,
    planned: Sequence[PlannedWork],
    region: SimulatedRegion,
    register: pd.DataFrame,
    layout: str,
    dirt: float,
) -> list[Fact]:
    """Pupils' works of a school year, with the year's mistakes."""
    texts = school_texts(register)
    protocols = {
        work.spec.work_id: protocol(region.works[work.spec.work_id], work.heading, texts, region.seed)
        for work in planned
    }
    known = {work.spec.work_id: protocols[work.spec.work_id] for work in planned if not work.spec.is_invented}
    soiled = soil(known, dirt, layout, region.seed, folder)
    for number, (work_id, one) in enumerate(protocols.items()):
        place = f"{folder}/{work_id}"
        empty = [position for work, position in soiled.empty_forms if work == work_id]
        if layout == "f1":
            name = "Ф1_Индивидуальные результаты" if number % 2 == 0 else str(2_849_657 + 1_013 * number)
            writer.write(f"{place}/{name}.xlsx", f1_workbook(one))
            _write_forms(writer, place, one, [], empty)
        else:
            filled = [section for section in one.sections() if section[0] not in empty]
            _write_forms(writer, place, one, filled, empty)
    for correct in soiled.corrections:
        place = f"{folder}/{correct.spec.work_id}"
        (position, start, stop), *_ = correct.sections()
        name = f"{place}/{_form_name(correct, position)} исправлено.xlsx"
        if layout == "f1":
            writer.write(
                f"{place}/Ф1 исправлено {correct.schools[position].login}.xlsx", f1_workbook(correct), later=True
            )
        else:
            writer.write(name, _form_writer(correct, correct.labels).form(correct, position, start, stop), later=True)
    return soiled.facts


def _write_forms(
    writer: _Writer, place: str, one: Protocol, filled: Iterable[tuple[int, int, int]], empty: Iterable[int]
) -> None:
    usual = _form_writer(one, one.labels)
    for position, start, stop in (*filled, *((position, 0, 0) for position in empty)):
        form_writer = _form_writer(one, one.labels_of[position]) if position in one.labels_of else usual
        writer.write(f"{place}/{_form_name(one, position)}.xlsx", form_writer.form(one, position, start, stop))


def _form_name(one: Protocol, position: int) -> str:
    return f"Форма сбора_{one.heading.short}{one.heading.grade}_{one.schools[position].login}"


def _form_writer(one: Protocol, labels: tuple[str, ...]) -> FormWriter:
    share = _TWO_PARTS.get((one.spec.subject, one.spec.grade))
    second_part = None if share is None else max(1, round(share * len(labels)))
    return FormWriter(labels, one.spec.max_points, one.heading, second_part)


def _write_reports(
    writer: _Writer,
    folder: str,
    planned: Sequence[PlannedWork],
    region: SimulatedRegion,
    register: pd.DataFrame,
    region_name: str,
    dirt: float,
) -> list[Fact]:
    """Aggregates of a school year: three reports a work, three consolidated tables a calendar year."""
    rng = stream(region.seed, "dirt-reports", folder)
    facts: list[Fact] = []
    counted = [(aggregates.count(region.works[work.spec.work_id], register), work.heading) for work in planned]
    for counts, heading in counted:
        place = f"{folder}/{counts.spec.work_id}"
        for name, report in (
            (f"Ф3_{aggregates.MARKS_TITLE}", aggregates.marks_report),
            (aggregates.JOURNAL_TITLE, aggregates.journal_report),
            (aggregates.SCORES_TITLE, aggregates.scores_report),
        ):
            writer.write(f"{place}/{name}.xlsx", report(counts, heading, register, region_name))
    for year in sorted({work.event.year for work in planned}):
        of_year = [(counts, heading) for counts, heading in counted if heading.year == year]
        marks = aggregates.consolidated_marks(of_year, register)
        for _ in range(times(dirt, rng)):
            again = double_year(marks, year)
            facts += [Fact("dirt", what="double_year", detail=f"{year} год внесён ещё раз: {again} строк")]
        results = [(region.works[counts.spec.work_id], heading) for counts, heading in of_year]
        listed = aggregates.official_list(results, register, year, region.seed)
        writer.write(f"{folder}/Сводная таблица отметок {year}.xlsx", xlsx.table("Отметки", marks))
        scores = aggregates.consolidated_scores(of_year, register)
        writer.write(f"{folder}/Сводная таблица первичных баллов {year}.xlsx", xlsx.table("Баллы", scores))
        if len(listed) > 1:
            writer.write(f"{folder}/Список школ с признаками {year}.xlsx", xlsx.table("Список", listed))
    return facts


#: How the rows of a family's files come about where they are not made of the sample's.
_ROWS_OF: dict[str, Callable[[Template, Event, pupils.Scene], Iterable[Row]]] = {
    "olympiads": pupils.olympiad_rows,
    "second_marks": pupils.second_mark_rows,
    "journals": pupils.journal_rows,
    "controls": pupils.control_rows,
}


def _write_procedures(
    writer: _Writer,
    folder: str,
    school_year: str,
    planned: Sequence[PlannedWork],
    region: SimulatedRegion,
    of_level: dict[str, list[Unit]],
    cfg: Configuration,
) -> None:
    """The files of the other procedures of a school year, one an event."""
    works = {work.event.event_id: region.works[work.spec.work_id] for work in planned}
    scene = pupils.Scene(cfg, region, of_level["school"], works)
    all_works = {event.event_id for event in cfg.calendar.events.values() if event.procedure == PROCEDURE}
    templates: dict[str, Template | None] = {}
    for event in cfg.calendar.of_year(school_year):
        procedure = cfg.procedures[event.procedure]
        family = family_of(procedure)
        if procedure.id == PROCEDURE or procedure.exam:
            continue
        if procedure.id not in templates:
            templates[procedure.id] = template(cfg, procedure.id)
        one = templates[procedure.id]
        if one is None:
            continue
        own = _ROWS_OF.get(family.name) if family else pupils.work_rows
        if family and family.name == "controls" and not any(one.about(row, cfg) in all_works for row in one.rows):
            own = None  # what was watched is no work: the sample says what
        rows = list(own(one, event, scene)) if own else rows_of(one, event, of_level, cfg, region.seed, family)
        if rows:
            suffix, data = one.file(rows)
            writer.write(f"{folder}/{event.event_id}/{procedure.short}{suffix}", data)


def _contingent(region: SimulatedRegion, register: pd.DataFrame, school_year: str) -> pd.DataFrame:
    """The roll of grades 1–11 of a school year."""
    ends = int(school_year[-4:])
    cohorts: dict[int, Cohort] = {
        ends - grade: make_cohort(region.parameters, region.schools, ends - grade, region.seed) for grade in _ROLL
    }
    cohorts = {year: cohort.take(in_school(cohort, ends - year)) for year, cohort in cohorts.items()}
    return make_contingent(register, cohorts, {grade: ends - grade for grade in _ROLL}, school_year)


# ----------------------------------------------------------------------------------------------------------- the truth
def _manipulations(region: SimulatedRegion, register: pd.DataFrame) -> list[Fact]:
    logins = register["school"].tolist()
    facts = []
    for work_id, work in region.works.items():
        for one in work.truth:
            strength = f"{one.strength:g}".replace(".", ",")
            detail = f"{MEANING[one.kind]}; сила {strength}; затронуто работ: {one.pupils}"
            facts.append(Fact("manipulation", work_id, logins[one.school], one.class_no, one.kind, detail))
    return facts


def _write_truth(writer: _Writer, facts: Sequence[Fact]) -> None:
    files = [Fact("file", what=str(path)) for path in (*writer.files, *writer.later)]
    with (writer.out / TRUTH).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter=";", lineterminator="\n")
        table.writerow(["kind", "event", "school", "class", "what", "detail"])
        for fact in (*facts, *files):
            class_no = "" if fact.class_no is None else fact.class_no
            table.writerow([fact.kind, fact.event, fact.school, class_no, fact.what, fact.detail])


def _remove_earlier(out: Path) -> None:
    """Remove what the ``truth.csv`` in ``out`` says an earlier simulation wrote, delivered corrections included."""
    truth = out / TRUTH
    if not truth.exists():
        return
    with truth.open(encoding="utf-8", newline="") as stream:
        names = [row["what"] for row in csv.DictReader(stream, delimiter=";") if row["kind"] == "file"]
    for name in (*names, *(name.removeprefix(f"{LATER}/") for name in names)):
        path = (out / name).resolve()
        if path.is_relative_to(out.resolve()):
            path.unlink(missing_ok=True)
    truth.unlink()
