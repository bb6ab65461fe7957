"""What changes in the registers between two simulated school years: a school renamed, one moved, a district renamed.

Belongs here: the changes, the registers before and after them, their lines of ``truth.csv``. Does not belong here: the
registers as first drawn (``region``), how they look as files (``registers``).

Logins stay; the school that comes to another municipality gets that one's code in РИС, so exams name it otherwise in
either year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from rsoko_pipeline.simulation.dirt import Fact
from rsoko_pipeline.simulation.streams import stream

_ADVANCED = " с углублённым изучением отдельных предметов»"
_DAY = "%d.%m.%Y"
_PLACE = ["municipality", "municipality_name", "oktmo"]


@dataclass(frozen=True)
class History:
    """The registers of the simulated school years.

    Attributes:
        before, after: the register of schools (``region.make_register``) before the changes and from then on, a row a
            school in the same order.
        since: the day of the changes; None where nothing changes.
        facts: the changes.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    since: date | None
    facts: tuple[Fact, ...] = ()

    def of_year(self, school_year: str) -> pd.DataFrame:
        """The register in force in a school year, «2025/2026»."""
        return self.before if self.since is None or int(school_year[:4]) < self.since.year else self.after

    def schools(self) -> pd.DataFrame:
        """The register with its history: a row a school and period, ``valid_to`` where the period has ended.

        It does not tell a former code in РИС: the table of codes does.
        """
        rows = self._periods(self.before, self.after, "school", ["school_name", "municipality"])
        is_former = rows["valid_to"].notna() & rows["school"].isin(self.codes()["school"])
        return rows.assign(ris_code=rows["ris_code"].mask(is_former))

    def municipalities(self) -> pd.DataFrame:
        """``municipality, municipality_name, oktmo, predecessor, valid_from, valid_to``, a row a period."""
        before, after = (
            register[[*_PLACE, "valid_from"]]
            .drop_duplicates("municipality")
            .sort_values("municipality", ignore_index=True)
            for register in (self.before, self.after)
        )
        return self._periods(before, after, "municipality", ["municipality_name"]).assign(predecessor=None)

    def codes(self) -> pd.DataFrame:
        """``school, kind, code, valid_from, valid_to``: codes in РИС that were in force before the changes."""
        changed = self.before[self.before["ris_code"] != self.after["ris_code"]]
        return pd.DataFrame(
            {
                "school": changed["school"],
                "kind": "Код РИС",
                "code": changed["ris_code"],
                "valid_from": changed["valid_from"],
                "valid_to": self._last_day,
            }
        ).reset_index(drop=True)

    @property
    def _last_day(self) -> str | None:
        return None if self.since is None else f"{self.since - timedelta(days=1):{_DAY}}"

    def _periods(self, before: pd.DataFrame, after: pd.DataFrame, key: str, named: list[str]) -> pd.DataFrame:
        changed = (before[named] != after[named]).any(axis=1)
        if self.since is None or not changed.any():
            return after.assign(valid_to=None)
        old = before[changed].assign(valid_to=self._last_day)
        new = after.assign(valid_to=None, valid_from=after["valid_from"].mask(changed, f"{self.since:{_DAY}}"))
        both = pd.concat([old.assign(period=0), new.assign(period=1)], ignore_index=True)
        return both.sort_values([key, "period"], ignore_index=True).drop(columns="period")


def make_history(register: pd.DataFrame, school_years: Sequence[str], seed: int) -> History:
    """What changes on 1 September of the last school year; nothing in a region of one simulated year.

    Args:
        register: as from ``region.make_register``.
        school_years: the simulated ones, ascending, «2025/2026».
        seed: of the choice.
    """
    if len(school_years) < 2:
        return History(register, register, None)
    since = date(int(school_years[-1][:4]), 9, 1)
    after, facts = register.copy(), []
    rng = stream(seed, "history")
    day = f"с {since:{_DAY}}: "

    if len(districts := sorted(register.loc[_is_district(register), "municipality"].unique())):
        chosen = districts[int(rng.integers(len(districts)))]
        of_place = after["municipality"] == chosen
        old = str(after.loc[of_place, "municipality_name"].iloc[0])
        new = old.removesuffix("район") + "округ"
        oktmo = after.loc[of_place, "oktmo"].str.replace(r"^(\d\d)6", r"\g<1>5", regex=True)
        after.loc[of_place, "municipality_name"], after.loc[of_place, "oktmo"] = new, oktmo
        facts.append(Fact("register", what="municipality_renamed", detail=f"{day}{old} → {new}"))

    moved = None
    if moves := _moves(after):
        moved, to = moves[int(rng.integers(len(moves)))]
        there = after.loc[after["municipality"] == to, _PLACE].iloc[0]
        old_place, old_code = str(after.loc[moved, "municipality_name"]), str(after.loc[moved, "ris_code"])
        new_code = to[-3:] + old_code[3:]
        after.loc[moved, [*_PLACE, "ris_code"]] = [*there, new_code]
        detail = f"{day}{old_place} → {there['municipality_name']}; код РИС {old_code} → {new_code}"
        facts.append(Fact("register", school=str(after.loc[moved, "school"]), what="moved", detail=detail))

    usual = after.index[(after["kind"] == "СОШ") & ~after["is_advanced"] & (after.index != moved)]
    if len(usual):
        chosen_school = usual[int(rng.integers(len(usual)))]
        old = str(after.loc[chosen_school, "school_name"])
        new = old.removesuffix("»") + _ADVANCED
        after.loc[chosen_school, "school_name"], after.loc[chosen_school, "is_advanced"] = new, True
        login = str(after.loc[chosen_school, "school"])
        facts.append(Fact("register", school=login, what="renamed", detail=f"{day}{old} → {new}"))
    return History(register, after, since, tuple(facts))


def _is_district(register: pd.DataFrame) -> pd.Series:
    return register["municipality_name"].str.endswith("район")


def _moves(register: pd.DataFrame) -> list[tuple[int, str]]:
    """Village schools that do not stand alone in their municipality, each with another district that may take it."""
    is_rural = register["settlement"] == "село"
    size = register.groupby("municipality")["school"].transform("size")
    is_city = register["municipality_name"].str.startswith("городской округ")
    districts = sorted(register.loc[~is_city, "municipality"].unique())
    names = register.groupby("municipality")["school_name"].agg(set)
    return [
        (int(at), to)
        for at in register.index[is_rural & (size > 1)]
        for to in districts
        if to != register.loc[at, "municipality"] and register.loc[at, "school_name"] not in names[to]
    ]
