"""The models of all configuration files in one place, for whoever uses them.

Belongs here: names only. Does not belong here: any model; ``general``, ``scales``, ``layouts``, ``procedures`` and
``plan`` define them.
"""

from rsoko_pipeline.configuration.exams import ExamPeriod, ExamRules, Retake
from rsoko_pipeline.configuration.facts import Block, Fact, Status
from rsoko_pipeline.configuration.general import (
    FindingsFile,
    FindingText,
    Limits,
    Municipality,
    PrivacyFile,
    Region,
    RegistersFile,
    Subject,
    SubjectsFile,
)
from rsoko_pipeline.configuration.layouts import (
    AboutKey,
    Anchors,
    Conversion,
    DelimitedColumn,
    DelimitedLayout,
    EventKey,
    FileShape,
    Filter,
    Layout,
    LayoutColumn,
    MeasureColumn,
    QuestionColumn,
    Recognition,
)
from rsoko_pipeline.configuration.measures import Annex, Measure, Plan, Section
from rsoko_pipeline.configuration.plan import Campaign, DueRule, PeriodicDue, Span, WorkGroup, YearFile, YearFrame
from rsoko_pipeline.configuration.procedures import RULES_RU, Procedure, ProcedureFile, Thresholds
from rsoko_pipeline.configuration.scales import Dated, Scale, ScalesFile, Task, TestScale, Work, WorksFile

__all__ = [
    "RULES_RU",
    "AboutKey",
    "Anchors",
    "Annex",
    "Block",
    "Campaign",
    "Conversion",
    "Dated",
    "DelimitedColumn",
    "DelimitedLayout",
    "DueRule",
    "EventKey",
    "ExamPeriod",
    "ExamRules",
    "Fact",
    "FileShape",
    "Filter",
    "FindingText",
    "FindingsFile",
    "Layout",
    "LayoutColumn",
    "Limits",
    "Measure",
    "MeasureColumn",
    "Municipality",
    "PeriodicDue",
    "Plan",
    "PrivacyFile",
    "Procedure",
    "ProcedureFile",
    "QuestionColumn",
    "Recognition",
    "Region",
    "RegistersFile",
    "Retake",
    "Scale",
    "ScalesFile",
    "Section",
    "Span",
    "Status",
    "Subject",
    "SubjectsFile",
    "Task",
    "TestScale",
    "Thresholds",
    "Work",
    "WorkGroup",
    "WorksFile",
    "YearFile",
    "YearFrame",
]
