"""Validation of tables other than pupil rows: aggregates by groups, official lists, the other procedures.

Belongs here: the rules of these tables; all rows of one kind are checked at once. Does not belong here: pupil rows
(``results``), registers (``registers``), turning aggregates into statistics (``indicators``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.configuration.procedures import Thresholds
from rsoko_pipeline.findings import catalogue
from rsoko_pipeline.validation import engine, figures, plan_lines, protocols
from rsoko_pipeline.validation.checks import CONTRACT, Check, Outcome, contract_checks, expected, shaped
from rsoko_pipeline.validation.found import IDENTITY, about, findings, held, release, together
from rsoko_pipeline.validation.places import municipality_codes, stated_municipalities
from rsoko_pipeline.validation.results import Validated, no_units
from rsoko_pipeline.validation.rules import RESULT_CODES, THRESHOLDS
from rsoko_pipeline.validation.thresholds import PIECE, Weighed
from rsoko_pipeline.validation.verdict import NOTHING_ASKED, SET_ASIDE, Verdict, result_frame

#: Tables give per cent with two decimals: their sum may be off by this, or by half a hundredth a share if that is more.
SUM_TOLERANCE, ROUNDING = 0.0005, 0.00005
#: Names of the checks of aggregate tables and official lists, in the order in which they are shown.
GROUP_CHECKS = (
    "structure",
    CONTRACT,
    "share_range",
    "group_unique",
    "share_sum",
    "unit_known",
    "municipality_known",
    *THRESHOLDS[1:],
)
#: Keys of the register by which a table may call a school, the surest first.
REGISTER_KEYS = ("school", "ris_code", "ogrn", "inn")
_PLACES_RU = {"region": "регион", "municipality": "муниципалитет"}
_SHARES = {
    "source_group_marks": ("share2", "share3", "share4", "share5"),
    "source_group_journal": ("lowered_share", "confirmed_share", "raised_share"),
    "source_group_scores": ("share",),
}


def validate_groups(
    name: str,
    frame: pd.DataFrame,
    *,
    cfg: Configuration,
    schools: pd.DataFrame | None = None,
    municipalities: pd.DataFrame | None = None,
    released: pd.DataFrame | None = None,
) -> Validated:
    """Check aggregate tables of one kind, or official lists, of all events at once.

    Args:
        name: ``source_group_marks``, ``source_group_journal``, ``source_group_scores`` or ``source_label``.
        frame: rows of that contract, ``event_id`` filled in.
        cfg: rules of the procedures.
        schools: rows of ``core.dim_school``; the rows of a school that it lacks go on, with a finding.
        municipalities: rows of ``core.dim_municipality``; the rows of one that it lacks go on, with a finding, and no
            figures are made of them.
        released: rows of ``ops.quarantine`` that a person has let through.
    """
    table = _Labels(schools, cfg) if name == "source_label" else _Groups(name, cfg, schools, municipalities)
    return table.judged(frame, released)


def validate_units(
    frame: pd.DataFrame,
    family: Statement,
    *,
    cfg: Configuration | None = None,
    schools: pd.DataFrame | None = None,
    released: pd.DataFrame | None = None,
) -> Validated:
    """Check rows of a family of procedures and find their schools in the register.

    A school may be called by any of ``REGISTER_KEYS`` that only one school has, or else by a name that only one school
    has, which is a finding to look at. The rows that go on carry the school's code as ``unit_code``, and
    ``is_matched``; a school that is not found goes on as it is, with a finding, and so does a region or a municipality.

    Args:
        frame: rows of ``family.source``, ``event_id`` filled in.
        family: by which columns one statement about a unit is told from another, and where two must agree.
        cfg: thresholds, limits of measures, rules of olympiads, plans; without it they are not checked.
        schools: rows of ``core.dim_school``; None where there is no register.
        released: rows of ``ops.quarantine`` that a person has let through.
    """
    if cfg is not None and family.source == _Measures.name:
        return _Measures(family, schools, cfg).judged(frame, released)
    if cfg is not None and family.source in _RULES:
        return _Ruled(family, schools, cfg).judged(frame, released)
    return _OfUnits(family, schools, cfg).judged(frame, released)


class Statement(Protocol):
    """What is checked of a family of procedures (``families.Family``)."""

    @property
    def source(self) -> str:
        """The frame."""

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that tell one statement about a unit from another."""

    @property
    def stated(self) -> tuple[str, ...]:
        """Columns in which two statements of one key must agree."""


