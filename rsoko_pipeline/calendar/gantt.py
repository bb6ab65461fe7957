"""The calendar of a school year as a picture («диаграмма Ганта»): windows, deadlines, measures of plans, day by day.

Belongs here: one HTML page, complete without a network: the picture as SVG, the same as tables, findings about plans.
Does not belong here: whether a deadline is met (``status.py``, ``plan_status.py``), where the page is put (``assets``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from rsoko_pipeline.calendar.dates import add_months, school_year_bounds
from rsoko_pipeline.calendar.dimensions import plan_finding
from rsoko_pipeline.calendar.plan_status import due_table, finding_table
from rsoko_pipeline.calendar.plans import measure_dues
from rsoko_pipeline.calendar.status import STATUS_RU, deadline_counts, plan_summary
from rsoko_pipeline.calendar.terms import MONTHS

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration

#: Sizes of the picture, in pixels of its own scale.
_LABEL, _DAYS, _ROW, _HEAD, _SHOWN = 330, 830, 20, 26, 50
#: Shape and colour of a deadline by its state: shapes differ, so that the picture is read without colours too.
_MARK = {
    "done": '<circle r="5" class="done"/>',
    "partly": '<path d="M0-5A5 5 0 0 0 0 5Z" class="done"/><circle r="5" class="partly"/>',
    "awaited": '<path d="M0-6L6 0L0 6L-6 0Z" class="awaited"/>',
    "late": '<path d="M0-6L6 5H-6Z" class="late"/>',
    "unconfirmed": '<circle r="4.5" class="unconfirmed"/>',
}
#: What the marks mean: the states, and works of which some have done what the data do not show of the others.
_MARK_RU = {**STATUS_RU, "partly": "выполнено не всеми: остальных по данным не видно"}
#: Of the states of several works the first that any of them has gives the mark its shape; the words name them all. Only
#: what all works have done is done.
_FIRST = ("late", "awaited", "unconfirmed", "done")
_STYLE = """
:root { color-scheme: light; --line: #d5dbe3; --ink: #1d2733; --quiet: #5b6775; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1.5rem; font: 15px/1.45 "PT Sans", "Segoe UI", Arial, sans-serif;
  color: var(--ink); }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.3rem; margin: 2.2rem 0 .6rem; }
