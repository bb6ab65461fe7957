"""``rsoko run`` and ``rsoko demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rsoko_pipeline.cli.console import DONE, FAILURE, FINDINGS, Example, Progress, say, say_error
from rsoko_pipeline.cli.russian import Command
from rsoko_pipeline.program import as_called, hint
from rsoko_pipeline.settings import Settings

if TYPE_CHECKING:
    from rsoko_pipeline.runner import RunSummary


@click.command(
    cls=Command,
    epilog=Example("run", "run --year 2025/2026", "run --event 2026-vpr-ru-4 --landing /data/incoming"),
)
@click.option(
    "--event", "events", multiple=True, metavar="ID", help="Только это событие календаря; можно несколько раз."
)
@click.option("--year", "years", multiple=True, metavar="2025/2026", help="Только события этого учебного года.")
@click.option("--landing", type=click.Path(path_type=Path), help="Папка входящих вместо обычной.")
@click.option(
    "--until", type=click.Choice(["marts", "reports"]), default="reports", show_default=True, help="Докуда дойти."
)
def run(events: tuple[str, ...], years: tuple[str, ...], landing: Path | None, until: str) -> int:
    """Принять новое из входящих и собрать всё, что из него следует. Если нового нет, ничего не делает."""
    from rsoko_pipeline import runner
    from rsoko_pipeline.configuration import load

    calendar = load().calendar
    for event in events:
        if event not in calendar.events:
            raise click.BadParameter(
                f"события «{event}» нет в календаре; список: {hint('calendar')}", param_hint="--event"
            )
    for year in years:
        if year not in calendar.years:
            raise click.BadParameter(
                f"учебного года «{year}» нет в календаре: {', '.join(calendar.years)}", param_hint="--year"
            )
    settings = Settings.from_environment(landing=landing)
    runner.quiet_dagster()
    summary = runner.run(settings, events=events, years=years, until=until, say=Progress())
    return tell(summary, settings)


def tell(summary: RunSummary, settings: Settings) -> int:
    """Print what a run did; the exit code that follows."""
    if summary.did_nothing:
        say("Во входящих ничего нового, всё собрано.")
        return DONE
    for line in summary.lines():
        say(as_called(line))
    for run in summary.failed:
        say_error(f"Запуск {run.job} не удался: {run.run_id}: {run.failure}. Подробности: {hint('ui')}, вкладка Runs.")
    if summary.failed:
        return FAILURE
    say(f"Отчёты: {settings.outbox}")
    return FINDINGS if summary.has_findings else DONE


@click.command(cls=Command, epilog=Example("demo", "demo --schools 100 --seed 7"))
@click.option("--schools", type=click.IntRange(6, 5000), default=40, show_default=True, help="Сколько школ в регионе.")
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Начало случайных чисел: одно и то же даёт один и тот же регион.",
)
def demo(schools: int, seed: int) -> int:
    """Смоделировать регион, прогнать учебный год целиком и сказать, где смотреть."""
    from rsoko_pipeline import runner
    from rsoko_pipeline.simulation.landing import deliver_later, simulate

    settings = Settings.from_environment()
    runner.quiet_dagster()
    progress = Progress()
    landing = Path(str(settings.landing))
    if landing.exists() and any(landing.iterdir()) and not (landing / "truth.csv").exists():
        raise click.ClickException(
            f"Во входящих {landing} уже лежат файлы, и не от моделирования: укажите другую папку в RSOKO_HOME."
        )
    progress(f"Моделирую регион: {schools} школ")
    simulated = simulate(landing, schools=schools, years=1, seed=seed, progress=progress)
    progress(str(simulated))
    summary = runner.run(settings, say=progress)
    if tell(summary, settings) == FAILURE:
        return FAILURE
    if deliver_later(landing):
        progress("Школа прислала исправленный файл: он заменит её данные по одной работе")
        if tell(runner.run(settings, say=progress), settings) == FAILURE:
            return FAILURE
    say()
    say("Где смотреть:")
    say(f"  веб-интерфейс (происхождение данных, проверки)  {hint('ui')} → http://127.0.0.1:3000")
    say(f"  отчёты региона и школ                           {settings.outbox}")
    say(f"  хранилище для BI                                {hint('db url')}")
    say(f"  что не принято и почему                         {hint('status')}, {hint('quarantine list')}")
    say(f"  что в этом регионе на самом деле                {landing / 'truth.csv'}")
    return DONE
