"""The validation page: complete without a network, escaped, capped, without pupils' codes."""

import re
from datetime import datetime
from html.parser import HTMLParser

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.validation import report, validate_results

NOW = datetime(2026, 6, 1, 9, 30)


@pytest.fixture(scope="module")
def events():
    frame = pd.DataFrame({"event_id": ["2026-vpr-ru-4"], "title": ["ВПР 2026. Русский язык, 4 класс"]})
    return frame


@pytest.fixture(scope="module")
def page(make, events):
    rows = [{}, {"mark": 5}, {"pupil_code": "40099"}, {"pupil_code": "40099"}, {"school": "edu<999>"}]
    out = validate_results(
        make.batch(rows, [{"rows": 4, "school_name": "Другое имя"}]),
        cfg=make.cfg(), schools=make.schools, municipalities=make.municipalities,
    )  # fmt: skip
    return make_page(out.checks, out.findings, make, events)


def make_page(checks, findings, make, events):
    found = findings.assign(file_name="ru4 <script>alert(1)</script>.xlsx")
    return report.validation_page(
        "2025/2026", checks, found, events=events, schools=make.schools, made_at=NOW, command=typed
    )


def typed(arguments):
    """A command as somebody types it who has the program in a folder of their own."""
    return f"bin/rsoko {arguments}"


def test_rows_in_quarantine_are_rows_not_findings(make, events):
    """Of one school 3 rows are held for 4 pupils declared: one finding; of the other one row with three."""
    rows = [{}, {}, {}, *({"school": "edu990002", "row_number": 40 + n} for n in range(60))]
    rows[5] |= {"primary_score": 9.0, "scores": (1, 2, 3), "mark": 2}
    places = [{"declared": 4, "rows": 3}, {"school": "edu990002", "rows": 60, "row_number": 39}]
    out = validate_results(make.batch(rows, places), cfg=make.cfg(), schools=make.schools)
    units = pd.DataFrame({"file_id": "f1", "event_id": "2026-vpr-ru-4", "school": ["edu990001", "edu990002"]})
    units = units.assign(content="source_result", status="accepted", rows=[3, 60])
    found = out.findings.assign(file_name="ru4.xlsx")
    page = report.validation_page(
        "2025/2026", out.checks, found, events=events, schools=make.schools, made_at=NOW, command=typed, units=units
    )
    assert (found["action"] == "held").sum() == 4
    assert "<b>4</b>Строк в карантине" in page


def test_what_was_dropped_asks_for_nothing(make, events):
    out = validate_results(make.batch([{}, {"mark": 5}, {"mark": 2}]), cfg=make.cfg(), schools=make.schools)
    assert len(out.findings) == 2
    action = out.findings["action"].mask(out.findings["row_number"] == out.findings["row_number"].min(), "dropped")
    words = " ".join(outline(make_page(out.checks, out.findings.assign(action=action), make, events)).words)
    assert words.count("Исправьте отметку или балл") == 1
    assert "Отброшено, потому что данные есть в другом файле или не нужны: 1." in words
    nothing = " ".join(outline(make_page(out.checks, out.findings.assign(action="dropped"), make, events)).words)
    assert "Ошибок и предупреждений нет." in nothing and "не нужны: 2." in nothing


