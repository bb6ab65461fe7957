"""Whether the files of the configuration fit each other.

Belongs here: checks that need more than one block. Does not belong here: checks inside a block (``models.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.dates import school_year_of
from rsoko_pipeline.configuration.assemble import event_ids
from rsoko_pipeline.configuration.exams import ExamRules
from rsoko_pipeline.configuration.layouts import DelimitedLayout, Layout
from rsoko_pipeline.configuration.plan import Campaign, YearFile
from rsoko_pipeline.configuration.procedures import Procedure
from rsoko_pipeline.configuration.scales import Dated

#: Reports a problem: file, location of the key, what is wrong, what to do.
Report = Callable[[str, Sequence[str | int], str, str], None]
_D = TypeVar("_D", bound=Dated)

#: Fields of layouts that no contract has: cells that a reader takes apart itself.
LAYOUT_FIELDS = frozenset(
    {"group", "variant_2", "journal_count", "journal_share"}
    | {"exam_code", "short_answers", "long_answers", "participant_id"}
    | {"surname", "first_name", "second_name", "document_series", "document_number"}
)
#: Frames of pupils' works.
_OF_WORKS = frozenset({"source_result", "source_label"})
#: Fields of the targets that the reader fills without a column.
_FILLED_BY_READER = frozenset({"file_id", "row_number", "event_id", "present", "measure"})
_COUNTED_BY_READER = frozenset({"question", "answer", "n"})


def check_procedures(procedures: Mapping[str, Procedure], subjects: Container[str] | None, report: Report) -> None:
    """Subjects exist, scales of one work do not overlap, tasks add up to the scale, fields of layouts exist.

    Args:
        procedures: those that could be read.
        subjects: the codes; None where the subjects themselves could not be read, and then nothing is said of them.
        report: where problems go.
    """
    formats: dict[str, str] = {}
    for procedure in procedures.values():
        folder = f"procedures/{procedure.id}"
        dated: tuple[tuple[str, str, Sequence[Dated]], ...] = (
            ("scales", "scales", procedure.scales),
            ("scales", "test_scales", procedure.test_scales),
            ("works", "works", procedure.works),
        )
        for stem, name, facts in dated:
            file = f"{folder}/{stem}.yaml"
            if subjects is not None:
                _check_subjects(facts, subjects, file, name, report)
            _check_overlaps(facts, file, name, report)
        if procedure.exam and subjects is not None:
            _check_codes(procedure.exam, subjects, f"{folder}/procedure.yaml", report)
        _check_sums(procedure, f"{folder}/works.yaml", report)
        _check_targets(procedure, f"{folder}/procedure.yaml", report)
        for layout in procedure.maps:
            kind = "layouts" if isinstance(layout, Layout) else "delimited"
            file = f"{folder}/{kind}/{layout.id}.yaml"
            _check_fields(layout, file, report)
            if (other := formats.setdefault(layout.id, file)) != file:
                report(file, (), f"карта {layout.id} уже есть: {other}", "Назовите файл иначе: имя карты неповторимо.")


def _check_targets(procedure: Procedure, file: str, report: Report) -> None:
    """A procedure's files have one shape: pupils' works, or registers, or one kind of table."""
    tables = procedure.targets - _OF_WORKS - set(contracts.REGISTERS)
    if len(tables) > 1 or (tables and (procedure.layouts or procedure.targets - tables)):
        named = ", ".join(sorted(procedure.targets))
        remedy = "Разведите таблицы по процедурам: у каждой процедуры файлы одного вида."
        report(file, (), f"таблицы процедуры {procedure.id} разного вида: {named}", remedy)


def _check_subjects(facts: Sequence[Dated], subjects: Container[str], file: str, name: str, report: Report) -> None:
    for index, fact in enumerate(facts):
        if fact.subject not in subjects:
            report(file, (name, index, "subject"), *_no_subject(fact.subject))


def _check_codes(exam: ExamRules, subjects: Container[str], file: str, report: Report) -> None:
    for code, subject in exam.codes.items():
        if subject is not None and subject not in subjects:
            report(file, ("exam", "codes", code), *_no_subject(subject))


def _no_subject(code: str) -> tuple[str, str]:
    return f"предмета с кодом {code} нет", "Возьмите код из subjects.yaml или добавьте предмет туда."


def _check_overlaps(facts: Sequence[_D], file: str, name: str, report: Report) -> None:
    works: dict[tuple[str, int, bool], list[tuple[int, _D]]] = {}
    for index, fact in enumerate(facts):
        works.setdefault((fact.subject, fact.grade, fact.is_dated), []).append((index, fact))
    for (subject, grade, _), same in works.items():
        for (first, one), (second, other) in combinations(same, 2):
            if one.overlaps(other):
                report(
                    file,
                    (name, second),
                    f"{subject} {grade}: годы действия ({_years(other)}) пересекаются с записью {name}[{first}] "
                    f"({_years(one)})",
                    "Закройте прежнюю запись годом year_to, новую начните со следующего года в year_from.",
                )


def _years(fact: Dated) -> str:
    return f"{fact.year_from or '…'}–{fact.year_to or '…'}" if fact.is_dated else "год не указан"


def _check_sums(procedure: Procedure, file: str, report: Report) -> None:
    """Where a work and a scale hold in the same year, the tasks must add up to the scale's greatest score."""
    for index, work in enumerate(procedure.works):
        same = [f for f in (*procedure.scales, *procedure.works) if (f.subject, f.grade) == (work.subject, work.grade)]
        years = {year for fact in same for year in (fact.year_from, fact.year_to) if year} or {2000}
        for year in sorted(years):
            scale = procedure.scale(work.subject, work.grade, year)
            if scale and procedure.work(work.subject, work.grade, year) is work and scale.max_score != work.max_score:
                report(
                    file,
                    ("works", index, "tasks"),
                    f"{work.subject} {work.grade}: задания в сумме дают {work.max_score}, "
                    f"а максимальный балл по шкале ({_years(scale)}) — {scale.max_score:g}",
                    "Исправьте max_points заданий или max_score шкалы, либо разведите их по годам действия.",
                )
                break


