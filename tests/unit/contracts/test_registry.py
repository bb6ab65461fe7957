"""The registry as it stands: every field used and described, every table described, keys and partitions sound."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import Field, Table

TABLES = list(contracts.TABLES.values())
FIELDS = list(contracts.FIELDS.values())
_DENOMINATOR = contracts.FIELDS["n"].description_ru
#: What a table says of a column that a field does not: its name and nullability there.
_MEANING = ("type", "ru", "description_ru", "unit", "allowed", "minimum", "maximum", "audience")


def _meaning(field: Field) -> tuple[object, ...]:
    return tuple(getattr(field, name) for name in _MEANING)


def test_every_field_stands_in_a_table() -> None:
    used = {_meaning(column) for table in TABLES for column in table.columns}
    assert [field.name for field in FIELDS if _meaning(field) not in used] == []


def test_every_column_is_a_field_of_the_registry() -> None:
    known = {_meaning(field) for field in FIELDS}
    strangers = [f"{table.name}.{c.name}" for table in TABLES for c in table.columns if _meaning(c) not in known]
    assert strangers == []


def test_no_two_fields_mean_the_same() -> None:
    twins = pd.Series([(field.type, field.ru, field.description_ru) for field in FIELDS]).duplicated(keep=False)
    assert [field.name for field, twin in zip(FIELDS, twins, strict=True) if twin] == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_field_is_documented(field: Field) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
    assert field.ru.strip() == field.ru != ""
    assert field.description_ru.strip() == field.description_ru != ""
    if field.minimum is not None and field.maximum is not None:
        assert field.minimum < field.maximum


@pytest.mark.parametrize("field", [f for f in FIELDS if f.type == contracts.FIELDS["share"].type], ids=lambda f: f.name)
def test_shares_are_shares(field: Field) -> None:
    assert field.unit is None
    assert field.minimum == 0 or field.name == "target"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_table_is_documented(table: Table) -> None:
    assert table.ru and table.description_ru.startswith("Строка — ")
    assert table.description_ru.endswith(".")
    assert table.key
    assert table.schema in ("source", "ops", "core", "mart")


@pytest.mark.parametrize("table", [t for t in TABLES if t.schema == "source"], ids=lambda table: table.name)
def test_a_readers_frame_says_where_its_rows_come_from(table: Table) -> None:
    assert table.names[:3] == ["file_id", "sheet", "row_number"]
    assert table.partition == "file_id"
    assert not table.is_stored


@pytest.mark.parametrize("table", [t for t in TABLES if t.schema == "mart"], ids=lambda table: table.name)
def test_a_row_of_a_mart_says_what_it_was_computed_from(table: Table) -> None:
    assert table.names[-3:] == ["config_version", "run_id", "computed_at"]
    assert table in contracts.STORED


def test_n_is_called_a_denominator_where_shares_are_of_it_alone() -> None:
    said = {table.name for table in TABLES if "n" in table.names and table["n"].description_ru == _DENOMINATOR}
    assert said == {
        "agreement_statistics", "journal_comparison", "journal_statistics", "list_statistics", "remarking_outcome",
    }  # fmt: skip


def test_rows_about_one_pupil_are_not_for_everybody() -> None:
    table = contracts.table("fact_result")
    open_to_all = {column.name for column in table.columns if column.audience == "public"}
    assert open_to_all == {"event_id", "school", "config_version", "run_id"}


def test_what_is_stored_comes_in_the_order_of_creation() -> None:
    schemas = [table.schema for table in contracts.STORED]
    assert schemas == sorted(schemas, key=["ops", "core", "mart"].index)


def test_facts_have_room_for_what_readers_give() -> None:
    for source, fact in (
        ("source_group_marks", "fact_group_marks"),
        ("source_group_journal", "fact_group_journal"),
        ("source_group_scores", "fact_group_scores"),
        ("source_label", "fact_label"),
        ("source_measure", "fact_measure"),
        ("source_result", "fact_result"),
    ):
        lost = set(contracts.table(source).names) - set(contracts.table(fact).names)
        assert not lost, f"{source} → {fact}"


def test_unknown_table_is_an_error() -> None:
    with pytest.raises(contracts.ContractError, match="no table 'marks'"):
        contracts.table("marks")
