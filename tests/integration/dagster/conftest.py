"""Small code locations around the real IO manager."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from resources.warehouse import Warehouse, WarehouseIOManager, connect
from rsoko_pipeline import contracts

Tasks = Callable[..., pd.DataFrame]


@pytest.fixture
def warehouse(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    home, url = str(tmp_path_factory.mktemp("home")), engine.url.render_as_string(hide_password=False)
    yield Warehouse(home=home, url=url)
    connect(home, url).dispose()


@pytest.fixture
def resources(warehouse: Warehouse) -> dict[str, object]:
    return {"warehouse": warehouse, "io_manager": WarehouseIOManager(warehouse=warehouse)}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture(scope="session")
def tasks() -> Tasks:
    """Rows of ``core.dim_task``: a number of tasks for each event."""

    def rows(max_points: int = 1, **counts: int) -> pd.DataFrame:
        table = contracts.table("dim_task")
        lines = [
            (event, n, str(n), max_points, "Б", None) for event, count in counts.items() for n in range(1, count + 1)
        ]
        return table.conform(pd.DataFrame(lines, columns=table.names))

    return rows
