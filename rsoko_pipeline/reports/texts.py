"""Russian sentences and labels of the reports, from ``config/texts/``.

Belongs here: looking a text up. Does not belong here: labels of fields (the contracts have them), texts of findings
(``config/findings.yaml``).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import yaml

from rsoko_pipeline.configuration.places import config_file


class Texts:
    """The texts of one file, read when the first of them is wanted.

    Args:
        name: the file below ``config/``.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def words(self, key: str) -> dict[str, str]:
        """The group of texts under ``key`` («levels», «upload_status»): what to write for each code.

        Raises:
            KeyError: there is no such group; the message names the file.
        """
        found = self._find(key)
        if not isinstance(found, dict):
            raise KeyError(f"{self._name}: «{key}» is a text, not a group")
        return found

    def lines(self, key: str) -> list[str]:
        """The list of texts under ``key``.

        Raises:
            KeyError: there is no such list; the message names the file.
        """
        found = self._find(key)
        if not isinstance(found, list):
            raise KeyError(f"{self._name}: «{key}» is not a list")
        return found

    def text(self, key: str, **values: object) -> str:
        """The text under the dotted ``key`` with its ``{names}`` filled in.

        Raises:
            KeyError: there is no such text, or a name has no value; the message names the file.
        """
        found = self._find(key)
        if not isinstance(found, str):
            raise KeyError(f"{self._name}: «{key}» is a group, not a text")
        return found.format(**values) if values else found

    @cached_property
    def _texts(self) -> dict[str, Any]:
        with config_file(self._name).open(encoding="utf-8") as stream:
            return dict(yaml.safe_load(stream)["texts"])

    def _find(self, key: str) -> Any:
        found: Any = self._texts
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise KeyError(f"{self._name}: no text «{key}»")
            found = found[part]
        return found


_REPORTS = Texts("texts/reports.yaml")
text = _REPORTS.text
words = _REPORTS.words
