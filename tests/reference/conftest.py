"""Runs of the whole pipeline on real data: databases as in the integration tests, the set's own configuration.

- ``installation``: a fixture of the module, an installation under the configuration in ``config`` beside the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from ..integration.conftest import module_engine, server, template  # noqa: F401 — fixtures
from ..integration.installation import Installation


@pytest.fixture(scope="module")
def installation(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    module_engine: Engine,  # noqa: F811 — the fixture
) -> Iterator[Installation]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RSOKO_CONFIG", str(Path(request.path).parent / "config"))
        yield Installation.at(tmp_path_factory.mktemp("reference") / "home", module_engine)
