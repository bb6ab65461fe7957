"""The form of self-diagnosis: what a school is asked about each sign, on its page and as a workbook it sends back.

Belongs here: the questions' rows and the workbook. Does not belong here: reading the form when it comes back (a
configured table), what the questions are (``config/texts/objectivity.yaml``).

A region needs hundreds of these workbooks at once, so openpyxl makes one empty form, and the rows are put into its
sheet as ready XML. Texts are inline strings, never formulas.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

from rsoko_pipeline.reports.objectivity.inputs import ObjectivityYear, SchoolSigns
from rsoko_pipeline.reports.objectivity.words import lines, say

FILE = "self_diagnosis.xlsx"
_WIDTHS = (14, 13, 13, 20, 8, 12, 26, 52, 15, 44)
_SHEET = "xl/worksheets/sheet1.xml"
_ANSWER = 9
_MOST_ROWS = 1000
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_LETTERS = "ABCDEFGHIJ"
_ROWS = re.compile(r"<row r=\"2\".*?</row>", re.DOTALL)
_LOOK = re.compile(r'r="([A-J])2" s="(\d+)"')
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def questions(year: ObjectivityYear, found: SchoolSigns) -> Iterator[tuple[str, ...]]:
    """The form's rows, work by work: the columns before the answer."""
    for event in year.works:
        for one in found.signs.get(event, []):
            title = f"{one.sign}. {year.policy.signs[one.sign].title}"
            for question in lines(f"signs.{one.sign}.questions"):
                yield found.school, year.school_year, *year.named[event], title, question


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """The form as the bytes of an .xlsx file; the same rows give the same bytes.

    Args:
        rows: the output of ``questions``; the answers stay empty.
    """
    before, looks, after, others = _template()
    body = "".join(_row(number, values, looks) for number, values in enumerate(rows, start=2))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, content in ((_SHEET, (before + body + after).encode()), *others):
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return packed.getvalue()


def _row(number: int, values: Sequence[str], looks: Sequence[str]) -> str:
    cells = "".join(
        f'<c r="{letter}{number}" s="{look}" t="inlineStr"><is><t>{escape(_FORBIDDEN.sub("", value))}</t></is></c>'
        for letter, look, value in zip(_LETTERS, looks, values, strict=False)
    )
    blank = "".join(
        f'<c r="{letter}{number}" s="{look}"/>'
        for letter, look in list(zip(_LETTERS, looks, strict=True))[len(values) :]
    )
    return f'<row r="{number}">{cells}{blank}</row>'


@lru_cache(maxsize=1)
def _template() -> tuple[str, tuple[str, ...], str, tuple[tuple[str, bytes], ...]]:
    """The empty form: its sheet before and after the rows, the looks of a row's cells, the other parts."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = say("form.sheet")
    side = Side(style="thin", color="D5DBE3")
    frame = Border(left=side, right=side, top=side, bottom=side)
    heads = lines("form.columns")
    for place, (letter, head, width) in enumerate(zip(_LETTERS, heads, _WIDTHS, strict=True), start=1):
        top, cell = sheet.cell(1, place, head), sheet.cell(2, place, " ")
        top.font, top.fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F5")
        cell.fill = PatternFill("solid", fgColor="FFF9E5" if place >= _ANSWER else "FFFFFF")
        for one in (top, cell):
            one.border, one.alignment = frame, Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = width
    choice = DataValidation("list", formula1=f'"{",".join(lines("form.choices"))}"', allow_blank=True)
    choice.errorTitle, choice.error, choice.showErrorMessage = say("form.error_title"), say("form.error"), True
    choice.add(f"{_LETTERS[_ANSWER - 1]}2:{_LETTERS[_ANSWER - 1]}{_MOST_ROWS}")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    packed = io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    text = re.sub(r'<dimension ref="[^"]*" ?/>', "", parts.pop(_SHEET).decode())
    match = _ROWS.search(text)
    if match is None:
        raise RuntimeError("openpyxl wrote a form without its second row")
    looks = dict(_LOOK.findall(match[0]))
    parts["docProps/core.xml"] = re.sub(
        rb"20\d\d-\d\d-\d\dT[0-9:]+Z", b"1980-01-01T00:00:00Z", parts["docProps/core.xml"]
    )
    return text[: match.start()], tuple(looks[letter] for letter in _LETTERS), text[match.end() :], tuple(parts.items())
