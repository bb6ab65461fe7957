"""Deadlines of plans: from the words of a document to a rule.

Belongs here: reading a deadline's text («ежегодно, до 1 августа», «Март-апрель 2020 г.», «не позднее 1 месяца после»).
Does not belong here: what a rule can say (``terms.py``), which days it means (``due_dates.py``), the calendar's own
deadlines, which are written as rules from the start (``configuration.plan.DueRule``).

A text is read piece by piece: every piece that is understood is taken out and becomes a term; what is left over, but
for words without a meaning of their own («г.», «в срок»), is kept as ``rest`` and is a finding of the plan.
Nothing is guessed: a text without any date («по особому графику») has a rule and no dates.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rsoko_pipeline.calendar.dates import MONTHS_RU
from rsoko_pipeline.calendar.terms import After, Deadline, During, Every, Span, Term, Whole

_MONTH_STEMS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_WORD_NUMBERS = {
    "одного": 1, "одной": 1, "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "десяти": 10,
    "четырнадцати": 14, "тридцати": 30,
}  # fmt: skip
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH = (
    r"(?:январ[ьяею]|феврал[ьяею]|март[ае]?|апрел[ьяею]|ма[йяею]|июн[ьяею]|июл[ьяею]|август[ае]?|сентябр[ьяею]"
    r"|октябр[ьяею]|ноябр[ьяею]|декабр[ьяею])"
)
_DAY = r"(?:[12]\d|3\d|0?[1-9])"
_MONTH_NUMBER = r"(?:1[0-2]|0?[1-9])"
_YEAR = r"(?:19|20)\d\d"
_YEAR_WORD = r"(?:\s*(?:г\.?\s?г\.?|года?|году|годы|г\b\.?))?"
_TAIL_YEAR = rf"(?:\s+(?P<year>{_YEAR}){_YEAR_WORD})?"
_BY = r"(?:в срок\s+)?(?:до|не позднее|не позже|к)\s+"
_COUNT = rf"(?P<count>\d+|{'|'.join(_WORD_NUMBERS)})?\s*(?:-?(?:х|ти|и|го)\s)?\s*"
_UNIT = r"(?P<kind>рабочих|учебных|календарных)?\s*(?P<unit>дн(?:ей|я)|день|недел[иьюя]|недель|месяц(?:а|ев)?)\b"
_LENGTH = rf"(?:не\s+позднее(?:,?\s+чем)?(?:\s+через)?|не\s+позже|в\s+течение|через|спустя)\s+{_COUNT}{_UNIT}"
_TIMES = r"(?:не реже\s+)?(?:чем\s+)?(?:1|одного|один)?\s*(?:раза?\s+)"
_ANCHOR = r"(?P<anchor>[^,;()]*)"
_EVENT_WORD = r"(?:после|со дня|с момента|с даты|по окончании|по завершении|по итогам|по результатам)"


@dataclass
class _Reading:
    """One text while it is being read: what is left of it, and what was understood so far."""

    left: str
    terms: list[Term] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    years: tuple[int, int] | None = None
    school_year: bool = False
    depends_on: str | None = None
    condition: str | None = None
    refused: list[str] = field(default_factory=list)

    def take(self, pattern: re.Pattern[str], use: Callable[[_Reading, re.Match[str]], None]) -> None:
        """Take every match of ``pattern`` out of the text, from left to right, and hand it to ``use``."""
        for match in pattern.finditer(self.left):
            use(self, match)
        self.left = pattern.sub(" | ", self.left)

    def span(self, match: re.Match[str], span: Span) -> None:
        """Add a span, unless the text has it end before it begins."""
        if span.is_in_order:
            self.terms.append(span)
        else:
            self.refused.append(match[0].strip())

    def day(self, number: int, month: int, year: int | None) -> int:
        """``number``, or the month's last day where the month has no such day; that is noted then."""
        last = monthrange(year or 2024, month)[1]
        if number > last:
            self.impossible.append(f"{number} {MONTHS_RU[month - 1]}")
        return min(number, last)


@lru_cache(maxsize=1024)
def parse_deadline(text: str) -> Deadline:
    """Read the text of a deadline; never fails: what is not understood stands in ``rest``.

    Args:
        text: the deadline as the document says it, several of them in one text included.
    """
    reading = _Reading(_normal(text))
    for pattern, use in _STEPS:
        reading.take(pattern, use)
    return Deadline(
        text=text,
        terms=_with_years(reading.terms),
        years=reading.years,
        school_year=reading.school_year,
        depends_on=reading.depends_on,
        condition=reading.condition,
        impossible=tuple(dict.fromkeys(reading.impossible)),
        rest=" ".join([*reading.refused, *_unread(reading.left)]),
    )


