"""Where the configuration lies: the checkout's ``config/`` or the wheel's copy, and the overlays of ``RSOKO_CONFIG``.

Belongs here: paths only. Does not belong here: what the files mean (``models.py``, ``loader.py``).
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def base_folder() -> Path:
    """The shipped configuration: ``config/`` of the checkout where there is one, else the wheel's ``_config``."""
    checkout = _PACKAGE.parent / "config"
    return checkout if (checkout / "region.yaml").exists() else _PACKAGE / "_config"


def config_folders(overlays: str | None = None) -> tuple[Path, ...]:
    """The folders of the configuration, the later over the earlier.

    Args:
        overlays: folders joined by ``os.pathsep``; by default the variable ``RSOKO_CONFIG``.
    """
    text = os.environ.get("RSOKO_CONFIG", "") if overlays is None else overlays
    return (base_folder(), *(Path(part) for part in text.split(os.pathsep) if part))


def config_file(name: str) -> Path:
    """The file ``name`` of the last folder that has it."""
    return next(folder / name for folder in reversed(config_folders()) if (folder / name).exists())
