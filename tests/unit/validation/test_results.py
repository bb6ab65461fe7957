"""Rules of pupil rows: each with a bad and a good case, what is held, what is released, what goes on."""

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.validation import RESULT_CHECKS, ResultBatch, validate_results

B, X = contracts.BLANK, contracts.NOT_STARTED
GOOD: dict[str, object] = {}
ABSENT = {"present": False, "primary_score": None, "mark": None, "journal_mark": None, "scores": None, "variant": None}


def run(batch, cfg, make, **more):
    more = {"schools": make.schools, "municipalities": make.municipalities} | more
    return validate_results(batch, cfg=cfg, **more)


def checked(validated, name, event_id="2026-vpr-ru-4"):
    rows = validated.checks
    return rows[(rows["event_id"] == event_id) & (rows["check_name"] == name)].iloc[0]


def test_faultless_rows_all_go_on(make, cfg):
    batch = make.batch([GOOD, GOOD, ABSENT], [{"declared": 3, "rows": 3, "school_name": "МБОУ СОШ №  1"}])
    out = run(batch, cfg, make)
    assert out.findings.empty
    assert out.checks["passed"].all()
    assert out.passed["pupil_code"].tolist() == ["40001", "40002", "40003"]
    assert set(out.checks["check_name"]) == set(RESULT_CHECKS)
    contracts.table("source_result").conform(out.passed)
    assert out.findings.columns.tolist() == findings.COLUMNS


# What is wrong with the second of four rows: code, changes, column, value.
FAULTS = [
    ("RSK-SUM", {"primary_score": 4.0, "mark": 4}, "Первичный балл", "4", "за задания 3, первичный балл в файле 4."),
    ("RSK-SUM", {"scores": (1, X, 1)}, "Первичный балл", "3", "за задания 2, первичный балл в файле 3."),
    ("RSK-MARK-SCALE", {"mark": 4}, "Отметка", "4", "по шкале должна быть 3"),
    ("RSK-SCORE-MAX", {"scores": (1, 3, 0), "primary_score": 4, "mark": 4}, "2", "3", "задание 2 больше максимума 2"),
    ("RSK-SCORE-BLANK", {"scores": (1, B, B), "mark": 3}, "2, 3", None, "за задание 2, 3 не указан"),
    ("RSK-MARK-VALUE", {"mark": 1}, "Отметка", "1", "Отметка «1» недопустима"),
    ("RSK-MARK-VALUE", {"mark": 7}, "Отметка", "7", "Отметка «7» недопустима"),
    ("RSK-MARK-VALUE", {"journal_mark": 6}, "Отметка по журналу", "6", "«6» недопустима"),
    ("RSK-PUPIL-GRADE", {"pupil_code": "50002"}, "Код участника", "50002", "ожидается код 4 класса"),
    ("RSK-PUPIL-GRADE", {"pupil_code": "abc"}, "Код участника", "‹текст, букв: 3›", "ожидается код 4 класса"),
    ("RSK-PUPIL-CODE", {"pupil_code": None}, "Код участника", None, "Код участника «—»"),
    ("RSK-ABSENT-FILLED", {"present": False, "mark": None}, None, None, "отмечен отсутствовавшим"),
    ("RSK-ABSENT-FILLED", {**ABSENT, "scores": (X, 0, X)}, None, None, "отмечен отсутствовавшим"),
    ("RSK-ABSENT-FILLED", {**ABSENT, "mark": 3}, None, None, "отмечен отсутствовавшим"),
    ("RSK-PUPIL-BLANK", {"scores": (B, B, B), "primary_score": None, "mark": None}, None, None, "нет ни одного балла"),
    ("RSK-PUPIL-BLANK", {"scores": None, "primary_score": None, "mark": None}, None, None, "нет ни одного балла"),
    ("RSK-SCORE-COUNT", {"scores": (1, 2)}, None, "2", "Баллов за задания 2, а заданий в заголовке 3"),
    ("RSK-VALUE", {"class_no": 0}, "Класс", "0", "ожидается число не меньше 1"),
    ("RSK-VALUE", {"primary_score": -1.0, "scores": None, "mark": None}, "Первичный балл", "-1", "не меньше 0"),
]  # fmt: skip


