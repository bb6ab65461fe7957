"""Speed and memory of a region-year, as ratios measured in one run: ``make bench``.

Belongs here: measuring. Does not belong here: timed tests (machines are noisy; ratios are not).

For each layout (13 Ф1 files; one collection form a school and work) the same simulated landing folder goes through

- the **floor**, in one process, sequentially: python-calamine reads every file, then COPY loads the same result rows;
- ``rsoko run --until marts`` in a process of its own: landing to marts, imports reported apart, peak memory of the
  process and its children together;
- a **plain script**: pandas with openpyxl reads the files and computes the same statistics; timed on a part and scaled.

The layout ``all`` is the year of Ф1 with the files of all other procedures beside them: its own floor is that of those
files alone, and its time is held against that of the same Ф1 without them.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
#: The layout of a year of all procedures.
ALL = "all"


@dataclass
class Measured:
    """One layout at one size: seconds, bytes, counts."""

    layout: str
    schools: int
    files: int = 0
    rows: int = 0
    task_scores: int = 0
    floor_parse: float = 0.0
    floor_copy: float = 0.0
    imports: float = 0.0
    run: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    again: float = 0.0
    peak_mb: float = 0.0
    reports: float | None = None
    plain: float | None = None
    own_floor: float | None = None

    @property
    def floor(self) -> float:
        """Seconds of the floor."""
        return self.floor_parse + self.floor_copy


def main() -> None:
    """Measure and write docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=400)
    parser.add_argument("--layouts", default="f1,all,forms")
    parser.add_argument("--scale", type=int, default=4, help="the second size of Ф1, as a multiple; 0 leaves it out")
    parser.add_argument("--work", type=Path, default=ROOT / ".rsoko" / "bench")
    parser.add_argument("--no-plain", action="store_true")
    parser.add_argument("--no-write", action="store_true", help="leave docs/benchmarks.md as it is")
    arguments = parser.parse_args()
    found = [
        measure(
            layout,
            arguments.schools,
            arguments.work,
            plain=not arguments.no_plain and layout != ALL,
            reports=layout == "f1",
        )
        for layout in arguments.layouts.split(",")
    ]
    if arguments.scale and "f1" in arguments.layouts:
        found.append(measure("f1", arguments.schools * arguments.scale, arguments.work, plain=False, reports=False))
    text = page(found)
    print(text)
    if not arguments.no_write:
        REPORT.write_text(text, encoding="utf-8")


def measure(layout: str, schools: int, work: Path, *, plain: bool, reports: bool) -> Measured:
    """Measure one layout at one size."""
    home = work / f"{layout}-{schools}"
    landing = work / f"landing-{layout}-{schools}"
    say(f"{layout}, {schools} schools: simulating")
    if not landing.exists():
        of_works = [] if layout == ALL else ["--only-works"]
        form = "f1" if layout == ALL else layout
        step("simulate", "--out", str(landing), "--schools", str(schools), "--years", "1", "--layout", form, *of_works)
        keep_results_and_registers(landing)
    stop(home)
    shutil.rmtree(home, ignore_errors=True)
    env = {**os.environ, "RSOKO_HOME": str(home), "RSOKO_LANDING_URL": str(landing)}
    step("db", "migrate", env=env)  # the server's first start is no part of a run
    say("rsoko run")
    first = child("run", env)
    again = child("run", env)
    out = Measured(
        layout,
        schools,
        imports=first["imports"],
        run=first["run"],
        stages=first["seconds"],
        again=again["run"],
        peak_mb=first["peak_mb"],
    )
    if reports:
        say("reports")
        out.reports = child("reports", env)["run"]
    say("floor")
    if layout == ALL:
        own = child("own", env)
        out.own_floor = own["parse"] + own["copy"]
    floor = child("floor", env)
    out.floor_parse, out.floor_copy = floor["parse"], floor["copy"]
    out.files, out.rows, out.task_scores = floor["files"], floor["rows"], floor["task_scores"]
    if plain:
        say("plain pandas and openpyxl")
        out.plain = child("plain", env)["seconds"]
    stop(home)
    return out


