"""Registers: schools, municipalities and contingent as dimensions, from the register files in force.

Belongs here: merging several register files into dimensions with history. Does not belong here: reading them
(``sources``), which of them is in force (``ledger``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.sources.model import ReadResult

CONTENTS = ("source_register", "source_contingent")
#: First day of validity where the register states none: before any procedure of the calendar.
EARLIEST = pd.Timestamp("1990-01-01")


@dataclass(frozen=True)
class Registers:
    """The registers: rows of ``core.dim_municipality``, ``core.dim_school``, ``core.fact_contingent``."""

    municipalities: pd.DataFrame
    schools: pd.DataFrame
    contingent: pd.DataFrame


def build(results: Sequence[ReadResult], units: pd.DataFrame, cfg: Configuration) -> Registers:
    """Build the registers from the files in force.

    Args:
        results: register and contingent files, read.
        units: their units in force (``ops.file_unit``): a file counts only for the schools listed for it.
        cfg: configuration, for the region's code.
    """
    entries = _in_force(results, units, "source_register")
    contingent = _in_force(results, units, "source_contingent")
    facts = contracts.table("fact_contingent")
    return Registers(
        _municipalities(entries, cfg.region.code), _schools(entries), facts.conform(contingent[facts.names])
    )


def _in_force(results: Sequence[ReadResult], units: pd.DataFrame, content: str) -> pd.DataFrame:
    """The rows of all files whose unit (file × school × period) is in force."""
    table = contracts.table(content)
    frames = [result.frames[content] for result in results if content in result.frames]
    if not frames:
        return table.empty()
    rows = table.conform(pd.concat(frames, ignore_index=True))
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
