"""Plans of measures («дорожные карты», планы мероприятий): what a file of ``measures/`` says of one plan.

Belongs here: the models of the files, the checks that need several measures at once. Does not belong here: what a
deadline's text means (``calendar.deadlines``), what is wrong with a plan as a document (``calendar.plans``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from rsoko_pipeline.calendar.deadlines import parse_deadline
from rsoko_pipeline.calendar.terms import Deadline
from rsoko_pipeline.configuration.facts import Fact, problem

#: Where problems go: file, place of the key, what is wrong, what to do.
Report = Callable[[str, tuple[str | int, ...], str, str], None]


def _number(value: object) -> object:
    if isinstance(value, int | float):
        raise problem(f"номер {value} записан числом", "Возьмите номер в кавычки: без них 2.10 превращается в 2.1.")
    if isinstance(value, str) and not re.fullmatch(r"[а-яa-z0-9]+(\.[0-9]+)*", value):
        raise problem(
            f"номер «{value}» не подходит",
            'Номер мероприятия — числа через точку без точки в конце, в кавычках: "2.10".',
        )
    return value


Number = Annotated[str, BeforeValidator(_number)]


class Measure(Fact):
    """One line of a plan.

    Attributes:
        number: unique in the plan; where sections count their lines anew, section and line: «2.4».
        text: what is to be done.
        point: where it stands in the document; «п. » and the number by default.
        deadline: exactly as in the document; None where the line has none and the plan's own deadline holds.
        responsible: who, each body by itself.
        document_kind: the kind of document that comes of it: приказ, рекомендации, протокол, …
        result: the expected result.
        concerns: procedures it is about, as documents call them: ВПР, ГИА, ВсОШ, …
        indicator: the indicator it should move, in the document's words.
        based_on: numbers of the measures whose result it rests on: it cannot be due before them.
        remarks: what a person noticed on entering the line: a slip of the pen, a broken sentence.
    """

    number: Number
    text: str
    point: str | None = None
    deadline: str | None = None
    responsible: tuple[str, ...] = ()
    document_kind: str | None = None
    result: str | None = None
    concerns: tuple[str, ...] = ()
    indicator: str | None = None
    based_on: tuple[Number, ...] = ()
    remarks: tuple[str, ...] = ()


class Section(Fact):
    """A section of a plan."""

    title: str
    measures: Annotated[tuple[Measure, ...], Field(min_length=1)]


class Annex(Fact):
    """A part of the document with a date of its own."""

    title: str
    dated: date


class Plan(Fact):
    """``measures/<plan id>.yaml``: one plan.

    Attributes:
        id: the file's name without ``.yaml``.
        title: the plan's name as in the document.
        short: how tables and entries of a calendar call it.
        territory: whose plan it is.
        level: of the body that has adopted it.
        document: the order that approves it, or what stands in its place.
        approved: the order's date; None where the document bears none.
        begins, ends: the plan's first and last day; its years begin on the day and month of ``begins``.
        deadline: the deadline of the lines that have none of their own, in the document's words («на 2021 год»).
        annexes: parts of the document that bear a date.
        remarks: what a person noticed on entering the plan as a whole.
        sections: the lines, in the order of the document.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: str
    short: str
    territory: str
    level: Literal["federal", "regional", "municipal", "school"]
    document: str
    approved: date | None = None
    begins: date
    ends: date
    deadline: str | None = None
    annexes: tuple[Annex, ...] = ()
    remarks: tuple[str, ...] = ()
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins > self.ends:
            raise problem("план кончается раньше, чем начинается", "Поменяйте begins и ends местами.")
        return self

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The plan's lines by number, in the order of the document."""
        return {measure.number: measure for section in self.sections for measure in section.measures}

    def deadline_text(self, measure: Measure) -> str | None:
        """The deadline of a line in the document's words, the plan's own where the line has none."""
        return measure.deadline or self.deadline

    def deadline_of(self, measure: Measure) -> Deadline:
        """The deadline of a line as it was understood; of an empty text where the document names none."""
        return parse_deadline(self.deadline_text(measure) or "")

    def point_of(self, measure: Measure) -> str:
        """Where the line stands in the document."""
        return measure.point or f"п. {measure.number}"


def check_plans(plans: Mapping[str, Plan], report: Report) -> None:
    """Numbers are unique within a plan, and ``based_on`` names lines that there are."""
    for plan in plans.values():
        file = f"measures/{plan.id}.yaml"
        seen: set[str] = set()
        for place, measure in _places(plan):
            if measure.number in seen:
                what = f"номер {measure.number} стоит в плане дважды"
                report(file, (*place, "number"), what, "Дайте каждому мероприятию свой номер: раздел и строка, «2.4».")
            seen.add(measure.number)
        for place, measure in _places(plan):
            for number in measure.based_on:
                if number not in seen or number == measure.number:
                    what = f"мероприятие {measure.number} опирается на {number}, а такого другого мероприятия нет"
                    report(file, (*place, "based_on"), what, "Укажите номер другого мероприятия этого плана.")


def _places(plan: Plan) -> Iterator[tuple[tuple[str | int, ...], Measure]]:
    for index, section in enumerate(plan.sections):
        for number, measure in enumerate(section.measures):
            yield ("sections", index, "measures", number), measure
