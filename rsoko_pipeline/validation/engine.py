"""Runs checks with Great Expectations: one suite over one whole frame.

Belongs here: everything that knows Great Expectations. Does not belong here: which checks there are (``checks`` and the
modules of rules), what becomes of their outcomes (``found``, ``results``).

Great Expectations takes seconds and 200 MB to import: that happens in the first ``run`` of a process, and the ephemeral
context made then serves all later ones.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline.validation.checks import Check, Outcome

#: Exact positions of all failing rows. Not by ``unexpected_index_column_names``, which is 55 times slower.
_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
#: What can be asked of texts by their places alone.
_OF_TEXTS = {"not_null", "in_set", "unique"}
#: Integers up to this are exact as float64.
_EXACT = 2**53


def run(frame: pd.DataFrame, checks: Sequence[Check]) -> list[Outcome]:
    """The outcome of every check, in the order of ``checks``.

    Args:
        frame: the rows; positions count from 0 whatever its index.
        checks: what to check.

    An empty frame, a missing column or values that cannot be compared do not pass: such outcomes are ``broken``.
    """
    if frame.empty:
        return [Outcome(check, broken="нет ни одной строки") for check in checks]
    compact, asked_of = _compact(frame, checks)
    asked = {number: check for number, check in enumerate(asked_of) if _has_something(compact, check)}
    results = _validate(compact, asked) if asked else {}
    return [
        _outcome(check, results[number]) if number in asked else Outcome(check) for number, check in enumerate(checks)
    ]


def _compact(frame: pd.DataFrame, checks: Sequence[Check]) -> tuple[pd.DataFrame, list[Check]]:
    """The columns that are asked, as float64 where that tells as much, and the checks as they ask these.

    Great Expectations copies the whole frame at every check, hashes it twice, and looks at numbers of pandas' nullable
    types one by one. Numbers become float64 (integers that it cannot tell apart stay), texts that need not be compared
    become their places among the column's different texts. Mixtures stay as they are.
    """
    columns: dict[str, pd.Series] = {}
    places: dict[str, dict[Any, int]] = {}
    for name in dict.fromkeys(name for check in checks for name in check.columns if name in frame.columns):
        column = frame[name]
        kinds = {check.kind for check in checks if name in check.columns}
        if isinstance(column.dtype, pd.StringDtype) and kinds <= _OF_TEXTS:
            codes, different = pd.factorize(column)
            places[name] = {text: place for place, text in enumerate(different)}
            columns[name] = pd.Series(np.where(codes < 0, np.nan, codes))
        else:
            columns[name] = _as_float(column)
    asking = [
        replace(check, allowed=tuple(places[name].get(text, -1) for text in check.allowed))
        if check.kind == "in_set" and (name := check.columns[0]) in places
        else check
        for check in checks
    ]
    return pd.DataFrame({name: column.array for name, column in columns.items()}), asking


def _as_float(column: pd.Series) -> pd.Series:
    """Numbers as float64, where it tells them all apart; anything else as it is."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return column
    is_large = pd.api.types.is_integer_dtype(column.dtype) and bool((column.abs() > _EXACT).any())
    return column if is_large else pd.Series(column.to_numpy("float64", na_value=np.nan))


def _has_something(frame: pd.DataFrame, check: Check) -> bool:
    """Whether a check has a row to look at, or a column is missing, which it then says."""
    return not set(check.columns) <= set(frame.columns) or bool(check.asked(frame).any())


def _validate(frame: pd.DataFrame, checks: Mapping[int, Check]) -> dict[int, Any]:
    """The results of Great Expectations by the checks' numbers."""
    import great_expectations as gx

    expectations = [_expectation(check, number) for number, check in checks.items()]
    batch = _whole_frame().get_batch({"dataframe": frame})
    report = batch.validate(gx.ExpectationSuite(name="rsoko", expectations=expectations), result_format=_RESULT_FORMAT)
    return {result.expectation_config.meta["check"]: result for result in report.results}


@cache
def _whole_frame() -> Any:
    """The batch definition of whole frames in the process's one context."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("rsoko").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("whole")


def _expectation(check: Check, number: int) -> Any:
    import great_expectations.expectations as gxe

    first, last = check.columns[0], check.columns[-1]
    meta = {"check": number}
    match check.kind:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=first, meta=meta)
        case "in_set":
            return gxe.ExpectColumnValuesToBeInSet(column=first, value_set=list(check.allowed), meta=meta)
        case "between":
            return gxe.ExpectColumnValuesToBeBetween(
                column=first, min_value=check.minimum, max_value=check.maximum, meta=meta
            )
        case "unique" if len(check.columns) == 1:
            return gxe.ExpectColumnValuesToBeUnique(column=first, meta=meta)
        case "unique":
            return gxe.ExpectCompoundColumnsToBeUnique(
                column_list=list(check.columns), ignore_row_if="any_value_is_missing", meta=meta
            )
        case "equal":
            return gxe.ExpectColumnPairValuesToBeEqual(
                column_A=first, column_B=last, ignore_row_if="either_value_is_missing", meta=meta
            )
        case "at_most":
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=last, column_B=first, or_equal=True, ignore_row_if="either_value_is_missing", meta=meta
            )


def _outcome(check: Check, result: Any) -> Outcome:
    reason = _exception(result.exception_info)
    if reason is None and not result.success and "unexpected_index_list" not in result.result:
        reason = "проверка не дала результата"
    if reason is not None:
        return Outcome(check, broken=reason)
    failed = np.unique(np.array(result.result.get("unexpected_index_list") or [], dtype="int64"))
    return Outcome(check, failed)


def _exception(info: dict[str, Any] | None) -> str | None:
    """The first line of the exception a check ended with; of one, or of several by metric."""
    infos = [info or {}] if "raised_exception" in (info or {}) else list((info or {}).values())
    raised = [one for one in infos if one.get("raised_exception")]
    return str(raised[0]["exception_message"]).strip().partition("\n")[0] if raised else None