@pytest.fixture(scope="module")
def faulty(make):
    """All faults in one batch, a faultless row after each: what Great Expectations says of them in one run."""
    rows = [row for _, changes, *_ in FAULTS for row in (changes, GOOD)]
    return run(make.batch(rows), make.cfg(), make)


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault[0] for fault in FAULTS])
def test_a_fault_holds_its_row_and_no_other(faulty, number):
    code, _, column, value, words = FAULTS[number]
    line = 9 + 2 * number
    found = faulty.findings[faulty.findings["row_number"] == line]
    mine = found[found["code"] == code]
    assert len(mine) == 1, found["message"].tolist()
    row = mine.iloc[0].astype("object").where(mine.iloc[0].notna(), None)
    assert (row["column_name"], row["value"]) == (column, value)
    assert words in row["message"]
    assert (row["file_id"], row["sheet"], row["school"], row["action"]) == ("f1", "Лист", "edu990001", "held")
    assert line not in set(faulty.passed["row_number"])


def test_faultless_rows_beside_faulty_ones_go_on(faulty):
    assert faulty.passed["row_number"].tolist() == [10 + 2 * number for number in range(len(FAULTS))]


FAULTLESS = [
    {"scores": (X, X, X), "primary_score": 0.0, "mark": 2},
    {"scores": (1, 2, 3), "primary_score": 6.0, "mark": 5},
    {"scores": None, "primary_score": 3.0},
    {"journal_mark": 1},
    {"journal_mark": None, "class_no": None, "variant": None},
    {**ABSENT, "scores": (X, X, X)},
    {**ABSENT, "scores": (B, B, B), "primary_score": 0.0},
]


def test_no_fault_is_seen_where_there_is_none(make, cfg):
    out = run(make.batch(FAULTLESS), cfg, make)
    assert out.findings.empty, out.findings["message"].tolist()
    assert len(out.passed) == len(FAULTLESS)


def test_total_above_the_maximum_of_the_work(make, cfg):
    rows = [GOOD, {"primary_score": 7.0, "scores": None, "mark": 5}]
    out = run(make.batch(rows), cfg, make)
    assert out.findings["code"].tolist() == ["RSK-SCORE-TOTAL-MAX"]
    assert out.findings["message"].tolist() == ["Первичный балл 7 больше максимума работы 6."]
    stated = make.batch(rows, files={"f1": make.head((), 8)})
    assert "RSK-SCORE-TOTAL-MAX" not in set(run(stated, cfg, make).findings["code"])


def test_two_scores_above_their_maxima_are_two_findings_of_one_row(make, cfg):
    out = run(make.batch([{"scores": (2, 3, 0), "primary_score": 5.0, "mark": 5}, GOOD]), cfg, make)
    assert out.findings["message"].tolist() == [
        "Балл 2 за задание 1 больше максимума 1.", "Балл 3 за задание 2 больше максимума 2.",
    ]  # fmt: skip
    assert checked(out, "score_range")[["checked", "failed"]].tolist() == [2, 1]


def test_duplicate_codes_are_all_held(make, cfg):
    rows = [GOOD, {"pupil_code": "40007"}, {"pupil_code": "40007"}, {"pupil_code": "40007", "school": "edu990002"}]
    out = run(make.batch(rows), cfg, make)
    assert out.findings["row_number"].tolist() == [10, 11]
    assert set(out.findings["code"]) == {"RSK-PUPIL-DUPLICATE"}
    assert len(out.passed) == 2


def test_ten_and_eleven_have_codes_of_six_digits(make, cfg):
    rows = [{"event_id": "2026-vpr-ru-10", "pupil_code": code, "mark": None} for code in ("100001", "10001")]
    out = run(make.batch(rows), cfg, make)
    assert out.findings["value"].tolist() == ["10001"]


