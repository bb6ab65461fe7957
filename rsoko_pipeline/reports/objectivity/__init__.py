"""Pages on signs of biased results: one for each school that has any, one for the region, and the form they share.

Belongs here: frames in, HTML and workbooks out. Does not belong here: signs and evidence (``objectivity``), where pages
lie (``assets``). A sign is «признак, требует проверки», never a proof; schools are never ranked.
"""

from rsoko_pipeline.reports.objectivity.cards import Cards
from rsoko_pipeline.reports.objectivity.form import FILE as FORM_FILE
from rsoko_pipeline.reports.objectivity.form import questions
from rsoko_pipeline.reports.objectivity.form import workbook as form_workbook
from rsoko_pipeline.reports.objectivity.inputs import (
    CommonRule,
    ObjectivityYear,
    Policy,
    SchoolSigns,
    SignWords,
    schools_with_signs,
)
from rsoko_pipeline.reports.objectivity.methodology import methodology_page
from rsoko_pipeline.reports.objectivity.region import region_page
from rsoko_pipeline.reports.objectivity.school import school_page

__all__ = [
    "FORM_FILE",
    "Cards",
    "CommonRule",
    "ObjectivityYear",
    "Policy",
    "SchoolSigns",
    "SignWords",
    "form_workbook",
    "methodology_page",
    "questions",
    "region_page",
    "school_page",
    "schools_with_signs",
]
