"""The cross-walk («ведомость кодов»): from the code or name a file has for a school to the school of the register.

Belongs here: finding a school by its other codes and by what a person has confirmed, putting rows and units under it,
listing what stays unknown. Does not belong here: who may be meant by an unknown code (``candidates``), building the
tables of codes (``registers``).

The register's own code comes first, then its other codes in force on the event's day, then confirmed codes and names.
A code that several schools share is nobody's. Nothing is ever guessed: what is not found stays as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pandas as pd

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.families import OF_SOURCE
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.assembly import GROUP_CONTENTS, Gathered
from rsoko_pipeline.privacy import mask

#: Columns of a frame that hold a school's code, its name and its municipality, as far as it has them.
_OF_PUPILS = ("school", "school_name", ("municipality_name", "municipality"))
_OF_UNITS = ("unit_code", "unit_name", ("parent_code",))

Period = tuple[pd.Timestamp, pd.Timestamp | None, str]


class Crosswalk:
    """All codes of all schools."""

    def __init__(
        self, schools: pd.DataFrame, codes: pd.DataFrame, aliases: pd.DataFrame, days: Mapping[str, date]
    ) -> None:
        """Index the codes.

        Args:
            schools, codes, aliases: rows of ``core.dim_school``, ``core.school_code``, ``core.school_alias``.
            days: the day of every event: codes in force then count.
        """
        self.registered = set(schools["school"])
        self._days = {event: pd.Timestamp(day) for event, day in days.items()}
        self._codes = _periods(codes["school_code"], codes)
        by_code, by_name = aliases.dropna(subset=["sent_code"]), aliases[aliases["sent_code"].isna()]
        self._aliases = _periods(by_code["sent_code"], by_code)
        self._names = _periods(by_name["sent_name"].map(comparable, na_action="ignore"), by_name)
        named = pd.DataFrame({"name": schools["name"].map(comparable), "school": schools["school"]}).drop_duplicates()
        self._own_names = set(named.loc[~named["name"].duplicated(keep=False), "name"])

    @classmethod
    def stored(cls, read: Callable[[str], pd.DataFrame], cfg: Configuration) -> Crosswalk:
        """The cross-walk of the tables that ``read`` gives by name, for the calendar's events."""
        days = {event.event_id: event.window_to for event in cfg.calendar.events.values()}
        return cls(read("dim_school"), read("school_code"), read("school_alias"), days)

    def school(self, event_id: str, code: str, name: str | None = None) -> str | None:
        """The school of the register that a file calls ``code`` or ``name``, None where that is not known."""
        if code in self.registered:
            return code
        day = self._days.get(event_id)
        if found := _owner(self._codes.get(code, []), day):
            return found
        said = comparable(name) if name else None
        return _last(self._aliases.get(code, []), day) or (_last(self._names.get(said, []), day) if said else None)

    def placed(self, rows: pd.DataFrame, code: str, name: str | None = None) -> pd.Series:
        """The codes of the column ``code`` with the register's own in place of those that it finds."""
        strange = ~rows[code].isin(self.registered) & rows[code].notna()
        if not strange.any():
            return rows[code]
        asked = rows.loc[strange, ["event_id", code, *([name] if name else [])]].astype(object)
        asked = asked.where(asked.notna(), None)
        known = {line: self.school(*line) or line[1] for line in set(asked.itertuples(index=False, name=None))}
        found = pd.Series([known[line] for line in asked.itertuples(index=False, name=None)], asked.index, dtype="str")
        return rows[code].mask(strange, found.reindex(rows.index))

    def place(self, gathered: Gathered) -> None:
        """Put every row under its school of the register."""
        for frame_name, rows in gathered.frames.items():
            code, name, _ = _columns(frame_name)
            if code not in rows:
                continue
            named = self.placed(rows, code, name if name in rows else None)
            is_school = rows["level"] == "school" if "level" in rows else pd.Series(True, rows.index)
            gathered.frames[frame_name] = rows.assign(**{code: named.where(is_school, rows[code])})
        gathered.findings = gathered.findings.assign(school=self.placed(gathered.findings, "school"))

    def units(self, units: pd.DataFrame) -> pd.DataFrame:
        """Rows of ``ops.file_unit`` of events under the schools of the register."""
        of_events = (units["school"] != "") & ~units["content"].isin(contracts.REGISTERS)
        return units.assign(school=self.placed(units, "school").where(of_events, units["school"]))

    def settle(self, units: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """One file for each school, where files that came under different codes turn out to be of one school.

        Args:
            units: rows of ``ops.file_unit`` in force, with the file's ``name``.

        Returns:
            The units that stay, under the codes they were sent with, and the findings on the others: the later file
            counts; of two files of one intake neither does.
        """
        rows = self.units(units).assign(sent=units["school"])
        unit = ["event_id", "content", "school"]
        shared = (rows["school"] != "") & (rows.groupby(unit)["file_id"].transform("nunique") > 1)
        newest = rows["received_at"] == rows.groupby(unit)["received_at"].transform("max")
        rivals = shared & newest & (rows[newest].groupby(unit)["file_id"].transform("nunique").reindex(rows.index) > 1)
        gone = (shared & ~newest) | rivals
        found = []
        for row, is_rival in zip(rows[gone].to_dict("records"), rivals[gone], strict=True):
            same = shared & newest & (rows["file_id"] != row["file_id"])
            for name in unit:
                same &= rows[name] == row[name]
            words = {"name": row["name"], "other": ", ".join(rows.loc[same, "name"].unique())}
            code = "RSK-UNIT-CODES" if is_rival else "RSK-UNIT-REPLACED"
            finding = Finding(code, words, school=row["school"], value=row["sent"])
            found.append(findings.frame([finding], file_id=row["file_id"], event_id=row["event_id"]))
        return units[~gone], pd.concat([findings.frame([], file_id=""), *found], ignore_index=True)

    def unknown(self, gathered: Gathered) -> pd.DataFrame:
        """Rows of ``ops.unknown_school``: the codes that are in no register, with what their files say of them."""
        table = contracts.table("unknown_school")
        parts = [self._unknown(name, gathered.rows(name)) for name in gathered.frames] if self.registered else []
        parts = [part for part in parts if len(part)]
        if not parts:
            return table.empty()
        rows = pd.concat(parts, ignore_index=True)
        key = list(table.key)
        counts = rows.groupby(key)["rows"].max()
        # source_school says how a school is called, source_result how many rows there are
        rows = rows.sort_values([*key, "sent_name"]).groupby(key, as_index=False).first()
        rows["rows"] = counts.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy()
        return table.conform(rows[table.names])

    def _unknown(self, frame_name: str, rows: pd.DataFrame) -> pd.DataFrame:
        code, name, places = _columns(frame_name)
        if code not in rows:
            return pd.DataFrame()
        rows = rows[~rows[code].isin(self.registered) & ((rows["level"] == "school") if "level" in rows else True)]
        names = rows[name] if name in rows else pd.Series(None, rows.index, dtype="str")
        if frame_name in OF_SOURCE:  # their checks find a school by its name too
            by_name = names.map(comparable, na_action="ignore").isin(self._own_names)
            rows, names = rows[~by_name], names[~by_name]
        place = pd.Series(None, rows.index, dtype="str")
        for column in places:
            place = place.fillna(rows[column]) if column in rows else place
        said = pd.DataFrame(
            {
                "event_id": rows["event_id"],
                "file_id": rows["file_id"],
                "sent_code": rows[code],
                "sent_name": names.map(mask, na_action="ignore"),
                "sent_municipality": place,
                "rows": rows.get("rows", 1),
            }
        )
        firsts = dict.fromkeys(("sent_name", "sent_municipality"), "first")
        return said.groupby(["event_id", "file_id", "sent_code"], as_index=False).agg({**firsts, "rows": "sum"})


def _columns(frame_name: str) -> tuple[str, str, tuple[str, ...]]:
    of_units = frame_name in OF_SOURCE or (frame_name in GROUP_CONTENTS and frame_name != "source_label")
    return _OF_UNITS if of_units else _OF_PUPILS


def _periods(keys: pd.Series, rows: pd.DataFrame) -> dict[str | None, list[Period]]:
    """The periods of each key, the earliest first."""
    out: dict[str | None, list[Period]] = {}
    ends = rows["valid_to"] if "valid_to" in rows else pd.Series(pd.NaT, rows.index)
    order = rows["valid_from"].argsort(kind="stable")
    for key, begins, ended, school in zip(
        *(column.iloc[order] for column in (keys, rows["valid_from"], ends, rows["school"])), strict=True
    ):
        out.setdefault(key, []).append((begins, None if pd.isna(ended) else ended, school))
    return out


def _owner(periods: list[Period], day: pd.Timestamp | None) -> str | None:
    """The only school that had the code on the day, else the only one that ever had it; None where several did."""
    then = {
        school for begins, ended, school in periods if day is not None and begins <= day and not (ended and ended < day)
    }
    owners = then or {school for _, _, school in periods}
    return next(iter(owners)) if len(owners) == 1 else None


def _last(periods: list[Period], day: pd.Timestamp | None) -> str | None:
    """The school confirmed last for the day."""
    return next((school for begins, _, school in reversed(periods) if day is None or begins <= day), None)
