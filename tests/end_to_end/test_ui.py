"""``rsoko ui`` as a person meets it: what the pages ask the server for, and the pages themselves in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from assets import automation
from rsoko_pipeline.cli.console import FAILURE
from rsoko_pipeline.warehouse.engine import get_engine

from ..commands import Commands
from .conftest import Demo

EVENT = "2026-vpr-ru-4"
FACT = {"path": ["core", "fact_result"]}
GROUPS = ("calendar", "collection", "registers", "results", "statistics", "procedures", "objectivity", "publication")
IMAGES = Path(__file__).parents[2] / "docs" / "images"
#: With this variable set the screenshots of a test run become those of the documentation.
_UPDATE = "RSOKO_UPDATE_IMAGES"


T = TypeVar("T")


@dataclass(frozen=True)
class Ui:
    """A running ``rsoko ui``."""

    commands: Commands
    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def ask(self, query: str, **variables: object) -> Any:
        """The data of a GraphQL query."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        assert "errors" not in said, said["errors"]
        return said["data"]

    def selector(self) -> dict[str, str]:
        (node,) = self.ask("{repositoriesOrError{...on RepositoryConnection{nodes{name location{name}}}}}")[
            "repositoriesOrError"
        ]["nodes"]
        return {"repositoryName": node["name"], "repositoryLocationName": node["location"]["name"]}

    def finished(self, run_id: str) -> str:
        """The state in which a run ends."""

        def ended() -> str | None:
            run = self.ask("query($id:ID!){runOrError(runId:$id){...on Run{status}}}", id=run_id)["runOrError"]
            return run["status"] if run["status"] in ("SUCCESS", "FAILURE", "CANCELED") else None

        return until(ended, seconds=90)

    def run_of(self, run_id: str) -> Any:
        """A run as its page shows it."""
        return self.ask(
            "query($id:ID!){runOrError(runId:$id){...on Run{runId jobName status mode runConfigYaml tags{key value}"
            " parentRunId rootRunId pipelineSnapshotId repositoryOrigin{repositoryName repositoryLocationName}"
            " assetMaterializations{assetKey{path} partition}}}}",
            id=run_id,
        )["runOrError"]

    def runs_of(self, job: str) -> list[Any]:
        """The runs of a job, the first one first."""
        results = self.ask(
            "query($j:String!){runsOrError(filter:{pipelineName:$j}){...on Runs{results{runId}}}}", j=job
        )["runsOrError"]["results"]
        return [self.run_of(run["runId"]) for run in reversed(results)]

    def executed_again(self, run: Any, strategy: str) -> Any:
        """The run that «Re-execute» on a run's page makes of all steps or of those that failed, once it has ended."""
        return self._launched_again(reexecutionParams={"parentRunId": run["runId"], "strategy": strategy})

    def steps_executed_again(self, run: Any, *steps: str) -> Any:
        """The run that «Re-execute selected» on a run's page makes, once it has ended."""
        run_id = run["runId"]
        return self._launched_again(
            executionParams={
                "mode": run["mode"],
                "runConfigData": run["runConfigYaml"],
                "selector": {**run["repositoryOrigin"], "pipelineName": run["jobName"]},
                "stepKeys": steps,
                "executionMetadata": {"parentRunId": run_id, "rootRunId": run_id, "tags": run["tags"]},
            }
        )

    def _launched_again(self, **asked: object) -> Any:
        launched = self.ask(
            "mutation($executionParams:ExecutionParams,$reexecutionParams:ReexecutionParams){launchRunReexecution("
            "executionParams:$executionParams,reexecutionParams:$reexecutionParams){__typename"
            " ...on LaunchRunSuccess{run{runId}}}}",
            **asked,
        )["launchRunReexecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        made = launched["run"]["runId"]
        self.finished(made)
        return self.run_of(made)


def until(answer: Callable[[], T | None], *, seconds: float) -> T:
    """The first answer that is there; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := answer()) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing within {seconds} s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def ui(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    commands, port, log = Commands(demo.home), _free_port(), tmp_path_factory.mktemp("ui") / "log"
    process = commands.start("ui", "--port", str(port), log=log)
    made = Ui(commands, process, f"http://127.0.0.1:{port}", log)

    def answers() -> bool | None:
        assert process.poll() is None, log.read_text()
        try:
            return bool(made.ask("{version}"))
        except OSError:
            return None

    until(answers, seconds=60)
    yield made
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@pytest.fixture
def warehouse(ui: Ui) -> Iterator[sa.Engine]:
    engine = get_engine(ui.commands.run("db", "url").stdout.strip())
    yield engine
    engine.dispose()


# ------------------------------------------------------------------------------------------------- what the pages ask
def test_the_graph_leads_from_landing_file_to_reports(ui: Ui) -> None:
    nodes = ui.ask(
        "{assetNodes{assetKey{path} groupName dependencyKeys{path} isPartitioned description owners{__typename}}}"
    )["assetNodes"]
    above = {tuple(n["assetKey"]["path"]): {tuple(d["path"]) for d in n["dependencyKeys"]} for n in nodes}
    assert {node["groupName"] for node in nodes} == set(GROUPS)
    assert all(node["description"] and node["owners"] for node in nodes)
    reached, open_ends = set(), [("reports", "region_workbook")]
    while open_ends:
        key = open_ends.pop()
        if key not in reached:
            reached.add(key)
            open_ends += above[key]
    assert {("ops", "landing_file"), ("core", "fact_result"), ("mart", "mark_statistics")} <= reached


def test_every_work_stands_as_a_partition_of_its_own(ui: Ui) -> None:
    statuses = ui.ask(
        "query($k:AssetKeyInput!){assetNodeOrError(assetKey:$k){...on AssetNode{assetPartitionStatuses{"
        "...on DefaultPartitionStatuses{materializedPartitions failedPartitions unmaterializedPartitions}}}}}",
        k=FACT,
    )["assetNodeOrError"]["assetPartitionStatuses"]
    built = statuses["materializedPartitions"]
    assert len([event for event in built if event.startswith("2026-vpr-")]) == 15
    assert {event.split("-")[1] for event in built} >= {"oge", "ege", "essay", "rpr"}
    assert statuses["failedPartitions"] == []
    assert len(statuses["unmaterializedPartitions"]) > 100


def test_every_work_has_its_own_check_results(ui: Ui) -> None:
    checks = ui.ask(
        "query($k:AssetKeyInput!){assetNodeOrError(assetKey:$k){...on AssetNode{assetChecksOrError{"
        "...on AssetChecks{checks{name description}}}}}}",
        k=FACT,
    )["assetNodeOrError"]["assetChecksOrError"]["checks"]
    assert {check["name"] for check in checks} >= {"structure", "scores", "marks", "pupils", "schools", "thresholds"}
    executions = ui.ask(
        'query($k:AssetKeyInput!){assetCheckExecutions(assetKey:$k,checkName:"scores",limit:100){'
        "status partition evaluation{success partition metadataEntries{__typename label}}}}",
        k=FACT,
    )["assetCheckExecutions"]
    latest: dict[str | None, Any] = {}
    for execution in executions:
        latest.setdefault(execution["partition"], execution)
    assert len([event for event in latest if event and event.startswith("2026-vpr-")]) == 15
    assert {execution["status"] for execution in latest.values()} == {"SUCCEEDED", "FAILED"}, (
        "dirt fails some works only"
    )
    assert all(
        [entry["__typename"] for entry in execution["evaluation"]["metadataEntries"]] == ["TableMetadataEntry"]
        for partition, execution in latest.items()
        if partition
    )


def test_schedules_and_sensors_are_there_and_off(ui: Ui) -> None:
    selector = ui.selector()
    nodes = ui.ask(
        "query($s:RepositorySelector!){repositoryOrError(repositorySelector:$s){...on Repository{"
        "schedules{name executionTimezone scheduleState{status}} sensors{name sensorState{status}}}}}",
        s=selector,
    )["repositoryOrError"]
    assert {sensor["name"] for sensor in nodes["sensors"]} >= {"landing_sensor", "pending_sensor", "publication_sensor"}
    assert len(nodes["schedules"]) >= 3
    states = [s["scheduleState"] for s in nodes["schedules"]] + [s["sensorState"] for s in nodes["sensors"]]
    assert {state["status"] for state in states} == {"STOPPED"}


def test_one_work_is_built_again_from_the_ui(ui: Ui, warehouse: sa.Engine) -> None:
    query = sa.text(
        "select event_id, min(run_id) a, max(run_id) b, count(*) from core.fact_result group by 1 order by 1"
    )
    with warehouse.connect() as connection:
        before = {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    launched = ui.ask(
        "mutation($p:ExecutionParams!){launchPipelineExecution(executionParams:$p){__typename"
        " ...on LaunchRunSuccess{run{runId}} ...on PythonError{message}}}",
        p={
            "selector": {**ui.selector(), "pipelineName": "events"},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": EVENT}]},
        },
    )["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    assert ui.finished(run_id) == "SUCCESS"
    with warehouse.connect() as connection:
        after = {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    assert after.pop(EVENT) == (run_id, run_id, before.pop(EVENT)[2])
    assert after == before, "the other works are untouched"
    (latest,) = ui.ask(
        "query($k:AssetKeyInput!,$p:[String!]){assetNodeOrError(assetKey:$k){...on AssetNode{"
        "assetMaterializations(partitions:$p,limit:1){runId partition}}}}",
        k={"path": ["mart", "mark_statistics"]},
        p=[EVENT],
    )["assetNodeOrError"]["assetMaterializations"]
    assert latest == {"runId": run_id, "partition": EVENT}


# -------------------------------------------------------------------------------------------- what is executed again
def _materialized(run: Any) -> list[tuple[str, str]]:
    """The assets and partitions that a run has made."""
    made = run["assetMaterializations"]
    return sorted(("/".join(one["assetKey"]["path"]), one["partition"] or "") for one in made)


def _partitions(run: Any) -> dict[str, str]:
    """What a run's tags say of its partitions."""
    return {tag["key"]: tag["value"] for tag in run["tags"] if "partition" in tag["key"]}


@contextmanager
def _missing(engine: sa.Engine, schema: str, table: str) -> Iterator[None]:
    """A table of the warehouse is away for the duration of a ``with`` block."""
    with engine.begin() as connection:
        connection.execute(sa.text(f"alter table {schema}.{table} rename to away"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"alter table {schema}.away rename to {table}"))


def test_the_pages_know_the_job_of_every_run_of_rsoko(ui: Ui) -> None:
    jobs = ui.ask(
        "query($s:RepositorySelector!){repositoryOrError(repositorySelector:$s){...on Repository{"
        "pipelines{name pipelineSnapshotId runs{runId}}}}}",
        s=ui.selector(),
    )["repositoryOrError"]["pipelines"]
    ran = {job["name"]: job for job in jobs if job["runs"]}
    assert ran.keys() >= {"collection", "events", "controls", "year"}
    for name, job in ran.items():
        for run in ui.runs_of(name):
            assert run["repositoryOrigin"] == ui.selector()
            assert run["pipelineSnapshotId"] == job["pipelineSnapshotId"], "the page would warn of another job"


def test_a_run_of_rsoko_is_executed_again(ui: Ui) -> None:
    first = ui.runs_of("collection")[0]
    again = ui.executed_again(first, "ALL_STEPS")
    assert (again["status"], again["parentRunId"], again["rootRunId"]) == ("SUCCESS", first["runId"], first["runId"])
    assert _materialized(again) == _materialized(first) != []


def test_chosen_steps_of_a_run_of_rsoko_are_executed_again(ui: Ui) -> None:
    first = ui.runs_of("year")[0]
    again = ui.steps_executed_again(first, "mart__upload_status")
    assert (again["status"], again["parentRunId"], again["rootRunId"]) == ("SUCCESS", first["runId"], first["runId"])
    assert _partitions(again) == _partitions(first)
    assert [("mart/upload_status", _partitions(first)["dagster/partition"])] == _materialized(again)


def test_a_failed_range_of_events_is_finished_from_its_failure(ui: Ui, warehouse: sa.Engine) -> None:
    events = ["2025-control", "2025-observers", "2025-vsosh_control"]
    with warehouse.begin() as connection:
        query = sa.text("update ops.event_state set inputs_hash = '' where event_id = any(:events)")
        connection.execute(query, {"events": events})
    with _missing(warehouse, "mart", "control_statistics"):
        said = ui.commands.run("run", "--until", "marts", *(part for event in events for part in ("--event", event)))
    assert said.returncode == FAILURE, said.stderr
    named = re.search(r"Запуск controls не удался: (\S+):", said.stderr)
    assert named, said.stderr
    failed_id = named[1]
    failed = ui.run_of(failed_id)
    assert failed["status"] == "FAILURE"
    assert _materialized(failed) == [("core/fact_control", event) for event in events]

    again = ui.executed_again(failed, "FROM_FAILURE")
    assert (again["status"], again["parentRunId"], again["rootRunId"]) == ("SUCCESS", failed_id, failed_id)
    assert _partitions(again) == _partitions(failed) == automation.range_tags(events[0], events[-1])
    assert _materialized(again) == [("mart/control_statistics", event) for event in events]
    built_by = {"core.fact_control": failed_id, "mart.control_statistics": again["runId"]}
    with warehouse.connect() as connection:
        for table, run_id in built_by.items():
            query = sa.text(f"select distinct event_id, run_id from {table} where event_id = any(:events)")
            rows = {tuple(row) for row in connection.execute(query, {"events": events})}
            assert rows and rows <= {(event, run_id) for event in events}, table
        query = sa.text("select bool_and(is_published) from ops.event_state where event_id = any(:events)")
        assert connection.execute(query, {"events": events}).scalar_one()


# --------------------------------------------------------------------------------------------------------- the pages
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    if absent := [name for name, path in programs.items() if path is None]:
        pytest.skip(f"not installed: {', '.join(absent)}")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(programs["chromium"])
    profile = tempfile.mkdtemp(prefix="rsoko-browser-")
    for switch in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "disable-dev-shm-usage", "window-size=3600,2400",
        f"user-data-dir={profile}",
    ):  # fmt: skip
        options.add_argument(f"--{switch}")
    driver = webdriver.Chrome(options=options, service=Service(str(programs["chromedriver"])))
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def _texts(browser: Any) -> set[str]:
    return set(browser.find_element("tag name", "body").text.split("\n"))


