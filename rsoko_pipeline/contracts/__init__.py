"""The registry of fields and tables: the only place where a column is defined.

From it come the SQLAlchemy tables, pandas dtypes, Great Expectations suites, database comments, Dagster column
schemas and the data dictionary.
"""

from rsoko_pipeline.contracts.fields import FIELDS
from rsoko_pipeline.contracts.model import BLANK, NOT_STARTED, Column, ContractError, Field, Table, limits_ru
from rsoko_pipeline.contracts.tables import REGISTERS, STORED, TABLES, table

__all__ = [
    "BLANK",
    "FIELDS",
    "NOT_STARTED",
    "REGISTERS",
    "STORED",
    "TABLES",
    "Column",
    "ContractError",
    "Field",
    "Table",
    "limits_ru",
    "table",
]
