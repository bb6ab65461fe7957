"""What the Dagster UI shows beside an asset: small tables.

Belongs here: frames as metadata values. Does not belong here: what is shown (the asset modules).
"""

from typing import Any

import dagster as dg
import pandas as pd

from rsoko_pipeline import contracts


def table_value(frame: pd.DataFrame, columns: list[str], table: str) -> dg.TableMetadataValue:
    """A small frame as a table in the UI, heads in Russian from the contract."""
    heads = [contracts.table(table)[name].ru for name in columns]
    records = [
        dg.TableRecord({head: _cell(value) for head, value in zip(heads, row, strict=True)})
        for row in zip(*(frame[name].tolist() for name in columns), strict=True)
    ]
    return dg.MetadataValue.table(records, schema=dg.TableSchema([dg.TableColumn(head) for head in heads]))


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or pd.isna(value):
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)
