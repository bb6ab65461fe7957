"""Overlays made of texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from rsoko_pipeline.configuration import Configuration, ConfigurationError, Problem, load

Overlay = Callable[..., Configuration]
Problems = Callable[..., tuple[Problem, ...]]


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    """Load the shipped configuration under an overlay of the given files: name → text."""

    def load_over(files: dict[str, str]) -> Configuration:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return load(str(tmp_path))

    return load_over


@pytest.fixture
def problems(overlay: Overlay) -> Problems:
    """The problems that an overlay of the given files causes."""

    def problems_of(files: dict[str, str]) -> tuple[Problem, ...]:
        with pytest.raises(ConfigurationError) as caught:
            overlay(files)
        return caught.value.problems

    return problems_of
