"""Text of cells and headers as people mean it: spaces, invisible characters, letters of two alphabets that look alike.

Belongs here: functions of a string alone. Standard library only, since the child processes use them too.
Does not belong here: what a value means (``cells``).
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\xad]")
#: Latin letters (small ones stand for both cases after casefolding) and the Cyrillic ones they are taken for.
_LATIN = "abcehkmopptxy"
_CYRILLIC = "авсенкморртху"
_ALIKE = str.maketrans(_LATIN, _CYRILLIC)


def clean(text: str) -> str:
    """The text without invisible characters, with single spaces, trimmed."""
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text  # nearly every cell is clean: of spaces only the plain one is printable, of the invisible none
    return " ".join(_INVISIBLE.sub("", text).split())


def fold(text: str) -> str:
    """A key under which texts that a person would call the same are equal: case, spaces, ё, look-alike letters."""
    return clean(text).casefold().replace("ё", "е").translate(_ALIKE)


def header_key(text: str) -> str:
    """A header's key: ``fold`` without any spaces, so that «триместр/ четверть» is «триместр/четверть»."""
    return fold(text).replace(" ", "")