def test_the_same_line_twice(make, cfg):
    out = run(make.batch([{"row_number": 9}, {"row_number": 9}, GOOD]), cfg, make)
    assert set(out.findings["code"]) == {"RSK-VALUE"}
    assert len(out.passed) == 1


def test_rows_are_found_by_place_whatever_the_index(make, cfg):
    batch = make.batch([GOOD] * 50)
    rows = batch.results.copy()
    bad = [3, 17, 48]
    rows.loc[bad, "primary_score"] = 5.0
    rows.index = np.random.default_rng(0).permutation(1000)[:50]
    out = run(ResultBatch(rows[::-1], batch.schools, batch.files), cfg, make)
    assert sorted(out.findings.query("code == 'RSK-SUM'")["row_number"]) == [place + 9 for place in bad]
    assert len(out.passed) == 47


def test_many_faults_have_many_findings(make, cfg):
    out = run(make.batch([{"scores": (1, 1, 0)}] * 600), cfg, make)
    assert (out.findings["code"] == "RSK-SUM").sum() == 600


# --------------------------------------------------------------------------------------------- rules of procedures
def test_rules_that_a_procedure_does_not_have_are_not_asked(make, cfg):
    rows = [{"event_id": "2026-other-ru-4", "primary_score": 99.0, "pupil_code": "x", "mark": 1}]
    out = run(make.batch(rows), cfg, make)
    assert len(out.passed) == 1
    assert set(out.checks["check_name"]) == {
        "structure",
        "contract",
        "pupil_unique",
        "unit_threshold",
        "file_threshold",
        "event_threshold",
    }


def test_works_are_judged_each_by_its_own_rules(make, cfg):
    rows = [{"event_id": "2026-other-ru-4", "mark": 5, "pupil_code": "1"}, {"mark": 5}]
    out = run(make.batch(rows), cfg, make)
    assert out.findings["event_id"].tolist() == ["2026-vpr-ru-4"]
    assert out.passed["event_id"].tolist() == ["2026-other-ru-4"]


def test_unknown_scale_leaves_marks_alone(make, cfg):
    out = run(
        make.batch([{"event_id": "2026-vpr-ma-4", "mark": 5}, {"event_id": "2026-vpr-ma-4", "mark": None}]), cfg, make
    )
    assert out.findings.empty
    assert out.passed["mark"].fillna(0).tolist() == [5, 0]
    check = checked(out, "mark_scale", "2026-vpr-ma-4")
    assert (check["severity"], check["checked"], check["passed"]) == ("info", 0, True)
    assert "Проверка недоступна: шкала работы за 2026 год неизвестна" in check["message"]


@pytest.mark.parametrize(
    "doubt", [{"status": "assumed"}, {"year_from": None, "year_to": None}, {"max_status": "assumed"}]
)
def test_assumed_scale_warns_and_neither_holds_nor_gives_marks(make, doubt):
    cfg = make.cfg(scales=(make.scale(**doubt),))
    out = run(make.batch([{"mark": 5}, {"mark": 3}, {"mark": None}]), cfg, make)
    assert out.findings.empty
    assert out.passed["mark"].fillna(0).tolist() == [5, 3, 0]
    check = checked(out, "mark_scale")
    assert check[["severity", "passed", "checked", "failed"]].tolist() == ["warning", False, 2, 1]
    assert "предположение" in check["message"]


def test_scale_without_borders_is_no_scale(make):
    cfg = make.cfg(scales=(make.scale(borders=None),))
    assert checked(run(make.batch([{"mark": 5}]), cfg, make), "mark_scale")["checked"] == 0


def test_another_maximum_than_the_scale_s_switches_the_scale_off(make, cfg):
    batch = make.batch([{"mark": 5, "scores": (1, 2, 0)}], files={"f1": make.head((1, 2, 5))})
    out = run(batch, cfg, make)
    (finding,) = out.findings.itertuples()
    assert (finding.code, finding.action) == ("RSK-MAX-SCALE", "noted")
    assert "Максимальный балл в файле 8, по шкале работы — 6" in finding.message
    assert len(out.passed) == 1
    assert "максимум работы в файлах не такой" in checked(out, "mark_scale")["message"]


