"""Registers through whole runs: unknown schools confirmed by a person, old logins, schools and districts that moved."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.engine import Engine

from ..installation import Installation
from .files import csv, f1, put

RU4, OLD_RU4 = "2026-vpr-ru-4", "2021-vpr-ru-4"
REGISTER = csv("""Код ОО;Название ОО;Код муниципалитета;Муниципалитет
edu990001;МБОУ «СОШ № 1»;m1;Северный район
edu990002;МКОУ «Придумкинская ООШ»;m2;Южный район
""")


@pytest.fixture
def installation(tmp_path: Path, engine: Engine) -> Installation:
    return Installation.at(tmp_path / "home", engine)


def stored(installation: Installation, event: str = RU4) -> dict[str, int]:
    query = "select school, count(*) from core.fact_result where event_id = :event group by 1"
    return dict(installation.ask(query, event=event))


def held(installation: Installation) -> list[tuple[str, str]]:
    return installation.ask("select code, school from ops.quarantine where action = 'held' order by 1, 2")


def test_an_unknown_school_is_confirmed_by_a_person_and_its_rows_are_stored(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", REGISTER)
    schools = {"edu990001": "МБОУ «СОШ № 1»", "edu990777": "Придумкинская основная общеобразовательная школа"}
    put(installation.landing, "Ф1.xlsx", f1(schools))
    installation.run()
    assert stored(installation) == {"edu990001": 3}
    assert held(installation) == [("RSK-SCHOOL-UNKNOWN", "edu990777")]
    assert installation.ask("select event_id, sent_code, rows from ops.unknown_school") == [(RU4, "edu990777", 3)]

    offered = installation.outbox / "registers" / "Неизвестные школы.xlsx"
    workbook = openpyxl.load_workbook(offered)
    sheet = workbook.active
    heads = {cell.value: cell.column for cell in sheet[1]}
    row = {head: sheet.cell(2, column).value for head, column in heads.items()}
    assert sheet.max_row == 2
    assert (row["Код, как в файле"], row["Название, как в файле"]) == (
        "edu990777",
        "Придумкинская основная общеобразовательная школа",
    )
    assert row["Кандидат 1: код"] == "edu990002" and row["Кандидат 1: сходство"] >= 80
    assert row["Кандидат 1: муниципалитет"] == "Южный район"
    assert row["Подтверждённый код ОО"] is None and row["Кто подтвердил"] is None

    # the file as it came out confirms nothing
    put(installation.landing, "Неизвестные школы.xlsx", offered.read_bytes())
    installation.run()
    assert stored(installation) == {"edu990001": 3}

    sheet.cell(2, heads["Подтверждённый код ОО"]).value = "edu990002"
    sheet.cell(2, heads["Кто подтвердил"]).value = "специалист РЦОИ"
    workbook.save(installation.landing / "Подтверждено.xlsx")
    summary = installation.run()
    assert summary.events == [RU4]
    assert stored(installation) == {"edu990001": 3, "edu990002": 3}
    assert not [code for code, _ in held(installation) if code == "RSK-SCHOOL-UNKNOWN"]
    assert installation.ask("select sent_code, school, confirmed_by from core.school_alias") == [
        ("edu990777", "edu990002", "специалист РЦОИ")
    ]
    assert installation.one("select confirmed_at from core.school_alias") is not None
    assert installation.ask(
        "select unit_code, unit_name, parent_code, participants from mart.mark_statistics where level = 'school'"
        " order by 1"
    ) == [("edu990001", "МБОУ «СОШ № 1»", "m1", 3), ("edu990002", "МКОУ «Придумкинская ООШ»", "m2", 3)]
    assert dict(
        installation.ask("select school, status from mart.upload_status where event_id = :event", event=RU4)
    ) == {"edu990001": "loaded", "edu990002": "loaded"}
    assert not offered.exists()
    assert installation.run().did_nothing


def test_a_confirmation_that_cannot_be_is_held_and_changes_nothing(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", REGISTER)
    put(installation.landing, "Ф1.xlsx", f1({"edu990777": "Школа"}))
    put(
        installation.landing,
        "Подтверждено.csv",
        csv("""Код, как в файле;Подтверждённый код ОО;Кто подтвердил
