"""What one cell means: numbers, task scores, marks, dates, logins, units with a code.

Belongs here: functions of one cell's value. They never raise: what cannot be read is ``UNREADABLE`` (or the kind's own
code for it), and the caller says where. Does not belong here: rows and columns (``rows``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from math import isnan
from typing import Any

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import BLANK, NOT_STARTED
from rsoko_pipeline.sources.grid import FORMULA, as_text
from rsoko_pipeline.sources.text import clean, fold

#: A number that could not be read; an empty cell is NaN.
UNREADABLE = float("inf")
#: A task score that could not be read.
BAD_SCORE = -3
_GREATEST_SCORE = 2**15 - 1
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:[.,]\d+)?")
_GREATEST = float(2**31 - 1)
_CODED = re.compile(r"^(?P<name>.*?)\s*\(\s*(?P<code>[^()]+?)\s*\)$")
_TO_LATIN = str.maketrans("асеорхудкАСЕОРХУ", "aceopxydkACEOPXY")
_LOGIN = re.compile(r"(?:edu|sch)\d+")


def number(value: Any) -> float:
    """The cell as a number: decimal point or comma, thousands by spaces; NaN when empty, ``UNREADABLE`` otherwise."""
    if isinstance(value, float | int):
        return float(value)
    if value is FORMULA:
        return UNREADABLE
    text = clean(value)
    if not text:
        return float("nan")
    return float(text.replace(" ", "").replace(",", ".")) if _NUMBER.fullmatch(text) else UNREADABLE


def integer(value: Any) -> float:
    """The cell as a whole number not below 0; NaN when empty, ``UNREADABLE`` otherwise."""
    result = number(value)
    return result if isnan(result) or (result >= 0 and result.is_integer()) else UNREADABLE


@cache
def largest(field: str) -> float:
    """The largest number that the contracts have room for in ``field``; a larger one cannot be meant."""
    kind = contracts.FIELDS.get(field)
    if kind and kind.scale:
        digits, decimals = kind.scale
        return 10 ** (digits - decimals) - 10**-decimals
    return {"Int16": 2**15 - 1, "Int32": 2**31 - 1}.get(kind.dtype if kind else "", _GREATEST)


def has_decimal_comma(value: Any) -> bool:
    """Whether the cell is text that is a number with a decimal comma."""
    return isinstance(value, str) and "," in value and _NUMBER.fullmatch(clean(value)) is not None


def score_reader(not_started: Iterable[str]) -> Callable[[Any], int]:
    """A function of a task score's cell.

    It gives 0 and above, ``NOT_STARTED`` for one of the texts ``not_started``, ``BLANK`` when empty,
    else ``BAD_SCORE``.
    """
    crosses = frozenset(not_started)

    def score(value: Any) -> int:
        if isinstance(value, str) and clean(value) in crosses:
            return NOT_STARTED
        result = integer(value)
        if isnan(result):
            return BLANK
        return int(result) if result <= _GREATEST_SCORE else BAD_SCORE

    return score


def mark_reader(no_mark: Iterable[str] = ()) -> Callable[[Any], float]:
    """A function of a mark's cell: a number, NaN when empty or one of the texts ``no_mark``, else ``UNREADABLE``."""
    absent = frozenset(map(fold, no_mark))

    def mark(value: Any) -> float:
        return float("nan") if isinstance(value, str) and fold(value) in absent else integer(value)

    return mark


def day(value: Any) -> date | None:
    """A date: ``dd.mm.yyyy`` as reports write it, ISO as a workbook's own dates come; None otherwise."""
    text = as_text(value)
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def coded(text: str) -> tuple[str, str | None]:
    """Name and code of a group «название(код)»; the code is None when there is none."""
    match = _CODED.match(clean(text))
    return (match["name"], login(match["code"])) if match else (clean(text), None)


def is_school_login(code: str) -> bool:
    """Whether a unit's code is a school's login."""
    return _LOGIN.fullmatch(code) is not None


def login(text: str) -> str:
    """A school's login or a unit's code as it is compared: Latin letters in place of look-alike Cyrillic ones.

    A login inside other text («логин: edu990001») is taken out of it.
    """
    latin = clean(text).translate(_TO_LATIN)
    match = _LOGIN.search(latin.lower())
    if match:
        return match[0]
    return latin if latin.isascii() else clean(text)
