"""Comparing names as files write them: case, spaces, look-alike letters.

Belongs here: the form in which two names are compared. Does not belong here: whose names they are.
"""

from __future__ import annotations

import re

_CYRILLIC = str.maketrans("abcehkmoptxyё", "авсенкмортхуе")


def comparable(text: str) -> str:
    """``text`` in lower case, one space between words, Latin letters that look Cyrillic as Cyrillic, ё as е."""
    return re.sub(r"\s+", " ", text).strip().lower().translate(_CYRILLIC)
