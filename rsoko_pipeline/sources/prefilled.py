"""Rows at the end of a sheet that differ in nothing but their number: a form laid out for pupils who are not there.

Belongs here: finding such rows in a sheet's XML, and a book without them for the parser, which would spend nine tenths
of its time on them. Standard library only: the child processes (``worker``) use it. Does not belong here: what the
cells mean; whether the rows hold anything at all.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

_ROW = re.compile(rb'<row r="([1-9][0-9]{0,6})"')
_END = b"</row>"
#: Fewer rows are sooner parsed than left out.
_WORTH = 64
#: Forms of one work come together and end alike: the texts of their last rows are kept.
_KEPT = 4


@dataclass(frozen=True)
class Cut:
    """A sheet without the rows that repeat.

    Attributes:
        xml: the sheet with the first of the equal rows and none of the others.
        row: number of that row, from 1.
        repeats: how many rows like it followed.
    """

    xml: bytes
    row: int
    repeats: int


def cut(xml: bytes) -> Cut | None:
    """Leave out the rows at the end that repeat one before them; None where there are too few to be worth it.

    Args:
        xml: a worksheet part.

    Two rows are equal when their texts are, the row's own number apart where it stands in the name of a cell: in the
    cells' places and in formulas, never in values.
    """
    end = xml.rfind(_END) + len(_END)
    last = xml[xml.rfind(b"<row ", 0, end) : end]
    match = _ROW.match(last)
    if match is None or last.count(_END) != 1:
        return None
    number, pattern = int(match[1]), _pattern(last, match[1])
    if pattern is None or number <= _WORTH or not xml.endswith(_rows(pattern, number - _WORTH, number)[0], 0, end):
        return None
    lowest = max(number - end // len(b"0".join(pattern)), 1)
    text, begins = _rows(pattern, lowest, number)
    first, equal = number - _WORTH, lowest  # rows from ``first`` on are equal, none below ``equal`` is
    while equal < first:
        middle = (equal + first) // 2
        stop = end - len(text) + begins[first - lowest]
        if stop > 0 and xml.endswith(text[begins[middle - lowest] : begins[first - lowest]], 0, stop):
            first = middle
        else:
            equal = middle + 1
    kept = end - len(text) + begins[first - lowest + 1]
    return Cut(xml[:kept] + xml[end:], first, number - first)


def _pattern(row: bytes, number: bytes) -> tuple[bytes, ...] | None:
    """The row's text around its own number; None where a value may hold it too."""
    own = rb"(?:(?<=[A-Z])|(?<=<row r=\"))%s(?![0-9])" % number
    if b"<is" in row or re.search(rb"<v[^>]*>[^<]*%s" % own, row):
        return None
    return tuple(re.split(own, row))


@lru_cache(_KEPT)
def _rows(pattern: tuple[bytes, ...], first: int, last: int) -> tuple[bytes, list[int]]:
    """The text of rows ``first`` to ``last``, and where in it each of them begins, its end at the end."""
    rows = [str(number).encode().join(pattern) for number in range(first, last + 1)]
    return b"".join(rows), list(accumulate(map(len, rows), initial=0))


def replace(book: zipfile.ZipFile, part: str, content: bytes) -> None:
    """Put other content under a part's name into a container open for appending; the old one stays as dead bytes."""
    book.filelist.remove(book.NameToInfo.pop(part))
    book.writestr(part, content)