edu990777;edu990999;методист
edu990001;edu990002;методист
edu990778;edu990001;
"""),
    )
    installation.run(until="marts")
    codes = "select row_number, code from ops.quarantine where code like 'RSK-ALIAS%' or code = 'RSK-VALUE' order by 1"
    assert installation.ask(codes) == [(2, "RSK-ALIAS-SCHOOL"), (3, "RSK-ALIAS-TAKEN"), (4, "RSK-VALUE")]
    assert installation.one("select count(*) from core.school_alias") == 0
    assert stored(installation) == {}


def test_a_confirmation_of_an_unknown_school_is_found_when_it_comes_after_the_register(
    installation: Installation,
) -> None:
    put(installation.landing, "Реестр.csv", REGISTER)
    installation.run(until="marts")
    head = "Код, как в файле;Подтверждённый код ОО;Кто подтвердил\n"
    put(installation.landing, "Подтверждено.csv", csv(head + "edu990777;edu990999;методист\n"))
    assert installation.run(until="marts").events == []
    assert installation.ask(
        "select f.name, q.row_number, q.code from ops.quarantine q join ops.landing_file f"
        " using (file_id) where q.code like 'RSK-ALIAS%'"
    ) == [("Подтверждено.csv", 2, "RSK-ALIAS-SCHOOL")]


def test_results_of_each_year_stand_in_the_district_and_under_the_name_of_that_year(installation: Installation) -> None:
    put(
        installation.landing,
        "Реестр.csv",
        csv("""Код ОО;Название ОО;Код муниципалитета;Муниципалитет;Действует с;Действует по
edu990001;Школа № 1;m1;Северный район;;31.08.2023
edu990001;Лицей «Звезда»;m2;Южный район;01.09.2023;
edu990002;Школа № 2;m3;Западный район;;
"""),
    )
    put(
        installation.landing,
        "Муниципалитеты.csv",
        csv("""Код муниципалитета;Муниципалитет;Предшественники;Действует с;Действует по
m1;Северный район;;;
m2;Южный район;;;31.12.2024
m2;Южный муниципальный округ;;01.01.2025;
m3;Западный район;;;31.12.2023
m4;Большой округ;m3;01.01.2024;
"""),
    )
    for year in (2021, 2026):
        schools = {"edu990001": "Школа № 1", "edu990002": "Школа № 2"}
        put(installation.landing, f"Ф1 {year}.xlsx", f1(schools, year=year))
    installation.run(until="marts")

    def places(event: str) -> list[tuple[object, ...]]:
        query = """select unit_code, unit_name, parent_code from mart.mark_statistics
                   where event_id = :event and level in ('school', 'municipality') order by level desc, unit_code"""
        return installation.ask(query, event=event)

    assert places(OLD_RU4) == [
        ("edu990001", "Школа № 1", "m1"), ("edu990002", "Школа № 2", "m3"),
        ("m1", "Северный район", "99"), ("m3", "Западный район", "99"),
    ]  # fmt: skip
    assert places(RU4) == [
        ("edu990001", "Лицей «Звезда»", "m2"), ("edu990002", "Школа № 2", "m4"),
        ("m2", "Южный муниципальный округ", "99"), ("m4", "Большой округ", "99"),
    ]  # fmt: skip


def test_data_under_an_old_login_are_the_schools_and_a_later_file_replaces_them(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", REGISTER)
    put(
        installation.landing,
        "Коды.csv",
        csv("""Код ОО;Вид кода;Код в системе;Действует с;Действует по