# ------------------------------------------------------------------------------------------------ what follows
def test_score_and_mark_are_filled_in_where_they_follow(make, cfg):
    rows = [
        {"primary_score": None, "mark": None},
        {"primary_score": None, "mark": None, "scores": (X, 2, 3)},
        {"primary_score": 4.0, "mark": None, "scores": None},
        ABSENT,
    ]
    out = run(make.batch(rows), cfg, make)
    assert out.findings.empty
    assert out.passed["primary_score"].fillna(-1).tolist() == [3, 5, 4, -1]
    assert out.passed["mark"].fillna(0).tolist() == [3, 5, 4, 0]


# ---------------------------------------------------------------------------------------------------- schools
def test_declared_against_read(make, cfg):
    schools = [{"declared": 3, "rows": 2}, {"school": "edu990002", "declared": 1, "rows": 1, "row_number": 20}]
    out = run(make.batch([GOOD, GOOD, {"school": "edu990002"}], schools), cfg, make)
    assert out.findings["code"].tolist() == ["RSK-DECLARED"]
    assert out.findings["message"].tolist() == ["В строке школы edu990001 заявлено участников: 3, прочитано строк: 2."]
    assert out.passed["school"].tolist() == ["edu990002"]
    assert out.held_units.values.tolist() == [["2026-vpr-ru-4", "f1", "edu990001", "RSK-DECLARED"]]


def test_unknown_school_is_held_whole(make, cfg):
    out = run(make.batch([GOOD, {"school": "edu999999"}, {"school": "edu999999"}]), cfg, make)
    assert out.findings["code"].tolist() == ["RSK-SCHOOL-UNKNOWN"]
    assert out.passed["school"].tolist() == ["edu990001"]


def test_without_a_register_its_checks_are_not_available(make, cfg):
    out = run(make.batch([{"school": "edu999999"}]), cfg, make, schools=None)
    assert len(out.passed) == 1
    check = checked(out, "school_known")
    assert (check["checked"], check["severity"]) == (0, "info")
    assert "нет реестра школ" in check["message"]


@pytest.mark.parametrize(
    ("school", "code", "words"),
    [
        ({"municipality": "m9"}, "RSK-MUNICIPALITY-UNKNOWN", "Муниципалитета «m9» нет в реестре"),
        ({"municipality_name": "Западный район"}, "RSK-MUNICIPALITY-UNKNOWN", "«Западный район»"),
        ({"municipality": "m2"}, "RSK-MUNICIPALITY-OTHER", "в реестре — «Северный район»"),
        ({"municipality_name": "Южный  район"}, "RSK-MUNICIPALITY-OTHER", "стоит в муниципалитете «Южный  район»"),
        ({"school_name": "Гимназия № 1"}, "RSK-SCHOOL-RENAMED", "в файле «Гимназия № 1», в реестре — «МБОУ «СОШ № 1»»"),
    ],
)
def test_school_that_differs_from_the_register_is_noted_and_goes_on(make, cfg, school, code, words):
    out = run(make.batch([GOOD], [{"rows": 1, **school}]), cfg, make)
    assert out.findings["code"].tolist() == [code]
    assert words in out.findings["message"].iloc[0]
    assert out.findings["action"].tolist() == ["noted"]
    assert len(out.passed) == 1


@pytest.mark.parametrize(
    "school",
    [
        {"municipality": "m1", "municipality_name": "Северный район"},
        {"municipality_name": "северный РАЙОН"},
        {"school_name": 'мбоу "СОШ № 1"'},
        {"school_name": "МБOУ «CОШ № 1»"},  # Latin O and C
        {},
    ],
)
def test_the_same_said_otherwise_is_the_same(make, cfg, school):
    assert run(make.batch([GOOD], [{"rows": 1, **school}]), cfg, make).findings.empty


def test_a_school_s_present_place_and_name_count(make, cfg):
    school = {"school": "edu990002", "rows": 1, "municipality": "m2", "school_name": "МБОУ «СОШ № 2»"}
    assert run(make.batch([{"school": "edu990002"}], [school]), cfg, make).findings.empty


