"""The worked example of the configuration's README, as files.

Belongs here: taking the files out of the text, for tests that load or run them. Does not belong here: the tests.
"""

from __future__ import annotations

import re
from pathlib import Path

from rsoko_pipeline.configuration.places import base_folder

_FILE = re.compile(r"(?ms)^```(?:yaml|csv)\n# (procedures|calendar)/(\S+)\n(.*?)^```$")


def write_readme_example(folder: Path) -> list[Path]:
    """Write the files that ``config/README.md`` shows with their names into ``folder``."""
    text = (base_folder() / "README.md").read_text(encoding="utf-8")
    paths = []
    for top, name, content in _FILE.findall(text):
        path = folder / top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return paths
