"""Answers of exams as files of state final attestation («ГИА») write them: «++2+-» and «1(2)2(3)».

Belongs here: the two masks, a column at a time. Does not belong here: which columns hold them, what is said of a mask
that cannot be read (``gia``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.contracts import NOT_STARTED

#: Number of short tasks, greatest scores of long ones: the same in all variants of an exam.
Shape = tuple[int, tuple[int, ...]]

_LONG = re.compile(r"(?P<score>\d{1,2}|[^\d()\s])\s*\((?P<most>\d{1,2})\)")
_UNKNOWN = np.iinfo(np.int16).min


@dataclass(frozen=True)
class Answers:
    """Answers of some rows.

    Attributes:
        shapes: a row's shape, None where it has no answers or they cannot be read.
        scores: a row's points by task (int16), short answers first; None where ``shapes`` is None.
        short_unread, long_unread: which rows' masks cannot be read.
    """

    shapes: list[Shape | None]
    scores: list[NDArray[np.int16] | None]
    short_unread: NDArray[np.bool_]
    long_unread: NDArray[np.bool_]


def read(short: Sequence[str], long: Sequence[str], signs: Mapping[str, str]) -> Answers:
    """Read the masks of short and of long answers, a text a row; both are empty where a row has no answers.

    Args:
        short, long: the masks.
        signs: the signs that mean ``right``, ``wrong``, ``not_started``.
    """
    known = {text: _long(text, signs) for text in dict.fromkeys(long)}
    long_read = [known[text] for text in long]
    long_unread = np.array([one is None for one in long_read], dtype="bool")
    short_unread = np.zeros(len(short), dtype="bool")
    shapes: list[Shape | None] = [None] * len(short)
    scores: list[NDArray[np.int16] | None] = [None] * len(short)
    plain = [text.replace(" ", "") for text in short]
    groups: dict[Shape, list[int]] = {}
    for row, (text, said) in enumerate(zip(plain, long_read, strict=True)):
        if text or said != ((), ()):
            groups.setdefault((len(text), said[1] if said else ()), []).append(row)
    for shape, rows in groups.items():
        points = _short([plain[row] for row in rows], shape[0], signs)
        bad = (points == _UNKNOWN).any(axis=1)
        short_unread[rows] = bad
        good = ~bad & ~long_unread[rows]
        long_points = [said[0] if (said := long_read[row]) else (0,) * len(shape[1]) for row in rows]
        both = np.hstack([points, np.array(long_points, dtype=np.int16).reshape(len(rows), len(shape[1]))])
        for row, is_good, line in zip(rows, good.tolist(), both, strict=True):
            if is_good:
                shapes[row], scores[row] = shape, line
    return Answers(shapes, scores, short_unread, long_unread)


def _short(texts: Sequence[str], length: int, signs: Mapping[str, str]) -> NDArray[np.int16]:
    """Points of short answers, a sign a task, of texts of one length; ``_UNKNOWN`` for a sign that is not known."""
    if not length:
        return np.zeros((len(texts), 0), dtype=np.int16)
    written = np.array(texts, dtype=f"U{length}").view(np.uint32).reshape(len(texts), length)
    present, place = np.unique(written, return_inverse=True)
    points = np.array([_points(chr(sign), signs) for sign in present.tolist()], dtype=np.int16)
    return points[place.reshape(written.shape)]


def _points(sign: str, signs: Mapping[str, str]) -> int:
    if sign in signs["right"]:
        return 1
    if sign in signs["wrong"]:
        return 0
    if sign in signs["not_started"]:
        return NOT_STARTED
    return int(sign) if sign.isdecimal() else _UNKNOWN


def _long(text: str, signs: Mapping[str, str]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Points and maxima of long answers, «1(2)2(3)»; None where the text is something else."""
    plain = text.replace(" ", "")
    scores, most, position = [], [], 0
    while position < len(plain):
        match = _LONG.match(plain, position)
        if match is None:
            return None
        said = match["score"]
        if said in signs["not_started"]:
            scores.append(NOT_STARTED)
        elif said in signs["wrong"]:
            scores.append(0)
        elif said.isdecimal():
            scores.append(int(said))
        else:
            return None
        most.append(int(match["most"]))
        position = match.end()
    return tuple(scores), tuple(most)
