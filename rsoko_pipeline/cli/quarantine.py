"""``rsoko quarantine``: rows and files that are held back, and a person's decision on them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from rsoko_pipeline.cli.console import DONE, FAILURE, FINDINGS, Example, records, say, show_json, show_table
from rsoko_pipeline.cli.russian import Group
from rsoko_pipeline.cli.short_numbers import meant, shortened
from rsoko_pipeline.program import hint
from rsoko_pipeline.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from rsoko_pipeline.landing.ledger import Ledger

_LIMIT = 50
#: Findings of one kind about a file's schools are shown this many times, then counted: they have one cause.
_ALIKE = 3
#: What ``list`` shows, and its heads.
_COLUMNS = {
    "quarantine_id": "Номер",
    "event_id": "Событие",
    "school": "Школа",
    "name": "Файл",
    "sheet": "Лист",
    "row_number": "Строка",
    "column_name": "Столбец",
    "value": "Значение",
    "code": "Код",
    "action": "Состояние",
    "message": "Замечание",
}


@click.group(
    cls=Group,
    epilog=Example("quarantine list --code RSK-SUM", "quarantine release 402116 --reason 'сверено со школой'"),
)
def quarantine() -> None:
    """Что удержано и почему; выпустить или отбросить."""


@quarantine.command(name="list", epilog=Example("quarantine list", "quarantine list --event 2026-vpr-ru-4 --json"))
@click.option("--event", metavar="КОД", help="Только это событие.")
@click.option("--school", metavar="КОД", help="Только эта школа.")
@click.option("--code", metavar="RSK-…", help="Только этот код замечания.")
@click.option("--all", "everything", is_flag=True, help="И замечания, которые ничего не удержали, и решённые.")
@click.option("--limit", type=click.IntRange(1), default=_LIMIT, show_default=True, help="Сколько строк показать.")
@click.option("--json", "as_json", is_flag=True, help="В JSON, без предела строк.")
def list_(event: str | None, school: str | None, code: str | None, everything: bool, limit: int, as_json: bool) -> int:
    """Что удержано сейчас."""
    from rsoko_pipeline.reports import texts

    ledger = _ledger()
    held = ledger.quarantined(event_id=event, school=school, code=code, everything=everything)
    if as_json:
        show_json(records(held))
        return FINDINGS if len(held) else DONE
    is_alike = _alike(held) & (school is None and code is None)
    listed = held[~is_alike]
    some = listed[list(_COLUMNS)].head(limit)
    some = some.assign(
        quarantine_id=some["quarantine_id"].map(shortened(_all_numbers(ledger))),
        action=some["action"].map(texts.words("action")),
    )
    show_table(_COLUMNS.values(), some.itertuples(index=False), empty="Ничего не удержано.")
    for kind, count in held.loc[is_alike, "code"].value_counts().items():
        say(f"… и ещё {count} таких же {kind}, о других школах; все: {hint(f'quarantine list --code {kind}')}")
    if len(listed) > limit:
        say(f"… и ещё {len(listed) - limit}; все: --json или --limit {len(listed)}")
    return FINDINGS if len(held) else DONE


def _alike(held: pd.DataFrame) -> pd.Series:
    """Which findings repeat for one school more what a file's findings of the same kind say of others."""
    about = held.groupby(["event_id", "file_id", "code"], dropna=False)
    return held["row_number"].isna() & (about.cumcount() >= _ALIKE)


@quarantine.command(epilog=Example("quarantine show 402116"))
@click.argument("number", metavar="НОМЕР", type=int)
def show(number: int) -> int:
    """Одно замечание целиком: место, значение, что сделать, кто что решил."""
    from rsoko_pipeline import contracts
    from rsoko_pipeline.configuration import load

    ledger = _ledger()
    found = ledger.quarantined(everything=True, ids=_meant(ledger, (number,)))
    if found.empty:
        raise click.ClickException(f"Замечания с номером {number} нет. Номера: {hint('quarantine list')}")
    one = found.iloc[0]
    zone = load().region.timezone
    table = contracts.table("quarantine")
    for name, value in one.drop("name").items():
        if value is not None and value == value:
            say(f"{table[str(name)].ru}: {_in_words(str(name), value, one['name'], zone)}")
    return DONE


