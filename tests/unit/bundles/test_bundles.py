"""The bundles of ``config/procedures``: complete, by the list of procedures, each with a sample without findings, a
simulated source, a fact and a mart with checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from assets.families import fact_key, mart_key
from rsoko_pipeline import sources
from rsoko_pipeline.checking import FileReport, check_files
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.configuration.models import DelimitedLayout
from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.configuration.procedures import Procedure
from rsoko_pipeline.definitions import build_definitions
from rsoko_pipeline.families import family_of
from rsoko_pipeline.simulation.landing import simulate
from rsoko_pipeline.sources.model import ReadResult

FOLDER = base_folder() / "procedures"
REGISTER = Path(__file__).parent / "register.csv"

#: Every kind of procedure that the plans of the regions name, and the bundles that serve it.
LIST: dict[str, tuple[str, ...]] = {
    "ВПР 4–8, 10 и 11": ("vpr",),
    "ОГЭ, ЕГЭ, ГВЭ, итоговое сочинение и устное собеседование": ("oge", "ege", "gve", "essay", "oral"),
    "аттестаты и медали": ("certificates", "medals"),
    "пробные экзамены и сочинение": ("trial_oge", "trial_ege", "trial_essay"),
    "РПР и РДР, независимые работы в школах с низкими результатами": ("rpr", "independent_works"),
    "НИКО, TIMSS, PIRLS, PISA, оценка по модели PISA": ("niko", "timss", "pirls", "pisa", "pisa_model"),
    "функциональная грамотность": ("functional_literacy",),
    "ВсОШ: школьный, муниципальный, региональный этапы, контроль, удовлетворённость": (
        "vsosh_school",
        "vsosh_municipal",
        "vsosh_regional",
        "vsosh_control",
        "vsosh_satisfaction",
    ),
    "федеральный государственный контроль качества": ("state_control", "state_control_summary"),
    "метапредметные работы, УУД, личностные результаты": ("metasubject", "personal_results"),
    "НОКО": ("noko",),
    "дошкольное образование": ("preschool_quality",),
    "текущие отметки из электронных журналов": ("journals",),
    "контроль процедур": ("control",),
    "самообследование и самодиагностика": ("self_examination", "self_diagnosis"),
    "банк заданий и экспертная комиссия": ("task_bank", "expert_commission"),
    "решения, практики, информационная работа, горячая линия, методическая поддержка": (
        "decisions",
        "practices",
        "information_work",
        "hotline",
        "methodical_support",
    ),
    "федеральная статистика, опросы, сайты, СМИ": ("school_context", "surveys", "websites", "media"),
    "учителя: компетенции, обучение, использование банков": (
        "teacher_competence",
        "teacher_training",
        "task_bank_use",
    ),
    "наблюдатели, независимые комиссии, перепроверка, перекрёстная проверка": (
        "observers",
        "independent_commission",
        "remarking",
        "cross_check",
    ),
    "внутренние системы и механизмы управления качеством": ("vsoko", "mechanisms"),
    "планы и дорожные карты": ("plan_reports",),
    "ШНОР, сложные условия, резильентные, высокие результаты; рисковый профиль": ("school_lists", "risk_profile"),
}
PROCEDURES = sorted({name for names in LIST.values() for name in names})
#: Tables that belong to no event: who is who, how many pupils, in which conditions.
REGISTERS = ("context", "contingent", "register_municipalities", "register_schools", "school_aliases", "school_codes")


def samples(procedure: str) -> list[Path]:
    return sorted(FOLDER.joinpath(procedure).glob("sample.*"))


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


@pytest.fixture(scope="module")
def read(cfg: Configuration) -> dict[Path, ReadResult]:
    """Every sample, read; one layout may serve several procedures, the file then names its own."""
    paths = [path for name in (*PROCEDURES, *REGISTERS) for path in samples(name)]
    files = ((path, f"{path.parent.name}/{path.name}") for path in paths)
    return dict(zip(paths, sources.read_many(files, cfg=cfg), strict=True))


@pytest.fixture(scope="module")
def checked() -> dict[str, FileReport]:
    """Every sample, checked with a register of its region beside it."""
    paths = [path for name in (*PROCEDURES, *REGISTERS) if name != "register_schools" for path in samples(name)]
    reports = check_files([(REGISTER, "register"), *((path, f"{path.parent.name}/{path.name}") for path in paths)])
    return {report.name: report for report in reports}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory, cfg: Configuration) -> dict[str, set[str]]:
    """By procedure the events that a simulation of all the calendar's years writes files of."""
    out = tmp_path_factory.mktemp("simulated")
    written = simulate(out, schools=12, years=len(cfg.calendar.years), seed=1, dirt=0, cfg=cfg)
    found: dict[str, set[str]] = {}
    for folder in {path.parent.name for path in written.files} & set(cfg.calendar.events):
        found.setdefault(cfg.calendar.events[folder].procedure, set()).add(folder)
    return found


@pytest.fixture(scope="module")
def graph(cfg: Configuration) -> Any:
    """The assets as shipped."""
    return build_definitions(cfg=cfg).resolve_asset_graph()


def test_every_folder_is_on_the_list_and_every_entry_has_its_folder(cfg: Configuration) -> None:
    assert sorted(cfg.procedures) == sorted({*PROCEDURES, *REGISTERS})