LATER = pd.Timestamp("2026-09-01")


@pytest.fixture
def changed(make):
    """After the event's day: the school and its district were renamed, the school moved, the old name is another's."""
    schools = make.schools.query("school == 'edu990001'")
    schools = pd.concat([schools, schools.assign(name="МАОУ «Лицей № 1»", municipality="m2", valid_from=LATER)])
    places = make.municipalities
    renamed = places.query("municipality == 'm1'").assign(name="Северный округ", valid_from=LATER)
    heir = renamed.assign(municipality="m3", name="Северный район")
    return {"schools": schools, "municipalities": pd.concat([places, renamed, heir])}


def test_what_the_register_said_on_the_event_s_day_counts(make, cfg, changed):
    school = {"rows": 1, "municipality_name": "Северный район", "school_name": "МБОУ «СОШ № 1»"}
    assert run(make.batch([GOOD], [school]), cfg, make, **changed).findings.empty


@pytest.mark.parametrize(
    ("school", "codes"),
    [
        ({"municipality_name": "Северный округ"}, []),
        ({"municipality_name": "Южный район"}, ["RSK-MUNICIPALITY-OTHER"]),
        ({"school_name": "МАОУ «Лицей № 1»"}, ["RSK-SCHOOL-RENAMED"]),
    ],
)
def test_a_municipality_s_name_of_another_time_is_known_a_school_s_is_noted(make, cfg, changed, school, codes):
    out = run(make.batch([GOOD], [{"rows": 1, **school}]), cfg, make, **changed)
    assert out.findings["code"].tolist() == codes
    assert len(out.passed) == 1


# ------------------------------------------------------------------------------------------------- thresholds
def test_school_over_its_threshold_is_held_whole(make):
    cfg = make.cfg(unit=0.2)
    rows = [{"mark": 5}] * 3 + [GOOD] * 7 + [{"school": "edu990002"}] * 10
    out = run(make.batch(rows), cfg, make)
    over = out.findings[out.findings["code"] == "RSK-UNIT-THRESHOLD"]
    assert over["message"].tolist() == [
        "У школы edu990001 не прошло проверку 3 из 10 строк — больше допустимого (20 %); данные школы удержаны целиком."
    ]
    assert set(out.passed["school"]) == {"edu990002"}
    assert checked(out, "unit_threshold")[["checked", "failed"]].tolist() == [2, 1]


def test_school_at_its_threshold_is_not_held(make):
    out = run(make.batch([{"mark": 5}] * 2 + [GOOD] * 8), make.cfg(unit=0.2), make)
    assert len(out.passed) == 8


def test_rows_that_a_reader_could_not_read_count_as_failed(make):
    batch = make.batch([GOOD] * 7, [{"declared": 10, "rows": 10}])
    out = run(batch, make.cfg(unit=0.2), make)
    assert out.findings["code"].tolist() == ["RSK-UNIT-THRESHOLD"]
    assert "3 из 10" in out.findings["message"].iloc[0]
    assert out.passed.empty


def of_file(file_id, bad, good, school="edu990001"):
    """Rows of a file: so many with a wrong mark, so many without; a pupil has a code of its own."""
    codes = (f"40{int(file_id[1:]):02}{number}" for number in range(bad + good))
    return [
        {"file_id": file_id, "school": school, "pupil_code": code, **({"mark": 5} if number < bad else {})}
        for number, code in enumerate(codes)
    ]


def of_code(out, code):
    return out.findings[out.findings["code"] == code]


