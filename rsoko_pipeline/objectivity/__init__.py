"""Signs of biased results, the evidence they give, and the plan of re-marking. A sign is never a proof."""

from rsoko_pipeline.objectivity.assessment import Assessment, assess, confirm
from rsoko_pipeline.objectivity.preparation import Aggregates

__all__ = ["Aggregates", "Assessment", "assess", "confirm"]
