"""``rsoko simulate`` and ``rsoko check``: files without a warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from rsoko_pipeline.cli.console import DONE, FINDINGS, Example, Progress, say, show_json
from rsoko_pipeline.cli.russian import Command

_LAYOUTS = ("f1", "forms")
#: Findings of the same kind in one file are shown this many times, then counted.
_SHOWN = 10


@click.command(
    cls=Command,
    epilog=Example("simulate --out landing", "simulate --out landing --schools 400 --layout forms --manipulated 0.1"),
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Папка для файлов.")
@click.option("--schools", type=click.IntRange(6, 5000), default=40, show_default=True, help="Сколько школ.")
@click.option(
    "--years", type=click.IntRange(1), default=2, show_default=True, help="Сколько последних учебных лет календаря."
)
@click.option(
    "--year",
    "school_years",
    multiple=True,
    metavar="2020/2021",
    help="Этот учебный год вместо последних; можно повторить. Государственный контроль качества есть в 2020/2021.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Начало случайных чисел.")
@click.option(
    "--manipulated",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Доля школ с искажёнными результатами.",
)
@click.option(
    "--layout",
    type=click.Choice(_LAYOUTS),
    default="f1",
    show_default=True,
    help="f1 — файлы Ф1 по региону, forms — формы сбора от школ.",
)
@click.option("--only-works", is_flag=True, help="Только ВПР, без файлов других процедур.")
def simulate(
    out: Path,
    schools: int,
    years: int,
    school_years: tuple[str, ...],
    seed: int,
    manipulated: float,
    layout: str,
    only_works: bool,
) -> int:
    """Смоделировать вымышленный регион: файлы в настоящих форматах и truth.csv с тем, что в них на самом деле."""
    from rsoko_pipeline.simulation.landing import simulate as write

    try:
        summary = write(
            out,
            schools=schools,
            years=years,
            school_years=school_years,
            seed=seed,
            manipulated=manipulated,
            layout=layout,
            procedures=not only_works,
            progress=Progress(),
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    say(str(summary))
    return DONE


@click.command(cls=Command, epilog=Example("check Ф1.xlsx", "check forms/ register.csv --json"))
@click.argument("files", metavar="ФАЙЛ...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="В JSON.")
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Распознать и проверить файлы и папки, ничего не сохраняя. Код 1, если есть замечания.

    Коды школ сверяются с реестром, если он среди файлов.
    """
    from rsoko_pipeline.checking import check_files

    reports = check_files(list(_every(files)))
    if as_json:
        show_json([report.as_dict() for report in reports])
    else:
        for report in reports:
            say(f"{report.name}: {report.summary}")
            for line in report.lines(_SHOWN):
                say(f"  {line}")
    return FINDINGS if any(report.has_findings for report in reports) else DONE


def _every(paths: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """The files of the command line; of a folder what the intake would take of it."""
    from upath import UPath

    from rsoko_pipeline.landing.scan import names

    for path in paths:
        if path.is_dir():
            yield from ((Path(str(file)), f"{path.name}/{name}") for name, file in names(UPath(path)))
        else:
            yield path, str(path) if not path.is_absolute() else path.name