def test_file_over_its_threshold_is_held_and_the_others_go_on(make):
    """Counted by event alone, 5 of 24 rows would hold the good files too."""
    batch = make.batch(of_file("f1", 5, 3) + of_file("f2", 0, 8, "edu990002") + of_file("f3", 0, 8))
    out = run(batch, make.cfg(event=0.1), make)
    over = of_code(out, "RSK-FILE-THRESHOLD")
    assert over[["event_id", "file_id", "school", "action"]].values.tolist() == [
        ["2026-vpr-ru-4", "f1", "edu990001", "held"]
    ]
    assert over["message"].tolist() == [
        "В файле не прошло проверку 5 из 8 строк — больше допустимого (10 %); данные файла по этой работе удержаны"
        " целиком."
    ]
    assert out.passed["file_id"].value_counts().to_dict() == {"f2": 8, "f3": 8}
    assert out.held_events == ()
    assert out.held_units.values.tolist() == [["2026-vpr-ru-4", "f1", "edu990001", "RSK-FILE-THRESHOLD"]]
    assert checked(out, "file_threshold")[["checked", "failed", "passed"]].tolist() == [3, 1, False]
    assert checked(out, "event_threshold")[["checked", "failed", "passed"]].tolist() == [16, 0, True]


def test_a_file_is_held_with_all_its_schools(make):
    batch = make.batch(of_file("f1", 5, 3) + [{"school": "edu990002"}] * 4)
    out = run(batch, make.cfg(file=0.3, unit=0.5), make)
    over = of_code(out, "RSK-FILE-THRESHOLD")
    assert over["school"].isna().all()
    assert len(over) == 1
    assert out.passed.empty
    assert sorted(out.held_units[["school", "code"]].itertuples(index=False, name=None)) == [
        ("edu990001", "RSK-FILE-THRESHOLD"),
        ("edu990001", "RSK-UNIT-THRESHOLD"),
        ("edu990002", "RSK-FILE-THRESHOLD"),
    ]


def test_a_school_over_its_threshold_is_not_told_of_its_file_too(make):
    out = run(make.batch(of_file("f1", 5, 3)), make.cfg(unit=0.2, event=0.1), make)
    assert len(of_code(out, "RSK-UNIT-THRESHOLD")) == 1
    assert of_code(out, "RSK-FILE-THRESHOLD").empty
    assert "порог превышен у каждого файла или школы по отдельности" in checked(out, "event_threshold")["message"]


def test_a_school_over_its_threshold_does_not_hold_the_event(make):
    """One file of all schools: what remains without the school that is held is good."""
    batch = make.batch(of_file("f1", 4, 0) + [{"school": "edu990002"}] * 20)
    out = run(batch, make.cfg(unit=0.2, file=0.2, event=0.1), make)
    assert out.held_events == ()
    assert set(out.passed["school"]) == {"edu990002"}


def test_many_files_that_fail_a_little_hold_the_event(make):
    files = [row for number in (1, 2, 3) for row in of_file(f"f{number}", 2, 8)]
    out = run(make.batch([*files, {"event_id": "2026-vpr-ma-4"}]), make.cfg(file=0.2, event=0.1), make)
    assert out.held_events == ("2026-vpr-ru-4",)
    assert out.passed["event_id"].tolist() == ["2026-vpr-ma-4"]
    assert of_code(out, "RSK-FILE-THRESHOLD").empty
    over = of_code(out, "RSK-EVENT-THRESHOLD")
    assert over[["event_id", "file_id", "action"]].values.tolist() == [["2026-vpr-ru-4", "f1", "held"]]
    check = checked(out, "event_threshold")
    assert check[["checked", "failed", "passed"]].tolist() == [30, 6, False]
    assert "Не прошло: 6 из 30. Работа удержана целиком." in check["message"]


def test_a_single_failing_row_holds_no_file_and_no_event(make):
    out = run(make.batch(of_file("f1", 1, 2)), make.cfg(event=0.1), make)
    assert out.findings["code"].tolist() == ["RSK-MARK-SCALE"]
    assert len(out.passed) == 2


def test_a_released_file_goes_on_and_does_not_hold_the_event(make):
    cfg = make.cfg(event=0.1)
    batch = make.batch(of_file("f1", 5, 3) + of_file("f2", 0, 8, "edu990002"))
    first = released(run(batch, cfg, make))
    out = run(batch, cfg, make, released=first[first["code"] == "RSK-FILE-THRESHOLD"])
    assert out.held_events == ()
    assert out.passed["file_id"].value_counts().to_dict() == {"f1": 3, "f2": 8}
    assert checked(out, "file_threshold")["passed"]


