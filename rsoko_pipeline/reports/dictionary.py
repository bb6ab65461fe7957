"""The data dictionary: every table and field of the registry as a page in Russian.

Belongs here: the page as Markdown (``docs/dictionary.md``) and as one HTML page without outside links.
Does not belong here: what a field means: that stands in the contracts.

``python -m rsoko_pipeline.reports.dictionary [PAGE.md|PAGE.html]`` writes the page, by default ``docs/dictionary.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.atomic import write_atomic
from rsoko_pipeline.reports.texts import text, words

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dictionary.md"
_HEADS = ("column", "label", "type", "meaning", "values", "may_be_empty", "audience")
_STYLE = """
body{font:15px/1.45 system-ui,Arial,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}
th,td{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}
th{background:#dce6f1;position:sticky;top:0}
code{font-family:ui-monospace,Consolas,monospace}
nav ul{columns:2}
.warning{border-left:4px solid #c8553d;padding-left:.7rem}
@media print{th{position:static}}
"""


def dictionary_markdown() -> str:
    """The dictionary as Markdown."""
    lines = [f"# {text('dictionary.title')}", "", text("dictionary.lead"), ""]
    for schema, tables in _schemas():
        lines += [f"## {words('dictionary.schemas')[schema]}", ""]
        for table in tables:
            lines += [f"### `{schema}.{table.name}` — {table.ru}", "", table.description_ru, ""]
            lines += [f"> **{text('dictionary.warning')}.** {warning}\n" for warning in table.warnings_ru]
            lines += [f"{name}: {', '.join(f'`{column}`' for column in columns)}.  " for name, columns in _keys(table)]
            lines += ["", _markdown_row(_head()), "|" + "---|" * len(_HEADS)]
            lines += [_markdown_row((f"`{column.name}`", *_facts(column))) for column in table.columns]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def dictionary_html() -> str:
    """The dictionary as one HTML page that needs no other file."""
    parts = [
        '<!doctype html>\n<html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(text('dictionary.title'))}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(text('dictionary.title'))}</h1>",
        "<nav><ul>",
        *(
            f'<li><a href="#{t.name}"><code>{t.schema}.{t.name}</code></a> {escape(t.ru)}</li>'
            for t in contracts.TABLES.values()
        ),
        "</ul></nav>",
    ]
    for schema, tables in _schemas():
        parts.append(f"<h2>{escape(words('dictionary.schemas')[schema])}</h2>")
        for table in tables:
            parts.append(f'<h3 id="{table.name}"><code>{schema}.{table.name}</code> — {escape(table.ru)}</h3>')
            parts.append(f"<p>{escape(table.description_ru)}</p>")
            parts += [f'<p class="warning">{escape(warning)}</p>' for warning in table.warnings_ru]
            parts += [
                f"<p>{escape(name)}: {', '.join(f'<code>{column}</code>' for column in columns)}</p>"
                for name, columns in _keys(table)
            ]
            head = "".join(f"<th>{escape(label)}</th>" for label in _head())
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
            for column in table.columns:
                cells = "".join(f"<td>{escape(fact)}</td>" for fact in _facts(column))
                parts.append(f"<tr><td><code>{column.name}</code></td>{cells}</tr>")
            parts.append("</tbody></table>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _schemas() -> Iterator[tuple[str, list[contracts.Table]]]:
    order = list(words("dictionary.schemas"))
    tables = sorted(contracts.TABLES.values(), key=lambda table: order.index(table.schema))
    for schema, group in groupby(tables, key=lambda table: table.schema):
        yield schema, list(group)


def _keys(table: contracts.Table) -> list[tuple[str, tuple[str, ...]]]:
    keys = [(text("dictionary.key"), table.key)]
    return [*keys, (text("dictionary.partition"), (table.partition,))] if table.partition else keys


def _head() -> list[str]:
    return [text(f"dictionary.{name}") for name in _HEADS]


def _facts(column: contracts.Column) -> tuple[str, ...]:
    """Label, type, meaning, values, nullability and audience of a column in words."""
    meaning = column.description_ru + (f" ({column.unit})" if column.unit else "")
    return (
        column.ru,
        _type(column),
        meaning,
        _values(column),
        text("dictionary.nullable") if column.nullable else "",
        words("dictionary.audiences")[column.audience],
    )


def _type(column: contracts.Column) -> str:
    if column.scale:
        precision, scale = column.scale
        return text("dictionary.types.numeric", precision=precision, scale=scale)
    return words("dictionary.types")[column.type]


def _values(column: contracts.Column) -> str:
    if column.allowed:
        return ", ".join(str(value) for value in column.allowed)
    bounds = (("range_from", "minimum", column.minimum), ("range_to", "maximum", column.maximum))
    return " ".join(
        text(f"dictionary.{key}", **{name: f"{value:g}"}) for key, name, value in bounds if value is not None
    )


def _markdown_row(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def main(arguments: list[str]) -> None:
    """Write the page to the path given, HTML where it ends with ``.html``."""
    path = Path(arguments[0]) if arguments else PAGE
    page = dictionary_html() if path.suffix == ".html" else dictionary_markdown()
    write_atomic(path, page.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
