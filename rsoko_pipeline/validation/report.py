"""The validation report of a school year («страница проверок»): one HTML page, complete without a network.

Belongs here: the page. Does not belong here: checking (``results``, ``tables``), where the page is put (``assets``).

Great Expectations' own Data Docs load their styles from a network and embed values of the data; this page does neither:
one file, no scripts, made to be printed. Pupils' codes stay in the files: a finding names the row, not the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Any

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.validation.verdict import TITLES_RU, number
from rsoko_pipeline.validation.waiting import rows_kept_back

#: How many findings a school and the page show; the rest is counted.
PER_SCHOOL, PER_PAGE = 25, 2000
_SEVERITY_RU = {"error": "ошибка", "warning": "предупреждение", "info": "к сведению"}
_ACTION_RU = {"held": "удержано", "noted": "принято", "released": "выпущено"}
_ORDER = {"error": 0, "warning": 1, "info": 2}
_NO_SCHOOL = ""
#: Columns of the two kinds of tables with their widths in per cent.
_CHECK_HEAD = {"Проверка": 30, "Итог": 15, "Проверено": 10, "Не прошло": 10, "Подробности и что сделать": 35}
_FINDING_HEAD = {"Событие": 15, "Где": 19, "Важность": 13, "Замечание": 25, "Что сделать": 19, "Состояние": 9}

_STYLE = """
:root { color-scheme: light; --line: #d5dbe3; --ink: #1d2733; --quiet: #5b6775; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1.5rem; font: 15px/1.45 "PT Sans", "Segoe UI", Arial, sans-serif;
  color: var(--ink); }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.3rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; }