class Outline(HTMLParser):
    """Tags that open and close, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def outline(page):
    parser = Outline()
    parser.feed(page)
    assert not parser.open
    return parser


def test_page_is_whole_and_needs_nothing_from_outside(page):
    tags = outline(page).tags
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert not re.search(r"https?://|@import|url\(", page)
    assert '<html lang="ru">' in page


def test_what_comes_from_files_is_escaped(page):
    assert "<script>" not in page
    assert "ru4 &lt;script&gt;" in page
    assert "edu&lt;999&gt;" in page


def test_checks_with_counts_and_what_to_do(page):
    words = " ".join(outline(page).words)
    assert "ВПР 2026. Русский язык, 4 класс" in words
    assert "Отметка соответствует первичному баллу по шкале, если шкала известна ошибка 5 1" in re.sub(
        r"\s+", " ", words
    )
    assert "исправьте отметку или балл" in words
    assert "не проверялось" in words


def test_what_is_to_be_done_comes_first_and_what_failed_before_what_passed(make):
    out = validate_results(
        make.batch([{}, {"mark": 5}]), cfg=make.cfg(), schools=make.schools, municipalities=make.municipalities
    )
    failed = out.checks.assign(event_id="2026-b")
    checks = pd.concat([failed.assign(passed=True, event_id="2026-a"), failed], ignore_index=True)
    titles = pd.DataFrame({"event_id": ["2026-a", "2026-b"], "title": ["Всё хорошо", "Есть ошибка"]})
    words = " ".join(outline(make_page(checks, out.findings, make, titles)).words)
    order = ("Что исправить, по школам", "Исправьте", "Проверки по событиям", "Есть ошибка", "Всё хорошо")
    places = [words.rindex(part) if part == "Всё хорошо" else words.index(part) for part in order]
    assert places == sorted(places)
    assert "Проверено событий" in words and "работ " not in words


def test_findings_stand_under_their_school_with_their_place(page):
    words = re.sub(r"\s+", " ", " ".join(outline(page).words))
    assert "МБОУ «СОШ № 1» (edu990001)" in words
    assert "лист Лист, строка 10, столбец Отметка" in words
    assert "школы нет в реестре (edu<999>)" in words


def test_pupils_codes_are_not_shown(page):
    assert "40099" not in page
    assert "Код участника … встречается" in page


def test_what_is_only_to_be_known_is_counted(page):
    assert "Другое имя" not in page
    assert "исправлять ничего не нужно: 1." in page


def test_many_findings_are_capped_and_the_rest_is_counted(make, events):
    n = report.PER_SCHOOL + 7
    rows = pd.DataFrame({
        "file_id": "f", "event_id": "2026-vpr-ru-4", "school": "edu990001", "sheet": None, "row_number": range(n),
        "column_name": None, "value": None, "code": "RSK-SUM", "severity": "error", "message": "Не сходится.",
        "remedy": "Исправьте.", "action": "held",
    })  # fmt: skip
    page = make_page(contracts.table("check_result").empty(), rows, make, events)
    assert page.count("Не сходится.") == report.PER_SCHOOL
    assert "И ещё 7: полный список покажет <code>bin/rsoko quarantine list</code>." in page
    assert f"Показано замечаний: {report.PER_SCHOOL}, не показано: 7." in page


def test_the_page_as_a_whole_is_capped(make, events, monkeypatch):
    monkeypatch.setattr(report, "PER_PAGE", 3)
    rows = pd.DataFrame({
        "file_id": "f", "event_id": None, "school": [f"s{i}" for i in range(5)], "sheet": None, "row_number": 1,
        "column_name": None, "value": None, "code": "RSK-SUM", "severity": "error", "message": "Не сходится.",
        "remedy": None, "action": "held",
    })  # fmt: skip
    page = make_page(contracts.table("check_result").empty(), rows, make, events)
    assert page.count("Не сходится.") == 3
    assert "не показано: 2" in page


def test_nothing_to_report(make, events):
    page = make_page(contracts.table("check_result").empty(), contracts.table("quarantine").empty(), make, events)
    outline(page)
    assert "ещё ничего не проверялось" in page
    assert "Ошибок и предупреждений нет." in page


def test_what_is_only_to_be_known_alone_is_no_error(make, events):
    out = validate_results(make.batch([{}]), cfg=make.cfg(), schools=make.schools, municipalities=make.municipalities)
    notes = [{"file_id": "f", "event_id": "2026-vpr-ru-4", "code": "RSK-USAGE", "severity": "info", "action": "noted"}]
    shown = outline(make_page(out.checks, pd.DataFrame(notes).reindex(columns=out.findings.columns), make, events))
    assert "Ошибок и предупреждений нет." in shown.words
    assert any("Только к сведению, исправлять ничего не нужно: 1." in word for word in shown.words)
