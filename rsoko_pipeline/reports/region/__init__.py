"""The region's workbook: one school year and procedure for the assessment centre and the municipal offices.

Belongs here: its pages. Does not belong here: figures of single schools other than the upload board: schools are not
compared, and no page ranks them. No page holds pupils' codes.
"""

from rsoko_pipeline.reports.region.workbook import region_workbook

__all__ = ["region_workbook"]