edu990001;Логин ФИС ОКО;edu990901;;31.08.2026
"""),
    )
    put(installation.landing, "Ф1.xlsx", f1({"edu990901": "СОШ № 1"}, pupils=2))
    installation.run(until="marts")
    assert stored(installation) == {"edu990001": 2}
    assert held(installation) == []
    put(installation.landing, "Ф1 заново.xlsx", f1({"edu990001": "МБОУ «СОШ № 1»"}, pupils=4))
    installation.run(until="marts")
    assert stored(installation) == {"edu990001": 4}
    assert installation.ask("select school, value from ops.quarantine where code = 'RSK-UNIT-REPLACED'") == [
        ("edu990001", "edu990901")
    ]


def test_the_last_count_before_the_end_of_the_window_is_what_is_covered(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", REGISTER)
    head = "Код ОО;Учебный год;На дату;Класс;Номер класса;Обучающихся\n"
    put(installation.landing, "Сентябрь.csv", csv(head + "edu990001;2025/2026;05.09.2025;4;1;9\n"))
    put(installation.landing, "Июль.csv", csv(head + "edu990001;2025/2026;01.07.2026;4;1;99\n"))
    put(installation.landing, "Ф1.xlsx", f1({"edu990001": "СОШ № 1"}))
    installation.run(until="marts")
    enrolled = "select enrolled from mart.coverage where level = 'school' and unit_code = 'edu990001'"
    assert installation.ask(enrolled) == [(9,)]
    put(installation.landing, "Январь.csv", csv(head + "edu990001;2025/2026;15.01.2026;4;1;6\n"))
    installation.run(until="marts")
    assert installation.ask(enrolled) == [(6,)]
    assert installation.one("select count(*) from core.fact_contingent") == 3


def test_the_context_of_schools_is_kept_by_date(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", REGISTER)
    head = "Код ОО;На дату;Учеников всего;Учеников с ОВЗ\n"
    put(installation.landing, "Условия 2024.csv", csv(head + "edu990001;20.09.2024;600;30\nedu990002;20.09.2024;90;\n"))
    put(installation.landing, "Условия 2025.csv", csv(head + "edu990001;20.09.2025;610;40\n"))
    installation.run(until="marts")
    assert installation.ask(
        "select school, counted_on::text, measure, coalesce(value, numerator)::int from core.fact_context"
        " order by 2, 1, 3"
    ) == [
        ("edu990001", "2024-09-20", "pupils", 600), ("edu990001", "2024-09-20", "special_needs", 30),
        ("edu990002", "2024-09-20", "pupils", 90),
        ("edu990001", "2025-09-20", "pupils", 610), ("edu990001", "2025-09-20", "special_needs", 40),
    ]  # fmt: skip


SHORT_HEAD = "Код ОО;Название ОО;Код муниципалитета;Муниципалитет;Код РИС;Действует с;Действует по\n"
KNOWN = (
    "edu990001;Школа № 1;m1;Северный район;990001;;31.08.2023\n"
    "edu990001;Лицей № 1;m1;Северный район;990001;01.09.2023;\n"
    "edu990002;Школа № 2;m2;Южный район;990002;;\n"
)


def _schools(installation: Installation) -> list[tuple[str, str, str]]:
    return installation.ask("select school, name, ris_code from core.dim_school order by school, valid_from")


def test_a_register_with_too_many_errors_changes_nothing(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", csv(SHORT_HEAD + KNOWN))
    put(installation.landing, "Ф1.xlsx", f1({"edu990001": "Лицей № 1"}))
    installation.run(until="marts")
    before = _schools(installation)
    assert len(before) == 3
    wrong = KNOWN.replace("01.09.2023", "31.09.2023").replace(";99000", ";88000")
    put(installation.landing, "Новый реестр.csv", csv(SHORT_HEAD + wrong + wrong.splitlines()[2] + "\n"))
    assert installation.run(until="marts").events == []
    assert _schools(installation) == before
    refused = "select status, rows_quarantined from ops.landing_file where name = 'Новый реестр.csv'"
    assert installation.ask(refused) == [("refused", 2)]
    (message,) = installation.ask("select message from ops.quarantine where code = 'RSK-REGISTER-THRESHOLD'")
    assert "2 из 4" in message[0] and "5 %" in message[0] and "действуют прежние" in message[0]


def test_a_row_with_an_error_leaves_the_earlier_rows_of_its_school_in_force(installation: Installation) -> None:
    put(installation.landing, "Реестр.csv", csv(SHORT_HEAD + KNOWN))
    installation.run(until="marts")
    new = KNOWN.replace("01.09.2023", "31.09.2023").replace(";99000", ";88000") + "edu990003;Школа № 3;m2;;880003;;\n"
    put(installation.landing, "Новый реестр.csv", csv(SHORT_HEAD + new))
    installation.run(until="marts")
    assert _schools(installation) == [
        ("edu990001", "Школа № 1", "990001"),
        ("edu990001", "Лицей № 1", "990001"),
        ("edu990002", "Школа № 2", "880002"),
        ("edu990003", "Школа № 3", "880003"),
    ]
    (kept,) = installation.ask("select school, message from ops.quarantine where code = 'RSK-REGISTER-KEPT'")
    assert kept[0] == "edu990001" and "«Реестр.csv»" in kept[1]