def test_events_of_one_file_are_weighed_and_released_each_by_itself(make):
    other = [row | {"event_id": "2026-vpr-ma-4", "mark": 1} for row in of_file("f1", 0, 4)]
    cfg = make.cfg(event=0.1)
    batch = make.batch(of_file("f1", 5, 3) + other)
    first = released(run(batch, cfg, make))
    files = of_code(run(batch, cfg, make), "RSK-FILE-THRESHOLD")
    assert sorted(files["event_id"]) == ["2026-vpr-ma-4", "2026-vpr-ru-4"]
    one = first[(first["code"] == "RSK-FILE-THRESHOLD") & (first["event_id"] == "2026-vpr-ru-4")]
    out = run(batch, cfg, make, released=one)
    assert set(out.passed["event_id"]) == {"2026-vpr-ru-4"}


# ---------------------------------------------------------------------------------------------------- release
def released(out, **changes):
    """The findings as a person who lets them through leaves them in the quarantine."""
    return out.findings.assign(action="released", released_by="методист", reason="сверено", **changes)


def test_released_row_goes_on_as_it_is(make, cfg):
    batch = make.batch([GOOD, {"mark": 5}])
    first = run(batch, cfg, make)
    out = run(batch, cfg, make, released=released(first))
    assert out.passed["mark"].tolist() == [3, 5]
    assert out.findings["action"].tolist() == ["released"]
    assert checked(out, "mark_scale")["passed"]


def test_release_of_one_finding_leaves_the_other(make, cfg):
    batch = make.batch([GOOD, {"mark": 5, "pupil_code": "50001"}])
    first = released(run(batch, cfg, make))
    out = run(batch, cfg, make, released=first[first["code"] == "RSK-MARK-SCALE"])
    assert out.findings.set_index("code")["action"].to_dict() == {
        "RSK-MARK-SCALE": "released",
        "RSK-PUPIL-GRADE": "held",
    }
    assert len(out.passed) == 1


def test_release_is_for_its_place_and_code_alone(make, cfg):
    batch = make.batch([GOOD, {"mark": 5}])
    first = run(batch, cfg, make)
    others = ({"file_id": "f2"}, {"row_number": 77}, {"code": "RSK-SUM"}, {"sheet": "Другой"})
    elsewhere = pd.concat([released(first, **changes) for changes in others])
    assert len(run(batch, cfg, make, released=elsewhere).passed) == 1


def test_dropped_rows_stay_held(make, cfg):
    batch = make.batch([GOOD, {"mark": 5}])
    decided = released(run(batch, cfg, make)).assign(action="dropped")
    assert len(run(batch, cfg, make, released=decided).passed) == 1


def test_what_could_not_be_read_cannot_be_released(make, cfg):
    batch = make.batch([GOOD, {"scores": (1, 2)}])
    out = run(batch, cfg, make, released=released(run(batch, cfg, make)))
    assert out.findings["action"].tolist() == ["held"]


def test_of_two_released_duplicates_one_goes_on(make, cfg):
    batch = make.batch([{"pupil_code": "40007"}, {"pupil_code": "40007"}, GOOD])
    first = released(run(batch, cfg, make))
    both = run(batch, cfg, make, released=first)
    assert both.passed["row_number"].tolist() == [9, 11]
    assert both.findings["action"].tolist() == ["released", "held"]
    second = run(batch, cfg, make, released=first[first["row_number"] == 10])
    assert second.passed["row_number"].tolist() == [10, 11]


def test_released_blank_is_stored_as_not_started(make, cfg):
    batch = make.batch([{"scores": (1, 2, B)}])
    out = run(batch, cfg, make, released=released(run(batch, cfg, make)))
    assert out.passed["scores"].iloc[0].tolist() == [1, 2, X]
    assert batch.results["scores"].iloc[0].tolist() == [1, 2, B]


