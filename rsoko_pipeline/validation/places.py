"""What the rules of schools compare: declared and read rows, the register, municipalities, names.

Belongs here: the columns that checks look at, a row a school of a file. Does not belong here: the checks (``results``),
what the register said on a day (``history``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.history import in_force
from rsoko_pipeline.validation.measured import FileHead, Work, most_points

_QUOTES = re.compile(r"[«»\"'“”„‟`]")
#: What tells one row from another.
KEYS = ["event_id", "file_id", "school"]


class Places:
    """The schools of a batch's files with everything that is compared; NaN where a rule has nothing to say.

    Attributes:
        rows: columns of ``source_school``, index from 0; a school that has rows but no row of its own is added.
        event: code of each row's event.
        columns: the compared values by name, a float a row.
        has_register: whether there is anything to compare schools with.
        registered_name, registered_municipality: what the register says of the event's day, null where it does not
            know the school.
    """

    def __init__(
        self,
        schools: pd.DataFrame,
        results: pd.DataFrame,
        works: Sequence[Work],
        files: Mapping[str, FileHead],
        register: pd.DataFrame | None,
        municipalities: pd.DataFrame | None,
    ) -> None:
        """Put the schools beside the register.

        Args:
            schools: rows of ``source_school``.
            results: rows of ``source_result``.
            works: the events by code.
            files: what the files' headers say.
            register: rows of ``dim_school``; None where no register is known.
            municipalities: rows of ``dim_municipality``.
        """
        self.rows = _with_missing(schools, results)
        self.works = works
        self.event = pd.Index([work.event.event_id for work in works]).get_indexer(pd.Index(self.rows["event_id"]))
        declared, read = (self.rows[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("declared", "rows"))
        first = ~self.rows.duplicated(["event_id", "file_id"])
        of_file = np.full(len(self.rows), np.nan)
        of_file[first.to_numpy()] = [
            most_points(files.get(file_id), event_id)
            for event_id, file_id in self.rows.loc[first, ["event_id", "file_id"]].itertuples(index=False, name=None)
        ]
        scale = np.array([work.scale.max_score if work.scale and work.is_scale_sure else np.nan for work in works])
        self.columns: dict[str, NDArray] = {
            "declared_rows": np.where(self.asks("declared_count"), declared, np.nan),
            "read_rows": read,
            "file_max": np.where(self.asks("mark_scale"), of_file, np.nan),
            "scale_max": scale[self.event],
        }
        self._compare(register, municipalities)

    def asks(self, rule: str) -> NDArray:
        """For which schools the procedure has this rule."""
        return np.array([rule in work.procedure.rules for work in self.works], dtype="bool")[self.event]

    def frame(self) -> pd.DataFrame:
        """The compared values, as the checks see them."""
        return pd.DataFrame(self.columns, index=self.rows.index)

    def _compare(self, register: pd.DataFrame | None, municipalities: pd.DataFrame | None) -> None:
        nothing = np.full(len(self.rows), np.nan)
        self.columns |= dict.fromkeys(("is_known", "is_place_known", "is_own_place", "is_same_name"), nothing)
        self.registered_name = self.registered_municipality = pd.Series(None, index=self.rows.index, dtype="str")
        self.has_register = register is not None
        if register is None or self.rows.empty:
            return
        days = pd.DatetimeIndex([work.event.window_to for work in self.works])[self.event]
        known = _by_day(register, "school", days)
        is_known = self.rows["school"].isin(register["school"]).to_numpy()
        self.registered_name = self._of_day(known["name"], days, self.rows["school"])
        home = self._of_day(known["municipality"], days, self.rows["school"])
        if municipalities is None:
            municipalities = contracts.table("dim_municipality").empty()
        names = _by_day(municipalities, "municipality", days)["name"]
        self.registered_municipality = self._of_day(names, days, home).fillna(home)
        codes = municipality_codes(register, municipalities)
        code, name = self.rows["municipality"], self.rows["municipality_name"]
        stated = stated_municipalities(code, name, days, codes, municipalities)
        asks = self.asks("municipality_known")
        said = self.rows["school_name"]
        same = _comparable(said) == _comparable(self.registered_name)
        self.columns |= {
            "is_known": np.where(self.asks("school_known"), is_known, np.nan),
            "is_place_known": np.where(asks & stated.notna(), stated != "", np.nan),
            "is_own_place": np.where(asks & stated.notna() & (stated != "") & is_known, stated == home, np.nan),
            "is_same_name": np.where(said.notna() & is_known, same, np.nan),
        }

    def _of_day(self, values: pd.Series, days: pd.DatetimeIndex, keys: pd.Series) -> pd.Series:
        """The value of each row's key on its day; null where the register does not know the key."""
        return values.reindex(pd.MultiIndex.from_arrays([days, keys])).set_axis(self.rows.index)


def stated_municipalities(
    code: pd.Series, name: pd.Series, days: pd.DatetimeIndex, codes: set[str], municipalities: pd.DataFrame | None
) -> pd.Series:
    """The register's code of the municipality in each row: '' where it knows none, null where the row names none.

    A code counts before a name. A name of another time is known too, as far as no other municipality bears it then.

    Args:
        code, name: what the file says.
        days: the day of each row.
        codes: all that the register knows (``municipality_codes``).
        municipalities: rows of ``dim_municipality``: names.
    """
    said = _comparable(name)
    named = pd.Series(None, index=code.index, dtype="str")
    if municipalities is not None and not municipalities.empty:
        names = _by_day(municipalities, "municipality", days)["name"]
        ever = {comparable(name): at for at, name in municipalities.set_index("municipality")["name"].items()}
        for day in days.unique():
            mine = days == day
            named[mine] = said[mine].map(ever | {comparable(name): at for at, name in names.xs(day).items()})
    found = code.where(code.isin(codes)).where(code.notna(), named)
    return found.fillna("").where(code.notna() | name.notna())


def municipality_codes(schools: pd.DataFrame, municipalities: pd.DataFrame | None) -> set[str]:
    """All codes of municipalities that the register knows, if only as those of its schools."""
    return set(schools["municipality"]) | (set() if municipalities is None else set(municipalities["municipality"]))


def _by_day(history: pd.DataFrame, key: str, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The rows in force on each of the days, by day and ``key``."""
    return pd.concat({day: in_force(history, key, day).set_index(key) for day in days.unique()}, names=["day", key])


def _comparable(names: pd.Series) -> pd.Series:
    """Names without regard to case, spaces, quotation marks and look-alike letters."""
    forms = {name: comparable(_QUOTES.sub("", name)) for name in names.dropna().unique()}
    return names.map(forms)


def _with_missing(schools: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    counted = results.groupby(KEYS, as_index=False, sort=False).agg(
        sheet=("sheet", "first"), row_number=("row_number", "min"), rows=("school", "size")
    )
    listed = pd.MultiIndex.from_frame(counted[KEYS]).isin(pd.MultiIndex.from_frame(schools[KEYS]))
    table = contracts.table("source_school")
    both = pd.concat([schools[schools["event_id"].notna()], table.conform(counted[~listed])], ignore_index=True)
    return both.drop_duplicates(KEYS, ignore_index=True)
