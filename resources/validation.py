"""Great Expectations as a Dagster resource: how much of a bad batch is held back, and where its context lives.

Belongs here: what a run may set about validation. Does not belong here: suites and rules (``rsoko_pipeline.validation``).
"""

import dagster as dg


class Validation(dg.ConfigurableResource):
    """Validation («проверка данных»).

    Attributes:
        sample_rows: how many failing rows a check shows in the UI; all of them stand in ``ops.quarantine``.
    """

    sample_rows: int = 20
