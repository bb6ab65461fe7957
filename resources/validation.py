"""Validation as a Dagster resource.

Belongs here: what a run may set about it. Does not belong here: suites and rules (``rsoko_pipeline.validation``),
thresholds (``config/procedures``).
"""

import dagster as dg


class Validation(dg.ConfigurableResource):
    """Validation («проверка данных»).

    Attributes:
        sample_rows: how many failing rows a check shows in the UI; all of them stand in ``ops.quarantine``.
    """

    sample_rows: int = 20
