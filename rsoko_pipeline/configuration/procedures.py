"""Procedures: what a folder of ``procedures/`` describes.

Belongs here: the model of ``procedure.yaml``, the list of rules, a procedure with everything its folder holds.
Does not belong here: scales and works (``scales.py``), layouts (``layouts.py``), what a rule checks (``validation``).
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rsoko_pipeline.configuration.exams import ExamRules
from rsoko_pipeline.configuration.facts import Fact, Grade, Identifier, Share, problem
from rsoko_pipeline.configuration.layouts import DelimitedLayout, Layout
from rsoko_pipeline.configuration.scales import Scale, TestScale, Work, latest, valid

#: Rules that a procedure may switch on, with what each asks.
RULES_RU: dict[str, str] = {
    "score_range": "балл за задание от 0 до максимума",
    "score_sum": "сумма баллов за задания равна первичному баллу, X считается нулём",
    "total_range": "первичный балл не больше максимума работы",
    "mark_values": "отметка от 2 до 5",
    "mark_scale": "отметка соответствует первичному баллу по шкале, если шкала известна",
    "absent_blank": "у отсутствовавшего нет баллов",
    "pupil_unique": "код участника не повторяется в работе школы",
    "pupil_grade": "код участника начинается с номера класса",
    "declared_count": "прочитано столько строк, сколько участников заявлено",
    "max_score": "максимальный балл в файле равен сумме максимумов заданий",
    "school_known": "школа есть в реестре",
    "municipality_known": "муниципалитет есть в реестре",
    "date_window": "дата проведения попадает в окно события",
    "share_range": "доли от 0 до 100 %",
    "share_sum": "доли отметок в сумме дают 100 % ± 0,05",
    "group_unique": "группа участников не повторяется",
    "exam_unique": "участник не сдаёт один экзамен дважды в один день",
    "exam_result": "у действительного результата есть балл, отметка или зачёт, у неявки и аннулирования — состояние",
    "test_scale": "тестовый балл соответствует первичному по шкале, если шкала известна",
    "exam_passed": "сдан экзамен или нет, указано так же, как следует из балла или отметки",
}


def _known_rule(value: str) -> str:
    if value not in RULES_RU:
        raise problem(f"правила {value} нет", f"Есть: {', '.join(RULES_RU)}.")
    return value


Rule = Annotated[str, AfterValidator(_known_rule)]


class Thresholds(Fact):
    """Shares of failed rows above which everything is held back: of one school's work, of a file, of an event.

    A register is weighed by the event's share. A single failing row holds no file, event or register back, however
    short it is. How the levels follow one another is said in ``validation.thresholds``.

    Attributes:
        unit_share_failed: of a school's rows in one file.
        file_share_failed: of a file's rows about one event; the event's share unless it is said.
        event_share_failed: of the event's rows, without the schools and files over their own threshold.
    """

    unit_share_failed: Share
    file_share_failed: Share | None = None
    event_share_failed: Share

    @property
    def file_share(self) -> float:
        """The share that holds for a file."""
        return self.event_share_failed if self.file_share_failed is None else self.file_share_failed


class Admission(Fact):
    """Which grades a procedure is for: of these subjects, of any when there are none."""

    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]
    subjects: tuple[Identifier, ...] = ()


class ProcedureFile(Fact):
    """``procedures/<id>/procedure.yaml``."""

    name: str
    short: str
    aliases: tuple[str, ...] = ()
    level: Literal["international", "federal", "regional", "municipal", "school"]
    legal_source: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    thresholds: Thresholds
    rules: frozenset[Rule] = frozenset()
    exam: ExamRules | None = None
    admits: tuple[Admission, ...] = ()


class Procedure(ProcedureFile):
    """A procedure with everything its folder holds.

    Attributes:
        id: the folder's name.
        layouts: maps of the formats that have a reader of their own, by layout id.
        delimited: maps of the tables read by configuration alone, by layout id.
    """

    id: Identifier
    scales: tuple[Scale, ...] = ()
    test_scales: tuple[TestScale, ...] = ()
    works: tuple[Work, ...] = ()
    layouts: dict[str, Layout] = {}
    delimited: dict[str, DelimitedLayout] = {}

    @cached_property
    def formats(self) -> list[str]:
        """Ids of the procedure's formats, sorted."""
        return sorted({layout.format for layout in self.maps})

    @property
    def maps(self) -> tuple[Layout | DelimitedLayout, ...]:
        """The layouts of both kinds."""
        return (*self.layouts.values(), *self.delimited.values())

    @cached_property
    def targets(self) -> frozenset[str]:
        """The frames that the procedure's tables fill; none where all its formats have a reader of their own."""
        return frozenset(layout.target for layout in self.delimited.values())

    def admitted(self, subject: str) -> frozenset[int]:
        """The grades that the procedure is for in a subject; none where nothing is said."""
        return frozenset(
            grade for entry in self.admits if not entry.subjects or subject in entry.subjects for grade in entry.grades
        )

    def scale(self, subject: str, grade: int, year: int) -> Scale | None:
        """The scale of a work written in ``year``: one whose years are known to cover it, else one without years."""
        return valid(self.scales, subject, grade, year)

    def test_scale(self, subject: str, grade: int, year: int) -> TestScale | None:
        """The scale of test scores of an exam taken in ``year``, chosen as a scale is."""
        return valid(self.test_scales, subject, grade, year)

    def work(self, subject: str, grade: int, year: int) -> Work | None:
        """The structure of a work written in ``year``, chosen as a scale is."""
        return valid(self.works, subject, grade, year)

    def latest_scale(self, subject: str, grade: int) -> Scale | None:
        """The newest scale of the work, whatever its years. For the simulation; never to judge a real mark."""
        return latest(self.scales, subject, grade)

    def latest_work(self, subject: str, grade: int) -> Work | None:
        """The newest structure of the work, whatever its years. For the simulation."""
        return latest(self.works, subject, grade)