def _unread(left: str) -> Iterator[str]:
    """The words that no step has taken, but for those without a meaning of their own."""
    words = (word.rstrip(".-") for word in re.findall(r"\w[\w.-]*", left))
    return (word for word in words if word.lower() not in _NOISE)


def _with_years(terms: list[Term]) -> tuple[Term, ...]:
    """The terms, once each; months of a list take the year named after the last: «март, июнь 2021»."""
    out: list[Term] = []
    following: Span | None = None
    for term in reversed(terms):
        if isinstance(term, Span) and term.precision == "month":
            if term.last_year is None and term.first_month and following and following.first_year:
                year = _first_year(term.last_month, following.first_month or 12, following.first_year)
                term = replace(term, last_year=year, first_year=_first_year(term.first_month, term.last_month, year))
            following = term
        out.append(term)
    return tuple(dict.fromkeys(reversed(out)))


def _normal(text: str) -> str:
    """«ё» as «е», one kind of dash without spaces around, «(далее – …)» left out."""
    plain = text.replace("ё", "е").replace("Ё", "Е").replace("\xa0", " ")
    plain = re.sub(r"\(\s*далее[^)]*\)", "", plain, flags=re.IGNORECASE)
    return re.sub(r"\s*[-‐‑‒–—−]+\s*", "-", re.sub(r"\s+", " ", plain)).strip()


def _month(word: str) -> int:
    """The number of the month that ``word`` names: a name in any case, or the number itself."""
    if word.isdigit():
        return int(word)
    stems = enumerate(_MONTH_STEMS, start=1)
    return next(place for place, stem in stems if word.lower().startswith(stem))  # «мар» stands before «ма»


def _number(word: str | None) -> int:
    if word is None:
        return 1
    return _WORD_NUMBERS.get(word.lower()) or int(word)


def _year(word: str | None) -> int | None:
    return int(word) if word else None


def _after(reading: _Reading, match: re.Match[str]) -> None:
    count, unit, kind = _number(match["count"]), match["unit"].lower(), (match["kind"] or "").lower()
    anchor = re.sub(r"\s+", " ", match.groupdict().get("anchor") or "").strip(" .")
    is_before = bool(match.groupdict().get("before"))
    term = After(anchor, is_before=is_before)
    if unit.startswith("месяц"):
        term = replace(term, months=count)
    elif unit.startswith("недел"):
        term = replace(term, days=7 * count)
    elif kind == "рабочих":
        term = replace(term, work_days=count)
    elif kind == "учебных":
        term = replace(term, school_days=count)
    else:
        term = replace(term, days=count)
    reading.terms.append(term)


def _until_quarter(reading: _Reading, match: re.Match[str]) -> None:
    reading.terms.append(Every(3, int(match["day"])))


def _every_month_by(reading: _Reading, match: re.Match[str]) -> None:
    reading.terms.append(Every(1, int(match["day"])))


def _every(months: int) -> Callable[[_Reading, re.Match[str]], None]:
    return lambda reading, match: reading.terms.append(Every(months))


def _day_span(reading: _Reading, match: re.Match[str]) -> None:
    last_month, last_year = _month(match["m2"]), _year(match["year"])
    first_month = _month(match["m1"]) if match["m1"] else last_month
    first_year = _year(match["y1"]) or _first_year(first_month, last_month, last_year)
    first_day = reading.day(int(match["d1"]), first_month, first_year)
    last_day = reading.day(int(match["d2"]), last_month, last_year)
    reading.span(match, Span(last_month, last_day, first_month, first_day, first_year, last_year, "day"))


def _one_day(reading: _Reading, match: re.Match[str]) -> None:
    month, year = _month(match["m"]), _year(match["year"])
    day = reading.day(int(match["d"]), month, year)
    start = None if match["by"] else month
    reading.terms.append(Span(month, day, start, day if start else 1, year if start else None, year, "day"))


def _month_end(reading: _Reading, match: re.Match[str]) -> None:
    year = _year(match["year"])
    reading.terms.append(Span(_month(match["m"]), last_year=year))


def _before_month(reading: _Reading, match: re.Match[str]) -> None:
    """«до ноября»: before November begins, that is by the last day of October."""
    month, year = _month(match["m"]), _year(match["year"])
    before = month - 1 or 12
    reading.terms.append(Span(before, last_year=year - 1 if year and month == 1 else year))