class Table:
    """One kind of table: its checks and the words of its findings.

    Attributes:
        name: the contract.
        key: columns that tell one statement from another; the same statement made twice goes on once.
        stated: columns in which two statements of one key must agree.
        twice: the check of that.
        codes: code of the contract's finding by column, where it is not RSK-VALUE.
        checks: further checks.
    """

    name: str
    key: tuple[str, ...]
    stated: tuple[str, ...]
    twice: Check
    codes: ClassVar[dict[str, str]] = {}
    checks: tuple[Check, ...] = ()

    def __init__(self, schools: pd.DataFrame | None = None, cfg: Configuration | None = None) -> None:
        """The register, and the configuration whose thresholds hold; without it none does."""
        self.schools, self.limits = schools, {} if cfg is None else _thresholds(cfg)

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        """What the further checks look at."""
        return {}

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        """The words of a finding for rows that fail one of the further checks."""
        return {}

    def event(self, rows: pd.DataFrame) -> pd.Series:
        """The event or period of every row."""
        return rows["event_id"]

    def placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows under the codes of the register."""
        return rows

    def whole(self, rows: pd.DataFrame) -> NDArray:
        """Number of what is held together with a row, the row itself unless there is more to it."""
        return np.arange(len(rows))

    def finished(self, passed: pd.DataFrame) -> pd.DataFrame:
        """The rows that go on, as they go on."""
        return passed

    def judged(self, frame: pd.DataFrame, released: pd.DataFrame | None) -> Validated:
        """Check the rows and say which go on."""
        table = contracts.table(self.name)
        rows, troubles = shaped(frame, table)
        if troubles or rows.empty:
            return _broken(frame, table, "; ".join(troubles) or "нет ни одной строки")
        rows = rows.assign(event_id=self.event(rows))
        if rows["event_id"].isna().any():
            return _broken(frame, table, "у строк не указано событие")
        rows = self.placed(rows)
        asked = rows.assign(variants=self._variants(rows), **self.compared(rows))
        checks = [*self._contract(table), self.twice, *self.checks]
        outcomes = engine.run(asked, checks)
        if broken := [outcome for outcome in outcomes if outcome.broken]:
            return _broken(frame, table, f"проверка «{broken[0].check.name}» не сделана: {broken[0].broken}")
        found = release(together([self._findings(rows, outcome) for outcome in outcomes]), released)
        whole = self.whole(rows)
        goes_on = ~np.isin(whole, whole[held(found, len(rows))])
        weighed = self._weighed(rows, whole, goes_on)
        of_files, of_events = (release(over, released) for over in (weighed.files_over(), weighed.events_over()))
        held_events = tuple(of_events.loc[of_events["action"] == "held", "event_id"])
        goes_on &= ~held(of_files, len(weighed.files))[weighed.file_of_part] & ~rows["event_id"].isin(held_events)
        verdicts = [*self._verdicts(rows, asked, checks, found), *self._weighing(weighed, of_files, of_events)]
        found = together([found, of_files, of_events])
        return Validated(
            passed=self.finished(rows[goes_on].drop_duplicates(list(self.key), ignore_index=True)[table.names]),
            findings=found.drop(columns=["check", "position"]).drop_duplicates(IDENTITY, ignore_index=True),
            checks=result_frame(verdicts, _codes(checks)),
            held_units=no_units(),
            held_events=held_events,
        )

    def _weighed(self, rows: pd.DataFrame, whole: NDArray, goes_on: NDArray) -> Weighed:
        """The files of the rows, weighed; what is held together counts once, a school has no threshold of its own."""
        parts = rows.reindex(columns=[*PIECE, "sheet", "row_number", "school"])
        first = ~pd.Series(whole).duplicated().to_numpy()
        return Weighed(parts.assign(failed=first & ~goes_on, total=first, is_over=False), self.limits)

    def _weighing(self, weighed: Weighed, *found: pd.DataFrame) -> Iterator[Verdict]:
        """What thresholds found, by event; nothing of events that have none."""
        over = together(found)
        unsettled = over[over["action"] != "released"].groupby(["event_id", "check"]).size()
        asked = weighed.asked()
        for event_id, files, total, failed in asked[["files", "total", "failed"]].itertuples(name=None):
            if event_id not in self.limits:
                continue
            held_files = int(unsettled.get((event_id, "file_threshold"), 0))
            yield Verdict(event_id, "file_threshold", "error", files, held_files)
            if total:
                is_over = (event_id, "event_threshold") in unsettled
                yield Verdict(event_id, "event_threshold", "error", total, failed if is_over else 0)
            else:
                yield Verdict.unavailable(event_id, "event_threshold", SET_ASIDE)

    def _contract(self, table: contracts.Table) -> list[Check]:
        return contract_checks(table, self.codes)

    def _variants(self, rows: pd.DataFrame) -> NDArray:
        """In how many different ways rows of one key state the same."""
        key = rows.groupby(list(self.key), dropna=False).ngroup().to_numpy()
        statement = rows.groupby([*self.key, *self.stated], dropna=False).ngroup().to_numpy()
        pairs = np.unique(np.column_stack([key, statement]), axis=0)
        return np.bincount(pairs[:, 0])[key]

    def _findings(self, rows: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
        check, at = outcome.check, outcome.failed
        if check.code is None or not len(at):
            return together([])
        failed = rows.iloc[at]
        if check is self.twice or check in self.checks:
            words = self.words(check.code, failed)
        else:
            column = contracts.table(self.name)[check.columns[0]]
            words = {"column": column.ru, "value": failed[column.name], "expected": expected(check)}
        return findings(failed, check.code, **words).assign(check=check.name, position=at)

    def _verdicts(
        self, rows: pd.DataFrame, asked: pd.DataFrame, checks: Sequence[Check], found: pd.DataFrame
    ) -> Iterator[Verdict]:
        unsettled = found[found["action"] != "released"].drop_duplicates(["check", "position"])
        failed = unsettled.groupby(["event_id", "check"]).size()
        masks: dict[str, NDArray] = {}
        for check in checks:
            masks[check.name] = masks.get(check.name, np.zeros(len(rows), dtype="bool")) | check.asked(asked)
        codes = _codes(checks)
        for event_id, mine in rows.groupby("event_id", sort=False).indices.items():
            yield Verdict(str(event_id), "structure", "error", len(mine), 0)
            for name, mask in masks.items():
                n = int(mask[mine].sum())
                if n:
                    severity = catalogue()[codes[name]].severity
                    yield Verdict(str(event_id), name, severity, n, int(failed.get((event_id, name), 0)))
                else:
                    yield Verdict.unavailable(str(event_id), name, NOTHING_ASKED)


class _Groups(Table):
    """Tables by groups of participants."""

    twice = Check("group_unique", "RSK-GROUP-TWICE", "between", ("variants",), maximum=1)
    checks = (
        Check("share_sum", "RSK-PERCENT-SUM", "between", ("share_excess",), maximum=0),
        Check("unit_known", "RSK-SCHOOL-UNMATCHED", "between", ("is_known",), minimum=1),
        Check("municipality_known", "RSK-MUNICIPALITY-UNKNOWN", "between", ("is_place_known",), minimum=1),
    )

    def __init__(
        self, name: str, cfg: Configuration, schools: pd.DataFrame | None, municipalities: pd.DataFrame | None
    ) -> None:
        super().__init__(schools, cfg)
        self.name, self.cfg, self.shares = name, cfg, _SHARES[name]
        self.municipalities = municipalities
        self._places: set[str] = set() if schools is None else municipality_codes(schools, municipalities)
        by_score = name == "source_group_scores"
        self.key = ("event_id", "level", "unit_code", *(["score"] if by_score else []))
        counts = ("lowered", "confirmed", "raised") if name == "source_group_journal" else ()
        self.stated = ("participants", *counts, *self.shares)
        self.codes = dict.fromkeys(self.shares, "RSK-PERCENT-RANGE")  # type: ignore[misc]

    def _contract(self, table: contracts.Table) -> list[Check]:
        checks = super()._contract(table)
        return [replace(check, name="share_range") if check.columns[0] in self.shares else check for check in checks]

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        sums, shares = self._sums(rows)
        excess = np.abs(sums - 1) - np.maximum(SUM_TOLERANCE, ROUNDING * shares) - 1e-9
        asks = rows["event_id"].map({event_id: self._asks_sum(event_id) for event_id in rows["event_id"].unique()})
        first = ~pd.Series(self.whole(rows)).duplicated().to_numpy()
        asked = first & asks.to_numpy(dtype="bool") & (rows["participants"].to_numpy("float64", na_value=0) > 0)
        has_register = self.schools is not None
        known = {
            column: np.where(first & has_register & (rows["level"] == level), rows["unit_code"].isin(codes), np.nan)
            for column, level, codes in (
                ("is_known", "school", _registered(self.schools)),
                ("is_place_known", "municipality", self._places),
            )
        }
        return {"share_excess": np.where(asked, excess, np.nan), **known}

    def placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Municipalities that are called by a name, under their codes."""
        if self.schools is None:
            return rows
        is_place = rows["level"] == "municipality"
        return rows.assign(
            unit_code=self._municipalities(rows, "unit_code").where(is_place, rows["unit_code"]),
            parent_code=self._municipalities(rows, "parent_code").mask(is_place, rows["parent_code"]),
        )

    def _municipalities(self, rows: pd.DataFrame, column: str) -> pd.Series:
        """A column's municipalities, which stand there by code or name, by code; what is not known as it is."""
        said = rows[column]
        days = {event_id: self.cfg.calendar.events[event_id].window_to for event_id in rows["event_id"].unique()}
        found = stated_municipalities(
            said.where(said.isin(self._places)),
            said,
            pd.DatetimeIndex(rows["event_id"].map(days)),
            self._places,
            self.municipalities,
        )
        return found.where(found != "", said)

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        is_unknown = code in ("RSK-SCHOOL-UNMATCHED", "RSK-MUNICIPALITY-UNKNOWN")
        value = rows["unit_name"] if is_unknown else np.round(100 * self._sum.loc[rows.index], 2)
        return {"unit": rows["unit_name"], "value": None if code == "RSK-GROUP-TWICE" else value}

    def whole(self, rows: pd.DataFrame) -> NDArray:
        """A group: of a distribution of scores all rows go on, or none."""
        return rows.groupby(["event_id", "level", "unit_code"], sort=False, dropna=False).ngroup().to_numpy()

    def _sums(self, rows: pd.DataFrame) -> tuple[NDArray, NDArray]:
        """The sum of each row's group's shares, and how many of them are not 0."""
        values = rows[list(self.shares)].to_numpy(dtype="float64")
        total, several = values.sum(axis=1), (values > 0).sum(axis=1)
        if self.name == "source_group_scores":
            whole = self.whole(rows)
            total, several = (np.bincount(whole, weights)[whole] for weights in (total, several))
        self._sum = pd.Series(total, index=rows.index)
        return total, several

    def _asks_sum(self, event_id: str) -> bool:
        event = self.cfg.calendar.events.get(event_id)
        return event is not None and "share_sum" in self.cfg.procedures[event.procedure].rules


