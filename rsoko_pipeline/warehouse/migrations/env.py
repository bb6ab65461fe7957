"""What Alembic runs: the revisions, on the connection that ``migrate`` hands over, in its transaction.

Belongs here: nothing else. Does not belong here: URLs, logging, the target metadata (revisions are written by hand).
"""

from alembic import context

from rsoko_pipeline.warehouse.migrations import VERSION_SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    version_table_schema=VERSION_SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
