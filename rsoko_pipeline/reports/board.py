"""The upload board: what each school has sent for each event.

Belongs here: the rules by which a school is expected and its data are loaded, empty, refused, late or awaited.
Does not belong here: how the board looks (``region``), where it is stored (``warehouse``).

Who is expected. An obligatory event expects every school that has pupils of its grade by the contingent of that school
year; while there is no contingent for the year at all, every school of the register that was valid in the event's
window. An event by choice, by lot or by sample expects only the schools that have sent something: nothing in the data
says who else has to, and a board full of false «просрочено» would teach its readers to overlook the true ones.
A school that sends data unasked is always on the board; a school that is not in the register is not (its file has the
finding RSK-SCHOOL-UNKNOWN).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.history import counted
from rsoko_pipeline.validation import EMPTY_CODES, held_with_others

_KEY = ["event_id", "school"]
_PIECE = ["file_id", *_KEY]
#: What the data of a school in a file come to, the weakest first: the strongest decides what the board shows.
_STRENGTH = ("empty", "refused", "loaded")
_STAMP = ("config_version", "run_id", "computed_at")


def upload_status(
    events: pd.DataFrame,
    schools: pd.DataFrame,
    units: pd.DataFrame,
    files: pd.DataFrame,
    quarantine: pd.DataFrame,
    contingent: pd.DataFrame,
    dues: Mapping[str, date],
    today: date,
) -> pd.DataFrame:
    """The board of all given events.

    Args:
        events: ``core.dim_event``.
        schools: ``core.dim_school``.
        units: ``ops.file_unit``.
        files: ``ops.landing_file``.
        quarantine: ``ops.quarantine``; a finding of a refused file belongs to the school that stands in it.
        contingent: ``core.fact_contingent``.
        dues: day of the upload deadline by event; an event that is missing here is due on the last day of its window.
        today: the day for which the board is made; a school is late from the day after the deadline.

    Returns:
        The columns of ``mart.upload_status`` without its stamp (``config_version``, ``run_id``, ``computed_at``),
        sorted by event and school. ``findings`` counts errors and warnings of the file shown, not what is for
        information only.
    """
    first = files.sort_values(["received_at", "name"]).drop_duplicates("file_id").set_index("file_id")
    blamed = _blamed(quarantine, first)
    sent = _sent(units, first, blamed, quarantine)
    sent = sent[sent["event_id"].isin(events["event_id"])]
    register = _register(events, schools)
    expected = pd.concat([_expected(events, register, contingent), sent[_KEY]]).drop_duplicates()
    board = expected.merge(register, on=_KEY).merge(sent, on=_KEY, how="left")
    last_days = dict(zip(events["event_id"], events["window_to"], strict=True))
    last_days |= {event: pd.Timestamp(day) for event, day in dues.items()}
    board["due"] = pd.to_datetime(board["event_id"].map(last_days))
    silent = (board["due"] < pd.Timestamp(today)).map({True: "late", False: "awaited"})
    board["status"] = board["status"].fillna(silent)
    board["findings"] = _counts(board, blamed[blamed["severity"] != "info"])
    table = contracts.table("upload_status")
    names = [name for name in table.names if name not in _STAMP]
    board = board.sort_values(_KEY)[names].astype({name: table[name].dtype for name in names})
    return board.reset_index(drop=True)


def _blamed(quarantine: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """The findings that name a school, with their event: their own or that of their file."""
    named = quarantine[quarantine["school"].notna()]
    return named.assign(event_id=named["event_id"].fillna(_of_file(named, first["event_id"])))


def _sent(units: pd.DataFrame, first: pd.DataFrame, blamed: pd.DataFrame, quarantine: pd.DataFrame) -> pd.DataFrame:
    """What came, a row an event × school: ``event_id, school, status, file_id, received_at`` of the deciding file."""
    results = units[units["content"].str.split(":").str[0] == "source_result"]
    accepted = results[results["status"] == "accepted"]
    accepted = accepted.assign(status=_status_of_accepted(accepted, blamed, quarantine[quarantine["action"] == "held"]))
    rejected = _rejected(results, first, blamed)
    came = pd.concat([part[[*_PIECE, "status", "received_at"]] for part in (accepted, rejected)])
    came = came.assign(_strength=came["status"].map(_STRENGTH.index))
    came = came.sort_values(["_strength", "received_at", "file_id"]).drop_duplicates(_KEY, keep="last")
    return came.drop(columns="_strength")


def _rejected(results: pd.DataFrame, first: pd.DataFrame, blamed: pd.DataFrame) -> pd.DataFrame:
    """Held units, and refused files by the schools that their findings name; «empty» where nothing was filled in."""
    held = results.loc[results["status"].isin(["held", "refused"]), _PIECE]
    named = blamed.loc[blamed["file_id"].isin(first.index[first["status"] == "refused"]), _PIECE]
    pieces = pd.concat([held, named]).drop_duplicates()
    empty = _counts(pieces, blamed[blamed["code"].isin(EMPTY_CODES)]) > 0
    empty |= _of_file(pieces, first["code"]).isin(EMPTY_CODES)
    status = empty.map({True: "empty", False: "refused"})
    return pieces.assign(status=status, received_at=_of_file(pieces, first["received_at"]))


def _status_of_accepted(units: pd.DataFrame, blamed: pd.DataFrame, quarantined: pd.DataFrame) -> pd.Series:
    """For each accepted unit «loaded», «empty» (no rows) or «refused».

    Refused is what is held as a whole, with its file or its whole event, or row by row.
    """
    held = blamed[blamed["action"] == "held"]
    scopes = {code: kind.scope for code, kind in findings.catalogue().items()}
    whole = held[held["code"].map(scopes).isin(["unit", "file"])]
    rows = held[held["row_number"].notna()].drop_duplicates([*_PIECE, "sheet", "row_number"])
    lost = held_with_others(units, quarantined) | (_counts(units, whole) > 0) | (_counts(units, rows) >= units["rows"])
    return lost.map({True: "refused", False: "loaded"}).mask(units["rows"] == 0, "empty")


def _of_file(pieces: pd.DataFrame, fact: pd.Series) -> pd.Series:
    """The fact of each piece's file, by its ``file_id``."""
    return fact.reindex(pieces["file_id"]).set_axis(pieces.index)


