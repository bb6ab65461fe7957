from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.simulation import dirt
from rsoko_pipeline.simulation.landing import SimulationSummary, deliver_later, planned_works, simulate

SEED = 9


def rows(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def digests(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def truth_of(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "truth.csv", sep=";", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, cfg: Configuration, told: list[str]) -> SimulationSummary:
    """30 schools, two school years, Ф1."""
    out = tmp_path_factory.mktemp("f1")
    return simulate(out, schools=30, seed=SEED, manipulated=0.2, cfg=cfg, progress=told.append)


def test_works_are_the_calendars_with_known_cuts_and_tasks(cfg: Configuration) -> None:
    works = planned_works(cfg, ["2025/2026"])
    known = [work for work in works if not work.spec.is_invented]
    assert [work.event.event_id for work in known] == ["2026-vpr-ru-4", "2026-vpr-ma-4", "2026-vpr-ru-5"]
    assert [work.spec.max_score for work in known] == [24, 20, 12]
    for work in works:
        assert work.event.window_from <= work.heading.written <= work.event.window_to
        assert cfg.calendar.is_school_day(work.heading.written)
    autumn = [work for work in planned_works(cfg, cfg.calendar.years) if work.event.event_id == "2020-vpr-ru-5"]
    assert [work.spec.max_score for work in autumn] == [24], "in autumn grade 5 writes the work of grade 4"
    assert autumn[0].heading.work == "ВПР 2020 Русский язык 5 класс"


def test_works_without_a_published_scale_have_one_in_the_simulation_alone() -> None:
    cfg = load()
    procedure = cfg.procedures["vpr"]
    invented = [work for work in planned_works(cfg, ["2025/2026"]) if work.spec.is_invented]
    assert {(work.spec.subject, work.spec.grade) for work in invented} == {
        ("ru", 10), ("ma", 10), ("mau", 7), ("mau", 8), ("fiu", 7), ("fiu", 8),
    }  # fmt: skip
    for work in invented:
        subject, grade, year = work.spec.subject, work.spec.grade, work.event.year
        assert procedure.scale(subject, grade, year) is None and procedure.work(subject, grade, year) is None


def test_works_of_the_shipped_calendar() -> None:
    works = planned_works(load(), ["2025/2026"])
    found = {(work.spec.subject, work.spec.grade) for work in works}
    assert {(subject, grade) for subject in ("ru", "ma") for grade in range(4, 9)} <= found
    assert {("om", 4), ("bi", 8), ("fi", 8)} <= found
    assert all(work.spec.school_year == 2026 for work in works)


def test_summary_tells_what_lies_there(written: SimulationSummary, told: list[str]) -> None:
    out = written.out
    assert written.years == ("2024/2025", "2025/2026")
    assert len(written.events) == 2 * (3 + 6)
    assert {str(path) for path in (*written.files, *written.later)} | {"truth.csv"} == set(digests(out))
    assert written.facts == len(truth_of(out))
    assert written.manipulated == 6
    assert written.enrolled_works * 0.88 < written.pupil_works < written.enrolled_works
    assert "школ 30 (с искажениями 6)" in str(written)
    assert "Работ ВПР: 18," in str(written)
    assert told[0] == "Моделирую работы: 18"


def test_f1_and_reports_of_every_work(written: SimulationSummary) -> None:
    for event in written.events:
        folder = next(path.parent for path in written.files if path.parent.name == event)
        titles = {
            rows(written.out / path)[0][0]
            for path in written.files
            if path.parent == folder and not path.name.startswith("Форма")
        }
        assert titles == {
            "Индивидуальные результаты", "Статистика по отметкам", "Сравнение отметок с отметками по журналу",
            "Распределение первичных баллов",
        }  # fmt: skip
    pupils = 0
    for path in written.files:
        if path.parent.name in written.events and not path.name.startswith("Форма"):
            sheet = rows(written.out / path)
            if sheet[0][0] == "Индивидуальные результаты":
                pupils += sum(isinstance(row[3], float) for row in sheet[8:])
    assert pupils == written.pupil_works


def test_registers(written: SimulationSummary) -> None:
    register = rows(written.out / "Реестр школ.xlsx")
    assert register[0][:4] == ["Код ОО", "Название ОО", "Код муниципалитета", "Муниципалитет"]
    schools = list(dict.fromkeys(row[0] for row in register[1:]))
    assert schools == [f"edu99{number:04d}" for number in range(1, 31)]
    truth = truth_of(written.out)
    changed = set(truth.loc[(truth["kind"] == "register") & (truth["school"] != ""), "school"])
    assert len(changed) == 2 and len(register) - 1 == len(schools) + len(changed)
    municipalities = rows(written.out / "Реестр муниципалитетов.xlsx")
    assert {row[2] for row in register[1:]} == {row[0] for row in municipalities[1:]}
    codes = rows(written.out / "Коды школ.xlsx")
    assert len(codes) == 2 and codes[1][0] in changed
    context = rows(written.out / "2025-2026" / "Условия школ 2025-2026.xlsx")
    assert {row[0] for row in context[1:]} <= set(schools)
    assert {row[5] for row in register[1:]} == {"город", "село"}
    contingent = rows(written.out / "2025-2026" / "Контингент 2025-2026.xlsx")
    assert contingent[0] == ["Код ОО", "Учебный год", "Класс", "Номер класса", "Обучающихся"]
    assert {row[0] for row in contingent[1:]} <= set(schools)
    enrolled = sum(int(row[4]) for row in contingent[1:] if row[2] in (4, 5))
    works = {4: 2, 5: 1}
    both = sum(int(row[4]) * works[int(row[2])] for row in contingent[1:] if row[2] in works)
    assert enrolled < both < written.enrolled_works


def test_truth_lists_parameters_manipulations_dirt_and_files(written: SimulationSummary) -> None:
    truth = truth_of(written.out)
    assert truth.columns.tolist() == ["kind", "event", "school", "class", "what", "detail"]
    parameters = truth[truth["kind"] == "parameter"].set_index("what")["detail"]
    assert parameters["seed"] == str(SEED)
    assert parameters["icc"] == "0.2"
    manipulated = truth[truth["kind"] == "manipulation"]
    assert manipulated["school"].nunique() == 6
    assert set(manipulated["event"]) <= set(written.events)
    assert (manipulated.loc[manipulated["what"] == "fill", "class"] != "").all()
    soiled = truth[truth["kind"] == "dirt"]
    counted = soiled["what"].value_counts().to_dict()
    assert counted == dict.fromkeys(dirt.KINDS, 2)
    assert set(truth.loc[truth["kind"] == "file", "what"]) == {str(p) for p in (*written.files, *written.later)}


def test_a_year_stands_twice_in_the_consolidated_marks(written: SimulationSummary) -> None:
    table = rows(written.out / "2025-2026" / "Сводная таблица отметок 2026.xlsx")[1:]
    keys = [tuple(row[:5]) for row in table]
    assert len(keys) == 2 * len(set(keys))


def test_the_same_pupils_a_year_on(written: SimulationSummary) -> None:
    def contingent(year: str, grade: int) -> list[list[Any]]:
        table = rows(written.out / year / f"Контингент {year}.xlsx")
        return [[row[0], *row[3:]] for row in table[1:] if row[2] == grade]

    for grade in (*range(1, 9), 10):
        assert contingent("2024-2025", grade) == contingent("2025-2026", grade + 1)
    ninth, tenth = (sum(row[-1] for row in contingent(*of)) for of in (("2024-2025", 9), ("2025-2026", 10)))
    assert 0.45 * ninth < tenth < 0.65 * ninth, "after grade 9 many leave for colleges"


def test_a_work_of_unknown_scale_has_marks_in_its_file_and_no_falsified_results(written: SimulationSummary) -> None:
    truth = truth_of(written.out)
    of_works = truth[truth["kind"].isin(["manipulation", "dirt"])]
    assert not of_works["event"].str.contains(r"-(?:mau|fiu)-|-10$").any()
    for event in ("2026-vpr-ru-10", "2026-vpr-fiu-8"):
        (book,) = [p for p in written.files if p.parent.name == event and rows(written.out / p)[0][0].startswith("Инд")]
        sheet = rows(written.out / book)
        mark = next(row.index("Отметка") for row in sheet if "Отметка" in row)
        assert {row[mark] for row in sheet if isinstance(row[mark], float)} <= {2, 3, 4, 5}
        assert any(isinstance(row[mark], float) for row in sheet)


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, cfg: Configuration) -> None:
    for name in ("one", "two"):
        simulate(tmp_path / name, schools=8, years=1, seed=2, cfg=cfg)
    simulate(tmp_path / "three", schools=8, years=1, seed=3, cfg=cfg)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one") != digests(tmp_path / "three")


def test_forms_instead_of_f1(tmp_path: Path, cfg: Configuration) -> None:
    written = simulate(tmp_path, schools=30, years=1, seed=SEED, layout="forms", cfg=cfg)
    forms = [path for path in written.files if path.name.startswith("Форма сбора")]
    pupils = absent = empty = 0
    for path in forms:
        protocol = rows(tmp_path / path)
        filled = [row for row in protocol[1:] if row[0] != ""]
        gone = sum(row[1] == "отсутствовал" for row in filled)
        pupils, absent, empty = pupils + len(filled) - gone, absent + gone, empty + (not filled)
    assert empty == 1
    truth = truth_of(tmp_path)
    assert (truth["what"] == "empty_form").sum() == 1
    assert pupils < written.pupil_works
    assert (pupils + absent) / written.enrolled_works > 0.9
    headers = {tuple(rows(tmp_path / path)[0][:2]) for path in forms}
    assert headers == {("Код участника", "Вариант"), ("Код", "Вариант (часть 1)")}


def test_corrections_come_later(tmp_path: Path, cfg: Configuration) -> None:
    written = simulate(tmp_path, schools=30, years=1, seed=SEED, cfg=cfg)
    (waiting,) = written.later
    assert waiting.parts[0] == ".later"
    (arrived,) = deliver_later(tmp_path)
    assert arrived == tmp_path / waiting.relative_to(".later")
    assert arrived.exists()
    assert not (tmp_path / waiting).exists()
    truth = truth_of(tmp_path)
    (school,) = truth.loc[truth["what"] == "corrected", "school"]
    assert school in arrived.name
    (declared,) = [row[0] for row in rows(arrived) if "Кол-во участников" in row[0]]
    assert school in declared
    assert deliver_later(tmp_path) == []


def test_clean_and_honest(tmp_path: Path, cfg: Configuration) -> None:
    written = simulate(tmp_path, schools=6, years=1, manipulated=0.0, dirt=0.0, cfg=cfg)
    assert set(truth_of(tmp_path)["kind"]) == {"parameter", "file"}
    assert written.later == ()
    assert written.manipulated == 0
    assert not any(path.name.startswith("Форма") for path in written.files)


def test_an_earlier_simulation_is_replaced_and_nothing_else(tmp_path: Path, cfg: Configuration) -> None:
    out = tmp_path / "landing"
    simulate(out, schools=30, years=1, seed=1, cfg=cfg)
    deliver_later(out)
    mine = out / "2025-2026" / "мой файл.xlsx"
    mine.write_bytes(b"mine")
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"keep")
    with (out / "truth.csv").open("a", encoding="utf-8") as stream:
        stream.write("file;;;;../outside.txt;\n")
    written = simulate(out, schools=4, years=1, seed=2, dirt=0, cfg=cfg)
    assert mine.read_bytes() == b"mine"
    assert outside.read_bytes() == b"keep"
    left = set(digests(out)) - {"truth.csv", "2025-2026/мой файл.xlsx"}
    assert left == {str(path) for path in written.files}


def test_misuse_is_refused(tmp_path: Path, cfg: Configuration) -> None:
    with pytest.raises(ValueError, match="вид файлов «pdf»"):
        simulate(tmp_path, layout="pdf", cfg=cfg)
    with pytest.raises(ValueError, match="учебного года 1999/2000"):
        simulate(tmp_path, school_years=["1999/2000"], cfg=cfg)
    assert list(tmp_path.iterdir()) == []
