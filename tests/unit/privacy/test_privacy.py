"""Personal headers are known, what looks like a person is taken out of texts, everything else stays."""

from __future__ import annotations

import pytest

from rsoko_pipeline import privacy


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("ФИО", "фамилия и имя"),
        ("Ф. И. О.  ученика", "фамилия и имя"),
        ("Фамилия", "фамилия"),
        ("Фaмилия", "фамилия"),  # a Latin a
        ("SurnameCell", "фамилия"),
        ("NameCell", "имя"),
        ("SecondNameCell", "отчество"),
        ("Дата рождения", "дата рождения"),
        ("дата_рождения", "дата рождения"),
        ("Серия", "серия документа"),
        ("Серия/номер паспорта", "серия и номер документа"),
        ("DocumentNumberCode", "номер документа"),
        ("СНИЛС участника", "СНИЛС"),
        ("Контактный телефон", "телефон"),
        ("E-mail", "электронная почта"),
    ],
)
def test_personal_headers(header: str, what: str) -> None:
    assert privacy.personal_data(header) == what
    assert privacy.is_personal_header(header)


@pytest.mark.parametrize(
    "header",
    ["Код участника", "Социальный паспорт", "Наименование ОО", "№ бланка", "ИНН", "Имя файла", "Класс", "1 (2б)", ""],
)
def test_other_headers(header: str) -> None:
    assert not privacy.is_personal_header(header)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Иванова Мария 9А.xlsx", "‹имя› 9А.xlsx"),
        ("иванов_иван_русский.xlsx", "‹имя›.xlsx"),
        ("Петрова Анна Сергеевна, 14.05.2011", "‹имя›, ‹дата›"),
        ("ПЕТРОВА АННА СЕРГЕЕВНА", "‹имя›"),
        ("протокол Кузнецова П.А.", "протокол ‹имя›"),
        ("рожд. 2011-05-14", "рожд. ‹дата›"),
        ("паспорт 4508 123456", "паспорт ‹документ›"),
        ("свидетельство I-АБ № 123456", "свидетельство ‹документ›"),
        ("112-233-445 95", "‹документ›"),
        ("тел. 8 (905) 123-45-67, pupil@example.ru", "тел. ‹телефон›, ‹почта›"),
    ],
)
def test_mask_takes_out_what_looks_like_a_person(text: str, shown: str) -> None:
    assert privacy.mask(text) == shown


@pytest.mark.parametrize(
    "name",
    [
        # surname, first name, patronymic: genitive, dative, accusative, instrumental, prepositional
        "Смирнова Сергея Юрьевича",
        "Смирнову Сергею Юрьевичу",
        "Смирновым Сергеем Юрьевичем",
        "Смирнове Сергее Юрьевиче",
        "Петровой Анны Петровны",
        "Петровой Анне Петровне",
        "Петрову Анну Петровну",
        "Петровой Анной Петровной",
        "Петровою Анною Петровною",
        "Ивановым Петром Ильичом",
        "Ивановой Любови Ильиничны",
        "Ивановой Любовью Никитичной",
        "ПЕТРОВОЙ АННЕ ПЕТРОВНЕ",
        "Мамедову Вугару Намик оглы",
        "Мамедовой Вугары Намик кызы",
        # other orders, without a surname or a patronymic, with initials
        "Сергею Юрьевичу Смирнову",
        "Сергея Юрьевича",
        "Владимиром Ильичом",
        "Павла Львовича",
        "Льву Игоревичу",
        "Марии Васильевне Бережной",
        "Агнии Карповне",
        "Хасановой Алсу Хасановны",
        "Юлии Римской-Корсаковой",
        "Петровой-Водкиной Анны Петровны",
        "Ивану Оболенскому",
        "Игоря Ковальчука",
        "Смирнову С. Ю.",
        "С.Ю. Смирнову",
        "А. П. Петровой-Водкиной",
    ],
)
def test_a_name_is_masked_in_every_case_and_order(name: str) -> None:
    assert privacy.mask(f"О поощрении учителя {name} за работу") == "О поощрении учителя ‹имя› за работу"
    assert privacy.mask(f"награда: {name}, приказ № 3") == "награда: ‹имя›, приказ № 3"


def test_the_dot_of_a_last_initial_goes_and_that_of_an_extension_stays() -> None:
    assert privacy.mask("главный специалист Кузнецова П. А.; отдел") == "главный специалист ‹имя›; отдел"
    assert privacy.mask_file_name("Кузнецова П.А.xlsx") == "‹имя›.xlsx"


def test_what_is_no_dedication() -> None:
    assert privacy.mask("от имени директора Петровой Анны Петровны") == "от имени директора ‹имя›"
    assert privacy.mask("выдано им учителем Смирновым Сергеем Юрьевичем") == "выдано им учителем ‹имя›"
    assert privacy.mask("школа имени Пушкина учителю Смирнову С. Ю.") == "школа имени Пушкина учителю ‹имя›"