p { margin: .3rem 0; } .quiet { color: var(--quiet); }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; padding: 0; list-style: none; }
.cards li { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem 1rem; min-width: 10rem; }
.cards b { display: block; font-size: 1.5rem; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: .4rem 0 1rem; font-size: .9rem; }
th, td { border-bottom: 1px solid var(--line); padding: .32rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
th { font-weight: 600; background: #f2f5f8; }
.mark { white-space: nowrap; font-weight: 600; } .mark::before { content: "●"; margin-right: .35em; }
.bad { color: #a3262c; } .warn { color: #8a5a00; } .good { color: #2c6b3f; } .none { color: var(--quiet); }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; } h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; } thead { display: table-header-group; } a { color: inherit; text-decoration: none; } }
@page { size: A4 landscape; margin: 12mm; }
"""


def validation_page(
    school_year: str,
    checks: pd.DataFrame,
    findings: pd.DataFrame,
    *,
    events: pd.DataFrame,
    schools: pd.DataFrame,
    made_at: datetime,
    command: Callable[[str], str],
    units: pd.DataFrame | None = None,
) -> str:
    """The page as text.

    Args:
        school_year: «2025/2026».
        checks: rows of ``ops.check_result`` of the year's events.
        findings: rows of ``ops.quarantine`` of these events, with ``file_name``.
        events: rows of ``core.dim_event``: titles.
        schools: rows of ``core.dim_school``: names.
        made_at: when the page is made, in the region's time.
        command: a command of this program, given its arguments, as people type it.
        units: rows of ``ops.file_unit`` of these events: how many rows a school held as a whole has.
    """
    titles = events.set_index("event_id")["title"].to_dict()
    latest = schools.sort_values("valid_from").drop_duplicates("school", keep="last")
    names = latest.set_index("school")["name"].to_dict()
    heading = f"Проверка данных, {school_year} учебный год"
    body = [
        f"<h1>{_text(heading)}</h1>",
        f'<p class="quiet">Составлено {made_at:%d.%m.%Y %H:%M}. Ошибка удерживает строку, школу или событие в'
        " карантине; предупреждение — данные приняты, но их стоит посмотреть.</p>",
        _cards(checks, findings, contracts.table("file_unit").empty() if units is None else units),
        "<h2>Что исправить, по школам</h2>",
        *_schools(findings, titles, names, command("quarantine list")),
        "<h2>Проверки по событиям</h2>",
        *_events(checks, findings, titles),
    ]
    return (
        f'<!doctype html>\n<html lang="ru">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(heading)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _cards(checks: pd.DataFrame, findings: pd.DataFrame, units: pd.DataFrame) -> str:
    held = findings["action"] == "held"
    rows = rows_kept_back(findings[held], units)
    failed = checks[~checks["passed"].astype("bool")]
    figures = (
        (checks["event_id"].nunique(), "Проверено событий"),
        (failed.loc[failed["severity"] == "error", "event_id"].nunique(), "Из них с ошибками"),
        (rows.sum(), "Строк в карантине"),
        (findings.loc[held, "school"].dropna().nunique(), "Школ, где нужно исправить данные"),
    )
    items = "".join(f"<li><b>{number(int(value))}</b>{_text(label)}</li>" for value, label in figures)
    return f'<ul class="cards">{items}</ul>'


def _events(checks: pd.DataFrame, findings: pd.DataFrame, titles: dict[Any, str]) -> Iterator[str]:
    if checks.empty:
        yield "<p>За этот учебный год ещё ничего не проверялось.</p>"
        return
    held = findings[findings["action"] == "held"].groupby("event_id").size()
    rank = checks["severity"].map(_ORDER).where(~checks["passed"].astype("bool"), 3) + (checks["checked"] == 0)
    worst = rank.groupby(checks["event_id"]).transform("min")
    ordered = checks.assign(rank=rank, worst=worst).sort_values(["worst", "rank"], kind="stable")
    for event_id, rows in ordered.groupby("event_id", sort=False):
        yield f"<h3>{_text(titles.get(event_id, event_id))}</h3>"
        waiting = number(int(held.get(event_id, 0)))
        yield f'<p class="quiet">Код события {_text(event_id)}. Ждут решения в карантине: {waiting}.</p>'
        yield _table(_CHECK_HEAD, (_check_row(row) for row in rows.itertuples()))


def _check_row(row: Any) -> list[str]:
    title: str = TITLES_RU.get(row.check_name, row.check_name)
    title = title[:1].upper() + title[1:]
    details = row.message.removeprefix(title).lstrip(". ")
    if row.passed and row.checked:
        verdict, details = _mark("good", "пройдена"), ""
    elif row.passed:
        verdict = _mark("none", "не проверялось")
    else:
        verdict = _mark("bad" if row.severity == "error" else "warn", _SEVERITY_RU[row.severity])
    return [_text(title), verdict, number(int(row.checked)), number(int(row.failed)), _text(details)]


def _schools(findings: pd.DataFrame, titles: dict[Any, str], names: dict[Any, str], listing: str) -> Iterator[str]:
    """Errors and warnings by school, those about files of no one school first; the rest is counted.

    That is what is only to be known, and what asks for nothing any more: a person or another file has settled it.
    """
    settled = findings["action"] == "dropped"
    quiet = int((~settled & (findings["severity"] == "info")).sum())
    shown = findings[~settled & (findings["severity"] != "info")]
    shown = shown.assign(rank=shown["severity"].map(_ORDER))
    if shown.empty:
        yield "<p>Ошибок и предупреждений нет.</p>"
    shown = shown.assign(school=shown["school"].fillna(_NO_SCHOOL))
    shown = shown.sort_values(["school", "rank", "event_id", "file_id", "row_number"], kind="stable")
    left = PER_PAGE
    for school, rows in shown.groupby("school"):
        if not left:
            break
        part = rows.head(min(PER_SCHOOL, left))
        left -= len(part)
        name = names.get(school, "школы нет в реестре")
        heading = f"{name} ({school})" if school != _NO_SCHOOL else "Файлы и события в целом"
        yield f"<h3>{_text(heading)}</h3>"
        lines = (_finding_row(row, titles) for row in part.itertuples())
        yield _table(_FINDING_HEAD, lines)
        if len(rows) > len(part):
            more = number(len(rows) - len(part))
            yield f"<p>И ещё {more}: полный список покажет <code>{_text(listing)}</code>.</p>"
    listed = PER_PAGE - left
    omitted = len(shown) - listed
    if omitted:
        yield f"<p><b>Показано замечаний: {number(listed)}, не показано: {number(omitted)}.</b></p>"
    if quiet:
        yield f'<p class="quiet">Только к сведению, исправлять ничего не нужно: {number(quiet)}.</p>'
    if settled.any():
        yield (
            '<p class="quiet">Отброшено, потому что данные есть в другом файле или не нужны:'
            f" {number(int(settled.sum()))}.</p>"
        )


def _finding_row(row: Any, titles: dict[Any, str]) -> list[str]:
    place = [row.file_name if isinstance(row.file_name, str) else f"файл {row.file_id[:12]}"]
    place += [
        f"{word} {what}"
        for word, what in (("лист", row.sheet), ("строка", row.row_number), ("столбец", row.column_name))
        if pd.notna(what)
    ]
    message = row.message
    if row.code.startswith("RSK-PUPIL") and pd.notna(row.value):
        message = message.replace(row.value, "…")
    severity = _mark("bad" if row.severity == "error" else "warn", _SEVERITY_RU[row.severity])
    work = titles.get(row.event_id, row.event_id) if pd.notna(row.event_id) else "—"
    remedy = row.remedy if pd.notna(row.remedy) else ""
    return [_text(work), _text(", ".join(place)), severity, _text(message), _text(remedy), _ACTION_RU[row.action]]


def _table(head: dict[str, int], lines: Iterable[list[str]]) -> str:
    """A table of cells that are HTML already; ``head`` says the columns' widths in per cent."""
    columns = "".join(f'<col style="width:{width}%">' for width in head.values())
    heads = "".join(f"<th scope=col>{title}</th>" for title in head)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in lines)
    return (
        f"<table>\n<colgroup>{columns}</colgroup>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _mark(kind: str, text: str) -> str:
    return f'<span class="mark {kind}">{text}</span>'


def _text(value: object) -> str:
    return escape(str(value))