def say(text: str) -> None:
    """A line of progress."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def step(*arguments: str, env: dict[str, str] | None = None) -> None:
    """Run ``rsoko``."""
    command = [sys.executable, "-m", "rsoko_pipeline.cli", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=env)


def keep_results_and_registers(landing: Path) -> None:
    """Take away aggregates and works beside the thirteen: the benchmark is of one ВПР of grades 4 to 8."""
    from rsoko_pipeline.configuration import load

    events = load().calendar.events
    shutil.rmtree(landing / ".later", ignore_errors=True)
    for folder in landing.glob("*/*-vpr-*"):
        event = events[folder.name]
        if (event.grade or 0) > 8 or event.participation == "by_choice":
            shutil.rmtree(folder)
    for pattern in ("Ф3*", "Сравнение*", "Распределение*", "Сводная*", "Список*"):
        for path in landing.rglob(pattern):
            path.unlink()


def stop(home: Path) -> None:
    """Stop the embedded server of a home, if there is one."""
    if home.exists():
        subprocess.run(
            [sys.executable, "-m", "rsoko_pipeline.cli", "db", "stop"],
            cwd=ROOT,
            check=False,
            env={**os.environ, "RSOKO_HOME": str(home)},
            stdout=subprocess.DEVNULL,
        )


def child(what: str, env: dict[str, str]) -> dict[str, Any]:
    """Measure one thing in a fresh process; ``peak_mb`` is the most that it and its children had at once."""
    command = [sys.executable, __file__, f"--child={what}"]
    peak = 0.0
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        while process.poll() is None:
            peak = max(peak, megabytes_of_tree(process.pid))
            time.sleep(0.2)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{what} failed: {said}")
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return {**answer, "peak_mb": peak}


def megabytes_of_tree(pid: int) -> float:
    """Memory of a process and its children; what several of them share is counted once (Linux's PSS)."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        below = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")).split()
    except OSError:  # it has just ended, or this is not Linux
        return 0.0
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return own / 1024 + sum(megabytes_of_tree(int(child)) for child in below)


# ---------------------------------------------------------------------------------------------- inside child processes
def child_run(until: str) -> dict[str, object]:
    """Imports, then landing to marts (or the reports of what is there)."""
    start = time.perf_counter()
    from rsoko_pipeline import memory

    memory.spare()  # as ``rsoko`` does first
    import great_expectations  # noqa: F401

    import rsoko_pipeline.definitions  # noqa: F401
    from rsoko_pipeline import runner
    from rsoko_pipeline.settings import Settings

    runner.quiet_dagster()
    imported = time.perf_counter()
    settings = Settings.from_environment()
    summary = runner.run(settings, until=until) if until == "marts" else runner.publish(settings)
    done = time.perf_counter()
    if summary.failed:
        raise SystemExit(f"failed: {summary.failed}")
    return {
        "imports": imported - start,
        "run": done - imported,
        "seconds": summary.seconds,
    }


def spreadsheets() -> list[Path]:
    """The result files of ВПР in the landing folder: workbooks of Ф1 or forms, not the register, not aggregates."""
    from rsoko_pipeline.landing.ledger import Ledger
    from rsoko_pipeline.settings import Settings
    from rsoko_pipeline.warehouse.engine import get_engine, warehouse_url

    settings = Settings.from_environment()
    files = Ledger(get_engine(warehouse_url(settings))).active_units()
    of_works = files["event_id"].str.contains("-vpr-") & (files["content"] == "source_result")
    names = sorted(files.loc[of_works, "name"].unique())
    return [Path(str(settings.landing)) / name for name in names]


def child_floor() -> dict[str, float]:
    """python-calamine over the same files, COPY of the same rows, one process, one after the other."""
    from python_calamine import CalamineWorkbook

    from rsoko_pipeline.settings import Settings
    from rsoko_pipeline.warehouse.engine import get_engine, raw_connection, warehouse_url

    paths = spreadsheets()
    start = time.perf_counter()
    for path in paths:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    parsed = time.perf_counter()
    engine = get_engine(warehouse_url(Settings.from_environment()))
    with raw_connection(engine) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*), coalesce(sum(cardinality(scores)), 0) from core.fact_result")
        rows, scores = cursor.fetchone()
        copied = seconds_of_copy(connection, "fact_result", "true")
    return {"parse": parsed - start, "copy": copied, "files": len(paths), "rows": rows, "task_scores": int(scores)}


