"""Validation («проверка данных»): contract frames in, rows that go on and findings out.

Belongs here: rules, Great Expectations, thresholds, the validation report. Does not belong here: reading files
(``sources``), the quarantine's storage (``landing``), Dagster's asset checks (``assets``).
"""

from rsoko_pipeline.validation.registers import validate_entries
from rsoko_pipeline.validation.results import ResultBatch, Validated, validate_results
from rsoko_pipeline.validation.rules import RESULT_CHECKS
from rsoko_pipeline.validation.tables import GROUP_CHECKS, validate_groups, validate_units
from rsoko_pipeline.validation.waiting import EMPTY_CODES, held_with_others

__all__ = [
    "EMPTY_CODES",
    "GROUP_CHECKS",
    "RESULT_CHECKS",
    "ResultBatch",
    "Validated",
    "held_with_others",
    "validate_entries",
    "validate_groups",
    "validate_results",
    "validate_units",
]