def _shown_as(names: set[str], texts: set[str]) -> set[str] | None:
    """How the names stand on the page, long ones with «…» in the middle; None until all are there."""
    shown = {name: name if name in texts else _shortened(name, texts) for name in names}
    return {text for text in shown.values() if text} if all(shown.values()) else None


def _shortened(name: str, texts: set[str]) -> str | None:
    ends = ((text, *text.partition("…")[::2]) for text in texts if "…" in text)
    return next((text for text, head, tail in ends if head and name.startswith(head) and name.endswith(tail)), None)


def test_the_lineage_page_shows_every_asset(ui: Ui, browser: Any, tmp_path: Path) -> None:
    browser.get(f"{ui.url}/asset-groups")
    browser.execute_script("localStorage.setItem('asset-graph-direction', '\"vertical\"')")
    expanded = quote(",".join(f"global@global:{group}" for group in GROUPS))
    browser.get(f"{ui.url}/asset-groups?expanded={expanded}")
    keys = {node["assetKey"]["path"][-1] for node in ui.ask("{assetNodes{assetKey{path}}}")["assetNodes"]}
    shown = until(lambda: _shown_as(keys, _texts(browser)), seconds=40)
    edges = browser.find_elements("css selector", "path[marker-end], path[stroke]")
    assert len(edges) > len(keys), "the assets are joined by lines"
    picture = tmp_path / "lineage.png"
    time.sleep(1)  # the graph slides into place
    assert browser.save_screenshot(str(picture))
    left, top, right, bottom = _around(browser, shown | set(GROUPS))
    _keep(picture, "lineage.png", (left - 60, top - 25, right + 45, bottom + 65))


