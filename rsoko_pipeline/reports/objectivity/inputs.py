"""What the pages on signs are made of: contract frames of one school year, and what a single school has in them.

Belongs here: the shapes of the input, which schools get a page, a school's share of the frames. Does not belong here:
reading the warehouse (``assets``), HTML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd

from rsoko_pipeline.reports.inputs import Work, works

#: Evidence from which a school stands among those that need a check.
FLAGGED = 2
#: «Family» of signs that never enter the evidence.
APART = "-"


@dataclass(frozen=True)
class SignWords:
    """What a sign is, in words (``config/objectivity.yaml``)."""

    title: str
    family: str
    meaning: str
    comparison: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True)
class CommonRule:
    """A rule in common use.

    Attributes:
        meaning: the rule in words.
        false: least and greatest measured share of honest schools that it flags; None where that is not known.
    """

    meaning: str
    false: tuple[float, float] | None


@dataclass(frozen=True)
class Policy:
    """How signs are read.

    Attributes:
        caption: what stands beside every sign.
        informative_p, strong_p: limits of p.
        min_school: least participants of a school that is judged in a single work.
        families: titles of the families, by code.
        signs: the signs, by code.
        rules: the rules in common use, by code; empty while they are switched off.
    """

    caption: str
    informative_p: float
    strong_p: float
    min_school: int
    families: Mapping[str, str]
    signs: Mapping[str, SignWords]
    rules: Mapping[str, CommonRule] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectivityYear:
    """One school year of the region: frames of the contracts, as read.

    Attributes:
        region, school_year, made_at, config_version, run_id: what the pages say of themselves.
        policy: how signs are read.
        procedures: short names of the procedures, by id.
        events, subjects, municipalities, schools: ``core.dim_*``.
        signs: ``mart.objectivity_sign``, with the 95 % interval of shares as ``low`` and ``high`` (null elsewhere).
        evidence, pooled, unavailable, rules, agreement: ``mart.objectivity_*``.
        plan, left_out, outcomes: ``mart.remarking_plan``, ``remarking_left_out`` and ``remarking_outcome``.
        observers: ``mart.objectivity_observer``.
        distribution, journal, coverage: ``mart.score_distribution``, ``journal_comparison`` and ``coverage`` of the
            region and of schools.
        profiles: ``event_id, school, task, share, expected, odds, odds_low, odds_high`` of schools with signs in tasks.
    """

    region: str
    school_year: str
    made_at: datetime
    config_version: str
    run_id: str
    policy: Policy
    procedures: Mapping[str, str]
    events: pd.DataFrame
    subjects: pd.DataFrame
    municipalities: pd.DataFrame
    schools: pd.DataFrame
    signs: pd.DataFrame
    evidence: pd.DataFrame
    pooled: pd.DataFrame
    unavailable: pd.DataFrame
    rules: pd.DataFrame
    agreement: pd.DataFrame
    plan: pd.DataFrame
    left_out: pd.DataFrame
    outcomes: pd.DataFrame
    observers: pd.DataFrame
    distribution: pd.DataFrame
    journal: pd.DataFrame
    coverage: pd.DataFrame
    profiles: pd.DataFrame

    @cached_property
    def works(self) -> dict[str, Work]:
        """The works with signs or without, and the olympiads with signs, by event, in the order of reports.

        Works of one subject and grade are told apart by their procedure and the month of writing.
        """
        seen = {*self.evidence["event_id"], *self.signs["event_id"], *self.unavailable["event_id"]}
        mine = self.events[self.events["event_id"].isin(seen)]
        found = works(mine, self.subjects)
        titles = Counter(work.title for work in found)
        months = mine.set_index("event_id")["window_from"].dt.strftime("%m.%Y")
        return {
            work.event_id: replace(
                work,
                title=f"{work.title} ({self._procedure[work.event_id]}, {months[work.event_id]})",
                label=f"{work.label} ({self._procedure[work.event_id]})",
            )
            if titles[work.title] > 1
            else work
            for work in found
        }

    @cached_property
    def assessed(self) -> dict[str, Work]:
        """Those of ``works`` in which evidence was looked for, whether it could be judged or not."""
        entering = self.signs[(self.signs["level"] != "school") | (self.signs["family"] != APART)]
        seen = {*self.evidence["event_id"], *self.unavailable["event_id"], *entering["event_id"]}
        return {event: work for event, work in self.works.items() if event in seen}

    @cached_property
    def named(self) -> dict[str, tuple[str, str, str, str]]:
        """Procedure, subject, grade and calendar year of writing of each work, as the form writes them."""
        names = self.subjects.set_index("subject")["name"]
        mine = self.events[self.events["event_id"].isin(self.works)]
        grades = mine["grade"].astype("str").fillna("")
        return {
            event: (self._procedure[event], subject, grade, event.partition("-")[0])
            for event, subject, grade in zip(
                mine["event_id"], mine["subject"].map(names).fillna(""), grades, strict=True
            )
        }

    @cached_property
    def _procedure(self) -> dict[str, str]:
        """The short name of each event's procedure."""
        return dict(zip(self.events["event_id"], self.events["procedure"].map(self.procedures), strict=True))

    @cached_property
    def register(self) -> dict[str, tuple[str, str]]:
        """Latest name and municipality of each school, by code."""
        latest = self.schools.sort_values("valid_from").drop_duplicates("school", keep="last")
        return dict(zip(latest["school"], zip(latest["name"], latest["municipality"], strict=True), strict=True))

    @cached_property
    def municipality_names(self) -> dict[str, str]:
        """Latest name of each municipality, by code."""
        latest = self.municipalities.sort_values("valid_from").drop_duplicates("municipality", keep="last")
        return dict(zip(latest["municipality"], latest["name"], strict=True))

    def place(self, school: str) -> tuple[str, str]:
        """Names of a school and of its municipality; the school's code where the register lacks it."""
        name, municipality = self.register.get(school, (school, ""))
        return name, self.municipality_names.get(municipality, municipality)

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The signs that pages of schools show, with ``school``.

        Those of schools and classes at the informative p; where a school has evidence in a work without any of these,
        the one of the least p.
        """
        own = self.signs[self.signs["level"].isin(["school", "class"])]
        own = own.assign(school=own["unit_code"].str.split("/").str[0])
        clear = own[own["p"] <= self.policy.informative_p]
        weak = self.evidence[self.evidence["evidence"] > 0].rename(columns={"unit_code": "school"})
        key = ["event_id", "school"]
        unexplained = pd.MultiIndex.from_frame(weak[key]).difference(pd.MultiIndex.from_frame(clear[key]))
        entering = own[(own["level"] == "school") & (own["family"] != APART)]
        rest = entering[pd.MultiIndex.from_frame(entering[key]).isin(unexplained)]
        rest = rest.sort_values("p", kind="stable").drop_duplicates(key)
        return pd.concat([clear, rest]).sort_values(["school", "event_id", "p", "sign", "unit_code"], ignore_index=True)

    @cached_property
    def chosen(self) -> list[str]:
        """Codes of the schools that get a page, sorted."""
        pooled = self.pooled
        by_sum = (pooled["evidence"] > 0) | pooled["signs"].map(bool)
        known = {*self.shown["school"], *pooled.loc[by_sum, "unit_code"]}
        known |= set(self.evidence.loc[self.evidence["evidence"] > 0, "unit_code"])
        known |= set(self.observed)
        return sorted(map(str, known))

    @cached_property
    def observed(self) -> dict[str, dict[str, Any]]:
        """By school: its row of ``observers`` where results without an observer are higher at the informative p."""
        rows = self.observers[
            (self.observers["level"] == "school") & (self.observers["p"] <= self.policy.informative_p)
        ]
        return {row["unit_code"]: {str(name): value for name, value in row.items()} for row in rows.to_dict("records")}

    @cached_property
    def judged(self) -> set[str]:
        """Codes of the schools about which anything could be said."""
        return {*map(str, self.evidence["unit_code"]), *map(str, self.pooled["unit_code"])}


@dataclass(frozen=True)
class FoundSign:
    """A sign of one school in one work: the row of the school where it has one, and those of its classes.

    Attributes:
        sign: its code.
        rows: plain rows of ``signs``, the school's own first.
    """

    sign: str
    rows: list[dict[str, Any]]

    @property
    def main(self) -> dict[str, Any]:
        """The school's row, or that of the class that stands out most."""
        return self.rows[0]


