"""The calendar: events of the plan, periods, deadlines, plan against fact, export.

The calendar itself is part of the configuration (``configuration.load().calendar``); this package knows what a calendar
is and what can be asked of it.
"""

from rsoko_pipeline.calendar.dates import quarter_of, school_year_of
from rsoko_pipeline.calendar.events import Calendar, Due, Event, PlanItem

__all__ = ["Calendar", "Due", "Event", "PlanItem", "quarter_of", "school_year_of"]
