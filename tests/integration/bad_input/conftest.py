"""Two databases for one module: of the clean run and of the spoiled one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres

from ..conftest import database


@pytest.fixture(scope="module")
def engine_of_clean(server: EmbeddedPostgres, template: str) -> Iterator[Engine]:
    with database(server, template) as engine:
        yield engine