@dataclass(frozen=True)
class SchoolSigns:
    """What one school has.

    Attributes:
        school: its code.
        evidence: plain rows of ``evidence`` by event.
        signs: the signs shown, by event, the least p first.
        pooled: the row over all works; None where there is none.
        plan: number of works to mark again, and of those at cuts, by event.
    """

    school: str
    evidence: dict[str, dict[str, Any]]
    signs: dict[str, list[FoundSign]]
    pooled: dict[str, Any] | None
    plan: dict[str, tuple[int, int]]


def schools_with_signs(year: ObjectivityYear) -> Iterator[SchoolSigns]:
    """The schools that get a page, by code."""
    wanted = set(year.chosen)
    evidence = _by(year.evidence[year.evidence["unit_code"].isin(wanted)], "unit_code")
    shown = _by(year.shown, "school")
    pooled = _by(year.pooled[year.pooled["unit_code"].isin(wanted)], "unit_code")
    plan = planned(year.plan[year.plan["sample"] == "flagged"])
    for school in year.chosen:
        signs: dict[str, list[FoundSign]] = {}
        for row in shown.get(school, []):
            found = signs.setdefault(row["event_id"], [])
            same = next((one for one in found if one.sign == row["sign"]), None)
            if same is None:
                found.append(FoundSign(row["sign"], [row]))
            elif row["level"] == "school":
                same.rows.insert(0, row)
            else:
                same.rows.append(row)
        yield SchoolSigns(
            school,
            {row["event_id"]: row for row in evidence.get(school, [])},
            signs,
            next(iter(pooled.get(school, [])), None),
            {event: counts for (event, code), counts in plan.items() if code == school},
        )


def planned(plan: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Works to mark again, and those of them at cuts, by event and school."""
    border = (plan["choice"] == "border").groupby([plan["event_id"], plan["school"]]).agg(["size", "sum"])
    return {
        (str(event), str(school)): (int(n), int(at_cuts))
        for (event, school), n, at_cuts in zip(border.index, border["size"], border["sum"], strict=True)
    }


def _by(frame: pd.DataFrame, key: str) -> dict[str, list[dict[str, Any]]]:
    """The rows as plain dictionaries, by the value of a column."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        out.setdefault(str(row[key]), []).append({str(name): value for name, value in row.items()})
    return out
