"""Build hook: a wheel carries config/ as rsoko_pipeline/_config; an editable install uses the checkout's folder."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConfigHook(BuildHookInterface):
    """Adds the configuration folder to wheels that are not editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_data["force_include"][str(Path(self.root, "config"))] = "rsoko_pipeline/_config"
