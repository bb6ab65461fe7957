"""The calendar as an iCalendar file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rsoko_pipeline.calendar.ics import to_ics
from rsoko_pipeline.calendar.plans import plan_years
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.configuration.places import base_folder

STAMP = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def entries(text: str) -> list[dict[str, str]]:
    """The entries of an iCalendar text: unfolded, unescaped, parameters dropped from the names."""
    lines = text.replace("\r\n ", "").split("\r\n")
    out: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            out.append({})
        elif out and name != "END":
            plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
            out[-1][name.partition(";")[0]] = plain
    return out


def test_windows_and_deadlines_of_the_year_are_there_as_whole_days(cfg: Configuration) -> None:
    found = {entry["SUMMARY"]: entry for entry in entries(to_ics(cfg, "2025/2026", stamp=STAMP))}
    window = found["ВПР, весна 2026 года"]
    assert (window["DTSTART"], window["DTEND"]) == ("20260420", "20260521"), "конец не включается"
    assert "ВПР 2026. Русский язык, 4 класс" in window["DESCRIPTION"].splitlines()
    analysis = found["Срок: Анализ результатов процедуры — ВПР, весна 2026 года"]
    assert (analysis["DTSTART"], analysis["DTEND"]) == ("20260620", "20260621")
    assert "Основание: по образцу: Белгородская область, 2020" in analysis["DESCRIPTION"]
    assert "Срок: Итоги учебного года на совещании, 2025/2026 учебный год" in found
    assert not any("2025 года" in summary and "ВПР" in summary for summary in found)


def test_all_years_together(cfg: Configuration) -> None:
    years = {*cfg.calendar.years, *plan_years(cfg)}
    assert len(entries(to_ics(cfg))) == sum(len(entries(to_ics(cfg, year))) for year in years)


def test_the_text_is_formed_as_the_standard_asks(cfg: Configuration) -> None:
    text = to_ics(cfg, stamp=STAMP)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "DTSTAMP:20260102T030405Z" in text
    assert "DTSTART;VALUE=DATE:20260420" in text


def test_uids_are_unique_and_stay_when_the_dates_move(cfg: Configuration, tmp_path: Path) -> None:
    uids = [entry["UID"] for entry in entries(to_ics(cfg))]
    assert len(set(uids)) == len(uids)
    assert to_ics(cfg, stamp=STAMP) == to_ics(cfg, stamp=STAMP)

    (tmp_path / "calendar").mkdir()
    shipped = (base_folder() / "calendar/2025-2026.yaml").read_text(encoding="utf-8")
    window = "window_from: 2026-04-20\n    window_to: 2026-05-20"
    moved = shipped.replace(window, "window_from: 2026-04-21\n    window_to: 2026-05-22", 1)
    (tmp_path / "calendar/2025-2026.yaml").write_text(moved, encoding="utf-8")
    before = {entry["UID"]: entry for entry in entries(to_ics(cfg, "2025/2026"))}
    after = {entry["UID"]: entry for entry in entries(to_ics(load(str(tmp_path)), "2025/2026"))}
    assert set(before) == set(after)
    changed = {before[uid]["SUMMARY"] for uid in before if before[uid]["DTSTART"] != after[uid]["DTSTART"]}
    of_campaign = {title for title in changed if "ВПР, весна 2026 года" in title}
    assert "ВПР, весна 2026 года" in of_campaign
    assert len(of_campaign) == 4, "окно и три срока, которые считаются от него"
    assert all("Срок: " in title for title in changed - of_campaign), "остальное — сроки планов по этим работам"


def test_another_program_reads_it(cfg: Configuration) -> None:
    icalendar = pytest.importorskip("icalendar", reason="icalendar не установлен")
    calendar = icalendar.Calendar.from_ical(to_ics(cfg, "2025/2026", stamp=STAMP))
    events = list(calendar.walk("VEVENT"))
    mine = entries(to_ics(cfg, "2025/2026", stamp=STAMP))
    assert [str(event["SUMMARY"]) for event in events] == [entry["SUMMARY"] for entry in mine]
    assert [str(event["DESCRIPTION"]) for event in events] == [entry["DESCRIPTION"] for entry in mine]
    window = next(event for event in events if str(event["SUMMARY"]) == "ВПР, весна 2026 года")
    assert (window.decoded("DTSTART"), window.decoded("DTEND")) == (date(2026, 4, 20), date(2026, 5, 21))
