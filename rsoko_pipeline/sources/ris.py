"""A database like that of РИС ГИА, read directly: its results as the table that ``gia_table`` reads.

Belongs here: the two queries of ``config/ris.yaml``, participants' ids to pseudonyms, answers to masks, the table as
bytes. Does not belong here: when it is read and where the table is kept (``landing.ris``), what its cells mean
(``gia``).

Names, dates of birth and documents are not asked for. The same content gives the same bytes, whatever the order in
which the server answers: the hash of the bytes says whether anything is new.
"""

from __future__ import annotations

import csv
import hmac
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import yaml
from pydantic import TypeAdapter

from rsoko_pipeline.configuration.facts import Fact
from rsoko_pipeline.configuration.places import config_file

#: Columns of the table, as the layout ``ris_snapshot`` reads them.
COLUMNS = (
    "ParticipantKey",
    "SchoolCode",
    "GovernmentCode",
    "ClassCode",
    "CategoryCode",
    "Grade",
    "SubjectCode",
    "ExamDate",
    "WaveCode",
    "ProcessCondition",
    "AppealCode",
    "VariantCode",
    "TestResultB",
    "TestResultC",
    "PrimaryMark",
    "Mark100",
    "Mark5",
)
_DIGITS = 24
_SIGNS = {0: "-", 1: "+"}


class Queries(Fact):
    """``config/ris.yaml``: what is asked, and under which names the answer's columns come."""

    results: str
    answers: str


def queries() -> Queries:
    """The queries in effect."""
    with config_file("ris.yaml").open(encoding="utf-8") as stream:
        return TypeAdapter(Queries).validate_python(yaml.safe_load(stream))


def snapshot(connection: sa.Connection, key: bytes) -> bytes:
    """All results of the database as a CSV table (``;``, UTF-8), rows in order.

    Args:
        connection: to the database; only read from.
        key: the key of pseudonyms.

    Raises:
        sa.exc.SQLAlchemyError: the database cannot be asked, or has other tables.
    """
    asked = queries()
    masks = _masks(_rows(connection, asked.answers))
    lines = sorted(_line(row, masks, key) for row in _rows(connection, asked.results))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return out.getvalue().encode()


def _rows(connection: sa.Connection, query: str) -> list[dict[str, Any]]:
    """The answer's rows by lower-case column name: servers differ in how they write names back."""
    result = connection.execute(sa.text(query))
    names = list(map(str.lower, result.keys()))
    return [dict(zip(names, row, strict=True)) for row in result]


def _line(row: Mapping[str, Any], masks: Mapping[Any, tuple[str, str]], key: bytes) -> list[str]:
    person = hmac.digest(key, f"participant_id\x1f{_text(row['participantid'])}".encode(), "sha256").hex()[:_DIGITS]
    short, long = masks.get(row["humantestid"], ("", ""))
    known = {"ParticipantKey": person, "TestResultB": short, "TestResultC": long}
    return [known[name] if name in known else _text(row[name.lower()]) for name in COLUMNS]


def _masks(answers: Sequence[Mapping[str, Any]]) -> dict[Any, tuple[str, str]]:
    """Masks of short and of long answers by test: «++2+-», «1(2)2(3)»."""
    by_test: dict[Any, dict[str, list[tuple[int, str]]]] = {}
    for answer in answers:
        points, part = answer["points"], str(answer["partcode"]).strip().upper()
        if part == "B":
            sign = "N" if points is None else _SIGNS.get(int(points), str(int(points)))
        else:
            sign = f"{'N' if points is None else int(points)}({int(answer['maxpoints'])})"
        parts = by_test.setdefault(answer["humantestfk"], {"B": [], "C": []})
        parts["B" if part == "B" else "C"].append((int(answer["tasknumber"]), sign))
    return {
        test: ("".join(sign for _, sign in sorted(parts["B"])), "".join(sign for _, sign in sorted(parts["C"])))
        for test, parts in by_test.items()
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))
    return str(value).strip()
