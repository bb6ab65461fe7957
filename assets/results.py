"""Results: the events' facts, from the files in force through validation into ``core``.

Belongs here: reading an event's files, Great Expectations once for the whole run, facts, quarantine, check results.
Does not belong here: what is computed from facts (``statistics``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.collection import table_value
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from resources.places import Landing
from resources.validation import Validation
from resources.warehouse import Warehouse
from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.landing import assembly, parsed
from rsoko_pipeline.landing.ledger import as_quarantine

FACT_RESULT = dg.AssetKey(["core", "fact_result"])
FACT_GROUPS = dg.AssetKey(["core", "fact_groups"])
GROUP_TABLES = tuple(assembly.GROUP_CONTENTS.values())
#: Written in one transaction with the facts: what was held, what was checked, from what the event was built.
COMPANIONS = ("dim_task", "quarantine", "check_result", "event_state")