def _in_words(column: str, value: Any, file: str | None, zone: str) -> str:
    """A value of a finding for a person: the file by its name, times by the region's clock."""
    from rsoko_pipeline.reports import texts

    match column:
        case "file_id":
            return file or str(value)
        case "severity" | "action":
            return texts.words(column)[value]
        case "released_at" | "received_at":
            return f"{value.tz_convert(zone):%d.%m.%Y %H:%M:%S}"
        case "row_number":
            return str(int(value))
    return str(value)


@quarantine.command(epilog=Example("quarantine release 402116 733905 --reason 'сверено с протоколом школы'"))
@click.argument("numbers", metavar="НОМЕР...", nargs=-1, required=True, type=int)
@click.option("--reason", required=True, help="Почему это верные данные: остаётся в журнале.")
@click.option("--by", default=getpass.getuser, help="Кто решил; по умолчанию пользователь этой машины.")
@click.option("--no-run", is_flag=True, help="Только записать решение, событие пересоберёт следующий запуск run.")
def release(numbers: tuple[int, ...], reason: str, by: str, no_run: bool) -> int:
    """Выпустить: данные пойдут тем же путём, что и все, и попадут в хранилище."""
    return _decide("released", numbers, by, reason, no_run)


@quarantine.command(epilog=Example("quarantine drop 402116 --reason 'дубль протокола'"))
@click.argument("numbers", metavar="НОМЕР...", nargs=-1, required=True, type=int)
@click.option("--reason", required=True, help="Почему эти данные не нужны: остаётся в журнале.")
@click.option("--by", default=getpass.getuser, help="Кто решил; по умолчанию пользователь этой машины.")
def drop(numbers: tuple[int, ...], reason: str, by: str) -> int:
    """Отбросить: больше не напоминать об этих данных."""
    return _decide("dropped", numbers, by, reason, no_run=True)


def _ledger() -> Ledger:
    from resources.warehouse import connect
    from rsoko_pipeline.landing.ledger import Ledger

    settings = Settings.from_environment()
    return Ledger(connect(str(settings.home), settings.warehouse_url))


def _all_numbers(ledger: Ledger) -> list[int]:
    return ledger.quarantined(everything=True)["quarantine_id"].tolist()


def _meant(ledger: Ledger, numbers: tuple[int, ...]) -> list[int]:
    """The findings that the numbers, whole or shortened, stand for; a number that is nobody's stays as it is."""
    known = _all_numbers(ledger)
    found = {number: meant(number, known) for number in numbers}
    for number, several in found.items():
        if len(several) > 1:
            raise click.ClickException(
                f"С {number} начинаются номера нескольких замечаний: {', '.join(map(str, several))}. Допишите цифры."
            )
    return [several[0] if several else number for number, several in found.items()]


def _decide(action: str, numbers: tuple[int, ...], by: str, reason: str, no_run: bool) -> int:
    from rsoko_pipeline.landing.ledger import Decision

    if not reason.strip():
        raise click.BadParameter("причина пуста", param_hint="--reason")
    ledger = _ledger()
    chosen = _meant(ledger, numbers)
    _refuse_unreadable(ledger, action, chosen)
    decided: pd.DataFrame = ledger.decide(chosen, Decision(action, by, reason))
    unknown = sorted(set(chosen) - set(decided["quarantine_id"]))
    word = "Выпущено" if action == "released" else "Отброшено"
    say(f"{word}: {len(decided)}. Решил: {by}. Причина: {reason}")
    if unknown:
        say(f"Не найдены среди удержанных: {', '.join(map(str, unknown))}")
    events = sorted(set(decided["event_id"].dropna()))
    if events and not no_run:
        from rsoko_pipeline import runner
        from rsoko_pipeline.cli.console import Progress
        from rsoko_pipeline.cli.run import tell

        runner.quiet_dagster()
        settings = Settings.from_environment()
        if tell(runner.run(settings, events=events, say=Progress()), settings) == FAILURE:
            return FAILURE
    return FINDINGS if unknown else DONE


def _refuse_unreadable(ledger: Ledger, action: str, numbers: list[int]) -> None:
    """A row whose value could not be read has nothing to let through; only a corrected file helps."""
    if action != "released":
        return
    from rsoko_pipeline.findings import catalogue

    found = ledger.quarantined(everything=True, ids=numbers)
    codes = zip(found["quarantine_id"], found["code"], strict=True)
    hopeless = [f"{number} ({code})" for number, code in codes if not catalogue()[code].releasable]
    if hopeless:
        raise click.ClickException(
            f"Выпустить нельзя, данные прочитать не удалось: {', '.join(hopeless)}. Нужен исправленный файл."
        )