def _months(reading: _Reading, match: re.Match[str]) -> None:
    last_month, last_year = _month(match["m2"] or match["m1"]), _year(match["year"])
    first_month = _month(match["m1"])
    first_year = _year(match["y1"]) or _first_year(first_month, last_month, last_year)
    reading.span(match, Span(last_month, None, first_month, 1, first_year, last_year))


def _quarters(reading: _Reading, match: re.Match[str]) -> None:
    first, last = _quarter(match["q1"]), _quarter(match["q2"] or match["q1"])
    year = _year(match["year"])
    start = None if match["by"] else 3 * first - 2
    reading.terms.append(Span(3 * last, None, start, 1, year if start else None, year))


def _half_year(reading: _Reading, match: re.Match[str]) -> None:
    is_first = match["half"].lower() in ("1", "i", "первое", "первом")
    year = _year(match["year"])
    reading.terms.append(Span(6 if is_first else 12, None, 1 if is_first else 7, 1, year, year))


def _quarter(word: str) -> int:
    return _ROMAN.get(word.lower()) or int(word)


def _first_year(first_month: int, last_month: int, last_year: int | None) -> int | None:
    """The year of the first month where only the last one's is named: «ноябрь – февраль 2021» begins in 2020."""
    if last_year is None:
        return None
    return last_year - 1 if first_month > last_month else last_year


def _calendar_year_end(reading: _Reading, match: re.Match[str]) -> None:
    reading.terms.append(Span(12, last_year=_year(match["year"])))


def _school_year(reading: _Reading, match: re.Match[str]) -> None:
    first = int(match["y1"])
    reading.years, reading.school_year = (first, first + 1), True


def _years(reading: _Reading, match: re.Match[str]) -> None:
    first, last = int(match["y1"]), int(match["y2"] or match["y1"])
    named = (first, last, *(reading.years or ()))
    reading.years = min(named), max(named)


def _whole(reading: _Reading, match: re.Match[str]) -> None:
    reading.terms.append(Whole(is_standing=not match[0].lower().endswith(("года", "год"))))


def _during(reading: _Reading, match: re.Match[str]) -> None:
    reading.terms.append(During(match["anchor"].strip(" .")))


def _depends(reading: _Reading, match: re.Match[str]) -> None:
    said = re.sub(r"\s*\|\s*|\s+", " ", match[0]).strip(" .,;")
    reading.depends_on = f"{reading.depends_on}; {said}" if reading.depends_on else said


def _condition(reading: _Reading, match: re.Match[str]) -> None:
    said = match[0].strip(" .,;()")
    reading.condition = f"{reading.condition}; {said}" if reading.condition else said


def _nothing(reading: _Reading, match: re.Match[str]) -> None:
    """A piece that says nothing about the deadline: the date of a document, not a day to be ready by."""


def _step(
    pattern: str, use: Callable[[_Reading, re.Match[str]], None]
) -> tuple[re.Pattern[str], Callable[[_Reading, re.Match[str]], None]]:
    return re.compile(pattern, re.IGNORECASE), use


