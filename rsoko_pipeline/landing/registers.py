"""Registers: schools, municipalities and contingent as dimensions, from the register files in force.

Belongs here: merging several register files into dimensions with history. Does not belong here: reading them
(``sources``), judging their rows (``validation``), which of them is in force (``ledger``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.landing.assembly import reader_findings
from rsoko_pipeline.landing.parsed import Taken
from rsoko_pipeline.validation import Validated, validate_contingent, validate_register

CONTENTS = ("source_register", "source_contingent")
#: First day of validity where the register states none: before any procedure of the calendar.
EARLIEST = pd.Timestamp("1990-01-01")


@dataclass(frozen=True)
class Registers:
    """The registers.

    Attributes:
        municipalities, schools, contingent: rows of ``core.dim_municipality``, ``core.dim_school`` and
            ``core.fact_contingent``; rows that fail a check are not among them.
        findings: what was found in the files by their readers and by the checks, columns ``findings.COLUMNS``,
            ``event_id`` null.
    """

    municipalities: pd.DataFrame
    schools: pd.DataFrame
    contingent: pd.DataFrame
    findings: pd.DataFrame


def build(taken: Taken, units: pd.DataFrame, cfg: Configuration) -> Registers:
    """Build the registers from the files in force.

    Args:
        taken: register and contingent files, read.
        units: their units in force (``ops.file_unit``): a file counts only for the schools listed for it.
        cfg: configuration, for the region's code.
    """
    entries, of_entries = _checked(_in_force(taken, units, "source_register"), validate_register)
    schools = _schools(entries)
    known = None if schools.empty else schools
    contingent, of_contingent = _checked(
        _in_force(taken, units, "source_contingent"), partial(validate_contingent, schools=known)
    )
    found = pd.concat([reader_findings(taken.results), of_entries, of_contingent], ignore_index=True)
    facts = contracts.table("fact_contingent")
    return Registers(_municipalities(entries, cfg.region.code), schools, facts.conform(contingent[facts.names]), found)


def _checked(rows: pd.DataFrame, validate: Callable[[pd.DataFrame], Validated]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that pass, and what was found in the others; findings about a register belong to no event."""
    if rows.empty:
        return rows, findings.frame([], file_id="")
    judged = validate(rows)
    return judged.passed, judged.findings.assign(event_id=pd.Series(None, index=judged.findings.index, dtype="str"))


def _in_force(taken: Taken, units: pd.DataFrame, content: str) -> pd.DataFrame:
    """The rows of all files whose unit (file × school × period) is in force."""
    table = contracts.table(content)
    if content not in taken.frames:
        return table.empty()
    rows = table.conform(taken.frames[content])
    keys = ["file_id", "event_id", "school"]
    active = units.loc[units["content"] == content, keys]
    period = rows["school_year"] if content == "source_contingent" else ""
    return rows.assign(event_id=period).merge(active, on=keys)[table.names]


def _schools(entries: pd.DataFrame) -> pd.DataFrame:
    """History of schools: a row a school and period; a period ends the day before the next begins."""
    table = contracts.table("dim_school")
    entries = entries.rename(columns={"school_name": "name"}).assign(valid_from=entries["valid_from"].fillna(EARLIEST))
    entries = entries.sort_values(["school", "valid_from", "row_number"]).drop_duplicates(
        ["school", "valid_from"], keep="last"
    )
    following = entries.groupby("school")["valid_from"].shift(-1) - pd.Timedelta(days=1)
    return table.conform(entries.assign(valid_to=entries["valid_to"].fillna(following))[table.names])


def _municipalities(entries: pd.DataFrame, region: str) -> pd.DataFrame:
    table = contracts.table("dim_municipality")
    latest = entries.sort_values(["municipality", "valid_from", "row_number"]).drop_duplicates(
        "municipality", keep="last"
    )
    names = latest["municipality_name"].fillna(latest["municipality"])
    return table.conform(latest.assign(name=names, region=region, valid_from=EARLIEST, valid_to=None)[table.names])
