"""The calendar as frames of the contracts."""

from __future__ import annotations

from pathlib import Path

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import dimensions
from rsoko_pipeline.configuration import Configuration, load


def test_the_frames_keep_their_contracts(cfg: Configuration) -> None:
    for name in ("dim_event", "dim_subject", "dim_date"):
        frame = getattr(dimensions, name)(cfg)
        table = contracts.table(name)
        assert list(frame.columns) == table.names
        assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == table.dtypes
        assert not frame.duplicated(list(table.key)).any()
        for column in table.columns:
            if column.allowed:
                assert frame[column.name].dropna().isin(column.allowed).all(), column.name


def test_events_carry_the_scale_of_their_programme_and_year(cfg: Configuration) -> None:
    events = dimensions.dim_event(cfg).set_index("event_id")
    assert list(events.index) == list(cfg.calendar.events)
    known = events.loc["2026-vpr-ru-4"]
    assert (known["max_score"], known["cut3"], known["cut4"], known["cut5"]) == (24, 10, 16, 21)
    assert known["scale_status"] == "public"
    assert events.loc["2026-vpr-ru-8", "scale_status"] == "assumed", "год публикации не назван"
    autumn = events.loc["2020-vpr-ru-5"]
    assert (autumn["grade"], autumn["grade_programme"], autumn["cut5"]) == (5, 4, 33)
    unknown = events.loc["2026-vpr-ma-5"]
    assert unknown[["max_score", "cut3", "cut4", "cut5", "scale_status", "scale_source"]].isna().all()


def test_a_scale_without_borders_gives_the_maximum_alone(tmp_path: Path) -> None:
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "2017-2018.yaml").write_text(
        """
school_year: 2017/2018
source: проба
status: own
campaigns:
  - id: vpr-2018
    procedure: vpr
    title: ВПР 2018
    window_from: 2018-04-16
    window_to: 2018-05-18
    works: [{subjects: [ma], grades: [4]}]
""",
        encoding="utf-8",
    )
    row = dimensions.dim_event(load(str(tmp_path))).set_index("event_id").loc["2018-vpr-ma-4"]
    assert (row["max_score"], row["scale_status"]) == (18, "public")
    assert row[["cut3", "cut4", "cut5"]].isna().all()


def test_days_run_without_gaps_from_the_first_year_to_the_last(cfg: Configuration) -> None:
    days = dimensions.dim_date(cfg)
    assert str(days["date"].iloc[0].date()) == "2020-09-01"
    assert str(days["date"].iloc[-1].date()) == "2026-08-31"
    assert days["date"].diff().dropna().dt.days.eq(1).all()
    (day,) = days[days["date"] == "2026-05-20"].to_dict("records")
    assert (day["school_year"], day["quarter"], day["month"], day["is_school_day"]) == ("2025/2026", "2026-Q2", 5, True)
    school_days = days.groupby("school_year")["is_school_day"].sum()[list(cfg.calendar.years)]
    assert school_days.between(170, 210).all(), school_days


def test_subjects(cfg: Configuration) -> None:
    subjects = dimensions.dim_subject(cfg)
    assert subjects.iloc[0].to_dict() == {"subject": "ru", "name": "Русский язык", "short_name": "РУ"}
    assert subjects["short_name"].str.len().eq(2).all()
    assert subjects["short_name"].is_unique
