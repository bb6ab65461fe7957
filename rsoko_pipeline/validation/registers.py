"""Validation of registers: schools, municipalities, codes, confirmed codes, contingent, context.

Belongs here: by what one entry is told from another, where two must agree, which of them need a school of the register.
Does not belong here: merging registers into dimensions (``landing.registers``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.validation.checks import Check
from rsoko_pipeline.validation.results import Validated
from rsoko_pipeline.validation.tables import OfSchools


@dataclass(frozen=True)
class _Entry:
    """A kind of register.

    Attributes:
        key: columns that tell one entry from another; the same entry made twice goes on once.
        stated: columns in which two entries of one key must agree.
        named: columns that name the entry to people.
        twice: code of the finding on two entries that do not agree.
        unknown: code of the finding on a school that the register lacks; None where the entries make the register.
    """

    key: tuple[str, ...]
    stated: tuple[str, ...]
    named: tuple[str, ...]
    twice: str = "RSK-STATEMENT-TWICE"
    unknown: str | None = "RSK-SCHOOL-UNMATCHED"


_ENTRIES = {
    "source_municipality": _Entry(
        ("municipality", "valid_from"),
        ("municipality_name", "oktmo", "predecessor", "valid_to"),
        ("municipality_name",),
        unknown=None,
    ),
    "source_register": _Entry(
        ("school", "valid_from"),
        ("school_name", "municipality", "kind", "settlement", "valid_to"),
        ("school",),
        twice="RSK-REGISTER-TWICE",
        unknown=None,
    ),
    "source_school_code": _Entry(
        ("school", "code_kind", "school_code", "valid_from"), ("valid_to",), ("school", "school_code")
    ),
    "source_school_alias": _Entry(
        ("sent_code", "sent_name", "valid_from"), ("school",), ("sent_code", "sent_name"), unknown="RSK-ALIAS-SCHOOL"
    ),
    "source_contingent": _Entry(
        ("school", "school_year", "counted_on", "grade", "class_no"),
        ("enrolled",),
        ("school_year", "grade"),
        twice="RSK-CONTINGENT-TWICE",
    ),
    "source_context": _Entry(
        ("school", "counted_on", "measure"), ("value", "numerator", "denominator"), ("school", "measure")
    ),
}

#: Registers that name schools, which another register has to know.
OF_SCHOOLS = frozenset(name for name, entry in _ENTRIES.items() if entry.unknown is not None)


def validate_entries(
    name: str, frame: pd.DataFrame, *, schools: pd.DataFrame | None = None, released: pd.DataFrame | None = None
) -> Validated:
    """Check rows of a register; they belong to no event: in findings and checks a year or '' stands for it.

    Args:
        name: one of the frames ``source_register``, ``source_municipality``, ``source_school_code``,
            ``source_school_alias``, ``source_contingent``, ``source_context``.
        frame: its rows.
        schools: rows of ``core.dim_school``; None where there is none.
        released: rows of ``ops.quarantine`` that a person has let through.
    """
    return _Entries(name, schools).judged(frame, released)


class _Entries(OfSchools):
    """The rows of one register."""

    def __init__(self, name: str, schools: pd.DataFrame | None) -> None:
        super().__init__(schools)
        self.name, self.entry = name, _ENTRIES[name]
        self.key, self.stated = self.entry.key, self.entry.stated
        unique = "contingent_unique" if name == "source_contingent" else "register_unique"
        self.twice = Check(unique, self.entry.twice, "between", ("variants",), maximum=1)
        known = Check("unit_known", self.entry.unknown, "between", ("is_known",), minimum=1)
        taken = Check("alias_free", "RSK-ALIAS-TAKEN", "between", ("is_free",), minimum=1)
        self.checks = (*((known,) if self.entry.unknown else ()), *((taken,) if name == "source_school_alias" else ()))

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        if self.entry.unknown is None:
            return {}
        if self.name != "source_school_alias":
            return super().compared(rows)
        known, nothing = self._known(), np.full(len(rows), np.nan)
        if self.schools is None:
            return {"is_known": nothing, "is_free": nothing}
        return {
            "is_known": rows["school"].isin(known).to_numpy(dtype="float64"),
            "is_free": (~rows["sent_code"].isin(known)).to_numpy(dtype="float64"),
        }

    def event(self, rows: pd.DataFrame) -> pd.Series:
        return rows["school_year"] if "school_year" in rows else pd.Series("", index=rows.index, dtype="str")

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        values = {
            "RSK-SCHOOL-UNMATCHED": rows.get("school"),
            "RSK-ALIAS-SCHOOL": rows.get("school"),
            "RSK-ALIAS-TAKEN": rows.get("sent_code"),
            "RSK-CONTINGENT-TWICE": rows.get("enrolled"),
        }
        return {"unit": self._unit(rows), "value": values.get(code)}

    def _unit(self, rows: pd.DataFrame) -> list[str]:
        """What each entry is about, for people."""
        said = rows[list(self.entry.named)].astype("str").fillna("").to_numpy(dtype=object).tolist()
        grade = self.entry.named.index("grade") if "grade" in self.entry.named else None
        return [
            ", ".join(f"{text} класс" if place == grade else text for place, text in enumerate(row) if text)
            for row in said
        ]
