"""Registers: municipalities, schools, their codes, contingent and context as tables, from the register files in force.

Belongs here: merging several register files into dimensions with history; what a unit of a register's file is, which of
its units a file with errors does not bring.
Does not belong here: reading the files (``sources``), judging their rows (``validation``), which of them is in force
(``ledger``), finding schools by their codes (``crosswalk``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.assembly import reader_findings
from rsoko_pipeline.landing.ledger import UNIT
from rsoko_pipeline.landing.parsed import Taken
from rsoko_pipeline.sources.model import ReadResult
from rsoko_pipeline.validation import validate_entries

#: First day of validity where the register states none: before any procedure of the calendar.
EARLIEST = pd.Timestamp("1990-01-01")
#: The tables of ``core`` that are made from them.
TABLES = ("dim_municipality", "dim_school", "school_code", "school_alias", "fact_contingent", "fact_context")
_CODES = {"ris_code": "ris", "inn": "inn", "ogrn": "ogrn"}


@dataclass(frozen=True)
class Registers:
    """The registers.

    Attributes:
        tables: rows of ``TABLES``; rows that fail a check are not among them.
        findings: what was found in the files by their readers and by the checks, columns ``findings.COLUMNS``,
            ``event_id`` null.
    """

    tables: dict[str, pd.DataFrame]
    findings: pd.DataFrame


def unit(name: str, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The period and the subject of every row of a register's frame: what a later file replaces.

    A contingent and a context are of a day: what was counted earlier stays beside them.
    """
    subject = rows["municipality"] if name == "source_municipality" else rows["school"]
    period = pd.Series("", index=rows.index, dtype="str")
    if name == "source_contingent":
        period = rows["school_year"] + _day(rows["counted_on"], " ")
    elif name == "source_context":
        period = _day(rows["counted_on"])
    elif name == "source_school_alias":
        subject = rows["sent_code"].fillna(rows["sent_name"])
    return period, subject