class OfSchools(Table):
    """Tables that name schools in the column ``school_column``; those that the register lacks are noted."""

    school_column = "school"
    checks: tuple[Check, ...] = (Check("unit_known", "RSK-SCHOOL-UNMATCHED", "between", ("is_known",), minimum=1),)

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        """Whether the register knows each school, asked once a school."""
        known = rows[self.school_column].isin(self._known()).to_numpy(dtype="float64")
        asked = self.is_school(rows) & (self.schools is not None) & ~rows[self.school_column].duplicated().to_numpy()
        return {"is_known": np.where(asked, known, np.nan)}

    def is_school(self, rows: pd.DataFrame) -> NDArray:
        """Which rows are about a school."""
        return np.ones(len(rows), dtype="bool")

    def _known(self) -> set[str]:
        return _registered(self.schools)


class _Labels(OfSchools):
    name = "source_label"
    key = ("event_id", "year", "school", "subject", "grade")
    stated = ("marker",)
    twice = Check("group_unique", "RSK-GROUP-TWICE", "between", ("variants",), maximum=1)

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        name = rows["school_name"].fillna(rows["school"])
        return {"unit": name + ", " + rows["year"].astype("str") + " год", "value": name}


class _OfUnits(OfSchools):
    """Tables of the other procedures: a row says something about a unit."""

    twice = Check("statement_unique", "RSK-STATEMENT-TWICE", "between", ("variants",), maximum=1)
    school_column = "unit_code"
    checks = (
        *OfSchools.checks,
        Check("unit_by_code", "RSK-SCHOOL-BY-NAME", "between", ("by_code",), minimum=1),
        Check("place_known", "RSK-PLACE-UNKNOWN", "between", ("is_place_known",), minimum=1),
    )

    def __init__(self, family: Statement, schools: pd.DataFrame | None, cfg: Configuration | None) -> None:
        super().__init__(schools, cfg)
        self._places: dict[str, set[str]] = {"region": {cfg.region.code}} if cfg else {}
        if schools is not None:
            self._places["municipality"] = municipality_codes(schools, None)
        self.name, self.stated = family.source, family.stated
        self.key = ("event_id", "level", "unit_code", "unit_name", *family.key)
        self._schools_by_key = _by_key(schools)
        self._schools_by_name = _by_name(schools)

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        by_code = rows["unit_code"].isin(self._known()).to_numpy()
        known = by_code | self._name(rows).isin(set(self._schools_by_name)).to_numpy()
        asked = self.is_school(rows) & (self.schools is not None) & ~rows["unit_code"].duplicated().to_numpy()
        first = ~rows[["level", "unit_code"]].duplicated().to_numpy()
        return {
            "is_known": np.where(asked, known, np.nan),
            "by_code": np.where(asked & known, by_code, np.nan),
            "is_place_known": np.where(first & rows["level"].isin(self._places), ~self._is_lost_place(rows), np.nan),
        }

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        if code == "RSK-PLACE-UNKNOWN":
            return {"value": rows["unit_code"], "level": rows["level"].map(_PLACES_RU)}
        found, name = self._name(rows).map(self._schools_by_name), rows["unit_name"].fillna(rows["unit_code"])
        return {"unit": name, "value": name, "expected": found}

    def is_school(self, rows: pd.DataFrame) -> NDArray:
        return (rows["level"] == "school").to_numpy()

    def finished(self, passed: pd.DataFrame) -> pd.DataFrame:
        """With the schools' codes, and whether each unit was found; what is no school needs no register."""
        by_code, by_name = passed["unit_code"].map(self._schools_by_key), self._name(passed).map(self._schools_by_name)
        code = by_code.astype("str").fillna(by_name.astype("str")).where(self.is_school(passed))
        found = code.notna() | ~(self.is_school(passed) | self._is_lost_place(passed))
        return passed.assign(unit_code=code.fillna(passed["unit_code"]), is_matched=found.astype("boolean"))

    def _known(self) -> set[str]:
        return set(self._schools_by_key)

    def _is_lost_place(self, rows: pd.DataFrame) -> NDArray:
        """Which rows are about a region that is not ours or a municipality that the register lacks."""
        lost = np.zeros(len(rows), dtype="bool")
        for level, codes in self._places.items():
            lost |= ((rows["level"] == level) & ~rows["unit_code"].isin(codes)).to_numpy(dtype="bool")
        return lost

    def _name(self, rows: pd.DataFrame) -> pd.Series:
        names = rows["unit_name"]
        return names.map({name: comparable(name) for name in names.dropna().unique()})


