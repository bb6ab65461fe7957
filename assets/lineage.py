"""Column lineage: from which columns of which assets each column of a mart comes.

Belongs here: lineage for the Dagster UI. Does not belong here: formulas (``rsoko_pipeline.indicators``).
"""

from functools import cache

import dagster as dg

from rsoko_pipeline import contracts

_STAMP = {"config_version", "run_id", "computed_at"}
_PUPILS = ["fact_result.event_id", "fact_result.school", "fact_result.class_no"]
_UNIT = {
    "event_id": ["fact_result.event_id"],
    "level": _PUPILS,
    "unit_code": [*_PUPILS, "dim_school.municipality"],
    "unit_name": ["dim_school.name", "dim_municipality.name"],
    "parent_code": ["dim_school.municipality"],
    "source": ["fact_result.present", "fact_group_marks.participants"],
}
_MARKS = [
    "fact_result.mark",
    "fact_group_marks.share2",
    "fact_group_marks.share3",
    "fact_group_marks.share4",
    "fact_group_marks.share5",
]
_SCORE = ["fact_result.primary_score"]
_JOURNAL = [
    "fact_result.mark",
    "fact_result.journal_mark",
    "fact_group_journal.lowered",
    "fact_group_journal.confirmed",
    "fact_group_journal.raised",
]
_TASK = ["fact_result.scores"]
_ENROLMENT = ["fact_contingent.enrolled", "fact_result.present"]

#: By table: what columns come from; a column that is not named comes from the table's default.
_SOURCES: dict[str, dict[str, list[str]]] = {
    "mark_statistics": {
        "participants": ["fact_result.present"],
        "mean_score": _SCORE,
        "median_score": _SCORE,
        "sd_score": _SCORE,
        "max_score": ["dim_event.max_score"],
        "*": _MARKS,
    },
    "score_distribution": {"*": [*_SCORE, "fact_group_scores.share"]},
    "task_statistics": {
        "task_no": ["dim_task.task_no"],
        "task": ["dim_task.task"],
        "max_points": ["dim_task.max_points"],
        "difficulty": ["dim_task.difficulty"],
        "*": _TASK,
    },
    "journal_comparison": {"*": _JOURNAL},
    "exam_statistics": {
        "participant_category": ["fact_exam.participant_category"],
        "exam_period": ["fact_exam.exam_period"],
        "passed": ["fact_exam.is_passed"],
        "below_minimum": ["fact_exam.is_passed"],
        "appeals": ["fact_exam.appeal"],
        "appeals_granted": ["fact_exam.appeal"],
        "mean_score": ["fact_exam.primary_score"],
        "mean_mark": ["fact_exam.mark"],
        "*": ["fact_exam.exam_status", "fact_exam.test_score", "fact_exam.mark"],
    },
    "coverage": {"participants": ["fact_result.present"], "target": ["dim_event.event_id"], "*": _ENROLMENT},
}
#: Tables that are stored by another table's asset.
_ASSET_OF = {
    "fact_group_marks": "fact_groups",
    "fact_group_journal": "fact_groups",
    "fact_group_scores": "fact_groups",
    "dim_task": "fact_result",
    "fact_exam": "fact_result",
}


@cache
def column_lineage(table: str) -> dg.TableColumnLineage:
    """Lineage of every column of a mart table, stamps apart."""
    sources = {**_UNIT, **_SOURCES[table]}
    return dg.TableColumnLineage(
        {
            column.name: [_dependency(source) for source in sources.get(column.name, sources["*"])]
            for column in contracts.table(table).columns
            if column.name not in _STAMP
        }
    )


def _dependency(source: str) -> dg.TableColumnDep:
    table, column = source.split(".")
    contracts.table(table)[column]
    return dg.TableColumnDep(dg.AssetKey(["core", _ASSET_OF.get(table, table)]), column)
