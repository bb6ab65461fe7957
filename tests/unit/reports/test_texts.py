"""Texts of the reports: every code of the contracts has its word, a wrong key says where to look."""

from __future__ import annotations

import pytest

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.reports.texts import text, words


@pytest.mark.parametrize(
    ("group", "field"),
    [
        ("levels", "level"),
        ("sources", "source"),
        ("enrolled_sources", "enrolled_source"),
        ("participants_sources", "participants_source"),
        ("severity", "severity"),
        ("action", "action"),
        ("upload_status", "upload_status"),
        ("scale", "scale_status"),
    ],
)
def test_every_allowed_value_has_a_word(group: str, field: str) -> None:
    allowed = contracts.FIELDS[field].allowed
    assert allowed
    assert set(allowed) <= set(words(group))


def test_the_dictionary_names_every_type_schema_and_audience() -> None:
    fields = contracts.FIELDS.values()
    assert {field.type for field in fields if not field.scale} <= set(words("dictionary.types"))
    assert {field.audience for field in fields} <= set(words("dictionary.audiences"))
    assert {table.schema for table in contracts.TABLES.values()} == set(words("dictionary.schemas"))
    assert {kind.severity for kind in findings.catalogue().values()} == set(words("severity"))


def test_names_are_filled_in() -> None:
    assert text("work.title", subject="Русский язык", grade=4) == "Русский язык, 4 класс"


@pytest.mark.parametrize("key", ["no.such", "work", "small.more"])
def test_a_wrong_key_names_the_file(key: str) -> None:
    with pytest.raises(KeyError, match=r"texts/reports\.yaml"):
        text(key)


def test_a_text_is_not_a_group() -> None:
    with pytest.raises(KeyError, match="not a group"):
        words("small")