def test_released_school_and_event_go_on(make):
    cfg = make.cfg(file=0.5, event=0.1)
    batch = make.batch([{"mark": 5}] * 3 + [GOOD] * 7, [{"declared": 11, "rows": 10}])
    first = released(run(batch, cfg, make))
    whole = first[first["code"].isin(["RSK-EVENT-THRESHOLD", "RSK-DECLARED"])]
    assert len(whole) == 2
    out = run(batch, cfg, make, released=whole)
    assert len(out.passed) == 7
    assert out.held_events == ()


def test_released_rows_no_longer_count_for_a_threshold(make):
    cfg = make.cfg(unit=0.2)
    batch = make.batch([{"mark": 5}] * 3 + [GOOD] * 7)
    first = released(run(batch, cfg, make))
    out = run(batch, cfg, make, released=first[first["code"] == "RSK-MARK-SCALE"])
    assert len(out.passed) == 10


# ------------------------------------------------------------------------------------------- broken tables
def test_nothing_at_all(make, cfg):
    out = run(make.batch([]), cfg, make)
    assert out.passed.empty
    assert out.findings.empty
    assert out.checks.empty


def test_event_that_must_have_rows_and_has_none(make, cfg):
    batch = make.batch([GOOD])
    out = run(ResultBatch(batch.results, batch.schools, batch.files, events=["2026-vpr-ma-4"]), cfg, make)
    assert out.findings["code"].tolist() == ["RSK-EVENT-EMPTY"]
    assert out.held_events == ("2026-vpr-ma-4",)
    assert not checked(out, "structure", "2026-vpr-ma-4")["passed"]
    assert (out.checks["event_id"] == "2026-vpr-ma-4").sum() == 1
    assert len(out.passed) == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda rows: rows.drop(columns="school"), "нет столбца «school»"),
        (lambda rows: rows.astype({"mark": "object"}).assign(mark=[3, "три"]), "в столбце «mark» смешаны значения"),
        (lambda rows: rows.assign(event_id=[None, "2026-vpr-ru-4"]), "у строк не указано событие"),
        (lambda rows: rows.assign(event_id="1999-vpr-ru-4"), "в календаре нет события 1999-vpr-ru-4"),
    ],
    ids=["missing column", "mixed types", "no event", "unknown event"],
)
def test_a_broken_table_holds_everything_and_says_so(make, cfg, spoil, words):
    batch = make.batch([GOOD, GOOD])
    out = run(ResultBatch(spoil(batch.results), batch.schools, batch.files), cfg, make)
    assert out.passed.empty
    assert set(out.findings["code"]) == {"RSK-STRUCTURE"}
    assert words in out.findings["message"].iloc[0]
    assert out.held_events
    assert not out.checks["passed"].any()


def test_a_check_that_breaks_holds_its_events(make, cfg, monkeypatch):
    from rsoko_pipeline.validation import engine
    from rsoko_pipeline.validation.checks import Outcome

    real = engine.run
    monkeypatch.setattr(
        engine, "run", lambda frame, checks: [*real(frame, checks)[1:], Outcome(checks[0], broken="сбой")]
    )
    out = run(make.batch([GOOD]), cfg, make)
    assert out.passed.empty
    assert out.held_events == ("2026-vpr-ru-4",)
    assert "сбой" in out.findings["message"].iloc[0]


def test_messages_say_what_and_how_to_mend(make, cfg):
    message = checked(run(make.batch([GOOD, {"mark": 5}]), cfg, make), "mark_scale")["message"]
    assert message == (
        "Отметка соответствует первичному баллу по шкале, если шкала известна. Не прошло: 1 из 2. Такие строки удержаны"
        " в карантине. Что сделать: исправьте отметку или балл; шкала работы указана в описании процедуры."
    )


def test_finding_of_each_kind_is_told_once(make, cfg):
    """A mark of 7 breaks the contract and the rule: one finding, not two."""
    out = run(make.batch([GOOD, {"mark": 7}]), cfg, make)
    assert (out.findings["code"] == "RSK-MARK-VALUE").sum() == 1
    pd.testing.assert_series_equal(
        out.findings["severity"], pd.Series(["error"] * len(out.findings), dtype="str"), check_names=False
    )