class _Measures(_OfUnits):
    """Measures: their values have limits, and some are totals of others."""

    name = "source_measure"
    checks = (*_OfUnits.checks, *figures.CHECKS)

    def __init__(self, family: Statement, schools: pd.DataFrame | None, cfg: Configuration) -> None:
        super().__init__(family, schools, cfg)
        self._cfg = cfg

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        self._limits = figures.limits(rows, self._cfg)
        return super().compared(rows) | self._limits.compared()

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        of_figures = code in {check.code for check in figures.CHECKS}
        return super().words(code, rows) | (self._limits.words(rows, code) if of_figures else {})

    def whole(self, rows: pd.DataFrame) -> NDArray:
        """A row of the file: where a total does not fit its parts nobody knows which of them is wrong."""
        return rows.groupby(["file_id", "row_number"], sort=False).ngroup().to_numpy()


class _Rules(Protocol):
    """A module of further rules of one kind of table."""

    CHECKS: tuple[Check, ...]

    def compared(self, rows: pd.DataFrame, cfg: Configuration) -> dict[str, NDArray]:
        """What the checks look at."""

    def words(self, code: str, rows: pd.DataFrame, cfg: Configuration) -> dict[str, Any]:
        """The words of the findings of ``rows``; none for codes of other checks."""


