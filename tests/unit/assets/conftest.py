"""The code location as shipped, built once."""

from __future__ import annotations

import dagster as dg
import pytest

from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.definitions import build_definitions


@pytest.fixture(scope="session")
def cfg() -> Configuration:
    return load()


@pytest.fixture(scope="session")
def definitions(cfg: Configuration) -> dg.Definitions:
    return build_definitions(cfg=cfg)