def _check_fields(layout: Layout | DelimitedLayout, file: str, report: Report) -> None:
    known = set(contracts.FIELDS) | LAYOUT_FIELDS
    if isinstance(layout, DelimitedLayout):
        known = set(contracts.table(layout.target).names)
        if layout.target == "source_result":
            known |= set(contracts.table("source_school").names)
        _check_delimited(layout, known, file, report)
    for index, name in enumerate([column.field for column in layout.columns]):
        if name not in known:
            report(file, ("columns", index, "field"), *_no_field(name, known))


def _check_delimited(layout: DelimitedLayout, known: set[str], file: str, report: Report) -> None:
    """The target gets every field it needs, and the event of its rows."""
    for name in sorted(set(layout.constants) - known):
        report(file, ("constants", name), *_no_field(name, known))
    given = {column.field for column in layout.columns} | set(layout.constants)
    given |= {"about_event"} if layout.about else set()
    needed = {column.name for column in contracts.table(layout.target).columns if not column.nullable}
    filled = _FILLED_BY_READER | (_COUNTED_BY_READER if layout.questions else frozenset())
    for name in sorted(needed - given - filled):
        remedy = f"Добавьте столбец с field: {name} или значение в constants."
        report(file, ("columns",), f"для {layout.target} не хватает поля {name}", remedy)
    for name in sorted(set(layout.key) - given):
        report(file, ("key",), f"ключевого поля {name} нет среди столбцов", "Уберите его из key или добавьте столбец.")
    if layout.about and "about_event" not in known:
        report(file, ("about",), f"у {layout.target} нет поля about_event", "Уберите about.")
    for index, measure in enumerate(layout.measures):
        for name in sorted(set(measure.fields) - known):
            report(file, ("measures", index, "fields", name), *_no_field(name, known))
    if layout.event is None and layout.target not in contracts.REGISTERS:
        report(file, (), "не сказано, к какому событию относится файл", "Добавьте event: предмет, класс и год.")


def _no_field(name: str, known: Iterable[str]) -> tuple[str, str]:
    names = sorted(known)
    listed = f" Допустимы: {', '.join(names)}." if len(names) <= 30 else ""
    return f"поля {name} нет", f"Возьмите поле из контракта этой таблицы (словарь данных).{listed}"


def check_calendar(
    files: Mapping[str, YearFile], procedures: Collection[str], subjects: Container[str] | None, report: Report
) -> None:
    """Procedures and subjects exist, windows lie in their school year, ids are unique, one file describes a year.

    Args:
        files: the calendar's files by name.
        procedures: the ids of all procedures, of those too that could not be read.
        subjects: as in ``check_procedures``.
        report: where problems go.
    """
    seen_events: dict[str, str] = {}
    seen_ids: dict[str, str] = {}
    frames: dict[str, str] = {}
    for file, year in files.items():
        if not file.removeprefix("calendar/").startswith(year.school_year.replace("/", "-")):
            report(
                file,
                ("school_year",),
                f"учебный год {year.school_year} не совпадает с именем файла",
                f"Назовите файл calendar/{year.school_year.replace('/', '-')}.yaml или исправьте school_year.",
            )
        if year.year and (other := frames.setdefault(year.school_year, file)) != file:
            report(file, ("year",), f"учебный год уже описан в {other}", "Оставьте блок year в одном файле.")
        for index, campaign in enumerate(year.campaigns):
            at = ("campaigns", index)
            for key, what, remedy in _campaign_problems(year, campaign, procedures, subjects):
                report(file, (*at, *key), what, remedy)
            place = f"{file}: campaigns[{index}]"
            if (other := seen_ids.setdefault(campaign.id, place)) != place:
                report(file, (*at, "id"), f"код кампании {campaign.id} уже занят: {other}", "Дайте кампании другой id.")
            for event_id in event_ids(campaign):
                if event_id in seen_events:
                    report(
                        file,
                        (*at, "works"),
                        f"событие {event_id} уже есть: {seen_events[event_id]}",
                        "Уберите повтор: предмет и класс стоят в одном году у процедуры один раз.",
                    )
                seen_events[event_id] = place


def _campaign_problems(
    year: YearFile, campaign: Campaign, procedures: Collection[str], subjects: Container[str] | None
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if campaign.procedure not in procedures:
        yield (
            ("procedure",),
            f"процедуры {campaign.procedure} нет",
            f"Есть: {', '.join(sorted(procedures))}. Новую процедуру опишите в папке procedures/{campaign.procedure}/.",
        )
    for key in ("window_from", "window_to"):
        if school_year_of(getattr(campaign, key)) != year.school_year:
            yield (
                (key,),
                f"{getattr(campaign, key):%d.%m.%Y} не входит в учебный год {year.school_year}",
                "Исправьте дату или перенесите кампанию в файл её учебного года.",
            )
    for index, group in enumerate(campaign.works):
        for number, code in enumerate(group.subjects or ()):
            if subjects is not None and code not in subjects:
                yield ("works", index, "subjects", number), *_no_subject(code)
        if campaign.programme == "previous" and group.grades and min(group.grades) < 2:
            yield (
                ("works", index, "grades"),
                "у 1 класса нет программы прошлого года",
                "Уберите класс или поставьте programme: current.",
            )
