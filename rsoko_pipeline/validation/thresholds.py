"""Thresholds: which files and which events are held as a whole because too many of their rows failed.

Belongs here: how the levels follow one another. Does not belong here: which rows fail (``results``, ``tables``),
thresholds of registers, which their reader weighs (``sources.delimited``).

A part is judged before the whole it belongs to, and a part over its own threshold is set aside:

1. a **school** of a file (``unit_share_failed``, pupil rows alone);
2. a **file**, as far as it is about the event (``file_share_failed``): all its rows count, those of its schools over
   their threshold too, since a file is held as a whole; a file of one school that is over is not said twice;
3. the **event** (``event_share_failed``): what remains without the schools and files that are over. One wrong file
   thus holds itself and not the event; that many files fail a little, none enough to be held, holds the event.

Set aside is set aside: a file that a person releases goes on, and still does not count for the event, or its release
would hold all the others. A single failing row holds no file and no event, however short.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.configuration.procedures import Thresholds
from rsoko_pipeline.validation.found import findings, together
from rsoko_pipeline.validation.verdict import number, percent

#: What a threshold of a file is of: one file's rows about one event.
PIECE = ["event_id", "file_id"]


class Weighed:
    """Files and events, weighed.

    Attributes:
        files: ``event_id``, ``file_id``, ``sheet``, ``row_number`` (the first row), ``school`` (of files of one
            school), ``failed``, ``total``.
        file_of_part: position in ``files`` of each part.
    """

    def __init__(self, parts: pd.DataFrame, limits: Mapping[str, Thresholds]) -> None:
        """Weigh what parts are made of.

        Args:
            parts: ``event_id``, ``file_id``, ``sheet``, ``row_number``, ``school`` (null where it is no school's),
                ``failed`` and ``total`` rows, ``is_over``: set aside already.
            limits: thresholds by event; an event without any holds nothing.
        """
        self._limits = limits
        grouped = parts.groupby(PIECE, sort=False)
        self.file_of_part = grouped.ngroup().to_numpy(dtype="int64")
        first = ~parts.duplicated(PIECE)
        self.files = parts.loc[first, [*PIECE, "sheet", "row_number", "school"]].reset_index(drop=True)
        is_alone = (grouped["school"].nunique(dropna=False) == 1).to_numpy()
        self.files["school"] = self.files["school"].where(is_alone)
        set_aside = parts["is_over"].to_numpy(dtype="bool")
        failed, total = (parts[name].to_numpy(dtype="int64") for name in ("failed", "total"))
        self.files["failed"], self.files["total"] = self._of_file(failed), self._of_file(total)
        is_said = is_alone & (self._of_file(set_aside) > 0)
        over = _over(self.files, self._limit("file")) & ~is_said
        self._over = np.flatnonzero(over)
        left = ~set_aside & ~over[self.file_of_part]
        self._left = self.files.assign(failed=self._of_file(failed * left), total=self._of_file(total * left))

    def asked(self) -> pd.DataFrame:
        """By event, how many files and how many rows were weighed, and how many of those rows failed."""
        left = self._left.groupby("event_id")[["total", "failed"]].sum()
        return left.assign(files=self.files.groupby("event_id").size())

    def files_over(self) -> pd.DataFrame:
        """A finding on every file over its threshold; ``position`` is that of the file in ``files``."""
        rows = self.files.iloc[self._over]
        limit = self._limit("file")[self._over]
        found = findings(rows, "RSK-FILE-THRESHOLD", value=_counts(rows), expected=[percent(share) for share in limit])
        return found.assign(check="file_threshold", position=self._over)

    def events_over(self) -> pd.DataFrame:
        """A finding on every event over its threshold, at the file with most failing rows."""
        events = self._left.groupby("event_id", sort=False)[["failed", "total"]].sum()
        limit = np.array([self._share("event", event_id) for event_id in events.index], dtype="float64")
        over = _over(events, limit)
        worst = self._left.sort_values("failed", ascending=False, kind="stable").drop_duplicates("event_id")
        rows = worst.set_index("event_id").loc[events.index[over], ["file_id", "sheet", "row_number"]].reset_index()
        found = findings(
            rows,
            "RSK-EVENT-THRESHOLD",
            value=_counts(events[over]),
            expected=[percent(share) for share in limit[over]],
        )
        return together([found.assign(check="event_threshold", position=0)])

    def _of_file(self, values: NDArray) -> NDArray:
        """The sum of the parts' values by file."""
        return np.bincount(self.file_of_part, values, minlength=len(self.files)).astype("int64")

    def _limit(self, level: str) -> NDArray:
        return np.array([self._share(level, event_id) for event_id in self.files["event_id"]], dtype="float64")

    def _share(self, level: str, event_id: str) -> float:
        limits = self._limits.get(event_id)
        if limits is None:
            return 1.0
        return limits.file_share if level == "file" else limits.event_share_failed


def _over(counts: pd.DataFrame, limit: NDArray) -> NDArray:
    """Where more than one row and more than the share failed."""
    return (counts["failed"] > np.maximum(1, limit * counts["total"])).to_numpy(dtype="bool")


def _counts(rows: pd.DataFrame) -> list[str]:
    return [f"{number(failed)} из {number(total)}" for failed, total in zip(rows["failed"], rows["total"], strict=True)]
