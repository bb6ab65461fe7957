"""Unknown schools: the file in which a person says whose the unknown codes are.

Belongs here: the asset of that file. Does not belong here: who is a candidate (``rsoko_pipeline.landing.candidates``),
how the file looks (``rsoko_pipeline.reports``), what a confirmation changes (``rsoko_pipeline.landing.crosswalk``).
"""

import dagster as dg

from assets.families import fact_key
from assets.plan import OWNERS, Plan
from assets.results import FACT_GROUPS, FACT_RESULT, PLACES
from resources.places import Outbox
from resources.warehouse import Warehouse
from rsoko_pipeline.families import FAMILIES
from rsoko_pipeline.landing.candidates import candidates
from rsoko_pipeline.reports.unknown_schools import unknown_schools_workbook

FILE = "registers/Неизвестные школы.xlsx"


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The asset of unknown schools."""
    facts = [fact_key(family) for family in FAMILIES.values() if plan.of_family(family)]

    @dg.asset(
        key=["reports", "unknown_schools"],
        deps=[FACT_RESULT, FACT_GROUPS, *facts, *PLACES],
        description="Коды и названия школ, которых нет в реестре, с кандидатами: код подтверждает человек.",
        group_name="publication",
        owners=OWNERS,
        kinds={"excel"},
    )
    def unknown_schools(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The file of unknown schools; none where every school is known."""
        unknown = warehouse.read("unknown_school")
        context.add_output_metadata({"неизвестных кодов": int(unknown["sent_code"].nunique())})
        if unknown.empty:
            outbox.remove(FILE)
            return
        files = warehouse.read("landing_file").drop_duplicates("file_id").set_index("file_id")["name"]
        found = candidates(unknown, warehouse.read("dim_school"), warehouse.read("dim_municipality"))
        outbox.write(FILE, unknown_schools_workbook(unknown.assign(file_name=unknown["file_id"].map(files)), found))

    return [unknown_schools]
