"""The shipped configuration loads, quickly, and says for every fact where it is from."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from rsoko_pipeline.configuration import Configuration, ConfigurationError, load, loader, models
from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.configuration.plan import DueRule, PeriodicDue


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load("")


def facts_in(value: object) -> Iterator[models.Fact]:
    if isinstance(value, models.Fact):
        yield value
    if isinstance(value, BaseModel):
        value = [getattr(value, name) for name in type(value).model_fields]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from facts_in(item)


def test_every_fact_has_a_source_and_a_known_status(cfg: Configuration) -> None:
    facts = list(facts_in([cfg.region, cfg.limits, cfg.subjects, cfg.procedures]))
    assert len(facts) > 300
    for fact in facts:
        assert len(fact.source) > 5, fact
        assert fact.status in {"official", "public", "second-hand", "own", "assumed"}, fact


def test_every_event_and_deadline_has_a_source_and_a_status(cfg: Configuration) -> None:
    dues = [due for event in cfg.calendar.events.values() for due in event.dues]
    dues += [item.due for item in cfg.calendar.items]
    assert len(dues) > 200
    for event in cfg.calendar.events.values():
        assert len(event.source) > 5, event
        assert event.status, event
    for due in dues:
        assert len(due.source) > 5, due
        assert due.status, due


@pytest.mark.parametrize(
    ("kind", "given", "shown_by"),
    [
        ("загрузка", {}, "loaded"),
        ("анализ", {}, "analysed"),
        ("рекомендации", {}, "none"),
        ("анализ", {"fact": "none"}, "none"),
        ("отчёт", {"fact": "analysed"}, "analysed"),
    ],
)
def test_the_kind_of_a_procedures_deadline_says_by_what_it_is_seen(
    kind: str, given: dict[str, Any], shown_by: str
) -> None:
    of_procedure = DueRule(kind=kind, after="window_to", source="приказ", status="own", **given)
    assert of_procedure.shown_by == shown_by
    of_year = PeriodicDue(id="d", title="Срок", kind=kind, after="year_end", source="приказ", status="own", **given)
    assert of_year.shown_by == given.get("fact", "none")


def test_a_nested_fact_takes_source_and_status_from_the_block_around_it(cfg: Configuration) -> None:
    work = cfg.procedures["vpr"].latest_work("ru", 4)
    assert work is not None
    assert {task.status for task in work.tasks} == {"assumed"} == {work.status}
    assert work.tasks[0].source == work.source


def test_the_same_content_is_read_once_and_has_one_version(cfg: Configuration, tmp_path: Path) -> None:
    assert load("") is load("")
    (tmp_path / "region.yaml").write_text(
        "code: '77'\nname: Другая область\ntimezone: Asia/Omsk\nsource: тест\nstatus: own\n"
    )
    other = load(str(tmp_path))
    assert len(cfg.version) == 12
    assert int(cfg.version, 16) >= 0
    assert other.version != cfg.version
    assert load("").version == cfg.version


def test_the_version_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    region = (base_folder() / "region.yaml").read_bytes()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "region.yaml").write_bytes(region)
    assert load(str(tmp_path / "first")).version == load(str(tmp_path / "second")).version == load("").version


def test_the_configuration_survives_pickling(cfg: Configuration) -> None:
    copy = pickle.loads(pickle.dumps(cfg))
    assert copy.version == cfg.version
    assert copy.calendar.events == cfg.calendar.events
    assert copy.layouts["vpr_f1"].task_header == cfg.layouts["vpr_f1"].task_header


def test_the_models_cannot_be_changed(cfg: Configuration) -> None:
    with pytest.raises(ValueError, match="frozen"):
        cfg.region.code = "01"  # type: ignore[misc]


def test_errors_travel_between_processes() -> None:
    error = ConfigurationError([loader.Problem("region.yaml", "code", "не то", "Исправьте.", 3)])
    copy = pickle.loads(pickle.dumps(error))
    assert copy.problems == error.problems
    assert str(copy) == str(error)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Русский язык", "ru"),
        ("  русский   ЯЗЫК ", "ru"),
        ("Pyccкий язык", "ru"),  # the letters Pycc are Latin
        ("РУ", "ru"),
        ("MA", "ma"),  # Latin
        ("Информатика и ИКТ", "inf"),
        ("Физика (углубленный уровень)", "fiu"),
        ("ОБЖ", "obz"),
        ("Ист", "is"),
    ],
)
def test_a_subject_is_found_by_any_of_its_names(cfg: Configuration, text: str, code: str) -> None:
    subject = cfg.subject_named(text)
    assert subject is not None
    assert subject.code == code


def test_an_unknown_subject_is_not_guessed(cfg: Configuration) -> None:
    assert cfg.subject_named("Русский") is not None
    assert cfg.subject_named("Русский язык и литература") is None


def test_the_24_olympiad_subjects_are_there(cfg: Configuration) -> None:
    olympiad = """
        Английский язык, Астрономия, Биология, География, Информатика, Искусство (мировая художественная культура),
        Испанский язык, История, Итальянский язык, Китайский язык, Литература, Математика, Немецкий язык,
        Обществознание,
        Основы безопасности и защиты Родины, Право, Русский язык, Труд (технология), Физика, Физическая культура,
        Французский язык, Химия, Экология, Экономика
    """
    names = {" ".join(name.split()) for name in olympiad.split(",")}
    assert len(names) == 24
    assert names <= {subject.name for subject in cfg.subjects.values()}


def test_a_procedure_is_found_by_its_names(cfg: Configuration) -> None:
    for text in ("ВПР", "впр", "BПP", "Всероссийские проверочные работы"):
        procedure = cfg.procedure_named(text)
        assert procedure is not None
        assert procedure.id == "vpr"
    assert cfg.procedure_named("Небывалая работа") is None


def test_limits_leave_room_for_a_region_and_stop_a_bomb(cfg: Configuration) -> None:
    limits = cfg.limits
    assert limits.max_ratio > 11, "настоящие файлы сжаты до 11 раз"
    assert limits.max_ratio < 400, "бомба сжата в 400 раз"
    assert limits.max_rows >= 250_000
    assert limits.max_file_bytes < limits.max_unpacked_bytes < limits.memory_bytes


def test_the_readme_lists_the_rules_as_the_code_knows_them() -> None:
    readme = (base_folder() / "README.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in readme.splitlines() if line.startswith("| `")]
    listed = {name.strip("`"): text for name, text in rows if name.strip("`") in models.RULES_RU}
    assert listed == models.RULES_RU
