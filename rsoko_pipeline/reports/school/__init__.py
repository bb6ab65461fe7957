"""The school's workbook: its works beside the municipality and the region, class sheets, what is wrong in its files.

Belongs here: its pages. Pupils appear by their codes alone; classes are not set against each other and nothing is said
of teachers.
"""

from rsoko_pipeline.reports.school.workbook import school_workbook

__all__ = ["school_workbook"]
