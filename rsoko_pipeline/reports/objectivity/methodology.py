"""The methodology as a page of its own, to be read offline beside the pages on signs.

Belongs here: the part of Markdown in which ``docs/methodology/objectivity.md`` is written: headings, paragraphs, lists,
tables, bold, code. Does not belong here: the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from rsoko_pipeline.reports.objectivity import html
from rsoko_pipeline.reports.objectivity.words import say

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"(#{1,4}) +(.*)")
_RULE = re.compile(r"\|[\s:|-]+\|")
_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def methodology_page(markdown: str) -> str:
    """The page as text."""
    blocks = re.split(r"\n\s*\n", _COMMENT.sub("", markdown))
    return html.document(say("shared.methodology"), (part for block in blocks for part in _block(block.strip())))


def _block(block: str) -> Iterator[str]:
    """A block of lines: its runs of headings, table rows, list items and text, each as HTML."""
    lines = block.splitlines()
    for kind, run in groupby(zip(lines, _kinds(lines), strict=True), key=lambda pair: pair[1]):
        texts = [line.strip() for line, _ in run]
        if kind == "heading":
            for text in texts:
                match = _HEADING.fullmatch(text)
                assert match  # so ``_kinds`` has it
                yield f"<h{len(match[1])}>{_inline(match[2])}</h{len(match[1])}>"
        elif kind == "table":
            rows = [[_inline(cell.strip()) for cell in text.strip("|").split("|")] for text in texts if text]
            body = [row for row, text in zip(rows, texts, strict=True) if not _RULE.fullmatch(text)]
            yield _table(body[0], body[1:])
        elif kind == "list":
            items = re.split(r"(?m)^- ", "\n".join(texts))[1:]
            yield f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"
        elif texts:
            yield f"<p>{_inline(' '.join(texts))}</p>"


def _kinds(lines: list[str]) -> Iterator[str]:
    """What each line is; an indented line after a list item belongs to it."""
    kind = "text"
    for line in lines:
        if _HEADING.fullmatch(line):
            kind = "heading"
        elif line.startswith("|"):
            kind = "table"
        elif line.startswith("- "):
            kind = "list"
        elif not (kind == "list" and line.startswith(" ")):
            kind = "text"
        yield kind


def _table(head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f"<th scope=col>{cell}</th>" for cell in head)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _inline(text: str) -> str:
    """Bold and code inside a line; all else is plain text."""
    return _BOLD.sub(r"<b>\1</b>", _CODE.sub(r"<code>\1</code>", escape(text, quote=False)))
