"""Russian sentences and labels of the reports, from ``config/texts/reports.yaml``.

Belongs here: looking a text up. Does not belong here: labels of fields (the contracts have them), texts of findings
(``config/findings.yaml``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

from rsoko_pipeline.configuration.places import config_file

_FILE = "texts/reports.yaml"


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    with config_file(_FILE).open(encoding="utf-8") as stream:
        return dict(yaml.safe_load(stream)["texts"])


def words(key: str) -> dict[str, str]:
    """The group of texts under ``key`` («levels», «upload_status»): what to write for each code.

    Raises:
        KeyError: there is no such group; the message names the file.
    """
    found = _find(key)
    if not isinstance(found, dict):
        raise KeyError(f"{_FILE}: «{key}» is a text, not a group")
    return found


def text(key: str, **values: object) -> str:
    """The text under the dotted ``key`` with its ``{names}`` filled in.

    Raises:
        KeyError: there is no such text, or a name has no value; the message names the file.
    """
    found = _find(key)
    if not isinstance(found, str):
        raise KeyError(f"{_FILE}: «{key}» is a group, not a text")
    return found.format(**values) if values else found


def _find(key: str) -> Any:
    found: Any = _texts()
    for part in key.split("."):
        if not isinstance(found, dict) or part not in found:
            raise KeyError(f"{_FILE}: no text «{key}»")
        found = found[part]
    return found
