"""Texts of the pages on signs, from ``config/texts/objectivity.yaml``, and numbers as the pages write them.

Belongs here: wording. Does not belong here: the signs' titles, meanings and alternatives: they come with the data
(``inputs.SignWords``), from ``config/objectivity.yaml``.
"""

from __future__ import annotations

import math

from rsoko_pipeline.reports.objectivity.drawing import number
from rsoko_pipeline.reports.texts import Texts

_TEXTS = Texts("texts/objectivity.yaml")
say = _TEXTS.text
words = _TEXTS.words
lines = _TEXTS.lines

#: Below this a probability is written as «меньше …»: more digits would only look exact.
_LEAST = 1e-6


def probability(value: float) -> str:
    """A p or q value with two digits that say something, six places at most."""
    if value < _LEAST:
        return f"< {number(_LEAST, 6)}"
    digits = 2 if value >= 0.1 else min(1 - math.floor(math.log10(value)), 6)
    return number(value, digits)


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{number(100 * share, digits)}\N{NO-BREAK SPACE}%"