p { margin: .3rem 0; } .quiet { color: var(--quiet); }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--ink); }
svg text.group { font-weight: 600; } svg text.month { fill: var(--quiet); }
.grid { stroke: var(--line); } .free { fill: #f2f5f8; } .today { stroke: #a3262c; }
.window { fill: #b9cde4; } .span { fill: #dfe6c8; } .done { fill: #2c6b3f; } .late { fill: #a3262c; }
.awaited, .unconfirmed { fill: #fff; stroke-width: 1.6; } .partly { fill: none; stroke: #2c6b3f; stroke-width: 1.6; }
.awaited { stroke: #245c9c; } .unconfirmed { stroke: #5b6775; }
.legend svg { width: 16px; height: 16px; vertical-align: -3px; }
.legend span { margin-right: 1.4rem; white-space: nowrap; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; font-size: .88rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 600; background: #f2f5f8; }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; } h2 { break-after: avoid; }
  tr { break-inside: avoid; } thead { display: table-header-group; } }
@page { size: A4 landscape; margin: 12mm; }
"""


@dataclass(frozen=True)
class _Bar:
    """Days of a row, both inclusive, and what a person sees on pointing at them."""

    first: date
    last: date
    css: str
    title: str


@dataclass(frozen=True)
class _Line:
    """A row of the picture: a heading (neither bars nor marks), or a label with bars and deadlines."""

    label: str
    bars: tuple[_Bar, ...] = ()
    marks: tuple[tuple[date, str, str], ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether the row only names what comes after it."""
        return not self.bars and not self.marks


def calendar_page(
    cfg: Configuration,
    school_year: str,
    status: pd.DataFrame,
    measures: pd.DataFrame,
    *,
    today: date,
    made_at: datetime,
) -> str:
    """The page as text.

    Args:
        cfg: the configuration: calendar and plans.
        school_year: «2025/2026».
        status: rows of ``mart.calendar_status``.
        measures: rows of ``mart.measure_status``.
        today: the day of the red line, in the region's time.
        made_at: when the page is made, in the region's time.
    """
    heading = f"План-график, {school_year} учебный год"
    lines = [*_campaigns(cfg, school_year, status), *_items(cfg, school_year, status)]
    lines += _plans(cfg, school_year, measures)
    dues = due_table(cfg, measures, school_year)
    found = finding_table(cfg, plan_finding(cfg), school_year)
    body = [
        f"<h1>{escape(heading)}</h1>",
        f'<p class="quiet">{escape(cfg.region.name)}. Составлено {made_at:%d.%m.%Y %H:%M}.</p>',
        _legend(),
        _picture(cfg, school_year, lines, today),
        "<h2>Сроки процедур</h2>",
        _table(plan_summary(cfg, status, school_year), "В этом учебном году процедур нет."),
        "<h2>Сроки планов мероприятий</h2>",
        _table(dues, "В этом учебном году сроков планов нет."),
        "<h2>Замечания к планам</h2>",
        _table(found, "Замечаний нет."),
    ]
    return (
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{escape(heading)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{"".join(body)}'
        "</body></html>\n"
    )


# --------------------------------------------------------------------------------------------------------- rows
def _campaigns(cfg: Configuration, school_year: str, status: pd.DataFrame) -> Iterator[_Line]:
    """A row a campaign: its window and its deadlines."""
    campaigns = [campaign for campaign in cfg.calendar.campaigns if campaign.school_year == school_year]
    counts = deadline_counts(cfg, status, school_year)
    if campaigns:
        yield _Line("Процедуры")
    for campaign in sorted(campaigns, key=lambda campaign: (campaign.window_from, campaign.window_to)):
        window = f"{campaign.title}: {campaign.window_from:%d.%m.%Y} – {campaign.window_to:%d.%m.%Y}"
        marks = [
            (
                deadline.day,
                _of_all(states),
                f"{deadline.kind}, {campaign.title}: {deadline.day:%d.%m.%Y} — {_in_words(states)}",
            )
            for deadline, states in counts.items()
            if deadline.about == campaign.campaign
        ]
        bar = _Bar(campaign.window_from, campaign.window_to, "window", window)
        yield _Line(campaign.title, (bar,), tuple(marks))


def _of_all(states: Counter[str]) -> str:
    """The mark of a deadline's works taken together."""
    first = next(state for state in _FIRST if states[state])
    return "partly" if first == "unconfirmed" and states["done"] else first


def _in_words(states: Counter[str]) -> str:
    """The states of a deadline's works; with numbers where they differ."""
    found = [state for state in STATUS_RU if states[state]]
    if len(found) == 1:
        return STATUS_RU[found[0]]
    return "; ".join(f"{STATUS_RU[state]}: {states[state]}" for state in found)


def _items(cfg: Configuration, school_year: str, status: pd.DataFrame) -> Iterator[_Line]:
    """A row a rule of deadlines that belong to no procedure."""
    states = status.drop_duplicates("event_id").set_index("event_id")["status"].to_dict()
    by_rule: dict[str, list[tuple[date, str, str]]] = {}
    for item in cfg.calendar.items:
        if item.school_year == school_year:
            state = states.get(item.item_id, "awaited")
            said = f"{item.due.title}: {item.due.date:%d.%m.%Y} — {STATUS_RU[state]}"
            by_rule.setdefault(item.title, []).append((item.due.date, state, said))
    if by_rule:
        yield _Line("Сроки года")
    for title, marks in by_rule.items():
        yield _Line(title, marks=tuple(marks))


def _plans(cfg: Configuration, school_year: str, measures: pd.DataFrame) -> Iterator[_Line]:
    """A row a line of a plan that is due in the school year, plan by plan."""
    key = ["plan", "number", "due_no"]
    states = dict(zip(measures[key].itertuples(index=False, name=None), measures["status"], strict=True))
    lines: dict[str, dict[str, list[tuple[_Bar | None, tuple[date, str, str]]]]] = {}
    for one in measure_dues(cfg):
        if one.due is None or one.school_year != school_year:
            continue
        state = states.get((one.plan.id, one.measure.number, one.due_no), "awaited")
        said = (
            f"{one.title} Срок: «{one.plan.deadline_text(one.measure)}», {one.due.last:%d.%m.%Y} — {STATUS_RU[state]}"
        )
        bar = _Bar(one.due.first, one.due.last, "span", said) if one.due.first else None
        label = f"{one.plan.point_of(one.measure)}  {one.measure.text}"
        lines.setdefault(one.plan.short, {}).setdefault(label, []).append((bar, (one.due.last, state, said)))
    for plan, of_plan in lines.items():
        yield _Line(plan)
        for label, parts in of_plan.items():
            yield _Line(label, tuple(bar for bar, _ in parts if bar), tuple(mark for _, mark in parts))


# --------------------------------------------------------------------------------------------------------- picture
def _picture(cfg: Configuration, school_year: str, lines: Iterable[_Line], today: date) -> str:
    rows = list(lines)
    first, last = school_year_bounds(school_year)
    until = max([last, *(mark[0] for row in rows for mark in row.marks)])
    until = add_months(until.replace(day=1), 1) - timedelta(days=1)
    days = (until - first).days + 1
    height = _HEAD + _ROW * len(rows) + 6

    def x(day: date) -> float:
        return round(_LABEL + _DAYS * min(max((day - first).days, 0), days) / days, 1)

    parts = [
        _rectangle("free", x(h.first), x(h.last + timedelta(days=1)), _HEAD, height - _HEAD, h.name)
        for h in cfg.calendar.holidays
        if first <= h.last and h.first <= until
    ]
    month = first
    while month <= until:
        parts.append(f'<line class="grid" x1="{x(month)}" x2="{x(month)}" y1="0" y2="{height}"/>')
        parts.append(f'<text class="month" x="{x(month) + 4}" y="16">{MONTHS[month.month - 1]}</text>')
        month = add_months(month, 1)
    if first <= today <= until:
        parts.append(
            f'<line class="today" x1="{x(today)}" x2="{x(today)}" y1="0" y2="{height}"><title>Сегодня</title></line>'
        )
    for place, row in enumerate(rows):
        parts += _row(row, _HEAD + _ROW * place, x)
    label = escape(f"Диаграмма: окна процедур и сроки, {school_year}")
    return f'<svg viewBox="0 0 {_LABEL + _DAYS + 10} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _row(line: _Line, top: int, x: Callable[[date], float]) -> Iterator[str]:
    middle = top + _ROW // 2
    if line.is_heading:
        yield f'<text class="group" x="0" y="{middle + 4}">{escape(line.label)}</text>'
        return
    shown = line.label if len(line.label) <= _SHOWN else line.label[: _SHOWN - 1].rstrip() + "…"
    yield f'<text x="10" y="{middle + 4}">{escape(shown)}<title>{escape(line.label)}</title></text>'
    for bar in line.bars:
        left, right = x(bar.first), x(bar.last + timedelta(days=1))
        yield _rectangle(bar.css, left, max(right, left + 2), middle - 5, 10, bar.title)
    for day, state, title in line.marks:
        yield f'<g transform="translate({x(day)} {middle})">{_MARK[state]}<title>{escape(title)}</title></g>'


def _rectangle(css: str, left: float, right: float, top: float, height: float, title: str) -> str:
    return (
        f'<rect class="{css}" x="{left}" y="{top}" width="{right - left:.1f}" height="{height}">'
        f"<title>{escape(title)}</title></rect>"
    )


def _legend() -> str:
    marks = "".join(
        f'<span><svg viewBox="-8 -8 16 16" aria-hidden="true">{mark}</svg> {escape(_MARK_RU[state])}</span>'
        for state, mark in _MARK.items()
    )
    bars = "".join(
        f'<span><svg viewBox="0 0 16 16" aria-hidden="true"><rect class="{css}" y="3" width="16" height="10"/></svg> '
        f"{text}</span>"
        for css, text in (("window", "окно проведения"), ("span", "время по плану"))
    )
    return f'<p class="legend">{bars}{marks}</p>'


def _table(frame: pd.DataFrame, empty: str) -> str:
    if frame.empty:
        return f'<p class="quiet">{escape(empty)}</p>'
    head = "".join(f"<th>{escape(name)}</th>" for name in frame.columns)
    rows = (
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in frame.itertuples(index=False, name=None)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