def without_failed(
    units: pd.DataFrame, results: Iterable[ReadResult], in_force: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """The units of an intake but for those of which a row failed and which an earlier file has without an error.

    Of a school that was known before nothing changes until its row is sent right; of one that was not, what could be
    read counts.

    Args:
        units: rows of ``ops.file_unit`` of the intake.
        results: its files.
        in_force: gives the units in force before it.
    """
    failed = _failed(results)
    if failed.empty:
        return units
    claimed = pd.MultiIndex.from_frame(units[["file_id", *UNIT]].astype("str"))
    is_failed = claimed.isin(pd.MultiIndex.from_frame(failed[["file_id", *UNIT]]))
    is_known = claimed.droplevel("file_id").isin(pd.MultiIndex.from_frame(in_force()[UNIT].astype("str")))
    return units[~(is_failed & is_known)]


def _failed(results: Iterable[ReadResult]) -> pd.DataFrame:
    """The units of which some row of a register's file failed: ``file_id`` and the columns of a unit."""
    parts = [pd.DataFrame(columns=["file_id", *UNIT], dtype="str")]
    for result in results:
        for name, rows in result.file.extra.get("failed", {}).items():
            period, subject = unit(name, rows)
            parts.append(pd.DataFrame({"file_id": rows["file_id"], "event_id": period, "school": subject}))
            parts[-1]["content"] = name
    return pd.concat(parts, ignore_index=True).dropna().drop_duplicates(ignore_index=True).astype("str")


def _kept(results: Iterable[ReadResult], units: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Findings on the entries of files with errors in whose place those of another file are in force."""
    holders = units.set_index(UNIT)["file_id"].to_dict()
    names = {result.file.file_id: result.file.name for result in results}
    for file_id, *key in _failed(results)[["file_id", *UNIT]].itertuples(index=False, name=None):
        holder = holders.get(tuple(key), file_id)
        if holder != file_id:
            period, _, school = key
            words = {"name": names.get(holder), "period": f", {period}" if period else ""}
            yield findings.frame([Finding("RSK-REGISTER-KEPT", words, school=school)], file_id=file_id)


def _day(days: pd.Series, before: str = "") -> pd.Series:
    return (before + days.dt.strftime("%Y-%m-%d").astype("str")).fillna("")


def build(taken: Taken, units: pd.DataFrame, cfg: Configuration) -> Registers:
    """Build the registers from the files in force.

    Args:
        taken: register files, read.
        units: their units in force (``ops.file_unit``): a file counts only for the units listed for it.
        cfg: configuration, for the region's code.
    """
    found = [reader_findings(taken.results), *_kept(taken.results, units)]
    passed: dict[str, pd.DataFrame] = {}

    def entries(name: str, schools: pd.DataFrame | None = None) -> pd.DataFrame:
        rows = _in_force(taken, units, name)
        if rows.empty:
            return rows
        judged = validate_entries(name, rows, schools=schools)
        found.append(judged.findings.assign(event_id=pd.Series(None, index=judged.findings.index, dtype="str")))
        return judged.passed

    listed, places = entries("source_register"), entries("source_municipality")
    municipalities = _municipalities(places, listed, cfg.region.code)
    schools = _after_mergers(_schools(listed), municipalities)
    known = None if schools.empty else schools
    for name in ("source_school_code", "source_school_alias", "source_contingent", "source_context"):
        passed[name] = entries(name, known)
    tables = {
        "dim_municipality": municipalities,
        "dim_school": schools,
        "school_code": _codes(schools, passed["source_school_code"]),
        "school_alias": _aliases(passed["source_school_alias"], units),
        "fact_contingent": _plain("fact_contingent", passed["source_contingent"]),
        "fact_context": _plain("fact_context", passed["source_context"]),
    }
    return Registers(tables, pd.concat(found, ignore_index=True))


def _in_force(taken: Taken, units: pd.DataFrame, content: str) -> pd.DataFrame:
    """The rows of all files whose unit is in force."""
    table = contracts.table(content)
    if content not in taken.frames:
        return table.empty()
    rows = table.conform(taken.frames[content])
    period, subject = unit(content, rows)
    active = units.loc[units["content"] == content, ["file_id", "event_id", "school"]]
    claimed = pd.MultiIndex.from_arrays([rows["file_id"], period, subject])
    return rows[claimed.isin(pd.MultiIndex.from_frame(active))].reset_index(drop=True)


def _plain(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    table = contracts.table(name)
    return table.conform(rows[table.names])


def _periods(entries: pd.DataFrame, key: str) -> pd.DataFrame:
    """Entries as history: a row a key and period; a period ends the day before the next begins."""
    entries = entries.assign(valid_from=entries["valid_from"].fillna(EARLIEST))
    entries = entries.sort_values([key, "valid_from", "row_number"]).drop_duplicates([key, "valid_from"], keep="last")
    following = entries.groupby(key)["valid_from"].shift(-1) - pd.Timedelta(days=1)
    return entries.assign(valid_to=entries["valid_to"].fillna(following))


def _schools(entries: pd.DataFrame) -> pd.DataFrame:
    return _plain("dim_school", _periods(entries.rename(columns={"school_name": "name"}), "school"))


def _municipalities(own: pd.DataFrame, entries: pd.DataFrame, region: str) -> pd.DataFrame:
    """The municipalities' own register; those it lacks as the register of schools names them last, without history."""
    table = contracts.table("dim_municipality")
    stated = _periods(own.rename(columns={"municipality_name": "name"}), "municipality")
    others = entries[~entries["municipality"].isin(own["municipality"])]
    latest = others.sort_values(["municipality", "valid_from", "row_number"]).drop_duplicates(
        "municipality", keep="last"
    )
    latest = latest.assign(
        name=latest["municipality_name"].fillna(latest["municipality"]),
        predecessor=None,
        valid_from=EARLIEST,
        valid_to=None,
    )
    columns = [name for name in table.names if name != "region"]
    both = [part[columns] for part in (stated, latest.astype({"valid_to": stated["valid_to"].dtype})) if len(part)]
    if not both:
        return table.empty()
    return table.conform(pd.concat(both, ignore_index=True).assign(region=region))


def _after_mergers(schools: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Schools with a further period in the municipality into which theirs was merged, where their register has none.

    The register of municipalities says who was merged into whom (``predecessor``) and since when.
    """
    merged = pd.DataFrame(_mergers(municipalities), columns=["municipality", "successor", "since"])
    if merged.empty or schools.empty:
        return schools
    moving = schools.merge(merged, on="municipality")
    since = moving["since"].astype(schools["valid_from"].dtype)
    moving = moving[(moving["valid_from"] < since) & ~(moving["valid_to"] < since)].assign(since=since)
    keys = ["school", "valid_from"]
    ends = schools[keys].merge(moving[[*keys, "since"]], on=keys, how="left")["since"] - pd.Timedelta(days=1)
    before = schools.assign(valid_to=ends.where(ends.notna(), schools["valid_to"]).to_numpy())
    after = moving.assign(municipality=moving["successor"], valid_from=moving["since"])[schools.columns]
    both = pd.concat([before, after], ignore_index=True).sort_values(keys, ignore_index=True)
    return contracts.table("dim_school").conform(both)


def _mergers(municipalities: pd.DataFrame) -> Iterator[tuple[str, str, pd.Timestamp]]:
    """A merged municipality, its successor, and the day after its own end, else the first of the successor's period."""
    ends = municipalities.groupby("municipality")["valid_to"].last() + pd.Timedelta(days=1)
    named = municipalities.dropna(subset=["predecessor"])
    for successor, text, begins in zip(named["municipality"], named["predecessor"], named["valid_from"], strict=True):
        for code in (part.strip() for part in text.replace(";", ",").split(",")):
            ended = ends.get(code, pd.NaT)
            since = begins if pd.isna(ended) else ended
            if code != successor and since > EARLIEST:
                yield code, successor, since


def _codes(schools: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Every code of every school: the register's own, and those of the file of codes."""
    table = contracts.table("school_code")
    parts = [schools.assign(code_kind="login", school_code=schools["school"])]
    parts += [schools.assign(code_kind=kind, school_code=schools[name]) for name, kind in _CODES.items()]
    parts.append(stated.assign(valid_from=stated["valid_from"].fillna(EARLIEST)))
    rows = pd.concat([part[table.names].dropna(subset=["school_code"]) for part in parts], ignore_index=True)
    key = ["school", "code_kind", "school_code"]
    rows = rows.sort_values([*key, "valid_from"]).drop_duplicates([*key, "valid_from"], keep="last")
    return table.conform(rows.reset_index(drop=True))


def _aliases(confirmed: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The confirmed codes; confirmed on the day their file came, where it states no day."""
    table = contracts.table("school_alias")
    if confirmed.empty:
        return table.empty()
    came = units.drop_duplicates("file_id").set_index("file_id")["received_at"].dt.tz_localize(None).dt.floor("D")
    days = confirmed["file_id"].map(came).astype(confirmed["confirmed_at"].dtype)
    rows = confirmed.assign(
        valid_from=confirmed["valid_from"].fillna(EARLIEST), confirmed_at=confirmed["confirmed_at"].fillna(days)
    )
    return table.conform(rows[table.names])
