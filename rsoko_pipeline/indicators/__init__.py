"""Statistics of works: frames in, frames out.

Belongs here: counting, intervals, coverage, and the pictures drawn from them. Does not belong here: reading and
checking (``sources``, ``validation``), storing (``warehouse``), judging (``objectivity``).
"""

from rsoko_pipeline.indicators.intervals import mean_share, wilson
from rsoko_pipeline.indicators.statistics import TABLES, Stamp, compute
from rsoko_pipeline.indicators.units import Register

__all__ = ["TABLES", "Register", "Stamp", "compute", "mean_share", "wilson"]
