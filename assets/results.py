"""Results: the events' facts, from the files in force through validation into ``core``.

Belongs here: reading an event's files, Great Expectations once for the whole run, facts, quarantine, check results.
Does not belong here: what is computed from facts (``statistics``).
"""

from typing import Any

import dagster as dg
import pandas as pd

from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from resources.places import Landing
from resources.validation import Validation
from resources.warehouse import Warehouse
from rsoko_pipeline.landing import facts

FACT_RESULT = dg.AssetKey(["core", "fact_result"])
FACT_GROUPS = dg.AssetKey(["core", "fact_groups"])
GROUP_TABLES = ("fact_group_marks", "fact_group_journal", "fact_group_scores", "fact_label", "fact_measure")
COMPANIONS = ("dim_task", "quarantine", "check_result", "event_state")