def seconds_of_copy(connection: Any, table: str, condition: str) -> float:
    """How long COPY takes for rows of a table of ``core`` that the run has stored, into a table like it."""
    with connection.cursor() as cursor:
        buffer = io.BytesIO()
        cursor.copy_expert(f"copy (select * from core.{table} where {condition}) to stdout (format csv)", buffer)
        cursor.execute(f"create table core.bench_floor (like core.{table} including all)")
        connection.commit()
        buffer.seek(0)
        start = time.perf_counter()
        cursor.copy_expert("copy core.bench_floor from stdin (format csv)", buffer)
        connection.commit()
        seconds = time.perf_counter() - start
        cursor.execute("drop table core.bench_floor")
        connection.commit()
    return seconds


def child_own() -> dict[str, float]:
    """The other procedures' files alone: workbooks by python-calamine, texts by csv; COPY of the rows they became."""
    import csv

    from python_calamine import CalamineWorkbook

    from rsoko_pipeline.contracts import TABLES
    from rsoko_pipeline.settings import Settings
    from rsoko_pipeline.warehouse.engine import get_engine, raw_connection, warehouse_url

    works = set(spreadsheets())
    landing = Path(str(Settings.from_environment().landing))
    others = [p for p in landing.rglob("*.*") if p.suffix in (".xlsx", ".xls", ".csv") and p not in works]
    start = time.perf_counter()
    for path in others:
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as stream:
                list(csv.reader(stream, delimiter=";"))
            continue
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    parsed = time.perf_counter() - start
    facts = [table.name for table in TABLES.values() if table.schema == "core" and table.partition == "event_id"]
    with raw_connection(get_engine(warehouse_url(Settings.from_environment()))) as connection:
        copied = sum(seconds_of_copy(connection, name, "event_id not like '%-vpr-%'") for name in facts)
    return {"parse": parsed, "copy": copied}


def child_plain() -> dict[str, float]:
    """The script that a good analyst writes first; timed on 2 Ф1 files or 200 forms and scaled to all of them."""
    import pandas as pd

    paths = spreadsheets()
    is_form = len(paths) > 100
    part = paths[:200] if is_form else paths[:2]
    start = time.perf_counter()
    frames = []
    for path in part:
        frame = pd.read_excel(
            path, sheet_name="Протокол" if is_form else 0, header=0 if is_form else 7, engine="openpyxl"
        )
        frame = frame[pd.to_numeric(frame.iloc[:, 0 if is_form else 3], errors="coerce").notna()]
        if is_form:
            frame = frame[frame.iloc[:, 0].notna()].assign(school=path.name)
        tasks = [column for column in frame.columns if str(column).rstrip().endswith("б)")]
        frame[tasks] = frame[tasks].replace({"X": 0, "x": 0, "Х": 0, "х": 0}).apply(pd.to_numeric, errors="coerce")
        frames.append((frame, tasks))
    statistics: list[pd.DataFrame | pd.Series] = []
    for frame, tasks in frames:
        keys = [["school"]] if is_form else [["Муниципалитет"], ["ОО"], ["ОО", "Класс"]]
        total = frame[tasks].sum(axis=1)
        for key in keys:
            grouped = frame.assign(total=total).groupby(key)
            statistics.append(grouped["total"].agg(["count", "mean", "median", "std"]))
            statistics.append(grouped[tasks].mean())
            if not is_form:
                statistics.append(frame.groupby([*key, "Отметка"]).size().unstack(fill_value=0))
                raised = pd.to_numeric(frame["Отметка"], errors="coerce") > pd.to_numeric(
                    frame["Отметка по журналу"], errors="coerce"
                )
                statistics.append(raised.groupby([frame[name] for name in key]).mean())
    seconds = (time.perf_counter() - start) * len(paths) / len(part)
    assert statistics
    return {"seconds": seconds}