#: What is looked for, in this order: each pattern sees only what those before it have left.
_STEPS = (
    _step(rf"\bот\s+{_DAY}(?:\.\d\d?\.|\s+{_MONTH}\s+){_YEAR}{_YEAR_WORD}(?:\s*№\s*[\w/-]+)?", _nothing),
    # days counted from an event
    _step(rf"{_EVENT_WORD}\s+{_ANCHOR}\(\s*{_LENGTH}\s*\)", _after),
    _step(rf"{_LENGTH}\s+{_EVENT_WORD}\b{_ANCHOR}", _after),
    _step(rf"(?P<before>не\s+позднее,?\s+чем\s+за|за)\s+{_COUNT}{_UNIT}\s+до\b\s*(?:начала\b)?{_ANCHOR}", _after),
    _step(rf"{_LENGTH}", _after),
    # again and again
    _step(
        rf"{_BY}(?P<day>{_DAY})(?:-?го)?\s+числа\s+месяца,?\s+следующего\s+за\s+(?:отчетным\s+)?кварталом",
        _until_quarter,
    ),
    _step(rf"(?:ежемесячно,?\s+)?{_BY}(?P<day>{_DAY})(?:-?го)?\s+числа(?:\s+каждого месяца)?", _every_month_by),
    _step(rf"\bежеквартальн\w+|\bпоквартально|\bкаждый квартал|{_TIMES}в квартал", _every(3)),
    _step(rf"\bежемесячн\w+|\bкаждый месяц|{_TIMES}в месяц", _every(1)),
    _step(rf"{_TIMES}в полугодие|(?:не реже\s+)?(?:2|двух|два)\s+раза?\s+в год|\bдважды в год", _every(6)),
    _step(rf"\bежегодн\w+|\bкаждый год|{_TIMES}в год", _every(12)),
    # days
    _step(
        rf"(?:\bс\s+)?(?P<d1>{_DAY})\.(?P<m1>{_MONTH_NUMBER})(?:\.(?P<y1>{_YEAR}))?(?:{_YEAR_WORD}\s+по\s+|-)"
        rf"(?P<d2>{_DAY})\.(?P<m2>{_MONTH_NUMBER})(?:\.(?P<year>{_YEAR}))?{_YEAR_WORD}",
        _day_span,
    ),
    _step(
        rf"(?P<by>{_BY})?\b(?P<d>{_DAY})\.(?P<m>0[1-9]|1[0-2])(?:\.(?P<year>{_YEAR}))?{_YEAR_WORD}(?!\d)", _one_day
    ),
    _step(
        rf"(?:\bс\s+)?\b(?P<d1>{_DAY})(?:\s+(?P<m1>{_MONTH})(?:\s+(?P<y1>{_YEAR}){_YEAR_WORD})?)?(?:\s+по\s+|-)"
        rf"(?P<d2>{_DAY})\s+(?P<m2>{_MONTH}){_TAIL_YEAR}",
        _day_span,
    ),
    _step(rf"(?P<by>{_BY})?\b(?P<d>{_DAY})\s+(?P<m>{_MONTH}){_TAIL_YEAR}", _one_day),
    _step(rf"{_BY}конца\s+(?P<m>{_MONTH}){_TAIL_YEAR}", _month_end),
    _step(rf"{_BY}(?P<m>{_MONTH}){_TAIL_YEAR}", _before_month),
    _step(rf"{_BY}конца\s+(?:(?P<year>{_YEAR})\s+)?(?:календарного\s+)?года", _calendar_year_end),
    # quarters, half-years, months
    _step(
        rf"(?P<by>{_BY}конца\s+)?\b(?P<q1>iv|i{{1,3}}|[1-4])(?:-(?P<q2>iv|i{{1,3}}|[1-4]))?(?:-?(?:й|го|м))?\s+"
        rf"квартал\w*{_TAIL_YEAR}",
        _quarters,
    ),
    _step(rf"\b(?P<half>1|2|ii?|первое|второе|первом|втором)(?:-?е)?\s+полугоди[ея]{_TAIL_YEAR}", _half_year),
    _step(
        rf"\b(?P<m1>{_MONTH})(?:\s+(?P<y1>{_YEAR}){_YEAR_WORD}(?=(?:-| по ){_MONTH}))?"
        rf"(?:(?:-| по )(?P<m2>{_MONTH}))?{_TAIL_YEAR}(?!\w)",
        _months,
    ),
    # years and the plan's whole time
    _step(
        r"(?:\b(?:в течение|на|за)\s+(?:всего\s+)?)?"
        rf"\b(?P<y1>{_YEAR})[-/]{_YEAR}\s*(?:учебн\w+|уч\.?)\s*(?:года?|г\.?)?",
        _school_year,
    ),
    _step(
        rf"(?:\b(?:в течение|на|за|в)\s+)?\b(?P<y1>{_YEAR})(?:[-/](?P<y2>{_YEAR}))?(?!\d){_YEAR_WORD}", _years
    ),
    _step(
        r"\bв течение\s+(?:всего\s+)?(?:учебного\s+|календарного\s+)?года|\bв течение\s+(?:всего\s+)?(?:периода|срока)"
        r"|\bпостоянно|\bна постоянной основе|\bкруглогодично|\bсистематически|\bрегулярно|\bвесь период"
        r"|\bвесь (?:учебный )?год",
        _whole,
    ),
    # events, other documents, conditions
    _step(rf"(?:в период|во время|в дни|в сроки|в ходе)\s+(?:проведения\s+)?{_ANCHOR}", _during),
    _step(r"\b(?:по мере|при необходимости|по необходимости|по запрос\w+|в случае|при наличии)[^,;|]*", _condition),
    _step(r"\b(?:в соответствии с|согласно|по)\s+[^;]*?(?:план|график|приказ|расписан|срок|порядк)[^;]*", _depends),
)  # fmt: skip

#: Words that carry nothing once the rest is understood.
_NOISE = frozenset(
    ("а", "в", "и", "к", "на", "до", "с", "по", "г", "гг", "год", "года", "году", "годы", "годов", "срок", "сроки",
     "также", "отчет", "отчеты", "отчетов", "подготовка", "рекомендаций")
)  # fmt: skip