#: Tables with further rules, by frame.
_RULES: dict[str, _Rules] = {protocols.SOURCE: protocols, plan_lines.SOURCE: plan_lines}


class _Ruled(_OfUnits):
    """Tables with further rules: protocols of olympiads, reports about plans."""

    def __init__(self, family: Statement, schools: pd.DataFrame | None, cfg: Configuration) -> None:
        super().__init__(family, schools, cfg)
        self._cfg, self._rules = cfg, _RULES[family.source]
        self.checks = (*_OfUnits.checks, *self._rules.CHECKS)

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        return super().compared(rows) | self._rules.compared(rows, self._cfg)

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        return super().words(code, rows) | self._rules.words(code, rows, self._cfg)


def _thresholds(cfg: Configuration) -> dict[str, Thresholds]:
    """The thresholds of every event."""
    events = cfg.calendar.events.values()
    return {event.event_id: cfg.procedures[event.procedure].thresholds for event in events}


def _codes(checks: Sequence[Check]) -> dict[str, str]:
    """Code of the finding by name of the check, for what to do."""
    return {name: RESULT_CODES[name] for name in ("structure", *THRESHOLDS)} | {
        **{check.name: check.code for check in checks if check.code},
        CONTRACT: "RSK-VALUE",
    }


def _registered(schools: pd.DataFrame | None) -> set[str]:
    return set() if schools is None else set(schools["school"])


