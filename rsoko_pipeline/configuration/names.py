"""Comparing names as files write them: case, spaces, look-alike letters.

Belongs here: the form in which two names are compared. Does not belong here: whose names they are.
"""

from __future__ import annotations

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\xad"))
_ALIKE = str.maketrans("abcehkmoptxyё", "авсенкмортхуе")


def comparable(text: str) -> str:
    """``text`` in lower case, one space between words, Latin letters that look Cyrillic as Cyrillic, ё as е."""
    return " ".join(text.translate(_INVISIBLE).split()).casefold().translate(_ALIKE)
