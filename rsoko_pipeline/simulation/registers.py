"""The register of schools and the contingent as files.

Belongs here: columns and wording of those two files. Does not belong here: what stands in them (``region``).
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
}
CONTINGENT_HEADERS = {
    "school": "Код ОО",
    "school_year": "Учебный год",
    "grade": "Класс",
    "class_no": "Номер класса",
    "enrolled": "Обучающихся",
}


def _table(frame: pd.DataFrame, headers: dict[str, str], title: str) -> bytes:
    rows: list[list[Cell]] = [list(headers.values())]
    rows += [[_cell(value) for value in row] for row in frame[list(headers)].to_numpy(dtype=object).tolist()]
    return xlsx.table(title, rows)


def _cell(value: Cell | bool) -> Cell:
    return ("да" if value else "нет") if isinstance(value, bool) else value


def register_workbook(register: pd.DataFrame) -> bytes:
    """The register of schools, a row a school in order of login."""
    return _table(register.sort_values("school"), REGISTER_HEADERS, "Реестр школ")


def contingent_workbook(contingent: pd.DataFrame) -> bytes:
    """The contingent of one school year, a row a class."""
    return _table(contingent, CONTINGENT_HEADERS, "Контингент")
