"""What counts of a school whose latest file is held as a whole: the latest of its earlier files that passes.

Belongs here: putting earlier units in the place of held ones, and what is said of it. Does not belong here: which unit
supersedes which (``ledger``), judging rows (``validation``).

A correction takes the earlier data's place in the ledger when it arrives, before anybody knows whether it passes. If it
does not, the school keeps what it had: nobody loses good data by a bad file. The ledger stays as it is: the correction
is the unit in force, and its findings, its release and the next correction go the usual way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import pandas as pd

from rsoko_pipeline import findings
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.assembly import joined
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.landing.parsed import Taken
from rsoko_pipeline.validation.found import among
from rsoko_pipeline.validation.results import Validated

_SCHOOL = ["event_id", "school"]
_UNIT = ["file_id", *_SCHOOL]
_CONTENT = "source_result"


@dataclass(frozen=True)
class Earlier:
    """What later files have taken the place of.

    Attributes:
        units: rows of ``ops.file_unit`` with the file's ``name``, the latest first (``Ledger.earlier_units``).
        take: reads files, given by ``file_id`` and ``name``.
    """

    units: pd.DataFrame
    take: Callable[[pd.DataFrame], Taken]


class Judged(Protocol):
    """Pupil rows of some files, judged."""

    @property
    def validated(self) -> Validated:
        """What became of them."""


J = TypeVar("J", bound=Judged)


def that_passes(
    first: J,
    judge: Callable[[Taken, pd.DataFrame], J],
    taken: Taken,
    units: pd.DataFrame,
    earlier: Earlier,
    crosswalk: Crosswalk,
) -> tuple[J, pd.DataFrame]:
    """Judge again with earlier units in place of those held as a whole, until one passes or none is left.

    Args:
        first: the units in force, judged.
        judge: judges files and units.
        taken: the files in force.
        units: rows of ``ops.file_unit`` in force.
        earlier: what they have taken the place of.
        crosswalk: all codes of the schools.

    Returns:
        What counts, and the findings on the earlier units in it, with a finding on each that it keeps out of force.
    """
    left = crosswalk.units(earlier.units).assign(sent=earlier.units["school"])
    last, standing = first, units
    while True:
        swapped = left[among(left, _held(last), _SCHOOL)].drop_duplicates(_SCHOOL)
        if swapped.empty:
            break
        left = left[~among(left, swapped, _UNIT)]
        gone = (standing["content"] == _CONTENT) & among(crosswalk.units(standing), swapped, _SCHOOL)
        in_place = swapped.assign(school=swapped["sent"]).reindex(columns=standing.columns)
        standing = pd.concat([standing[~gone], in_place], ignore_index=True)
        taken = _with_files(taken, swapped, earlier)
        last = judge(taken, standing)
    if last is first:
        return first, findings.frame([], file_id="")
    used = crosswalk.units(standing)
    used = used[~among(used, crosswalk.units(units), _UNIT) & ~among(used, _held(last), _SCHOOL)]
    found = last.validated.findings
    return last, pd.concat([found[among(found, used, _UNIT)], _said(used, _held(first), taken)], ignore_index=True)


def _held(judged: Judged) -> pd.DataFrame:
    """Units held for their own mistakes: of a school that no register knows an earlier file would fare no better."""
    held = judged.validated.held_units
    return held[held["code"] != "RSK-SCHOOL-UNKNOWN"]


def _with_files(taken: Taken, units: pd.DataFrame, earlier: Earlier) -> Taken:
    """The files, and those of further units."""
    known = [result.file.file_id for result in taken.results]
    files = units.loc[~units["file_id"].isin(known), ["file_id", "name"]].drop_duplicates("file_id")
    if files.empty:
        return taken
    more = earlier.take(files)
    frames = {
        name: joined([part[name] for part in (taken.frames, more.frames) if name in part])
        for name in {**taken.frames, **more.frames}
    }
    return replace(taken, results=[*taken.results, *more.results], frames=frames)


def _said(used: pd.DataFrame, held: pd.DataFrame, taken: Taken) -> pd.DataFrame:
    """A finding on every held unit whose place an earlier one keeps."""
    names = {result.file.file_id: result.file.name for result in taken.results}
    pairs = held[_UNIT].drop_duplicates().merge(used[_UNIT], on=_SCHOOL, suffixes=("", "_earlier"))
    parts = []
    for row in pairs.to_dict("records"):
        words = {"name": names[row["file_id"]], "earlier": names[row["file_id_earlier"]]}
        finding = Finding("RSK-UNIT-EARLIER", words, school=row["school"])
        parts.append(findings.frame([finding], file_id=row["file_id"], event_id=row["event_id"]))
    return pd.concat([findings.frame([], file_id=""), *parts], ignore_index=True)