def test_a_works_page_shows_the_picture_of_its_scores(ui: Ui, browser: Any) -> None:
    browser.get(f"{ui.url}/assets/mart/score_distribution?view=partitions&partition={EVENT}")
    link = until(lambda: next(iter(browser.find_elements("xpath", "//*[text()='[Show Markdown]']")), None), seconds=40)
    texts = _texts(browser)
    assert {EVENT, "Materialized", "картинка", "dagster/partition_row_count"} <= texts
    link.click()
    image = until(
        lambda: next(iter(browser.find_elements("css selector", "img[src^='data:image/svg+xml;base64,']")), None),
        seconds=20,
    )
    size = until(
        lambda: browser.execute_script(
            "const i = arguments[0]; return i.complete ? [i.naturalWidth, i.naturalHeight] : null", image
        ),
        seconds=20,
    )
    assert size[0] >= 300 and size[1] >= 150, "the browser has drawn it"
    assert image.is_displayed()


def test_the_checks_page_says_in_russian_what_was_checked(ui: Ui, browser: Any) -> None:
    browser.get(f"{ui.url}/assets/core/fact_result?view=checks&checkDetail=scores")
    until(lambda: True if {"scores", "marks", "thresholds"} <= _texts(browser) else None, seconds=40)
    until(
        lambda: (
            True if any(text.startswith("Баллы: указаны, не больше максимума") for text in _texts(browser)) else None
        ),
        seconds=20,
    )
    heads = "Проверка Проверено Не прошло Замечание"
    until(lambda: True if heads in _texts(browser) else None, seconds=20)


