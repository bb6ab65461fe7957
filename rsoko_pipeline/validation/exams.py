"""Validation of sittings of exams: states and results, test scores and passing by the scales of the year.

Belongs here: the rules of ``source_exam``; the sittings of all events of a run are checked at once. Does not belong
here: task scores, sums, marks by the scale and schools, which are checked of the works that count (``results``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.exams import passes
from rsoko_pipeline.configuration.models import Procedure, TestScale
from rsoko_pipeline.validation.checks import Check
from rsoko_pipeline.validation.results import Validated
from rsoko_pipeline.validation.tables import Table
from rsoko_pipeline.validation.verdict import Verdict

#: Names of the checks of sittings, in the order in which they are shown.
EXAM_CHECKS = ("exam_unique", "exam_result", "test_scale", "exam_passed")
_PASSED_RU = {1.0: "сдан", 0.0: "не сдан"}


def validate_exams(frame: pd.DataFrame, *, cfg: Configuration, released: pd.DataFrame | None = None) -> Validated:
    """Check the sittings of all exams; those that go on say whether the exam is passed, where that is known.

    Args:
        frame: rows of ``source_exam``, ``event_id`` filled in.
        cfg: rules and scales of the procedures.
        released: rows of ``ops.quarantine`` that a person has let through.
    """
    return _Exams(cfg).judged(frame, released)


class _Exams(Table):
    """Sittings; the same sitting stated twice alike goes on once."""

    name = "source_exam"
    key = ("event_id", "pupil_code", "exam_date", "exam_period")
    stated = ("primary_score", "test_score", "mark", "is_passed", "exam_status")
    twice = Check("exam_unique", "RSK-EXAM-TWICE", "between", ("variants",), maximum=1)
    checks = (
        Check("exam_result", "RSK-EXAM-RESULT", "between", ("result_gap",), maximum=0),
        Check("test_scale", "RSK-TEST-SCALE", "equal", ("given_test", "scale_test")),
        Check("exam_passed", "RSK-EXAM-PASSED", "equal", ("given_passed", "known_passed")),
    )

    def __init__(self, cfg: Configuration) -> None:
        super().__init__()
        self._cfg = cfg

    def compared(self, rows: pd.DataFrame) -> dict[str, NDArray]:
        valid = (rows["exam_status"] == "valid").to_numpy()
        primary, test, mark = (_floats(rows, name) for name in ("primary_score", "test_score", "mark"))
        given = _floats(rows, "is_passed")
        nothing = np.isnan(np.column_stack([primary, test, mark, given])).all(axis=1)
        came = (rows["exam_status"] != "absent").to_numpy()
        self._scale_test = np.full(len(rows), np.nan)
        self._known_passed = np.full(len(rows), np.nan)
        asks = {name: np.zeros(len(rows), dtype="bool") for name in EXAM_CHECKS}
        for event_id, at in rows.groupby("event_id", sort=False).indices.items():
            procedure, scale = self._of(str(event_id))
            for name in EXAM_CHECKS:
                asks[name][at] = name in procedure.rules
            if scale is not None and scale.shown_status != "assumed":
                self._scale_test[at] = scale.test_score(primary[at])
            self._known_passed[at] = self._passes(str(event_id), mark[at], test[at])
        gap = (valid & nothing) | (~came & ((np.nan_to_num(primary) > 0) | (np.nan_to_num(test) > 0)))
        return {
            "result_gap": np.where(asks["exam_result"], gap, np.nan),
            "given_test": np.where(asks["test_scale"] & valid, test, np.nan),
            "scale_test": self._scale_test,
            "given_passed": np.where(asks["exam_passed"] & valid, given, np.nan),
            "known_passed": self._known_passed,
        }

    def words(self, code: str, rows: pd.DataFrame) -> dict[str, Any]:
        at = rows.index.to_numpy()
        if code == "RSK-EXAM-TWICE":
            return {"value": rows["exam_date"].dt.strftime("%d.%m.%Y")}
        if code == "RSK-TEST-SCALE":
            return {"column": "Тестовый балл", "value": rows["test_score"], "expected": self._scale_test[at]}
        if code == "RSK-EXAM-PASSED":
            said = [_PASSED_RU[value] for value in _floats(rows, "is_passed")]
            return {"value": said, "expected": [_PASSED_RU[value] for value in self._known_passed[at]]}
        return {}

    def finished(self, passed: pd.DataFrame) -> pd.DataFrame:
        """With ``is_passed`` where mark, test score and minimum say it and the file does not."""
        known = np.full(len(passed), np.nan)
        for event_id, at in passed.groupby("event_id", sort=False).indices.items():
            rows = passed.iloc[at]
            known[at] = self._passes(str(event_id), _floats(rows, "mark"), _floats(rows, "test_score"))
        valid = passed["exam_status"] == "valid"
        said = pd.Series(known, index=passed.index, dtype="Float64").astype("boolean")
        return passed.assign(is_passed=passed["is_passed"].fillna(said).where(valid))

    def _verdicts(
        self, rows: pd.DataFrame, asked: pd.DataFrame, checks: Sequence[Check], found: pd.DataFrame
    ) -> Iterator[Verdict]:
        """The verdicts of the procedure's own rules; where the year's scale is unknown, that is why there is none."""
        for verdict in super()._verdicts(rows, asked, checks, found):
            procedure, scale = self._of(verdict.event_id)
            if verdict.name in EXAM_CHECKS and verdict.name not in procedure.rules:
                continue
            if verdict.name == "test_scale" and (scale is None or scale.test_scores is None):
                year = self._cfg.calendar.events[verdict.event_id].year
                reason = f"шкала перевода в тестовые баллы за {year} год неизвестна, баллы приняты как в файле"
                verdict = Verdict.unavailable(verdict.event_id, verdict.name, reason)
            yield verdict

    def _of(self, event_id: str) -> tuple[Procedure, TestScale | None]:
        event = self._cfg.calendar.events[event_id]
        procedure = self._cfg.procedures[event.procedure]
        if event.subject is None or event.grade is None:
            return procedure, None
        return procedure, procedure.test_scale(event.subject, event.grade, event.year)

    def _passes(self, event_id: str, mark: NDArray, test_score: NDArray) -> NDArray:
        procedure, scale = self._of(event_id)
        rules = procedure.exam
        if rules is None:
            return np.full(len(mark), np.nan)
        result = rules.result_of(self._cfg.calendar.events[event_id].subject)
        return passes(result, mark=mark, test_score=test_score, minimum=scale.minimum if scale else None)


def _floats(rows: pd.DataFrame, name: str) -> NDArray:
    return rows[name].to_numpy(dtype="float64", na_value=np.nan)