@pytest.mark.parametrize("procedure", [*PROCEDURES, *REGISTERS])
def test_a_bundle_is_complete(cfg: Configuration, procedure: str) -> None:
    described = cfg.procedures[procedure]
    assert described.source and described.status
    assert samples(procedure), "нет образца sample.*"
    text = (FOLDER / procedure / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert re.search(r"(?m)^(## )?(Типичные|Частые) ошибки", text)
    silent = [names for names in _columns(described) if not any(name in text for name in names)]
    assert not silent, "README не называет обязательные столбцы"


def _columns(procedure: Procedure) -> list[tuple[str, ...]]:
    """The accepted headers of every column that a table of the procedure must have."""
    layouts = procedure.delimited.values()
    columns = [column for layout in layouts for column in layout.columns if column.required]
    measures = [measure for layout in layouts for measure in layout.measures if measure.required]
    numbers = [names for one in measures for names in (one.value, one.numerator, one.denominator, one.n) if names]
    return [column.headers for column in columns if column.headers] + numbers


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_a_procedure_stands_in_the_calendar(cfg: Configuration, procedure: str) -> None:
    events = [event for event in cfg.calendar.events.values() if event.procedure == procedure]
    assert events
    ended = cfg.procedures[procedure].valid_to
    assert ended is None or all(event.window_from <= ended for event in events)
    assert all(event.source and event.status for event in events)


@pytest.mark.parametrize("procedure", [*PROCEDURES, *REGISTERS])
def test_a_sample_is_recognised_as_its_own_procedure(
    cfg: Configuration, read: dict[Path, ReadResult], procedure: str
) -> None:
    for path in samples(procedure):
        result = read[path]
        frames = {name: frame for name, frame in result.frames.items() if name != "source_school"}
        assert sum(len(frame) for frame in frames.values()) >= 1
        events = {event for frame in frames.values() for event in _events(result, frame)}
        of_events = {cfg.calendar.events[event].procedure for event in events}
        assert (of_events or {result.file.procedure or ""}) == {procedure}


def _events(result: ReadResult, frame: pd.DataFrame) -> list[str]:
    stated = frame["event_id"].dropna().unique().tolist() if "event_id" in frame else []
    return stated or ([result.file.event_id] if result.file.event_id else [])


@pytest.mark.parametrize("procedure", [name for name in (*PROCEDURES, *REGISTERS) if name != "register_schools"])
def test_nothing_is_found_in_a_sample(checked: dict[str, FileReport], procedure: str) -> None:
    for path in samples(procedure):
        report = checked[f"{procedure}/{path.name}"]
        assert report.format is not None
        assert not report.has_findings, report.lines(5)


def test_nothing_is_found_in_the_sample_of_the_register() -> None:
    (report,) = check_files([(path, path.name) for path in samples("register_schools")])
    assert not report.has_findings, report.lines(5)


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_a_procedure_has_a_simulated_source(simulated: dict[str, set[str]], procedure: str) -> None:
    assert simulated.get(procedure)


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_a_procedure_has_a_fact_with_checks_and_a_mart(cfg: Configuration, graph: Any, procedure: str) -> None:
    family = family_of(cfg.procedures[procedure])
    fact, mart = dg.AssetKey(["core", "fact_result"]), dg.AssetKey(["mart", "mark_statistics"])
    if family:
        fact, mart = fact_key(family), mart_key(family)
    events = {event.event_id for event in cfg.calendar.events.values() if event.procedure == procedure}
    for key in (fact, mart):
        partitions = graph.get(key).partitions_def
        assert partitions is not None and events <= set(partitions.get_partition_keys())
    assert fact in graph.get(mart).parent_keys
    assert {check.name for check in graph.asset_check_keys if check.asset_key == fact} >= {"structure"}


def test_layouts_of_measures_name_different_measures(cfg: Configuration) -> None:
    """A row of a file gives one row a measure: two of one code could not be told apart in the warehouse."""
    layouts = [layout for layout in cfg.delimited.values() if layout.measures]
    assert len(layouts) > 20
    for layout in layouts:
        codes = [measure.measure for measure in layout.measures]
        assert len(set(codes)) == len(codes), layout.id


def test_values_stand_for_one_word_each(cfg: Configuration) -> None:
    """Whatever a file may write for a closed list, what is stored is one of its words, not another spelling."""
    for layout in cfg.delimited.values():
        for field, values in _word_lists(layout):
            unstable = {kept for kept in values.values() if isinstance(kept, str) and values.get(kept, kept) != kept}
            assert not unstable, (layout.id, field)


def test_kinds_of_records_are_closed_lists(cfg: Configuration) -> None:
    """Deeds are counted by kind: a misspelt one would be a kind of its own in every table."""
    layouts = [layout for layout in cfg.delimited.values() if layout.target == "source_record"]
    assert len(layouts) == 7
    for layout in layouts:
        kinds = [column for column in layout.columns if column.field == "record_kind"]
        assert "record_kind" in layout.constants or all(kind.values and kind.closed for kind in kinds), layout.id


def test_a_misspelt_kind_is_found_with_the_kinds_there_are(cfg: Configuration, tmp_path: Path) -> None:
    (sample,) = samples("decisions")
    text = sample.read_text(encoding="utf-8")
    assert ";приказ;О проведении ВПР" in text
    file = tmp_path / "Решения.csv"
    file.write_text(text.replace(";приказ;О проведении ВПР", ";прикзаз;О проведении ВПР"), encoding="utf-8")
    (result,) = sources.read_many([(file, file.name)], cfg=cfg)
    (finding,) = result.findings
    assert (finding.code, finding.row_number, finding.column_name) == ("RSK-VALUE", 2, "Вид решения")
    assert "приказ" in finding.message and "совещание" in finding.message and "педсовет" in finding.message
    assert "прикзаз" not in set(result.frames["source_record"]["record_kind"])


def _word_lists(layout: DelimitedLayout) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield from ((column.field, column.values) for column in layout.columns if column.values)
    yield from ((question.question, question.answers) for question in layout.questions)
