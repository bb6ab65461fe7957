"""The parts that the pages on signs share: the document, its look, tables.

Belongs here: HTML that is not about signs. Does not belong here: what a page says.
A page is one file without scripts; nothing is loaded; it prints on A4 and reads on a telephone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light; --ink: #1d2733; --quiet: #5b6775; --line: #d5dbe3; --soft: #f4f6f9; --accent: #b4511e; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.4rem 1.2rem 3rem; color: var(--ink);
  font: 1rem/1.5 "PT Sans", "Segoe UI", Roboto, Arial, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .2rem 0 .3rem; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.4rem 0 .7rem; padding-bottom: .3rem;
  border-bottom: 2px solid var(--line); }
h3 { font-size: 1.08rem; margin: 0; line-height: 1.3; }
h4 { font-size: .8rem; margin: .9rem 0 .2rem; color: var(--quiet); text-transform: uppercase; letter-spacing: .04em; }
p { margin: .4rem 0; } ul, ol { margin: .2rem 0; padding-left: 1.15rem; } li { margin: .15rem 0; }
a { color: #24588f; } .quiet { color: var(--quiet); font-size: .92rem; }
.note { background: var(--soft); border-left: 4px solid #8a97a6; padding: .7rem 1rem; margin: 1rem 0; }
.tag { display: inline-block; font-size: .82rem; border-radius: 1rem; padding: .05rem .65rem; white-space: nowrap;
  background: #eef1f5; color: var(--quiet); }
.tag.l1 { background: #fbf1d9; color: #6d4c00; } .tag.l2, .tag.l3 { background: #fae3d7; color: #8a3a10; }
.tag.wide { white-space: normal; border-radius: .5rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; padding: 0;
  margin: 1.2rem 0; list-style: none; }
.cards li { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; color: var(--quiet); }
.cards b { display: block; font-size: 1.7rem; line-height: 1.2; color: var(--ink); }
.sign { border: 1px solid var(--line); border-radius: .6rem; margin: .9rem 0; padding: 1rem 1.1rem;
  break-inside: avoid; }
.sign header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; margin-bottom: .3rem; }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 1.6rem; margin: .6rem 0; padding: 0; list-style: none; }
.figures li { margin: 0; color: var(--quiet); font-size: .85rem; line-height: 1.25; }
.figures b { display: block; font-size: 1.12rem; color: var(--ink); }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 0 2rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem 1.6rem; }
figure { margin: .8rem 0 .3rem; max-width: 38rem; break-inside: avoid; }
figcaption { color: var(--quiet); font-size: .86rem; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .92rem; }
th, td { border-bottom: 1px solid var(--line); padding: .38rem .6rem; text-align: left; vertical-align: top; }
th { background: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
tr.group td { font-weight: 600; background: #fafbfc; padding-top: .8rem; break-after: avoid; }
.form td.answer { white-space: nowrap; color: var(--quiet); } .form th:last-child { width: 40%; }
@media screen and (max-width: 40rem) { body { padding: 1rem .8rem 2rem; } h1 { font-size: 1.4rem; }
  .sign { padding: .8rem; } figure { overflow-x: auto; } figure svg { min-width: 27rem; }
  thead { display: none; } table, tbody, tr, td { display: block; } tr { border-bottom: 1px solid var(--line);
  padding: .5rem 0; } td { border: 0; padding: .1rem 0; } td.n { text-align: left; } td:empty { display: none; }
  td[data-head]::before { content: attr(data-head) ": "; color: var(--quiet); }
  td[data-head=""]::before, .form td::before { content: none; } }
@media print { html { font-size: 10.5px; } body { max-width: none; padding: 0; line-height: 1.35; }
  h2, h3, h4, h2 + .quiet { break-after: avoid; } tr { break-inside: avoid; } thead { display: table-header-group; }
  .screen { display: none; } .scroll { overflow: visible; } a { color: inherit; text-decoration: none; }
  .form { break-before: page; } .form td { padding-top: .6rem; padding-bottom: .6rem; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@page { size: A4; margin: 13mm; }
"""


def document(title: str, body: Iterable[str]) -> str:
    """The whole page; ``body`` is HTML already."""
    return (
        '<!doctype html>\n<html lang="ru">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table; heads are texts, cells are HTML already; ``numbers`` are the columns set to the right."""
    return _table(heads, _rows(heads, rows, numbers), numbers)


def grouped(heads: Sequence[str], groups: Iterable[tuple[str, Iterable[Sequence[str]]]], numbers: Sequence[int]) -> str:
    """A table whose rows stand in groups, each under a line with its name; names are texts, cells are HTML already."""
    rows = [
        row
        for name, cells in groups
        for row in (
            f'<tr class="group"><td colspan="{len(heads)}">{escape(name)}</td></tr>',
            *_rows(heads, cells, numbers),
        )
    ]
    return _table(heads, rows, numbers)


def bullets(items: Iterable[str]) -> str:
    """A list of texts."""
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of text."""
    return f"<p{_class(kind)}>{escape(text)}</p>"


def tag(text: str, kind: str = "") -> str:
    """A short word that stands out."""
    return f'<span class="tag {kind}">{escape(text)}</span>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _table(heads: Sequence[str], rows: Iterable[str], numbers: Sequence[int]) -> str:
    head = "".join(
        f"<th scope=col{_class('n' if place in numbers else '')}>{escape(text)}</th>"
        for place, text in enumerate(heads)
    )
    body = "\n".join(rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _rows(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int]) -> Iterator[str]:
    """Rows whose cells know their heads: on a telephone a row is read from top to bottom."""
    for cells in rows:
        kinds = ("n" if place in numbers else "" for place in range(len(cells)))
        row = "".join(
            f'<td{_class(kind)} data-head="{escape(head)}">{cell}</td>'
            for cell, kind, head in zip(cells, kinds, heads, strict=True)
        )
        yield f"<tr>{row}</tr>"
