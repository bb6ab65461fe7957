"""From files to results: child process, recognition, reader.

Belongs here: putting the steps together. Does not belong here: the steps.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import DelimitedLayout
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import (
    delimited,
    gia_protocol,
    gia_table,
    recognise,
    sandbox,
    vpr_f1,
    vpr_form,
    vpr_groups,
    vpr_labels,
    vpr_summary,
)
from rsoko_pipeline.sources.delimited_text import Signature
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.model import FileFacts, ReadResult
from rsoko_pipeline.sources.sandbox import RawFile
from rsoko_pipeline.sources.text import header_key

_log = logging.getLogger(__name__)

#: A reader for every format of the layout maps.
READERS: dict[str, Callable[[Job], None]] = {
    "vpr_f1": vpr_f1.read,
    "vpr_form": vpr_form.read,
    "vpr_f3": vpr_groups.read_marks,
    "vpr_journal": vpr_groups.read_journal,
    "vpr_scores": vpr_groups.read_scores,
    "vpr_summary_marks": vpr_summary.read_marks,
    "vpr_summary_scores": vpr_summary.read_scores,
    "vpr_labels": vpr_labels.read,
    "gia_protocol": gia_protocol.read,
    "gia_table": gia_table.read,
}


def read_many(
    files: Iterable[tuple[Path, str]], *, cfg: Configuration, workers: int = 2, key: bytes | None = None
) -> Iterator[ReadResult]:
    """Read files one after another, opened in child processes; a bad file is a result with findings like any other.

    Args:
        files: paths and the names under which they were sent.
        cfg: configuration.
        workers: number of child processes.
        key: the key of pseudonyms; without one a key of this call alone, for whoever stores nothing.
    """
    key = key or secrets.token_bytes(32)
    for raw in sandbox.open_files(files, limits=cfg.limits, signatures=signatures(cfg), workers=workers):
        yield read_raw(raw, cfg, key)


def read_raw(raw: RawFile, cfg: Configuration, key: bytes) -> ReadResult:
    """Recognise and read an opened file; ``key`` is the key of pseudonyms."""
    facts = FileFacts(raw.file_id or unreadable_id(raw.name), raw.name, raw.size)
    result = ReadResult(facts, findings=[Finding(code, {"name": raw.name, **values}) for code, values in raw.findings])
    if result.is_refused:
        return result
    if raw.encoding and raw.encoding != "utf-8-sig":
        result.findings.append(Finding("RSK-ENCODING", {"encoding": raw.encoding}))
    recognised = recognise.recognise(raw, cfg)
    result.findings.extend(_named(finding, raw.name) for finding in recognised.findings)
    layout, grid = recognised.layout, recognised.grid
    if layout is None or grid is None:
        return result
    facts.format, facts.edition, facts.procedure = layout.format, layout.edition, layout.procedure
    job = Job(raw, layout, grid, cfg, result, key)
    result.findings.extend(recognise.other_sheets(raw, layout, grid))
    reader = delimited.read if isinstance(layout, DelimitedLayout) else READERS[layout.format]
    try:
        reader(job)
    except Exception as error:  # one file's oddity must not stop the others; what it was goes into the log
        # without the exception's own words, which may hold what stands in a cell
        where = "".join(traceback.format_tb(error.__traceback__))
        _log.error("reading %s as %s failed: %s\n%s", raw.name, layout.id, type(error).__name__, where)
        reason = f"внутренняя ошибка системы ({type(error).__name__}), подробности в её журнале"
        result.findings.append(Finding("RSK-FILE-UNREADABLE", {"name": raw.name, "reason": reason}))
    if result.is_refused:
        result.frames.clear()
    return result


def signatures(cfg: Configuration) -> tuple[Signature, ...]:
    """How the configured text tables are recognised before they are cut into cells."""
    of_readers = tuple(
        Signature(
            headers=frozenset(header_key(name) for name in layout.anchors.headers),
            header_row=layout.header_row,
            delimiter=layout.delimiter,
        )
        for layout in cfg.layouts.values()
        if "csv" in layout.kinds
    )
    return of_readers + tuple(
        Signature(
            headers=frozenset(header_key(name) for name in layout.recognise.headers),
            header_row=layout.file.header_row,
            delimiter=layout.file.delimiter,
            encodings=layout.file.encodings,
            quoted=layout.file.quoting != "none",
        )
        for layout in cfg.delimited.values()
        if "csv" in layout.file.kinds
    )


def unreadable_id(name: str) -> str:
    """A stand-in for the hash of a file whose content could not be read, from its name."""
    return "unreadable-" + hashlib.sha256(name.encode()).hexdigest()[:32]


def _named(finding: Finding, name: str) -> Finding:
    return replace(finding, values={"name": name, **finding.values})
