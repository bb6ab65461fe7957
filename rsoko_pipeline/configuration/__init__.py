"""The configuration: everything a region changes, as data, checked when it is loaded."""

from rsoko_pipeline.configuration.errors import ConfigurationError, Problem
from rsoko_pipeline.configuration.facts import STATUS_RU
from rsoko_pipeline.configuration.loader import Configuration, load
from rsoko_pipeline.configuration.models import (
    DelimitedLayout,
    Layout,
    Limits,
    Procedure,
    Region,
    Scale,
    Subject,
    Task,
    Work,
)

__all__ = [
    "STATUS_RU",
    "Configuration",
    "ConfigurationError",
    "DelimitedLayout",
    "Layout",
    "Limits",
    "Problem",
    "Procedure",
    "Region",
    "Scale",
    "Subject",
    "Task",
    "Work",
    "load",
]