def test_names_of_files_with_a_surname_and_another_name() -> None:
    assert privacy.mask_label("2025/Зябликовкин Еремей.csv") == "2025/‹имя›.csv"
    assert privacy.mask_label("Зябликовкина_русский_4.xlsx") == "‹имя›_4.xlsx"
    assert privacy.mask_label("формы/edu990001 Зябликовкин.xlsx") == "формы/edu990001 ‹имя›.xlsx"
    for name in (
        "Сентябрь/Контингент, Тверской район.csv",
        "Реестр школ.xlsx",
        "Русский язык 4.xlsx",
        "Основной период.xlsx",
        "Половине школ.xlsx",
        "Ф1_РУ_4.xlsx",
        "Подтверждено.csv",
    ):
        assert privacy.mask_label(name) == privacy.mask_file_name(name) == name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("МБОУ «Гимназия А. С. Пушкина»", "МБОУ «Гимназия А. С. Пушкина»"),
        ("МБОУ «СОШ им. Героя Союза Ивана Петровича Сидорова»", "МБОУ «СОШ им. Героя Союза Ивана Петровича Сидорова»"),
        ("Школа Ивана Петровича Сидорова", "Школа Ивана Петровича Сидорова"),
        ("Прогимназия Юрия Гагарина", "Прогимназия Юрия Гагарина"),
        ("Школа № 1", "Школа № 1"),
        ("Иванов Иван", "‹имя›"),
        ("Школа, Иванов Иван Петрович", "Школа, ‹имя›"),
    ],
)
def test_an_organisation_keeps_its_name_and_a_person_does_not(name: str, kept: str) -> None:
    assert privacy.mask_organisation(name) == kept


@pytest.mark.parametrize(
    "text",
    [
        "МБОУ СОШ № 3 им. А. С. Пушкина",
        "МБОУ «Лицей имени Героя Советского Союза Иванова Ивана Петровича»",
        "Школа имени Юрия Гагарина",
        "школа им. дважды Героя Советского Союза Петрова Ивана Петровича",
        "школа имени лётчика-космонавта Юрия Гагарина",
        "Петровский район, село Ильинское, Барановичи, Иваново",
        "посёлок Заветы Ильича",
        "в Марте, в Мае, Русский Язык, Родная Литература",
        "основна, духовна, весна, равна, логична, типична, полковна, величина, обычном, ничем, кирпичом, ключевой",
        "Логична Программа, Духовной Традиции, Величина Класса, Обычном Уроке, Кирпичом Красным, Ключевой Показатель",
        "ОСНОВНОЙ ПЕРИОД, ДУХОВНОЙ КУЛЬТУРЕ, ВЫСОКОМ УРОВНЕ, УСЛОВНОЙ ЕДИНИЦЕ, В ДЕРЕВНЕ ГОРКИ",
        "директору Смирнову",
        "Ф1_РУ_4_2026.xlsx",
        "Контингент, Тверской район",
        "Город Владимир, Россия",
        "Математика Б",
        "sch690012 / 2026-vpr-ru-4",
        "1027700132195",
    ],
)
def test_mask_leaves_everything_else(text: str) -> None:
    assert privacy.mask(text) == text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Шмульфингер", "‹текст, букв: 11›"),
        ("Никита", "‹текст, букв: 6›"),
        ("4508123456", "‹документ›"),
        ("14.05.2024", "‹дата›"),
        ("отсутствовал", "отсутствовал"),
        ("4000I", "4000I"),
        ("1,5", "1,5"),
        ("edu691234", "edu691234"),
        ("н/а", "н/а"),
    ],
)
def test_cells_of_pupil_rows_show_numbers_and_known_words(cell: str, shown: str) -> None:
    assert privacy.mask_cell(cell) == shown


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("AG | Grup Scolar I. C. Petrescu", "AG | Grup Scolar I. C. Petrescu"),
        ("ЮГ | Лицей Ивана Петрова", "ЮГ | Лицей Ивана Петрова"),
        ("Прогимназия Ивана Петрова", "Прогимназия Ивана Петрова"),
        ("edu990001", "edu990001"),
        ("Иванов Иван Петрович", "‹имя›"),
    ],
)
def test_a_code_is_never_changed_in_part(code: str, kept: str) -> None:
    assert privacy.mask_code(code) == kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ф1 31.10.2016.xlsx", "Ф1 31.10.2016.xlsx"),
        ("data-9722-2016-10-31.csv", "data-9722-2016-10-31.csv"),
        ("Иванова Мария 12.03.2014.xlsx", "‹имя› ‹дата›.xlsx"),
    ],
)
def test_a_date_in_a_files_name_is_a_day_of_work_unless_beside_a_person(name: str, kept: str) -> None:
    assert privacy.mask_file_name(name) == kept