def _by_key(schools: pd.DataFrame | None) -> dict[str, str]:
    """The school's code by every key that belongs to one school alone."""
    out: dict[str, str] = {}
    if schools is None:
        return out
    for name in REGISTER_KEYS:
        pairs = pd.DataFrame({"key": schools[name], "school": schools["school"]}).dropna().drop_duplicates()
        alone = pairs[~pairs["key"].duplicated(keep=False)]
        out = dict(zip(alone["key"], alone["school"], strict=True)) | out
    return out


def _by_name(schools: pd.DataFrame | None) -> dict[str, str]:
    """The school's code by every name, as names are compared, that belongs to one school alone."""
    if schools is None:
        return {}
    pairs = pd.DataFrame({"name": schools["name"].map(comparable), "school": schools["school"]}).drop_duplicates()
    alone = pairs[~pairs["name"].duplicated(keep=False)]
    return dict(zip(alone["name"], alone["school"], strict=True))


def _broken(frame: pd.DataFrame, table: contracts.Table, reason: str) -> Validated:
    """A table that cannot be checked: nothing goes on."""
    events = sorted(frame["event_id"].dropna().unique()) if "event_id" in frame else []
    files = frame["file_id"].dropna() if "file_id" in frame else pd.Series(dtype="str")
    file_id = str(files.iloc[0]) if len(files) else ""
    found = together([about(event_id, file_id, "RSK-STRUCTURE", reason) for event_id in events or [""]])
    return Validated(
        passed=table.empty(),
        findings=found.drop(columns=["check", "position"]),
        checks=result_frame(
            [Verdict(event_id, "structure", "error", 1, 1, reason) for event_id in events or [""]],
            {"structure": "RSK-STRUCTURE"},
        ),
        held_units=no_units(),
        held_events=tuple(events),
    )
