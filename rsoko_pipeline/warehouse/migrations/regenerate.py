"""Write the first revision anew from the registry: ``python -m rsoko_pipeline.warehouse.migrations.regenerate``.

For development only, and only until the first release: from then on the revision is frozen, and a change of the
registry needs a revision of its own. The text does not depend on a database.

Belongs here: how the first revision looks, the rights of the group roles in it. Does not belong here: anything that
runs on a user's machine.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import Table
from rsoko_pipeline.warehouse.admin import ROLES
from rsoko_pipeline.warehouse.metadata import SCHEMAS, warehouse_metadata

REVISION = "0001_foundation"
TARGET = Path(__file__).resolve().parent / "versions" / f"{REVISION}.py"

_TEMPLATE = '''\
"""The first shape of the warehouse: schemas, group roles, tables, rights.

Written by ``rsoko_pipeline.warehouse.migrations.regenerate``; frozen with the first release.
"""
# ruff: noqa: E501

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{revision}"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = {schemas}

ROLES = {roles}

RIGHTS = {rights}


def upgrade() -> None:
    """Create schemas, group roles, tables and rights."""
    for schema, comment in SCHEMAS.items():
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {{schema}}")
        op.execute(f"COMMENT ON SCHEMA {{schema}} IS '{{comment}}'")
    for role in ROLES:
        _create_role(role)
    _create_tables()
    for right in RIGHTS:
        op.execute(right)


def downgrade() -> None:
    """Drop the tables with all their rows, and the schemas; roles belong to the whole server and stay."""
    op.execute("DROP SCHEMA core, mart CASCADE")
    for table in {ops_tables}:
        op.drop_table(table, schema="ops")


def _create_role(role: str) -> None:
    """Roles belong to the whole server: another database of it may have made the role, or may be making it now."""
    op.execute(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{role}}') THEN
                CREATE ROLE {{role}} NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
    """)


def _create_tables() -> None:
{tables}
'''


def rights(tables: tuple[Table, ...] = contracts.STORED) -> list[str]:
    """GRANT statements: the loader writes everything, the region reads marts and dimensions, others nothing yet."""
    out = [
        f"GRANT USAGE ON SCHEMA {', '.join(SCHEMAS)} TO rsoko_etl",
        f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA {', '.join(SCHEMAS)} TO rsoko_etl",
        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ops.alembic_version FROM rsoko_etl",
        "GRANT USAGE ON SCHEMA core, mart TO rsoko_region",
    ]
    for table in tables:
        if table.schema == "mart" or (table.schema == "core" and table.name.startswith("dim_")):
            seen = [f'"{column.name}"' for column in table.columns if column.audience != "etl"]
            only = "" if len(seen) == len(table.columns) else f" ({', '.join(seen)})"
            out.append(f"GRANT SELECT{only} ON {table.schema}.{table.name} TO rsoko_region")
    return out


def render() -> str:
    """The revision's text, not formatted yet."""
    tables = list(warehouse_metadata().tables.values())
    context = MigrationContext.configure(dialect_name="postgresql", opts={"target_metadata": warehouse_metadata()})
    steps: list[ops.MigrateOperation] = []
    for table in tables:
        steps.append(ops.CreateTableOp.from_table(table))
        steps.extend(ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=_name))
    code = render_python_code(ops.UpgradeOps(steps), migration_context=context)
    code = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("# ###"))
    return _TEMPLATE.format(
        revision=REVISION,
        schemas=repr(SCHEMAS),
        roles=repr(ROLES),
        rights=repr(rights()),
        ops_tables=repr([table.name for table in tables if table.schema == "ops"]),
        tables=textwrap.indent(textwrap.dedent("    " + code.strip()), "    "),
    )


def _name(index: sa.Index) -> str:
    return str(index.name)


def main() -> None:
    """Write and format the revision."""
    TARGET.write_text(render(), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", "--quiet", "--line-length", "120", TARGET], check=True)
    print(f"{TARGET}: {len(contracts.STORED)} tables")


if __name__ == "__main__":
    main()
