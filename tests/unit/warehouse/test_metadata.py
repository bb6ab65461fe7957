"""Tables built from contracts, and the revisions that lead to them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import Column, Table
from rsoko_pipeline.warehouse import metadata
from rsoko_pipeline.warehouse.migrations import head, regenerate

COLUMNS = (
    Column("id", "int64", "Номер"),
    Column("event_id", "text", "Событие", "Код события", nullable=True),
    Column("order", "int16", "Порядок", minimum=1, maximum=5, unit="балл"),
    Column("kind", "text", "Вид", "Какой он?", allowed=("а", "б'в"), nullable=True),
    Column("share", "numeric(6,4)", "Доля", minimum=0, nullable=True),
    Column("high", "numeric(6,4)", "Верх", maximum=0.5, nullable=True),
    Column("scores", "int16[]", "Баллы", nullable=True),
    Column("details", "json", "Подробности", nullable=True),
)
TABLE = Table("things", "mart", "Вещи", "Строка — вещь", COLUMNS, ("id",), "event_id", ("Осторожно.",))


def built(table: Table = TABLE) -> sa.Table:
    return metadata.build_metadata([table]).tables[f"{table.schema}.{table.name}"]


def test_types_keys_and_nullability() -> None:
    ddl = str(CreateTable(built()).compile(dialect=postgresql.dialect()))
    for part in (
        "CREATE TABLE mart.things",
        "id BIGINT NOT NULL",
        "event_id TEXT,",
        '"order" SMALLINT NOT NULL',
        "share NUMERIC(6, 4),",
        "scores SMALLINT[],",
        "details JSONB,",
        "CONSTRAINT pk_things PRIMARY KEY (id)",
    ):
        assert part in ddl
    assert "SERIAL" not in ddl


def test_checks_from_allowed_values_and_bounds() -> None:
    assert {column.name: metadata.check_rule(column) for column in COLUMNS if metadata.check_rule(column)} == {
        "order": '"order" BETWEEN 1 AND 5',
        "kind": "kind IN ('а', 'б''в')",
        "share": "share >= 0",
        "high": "high <= 0.5",
    }


def test_comments_are_sentences_in_russian() -> None:
    table = built()
    assert table.comment == "Вещи. Строка — вещь. Осторожно."
    assert table.c.order.comment == "Порядок. Единица: балл."
    assert table.c.kind.comment == "Вид. Какой он?"


def test_a_partition_is_indexed_unless_the_key_begins_with_it() -> None:
    assert [index.name for index in built().indexes] == ["ix_things_event_id"]
    columns = (COLUMNS[0], Column("event_id", "text", "Событие"))
    assert built(Table("other", "core", "Д", "Д", columns, ("event_id", "id"), "event_id")).indexes == set()


def test_every_stored_table_is_built() -> None:
    made = metadata.warehouse_metadata().tables
    assert sorted(made) == sorted(f"{table.schema}.{table.name}" for table in contracts.STORED)
    assert {table.schema for table in contracts.STORED} <= set(metadata.SCHEMAS)


def test_names_fit_postgresql() -> None:
    names = [
        str(item.name)
        for table in metadata.warehouse_metadata().tables.values()
        for item in (table, *table.columns, *table.constraints, *table.indexes)
    ]
    assert max(len(name.encode()) for name in names) <= 63


def test_the_newest_revision_is_known_without_alembic() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(regenerate.TARGET.parent.parent))
    config.set_main_option("path_separator", "os")
    directory = ScriptDirectory.from_config(config)
    assert directory.get_heads() == [head()]
    assert all(script.path.endswith(f"/{script.revision}.py") for script in directory.walk_revisions())


def test_a_column_for_the_loader_alone_is_kept_from_the_region() -> None:
    secret = Table("t", "mart", "Т", "Т", (Column("a", "text", "А"), Column("b", "text", "Б", audience="etl")), ("a",))
    assert regenerate.rights((secret,))[-1] == 'GRANT SELECT ("a") ON mart.t TO rsoko_region'


def test_the_foundation_is_python_and_does_not_depend_on_a_database() -> None:
    text = regenerate.render()
    compile(text, "0001_foundation.py", "exec")
    assert text == regenerate.render()


@pytest.mark.parametrize("value", ["а", 1, 0.25, 3.0])
def test_literals(value: str | float) -> None:
    assert metadata._literal(value) in {"'а'", "1", "0.25", "3"}
