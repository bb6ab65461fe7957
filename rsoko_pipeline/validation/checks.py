"""What a check is, and the checks that a contract asks for.

Belongs here: the shape of a check and of its outcome, checks made from the registry of fields. Does not belong here:
the rules of procedures (``rules``, ``tables``), running the checks (``engine``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts

Kind = Literal["not_null", "in_set", "between", "unique", "equal", "at_most"]

#: Under this name the checks of a contract stand together in ``ops.check_result``.
CONTRACT = "contract"


@dataclass(frozen=True)
class Check:
    """One check of a whole frame; rows in which one of its columns is null are not asked, ``not_null`` apart.

    Attributes:
        name: name in ``ops.check_result``; several checks may share one.
        code: code of the finding a failing row gets; None where the check only counts.
        kind: ``not_null``; ``in_set`` of ``allowed``; ``between`` minimum and maximum, inclusive; ``unique`` (the
            columns together); ``equal`` (two columns); ``at_most`` (the first column is not above the second).
        columns: the columns it looks at.
        allowed, minimum, maximum: the limits.
    """

    name: str
    code: str | None
    kind: Kind
    columns: tuple[str, ...]
    allowed: tuple[str | int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def asked(self, frame: pd.DataFrame) -> NDArray:
        """Which rows the check looks at."""
        if self.kind == "not_null":
            return np.ones(len(frame), dtype="bool")
        return frame[list(self.columns)].notna().all(axis=1).to_numpy()


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Attributes:
        failed: positions of the failing rows, ascending.
        broken: why the check could not be made at all, None when it was made.
    """

    check: Check
    failed: NDArray = field(default_factory=lambda: np.zeros(0, dtype="int64"))
    broken: str | None = None


def contract_checks(table: contracts.Table, codes: dict[str, str] | None = None) -> list[Check]:
    """The checks that follow from a contract: nullability, closed lists, limits, the key.

    Args:
        table: the contract.
        codes: code of the finding by column, where it is not RSK-VALUE.
    """
    out = []
    for column in table.columns:
        code = (codes or {}).get(column.name, "RSK-VALUE")
        if not column.nullable:
            out.append(Check(CONTRACT, code, "not_null", (column.name,)))
        if column.allowed:
            out.append(Check(CONTRACT, code, "in_set", (column.name,), allowed=column.allowed))
        if column.minimum is not None or column.maximum is not None:
            limits = Check(CONTRACT, code, "between", (column.name,), minimum=column.minimum, maximum=column.maximum)
            out.append(limits)
    return out


def expected(check: Check) -> str:
    """What the check expects, in words, for the sender of the file."""
    if check.kind == "in_set" and not any(str(value).isascii() and str(value).isalpha() for value in check.allowed):
        return "одно из значений: " + ", ".join(map(str, check.allowed))
    if check.kind == "in_set":  # codes of our own, which no file has
        return "значение из перечня этого столбца"
    if check.kind == "between":
        return contracts.limits_ru(check.minimum, check.maximum)
    return "значение"


def shaped(frame: pd.DataFrame, table: contracts.Table) -> tuple[pd.DataFrame, list[str]]:
    """The frame with the contract's columns and types, nulls allowed, and what stands in the way of that.

    Args:
        frame: what a reader gave, or a concatenation of such frames.
        table: the contract.

    Returns:
        The frame (columns the contract does not know are dropped) and reasons in Russian: a column is missing, a column
        mixes types. With a reason the frame is of no use for checks.
    """
    data: dict[str, pd.Series] = {}
    reasons = []
    for column in table.columns:
        if column.name not in frame.columns and not column.nullable:
            reasons.append(f"нет столбца «{column.name}»")
            continue
        try:
            data[column.name] = frame.reindex(columns=[column.name]).astype({column.name: column.dtype})[column.name]
        except (TypeError, ValueError):
            reasons.append(f"в столбце «{column.name}» смешаны значения разных типов")
    return pd.DataFrame(data, index=frame.index).reset_index(drop=True), reasons
