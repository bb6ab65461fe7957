"""``rsoko status`` and ``rsoko calendar``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rsoko_pipeline.cli.console import DONE, FINDINGS, Example, records, say, say_error, show_json, show_table
from rsoko_pipeline.cli.russian import Command
from rsoko_pipeline.program import hint
from rsoko_pipeline.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20


@click.command(cls=Command, epilog=Example("status", "status --json"))
@click.option("--json", "as_json", is_flag=True, help="В JSON.")
def status(as_json: bool) -> int:
    """Что сломано сейчас, что опаздывает против календаря, что ждёт в карантине. Код 1, если есть что делать."""
    from resources.warehouse import connect
    from rsoko_pipeline.configuration import load
    from rsoko_pipeline.standing import standing

    settings = Settings.from_environment()
    now = standing(connect(str(settings.home), settings.warehouse_url), load(), date.today())
    code = DONE if now.is_well else FINDINGS
    if as_json:
        frames = {name: records(getattr(now, name)) for name in ("refused", "held", "held_events", "late", "missing")}
        show_json({"ok": now.is_well, "pending": now.pending, "unreported": now.unreported, **frames})
        return code
    if now.is_well:
        say("Всё в порядке: файлы приняты, события собраны, сроки соблюдены.")
        return code
    sections = [
        ("Не принятые файлы", ["Файл", "Событие", "Код", "Замечание"], now.refused),
        ("События, удержанные целиком", ["Событие", "Не прошло строк", "Из"], now.held_events),
        ("Карантин: события и коды", ["Событие", "Код", "Замечаний", "Школ"], now.held),
        ("Пропущенные сроки", ["Событие", "Название", "Что", "Срок"], now.late),
        ("Не загружено в срок", ["Событие", "Срок", "Школ"], now.missing),
    ]
    for title, heads, frame in sections:
        if not frame.empty:
            say(f"\n{title}: {len(frame)}")
            show_table(heads, frame.head(_SHOWN).itertuples(index=False), empty="")
            if len(frame) > _SHOWN:
                say(f"… и ещё {len(frame) - _SHOWN}; все: {hint('status --json')}")
    if now.pending:
        more = f" и ещё {len(now.pending) - _SHOWN}" if len(now.pending) > _SHOWN else ""
        say(f"\nВход изменился, ждут сборки ({hint('run')}): {', '.join(now.pending[:_SHOWN])}{more}")
    if now.unreported:
        say(f"\nОтчёты старше данных, соберите их ({hint('run')}): {', '.join(now.unreported)}")
    return code


@click.command(
    cls=Command,
    epilog=Example("calendar", "calendar --full", "calendar --year 2025/2026 --ics vpr.ics"),
)
@click.option("--year", metavar="2025/2026", help="Учебный год; по умолчанию последний в календаре.")
@click.option("--ics", type=click.Path(dir_okay=False, path_type=Path), help="Сохранить окна и сроки в файл iCalendar.")
@click.option("--full", is_flag=True, help="Все события и сроки, а не сводка по кампаниям.")
@click.option("--json", "as_json", is_flag=True, help="Все события, сроки и замечания к планам в JSON.")
def calendar(year: str | None, ics: Path | None, full: bool, as_json: bool) -> int:
    """План и факт: окна процедур, сроки, что загружено; сроки планов мероприятий и замечания к планам."""
    from rsoko_pipeline.calendar.dimensions import plan_finding
    from rsoko_pipeline.calendar.ics import to_ics
    from rsoko_pipeline.calendar.plan_status import due_table, finding_table, measure_status
    from rsoko_pipeline.calendar.plans import plan_years
    from rsoko_pipeline.calendar.status import calendar_status, plan_summary, plan_table
    from rsoko_pipeline.configuration import load

    cfg = load()
    chosen = year or cfg.calendar.years[-1]
    known = sorted({*cfg.calendar.years, *plan_years(cfg)})
    if chosen not in known:
        raise click.BadParameter(
            f"учебного года «{chosen}» нет в календаре и в планах: {', '.join(known)}", param_hint="--year"
        )
    if ics:
        ics.write_text(to_ics(cfg, chosen), encoding="utf-8", newline="")
        say(f"Календарь {chosen} сохранён: {ics}")
        return DONE
    loaded, reports = _facts()
    stamp: dict[str, Any] = {"run_id": "", "computed_at": datetime.now(UTC)}
    status = calendar_status(cfg, loaded, date.today(), **stamp)
    dues = due_table(cfg, measure_status(cfg, reports, date.today(), **stamp), chosen)
    findings = finding_table(cfg, plan_finding(cfg), chosen)
    if as_json:
        plan = plan_table(cfg, status, chosen)
        show_json({"events": records(plan), "measures": records(dues), "plan_findings": records(findings)})
        return DONE
    plan = (plan_table if full else plan_summary)(cfg, status, chosen)
    show_table(plan.columns, plan.itertuples(index=False), empty="В этом учебном году событий нет.")
    for title, frame in (("Сроки планов мероприятий", dues), ("Замечания к планам", findings)):
        _show_some(title, frame, shown=len(frame) if full else _SHOWN)
    if not full:
        say_error(f"События по отдельности, все сроки планов: {hint('calendar --full')}")
    return DONE


def _show_some(title: str, frame: pd.DataFrame, shown: int) -> None:
    """A table under its title with the number of rows, the first ``shown`` of them; nothing where there are none."""
    if frame.empty:
        return
    say(f"\n{title}: {len(frame)}")
    show_table(frame.columns, frame.head(shown).itertuples(index=False), empty="")
    if len(frame) > shown:
        say(f"… и ещё {len(frame) - shown}")


def _facts() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is loaded, and what is reported about plans, where there is a warehouse already: else no server starts."""
    from resources.warehouse import connect
    from rsoko_pipeline import contracts
    from rsoko_pipeline.standing import NOTHING_LOADED, loaded_facts, plan_reports

    settings = Settings.from_environment()
    if settings.warehouse_url is None and not (settings.home / "postgres").exists():
        return NOTHING_LOADED, contracts.table("fact_measure_status").empty()
    engine = connect(str(settings.home), settings.warehouse_url)
    return loaded_facts(engine), plan_reports(engine)
