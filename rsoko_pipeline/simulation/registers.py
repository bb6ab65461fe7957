"""The registers as files: schools, municipalities, codes, contingent, context.

Belongs here: columns and wording of these files. Does not belong here: what stands in them (``region``, ``history``,
``conditions``).
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.simulation import xlsx
from rsoko_pipeline.simulation.xlsx import Cell

REGISTER_HEADERS = {
    "school": "Код ОО",
    "school_name": "Название ОО",
    "municipality": "Код муниципалитета",
    "municipality_name": "Муниципалитет",
    "kind": "Вид ОО",
    "settlement": "Местность",
    "is_small": "Малокомплектная",
    "is_advanced": "Углублённое изучение",
    "is_special": "Специальная",
    "inn": "ИНН",
    "ogrn": "ОГРН",
    "ris_code": "Код РИС",
    "oktmo": "ОКТМО",
    "valid_from": "Действует с",
    "valid_to": "Действует по",
}
MUNICIPALITY_HEADERS = {
    "municipality": "Код муниципалитета",
    "municipality_name": "Муниципалитет",
    "oktmo": "ОКТМО",
    "predecessor": "Предшественники",
    "valid_from": "Действует с",
    "valid_to": "Действует по",
}
CODE_HEADERS = {
    "school": "Код ОО",
    "kind": "Вид кода",
    "code": "Код в системе",
    "valid_from": "Действует с",
    "valid_to": "Действует по",
}
CONTINGENT_HEADERS = {
    "school": "Код ОО",
    "school_year": "Учебный год",
    "grade": "Класс",
    "class_no": "Номер класса",
    "enrolled": "Обучающихся",
}
CONTEXT_HEADERS = {
    "school": "Код ОО",
    "counted_on": "На дату",
    "pupils": "Учеников всего",
    "special_needs": "Учеников с ОВЗ",
    "native_language": "Родной язык не язык обучения",
    "low_income": "Из малообеспеченных семей",
    "higher_educated_parents": "Родители с высшим образованием",
    "teachers": "Учителей всего",
    "teachers_top_category": "Учителей высшей категории",
    "teachers_young": "Учителей до 35 лет",
    "posts": "Ставок учителей",
    "vacancies": "Вакансий учителей",
}


def _table(frame: pd.DataFrame, headers: dict[str, str], title: str) -> bytes:
    rows: list[list[Cell]] = [list(headers.values())]
    rows += [[_cell(value) for value in row] for row in frame[list(headers)].astype(object).to_numpy().tolist()]
    return xlsx.table(title, rows)


def _cell(value: Cell | bool) -> Cell:
    if isinstance(value, bool):
        return "да" if value else "нет"
    return None if pd.isna(value) else value


def register_workbook(register: pd.DataFrame) -> bytes:
    """The register of schools, a row a school and period (``history.History.schools``)."""
    return _table(register, REGISTER_HEADERS, "Реестр школ")


def municipalities_workbook(municipalities: pd.DataFrame) -> bytes:
    """The register of municipalities, a row a municipality and period."""
    return _table(municipalities, MUNICIPALITY_HEADERS, "Реестр муниципалитетов")


def codes_workbook(codes: pd.DataFrame) -> bytes:
    """Codes of schools that are not in their register."""
    return _table(codes, CODE_HEADERS, "Коды школ")


def contingent_workbook(contingent: pd.DataFrame) -> bytes:
    """The contingent of one school year, a row a class."""
    return _table(contingent, CONTINGENT_HEADERS, "Контингент")


def context_workbook(context: pd.DataFrame) -> bytes:
    """The context of the schools on one day."""
    return _table(context, CONTEXT_HEADERS, "Условия школ")
