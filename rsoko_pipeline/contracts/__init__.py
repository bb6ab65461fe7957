"""The registry of fields and tables: the only place where a column is defined.

From it come the SQLAlchemy tables, pandas dtypes, Great Expectations suites, database comments, Dagster column
schemas and the data dictionary.
"""

from rsoko_pipeline.contracts.fields import FIELDS, FILE_STATUSES, LEVELS, UPLOAD_STATUSES
from rsoko_pipeline.contracts.model import AUDIENCES, BLANK, NOT_STARTED, Column, ContractError, Field, Table
from rsoko_pipeline.contracts.tables import STORED, TABLES, table

__all__ = [
    "AUDIENCES",
    "BLANK",
    "FIELDS",
    "FILE_STATUSES",
    "LEVELS",
    "NOT_STARTED",
    "STORED",
    "TABLES",
    "UPLOAD_STATUSES",
    "Column",
    "ContractError",
    "Field",
    "Table",
    "table",
]