def _around(browser: Any, texts: set[str]) -> tuple[int, int, int, int]:
    """The box around all words of the graph, in pixels of the window."""
    boxes = browser.execute_script(
        "const words = new Set(arguments[0]); return [...document.querySelectorAll('svg foreignObject *')]"
        ".filter(e => e.childElementCount === 0 && words.has(e.textContent)).map(e => e.getBoundingClientRect())"
        ".map(r => [r.left, r.top, r.right, r.bottom])",
        list(texts),
    )
    assert len(boxes) >= len(texts)
    return (
        int(min(box[0] for box in boxes)),
        int(min(box[1] for box in boxes)),
        int(max(box[2] for box in boxes)),
        int(max(box[3] for box in boxes)),
    )


def _keep(picture: Path, name: str, box: tuple[int, int, int, int]) -> None:
    """Cut a screenshot; into the documentation where that is asked for."""
    from PIL import Image

    with Image.open(picture) as whole:
        cut = whole.crop(box)
        assert cut.width > 600 and cut.height > 200
        if os.environ.get(_UPDATE):
            cut.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(IMAGES / name, optimize=True)


# ------------------------------------------------------------------------------------------------------------ the end
def _ends_of_tracebacks(log: str) -> list[str]:
    """The exceptions that end tracebacks; Dagster's code server prints one when interrupted while it starts, a run
    when interrupted under way.
    """
    return re.findall(r"^(\w[\w.]*(?:Error|Exception|Interrupt|Exit|Failure))\b", log, flags=re.MULTILINE)


def test_ctrl_c_ends_everything_it_started(ui: Ui) -> None:
    assert any("dagster-webserver" in line for line in ui.commands.alive())
    assert any("dagster-daemon" in line for line in ui.commands.alive())
    ui.process.send_signal(signal.SIGINT)
    assert ui.process.wait(60) == 0, ui.log.read_text()
    until(lambda: True if not ui.commands.alive() else None, seconds=20)
    with pytest.raises(OSError):
        ui.ask("{version}")
    log = ui.log.read_text()
    assert "BetaWarning" not in log, log
    interruptions = {"KeyboardInterrupt", "dagster._core.errors.DagsterExecutionInterruptedError"}
    assert set(_ends_of_tracebacks(log)) <= interruptions, log
