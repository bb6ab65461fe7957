"""«Неизвестные школы»: the codes that the register does not know, with candidates, for a person to confirm.

Belongs here: the file's columns and looks. Does not belong here: who is a candidate (``landing.candidates``), reading
the file back (``config/procedures/school_aliases``).

The file is a plain table with its head in the first row, since it comes back through the landing folder.
"""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

CODE, NAME, PLACE = "Код, как в файле", "Название, как в файле", "Муниципалитет, как в файле"
CONFIRMED, BY, SINCE = "Подтверждённый код ОО", "Кто подтвердил", "Действует с"
HEADS = (CODE, NAME, PLACE, CONFIRMED, BY, SINCE, "Строк", "События", "Файлы")
OF_CANDIDATE = ("код", "название", "муниципалитет", "сходство")
CANDIDATES = 5
_NOTES = {
    CONFIRMED: "Код школы из реестра. Впишите, только если уверены; строки без кода пропускаются.",
    BY: "Должность или учётная запись того, кто решил. Без фамилии.",
    SINCE: "Первый день, с которого код принадлежит этой школе. Пусто — всегда.",
    "Кандидат 1: сходство": "От 0 до 100. Подсказка, а не решение.",
}
_WIDTHS = {CODE: 18, NAME: 46, PLACE: 28, CONFIRMED: 18, BY: 24, SINCE: 13, "Строк": 8, "События": 30, "Файлы": 40}


def unknown_schools_workbook(unknown: pd.DataFrame, candidates: pd.DataFrame) -> bytes:
    """The file of unknown schools: a row a code and name, up to five candidates beside it.

    Args:
        unknown: rows of ``ops.unknown_school`` with the column ``file_name``.
        candidates: ``sent_code``, ``sent_name``, ``rank``, ``school``, ``name``, ``municipality_name``, ``score``.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    book = Workbook()
    sheet = book.active
    sheet.title = "Неизвестные школы"
    heads = [*HEADS, *(f"Кандидат {rank}: {what}" for rank in range(1, CANDIDATES + 1) for what in OF_CANDIDATE)]
    sheet.append(heads)
    for number, head in enumerate(heads, start=1):
        cell = sheet.cell(1, number)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        to_fill = head in (CONFIRMED, BY)
        cell.fill = PatternFill("solid", start_color="FFF2CC" if to_fill else "DDEBF7")
        if head in _NOTES:
            cell.comment = Comment(_NOTES[head], "РСОКО")
        sheet.column_dimensions[cell.column_letter].width = _WIDTHS.get(head, 22 if "название" in head else 14)
    for number, (values, codes) in enumerate(_rows(unknown, candidates), start=2):
        for column, value in enumerate(values, start=1):
            _put(sheet.cell(number, column), value)
        _offer(sheet, f"{sheet.cell(number, heads.index(CONFIRMED) + 1).coordinate}", codes)
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(unknown: pd.DataFrame, candidates: pd.DataFrame) -> list[tuple[list[Any], list[str]]]:
    """The cells of every row, and the candidates' codes; most rows of data first."""
    key = ["sent_code", "sent_name"]
    offered: dict[tuple[Any, Any], list[list[Any]]] = {}
    columns = ["school", "name", "municipality_name", "score"]
    for line in candidates.sort_values([*key, "rank"]).to_dict("records"):
        said = (line["sent_code"], _text(line["sent_name"]))
        offered.setdefault(said, []).append([line[name] for name in columns])
    out = []
    for (code, name), mine in unknown.groupby(key, dropna=False):
        said = (code, _text(name))
        shown = offered.get(said, [])[:CANDIDATES]
        places = mine["sent_municipality"].dropna()
        cells = [
            code, said[1], places.iloc[0] if len(places) else None, None, None, None, int(mine["rows"].sum()),
            ", ".join(sorted(mine["event_id"].unique())), ", ".join(sorted(mine["file_name"].unique())),
            *(value for candidate in shown for value in candidate),
        ]  # fmt: skip
        out.append((cells, [candidate[0] for candidate in shown]))
    return sorted(out, key=lambda row: (-row[0][6], row[0][0]))


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _put(cell: Any, value: Any) -> None:
    """Put a value; what somebody sent stays a text, whatever it begins with."""
    if value is None:
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))


def _offer(sheet: Any, place: str, codes: list[str]) -> None:
    """A list of the candidates' codes in the cell to fill; any other code may be written too."""
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ",".join(codes)
    if codes and len(listed) < 250 and '"' not in listed:
        offer = DataValidation("list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        offer.add(place)
        sheet.add_data_validation(offer)
