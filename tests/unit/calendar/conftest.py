from __future__ import annotations

import pytest

from rsoko_pipeline.configuration import Configuration, load


@pytest.fixture(scope="session")
def cfg() -> Configuration:
    """The shipped configuration."""
    return load("")