def _counts(pieces: pd.DataFrame, of: pd.DataFrame) -> pd.Series:
    """How many rows of ``of`` belong to each file × event × school of ``pieces``."""
    counts = of.groupby(_PIECE).size().rename("count")
    found = pieces[_PIECE].merge(counts, left_on=_PIECE, right_index=True, how="left")["count"]
    return pd.Series(found.fillna(0).to_numpy(dtype="int64"), index=pieces.index)


def _register(events: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Each event with each school, its name and municipality then, and whether it was valid in the event's window."""
    pairs = events[["event_id", "window_from", "window_to"]].merge(schools, how="cross")
    pairs["valid"] = (pairs["valid_from"] <= pairs["window_to"]) & ~(pairs["valid_to"] < pairs["window_from"])
    latest = pairs.sort_values(["valid", "valid_from"]).drop_duplicates(_KEY, keep="last")
    return latest[[*_KEY, "name", "municipality", "valid"]].rename(columns={"name": "school_name"})


def _expected(events: pd.DataFrame, register: pd.DataFrame, contingent: pd.DataFrame) -> pd.DataFrame:
    """Event × school of the obligatory events."""
    obligatory = events[events["participation"] == "obligatory"]
    is_counted = obligatory["school_year"].isin(contingent["school_year"]) & obligatory["grade"].notna()
    learning = counted(contingent, obligatory)
    by_contingent = learning.loc[learning["enrolled"] > 0, _KEY].drop_duplicates()
    uncounted = register["valid"] & register["event_id"].isin(obligatory.loc[~is_counted, "event_id"])
    return pd.concat([by_contingent, register.loc[uncounted, _KEY]])