# ---------------------------------------------------------------------------------------------------------- the report
_HEADS = (
    "layout",
    "schools",
    "files",
    "pupil-works",
    "task scores",
    "floor: parse + COPY, s",
    "run to marts, s",
    "**ratio**",
    "imports apart, s",
    "again, nothing new, s",
    "peak MB",
    "plain script, s",
    "**times faster**",
)


def _cells(m: Measured) -> list[str]:
    """A row of the table, as ``_HEADS``."""
    return [
        m.layout,
        str(m.schools),
        str(m.files),
        f"{m.rows:,}",
        f"{m.task_scores:,}",
        f"{m.floor_parse:.1f} + {m.floor_copy:.1f}",
        f"{m.run:.1f}",
        f"**{m.run / m.floor:.2f}**",
        f"{m.imports:.1f}",
        f"{m.again:.1f}",
        f"{m.peak_mb:.0f}",
        f"{m.plain:.0f}" if m.plain else "–",
        f"{m.plain / m.run:.1f}" if m.plain else "–",
    ]


def page(found: list[Measured]) -> str:
    """docs/benchmarks.md."""
    base = {(m.layout, m.schools): m for m in found}
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {date.today().isoformat()}: {machine()}.",
        "Ratios are of figures measured in the same run; seconds are of that machine on that day.",
        "",
        "| " + " | ".join(_HEADS) + " |",
        "|---|" + "--:|" * (len(_HEADS) - 1),
        *(f"| {' | '.join(_cells(m))} |" for m in found),
    ]
    sizes = sorted(m.schools for m in found if m.layout == "f1")
    lines.append("")
    for m in found:
        if m.own_floor is not None and ("f1", m.schools) in base:
            alone = base["f1", m.schools].run
            lines.append(
                f"A year of all procedures, {m.schools} schools: {m.run:.1f} s; its ВПР alone {alone:.1f} s; the floor"
                f" of its own files {m.own_floor:.1f} s. ({m.run:.1f} − {m.own_floor:.1f}) / {alone:.1f} ="
                f" **{(m.run - m.own_floor) / alone:.2f}** (target: at most 2)."
            )
    if len(sizes) == 2:
        small, large = base["f1", sizes[0]], base["f1", sizes[1]]
        lines.append(
            f"{sizes[1] / sizes[0]:.0f} times the schools take {large.run / small.run:.2f} times as long (Ф1)."
        )
    for m in found:
        stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in m.stages.items())
        lines.append(f"Stages, {m.layout}, {m.schools} schools, s: {stages}.")
        if m.reports is not None:
            lines.append(
                f"Reports of that year (region workbook, {m.schools} school workbooks, validation page):"
                f" {m.reports:.0f} s."
            )
    lines += [
        "",
        "The floor is one process, sequential, of the same files and the same rows; `rsoko run` uses two child",
        "processes for opening workbooks and as many copies of itself as there are cores (at most four) for building",
        "events. Peak memory is that of all of them together, the database server apart. The plain script (pandas with",
        "openpyxl) is timed on 2 Ф1 files or 200 forms and scaled.",
        "",
    ]
    return "\n".join(lines)


def machine() -> str:
    """The machine in words."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    model = next(models, platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {model}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    inside = next((argument.partition("=")[2] for argument in sys.argv[1:] if argument.startswith("--child=")), None)
    if inside:
        answers = {
            "run": lambda: child_run("marts"),
            "reports": lambda: child_run("reports"),
            "floor": child_floor,
            "own": child_own,
            "plain": child_plain,
        }
        print(json.dumps(answers[inside]()))
    else:
        main()
