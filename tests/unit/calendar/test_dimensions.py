"""The calendar as frames of the contracts."""

from __future__ import annotations

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import dimensions
from rsoko_pipeline.configuration import Configuration


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


def test_a_scale_without_borders_gives_the_maximum_alone(cfg: Configuration) -> None:
    event = next(event for event in cfg.calendar.events.values() if event.subject == "ma" and event.grade == 4)
    row = dimensions._event_row(cfg, type(event)(**{**event.__dict__, "event_id": "2018-vpr-ma-4"}))
    assert (row["max_score"], row["cut3"], row["cut5"], row["scale_status"]) == (18, None, None, "public")


def test_days_run_without_gaps_from_the_first_year_to_the_last(cfg: Configuration) -> None:
    days = dimensions.dim_date(cfg)
    assert str(days["date"].iloc[0].date()) == "2020-09-01"
    assert str(days["date"].iloc[-1].date()) == "2026-08-31"
    assert days["date"].diff().dropna().dt.days.eq(1).all()
    by_day = days.set_index("date")
    assert by_day.loc["2026-05-20", ["school_year", "quarter", "month", "is_school_day"]].tolist() == [
        "2025/2026",
        "2026-Q2",
        5,
        True,
    ]
    school_days = days.groupby("school_year")["is_school_day"].sum()[list(cfg.calendar.years)]
    assert school_days.between(170, 210).all(), school_days


def test_subjects(cfg: Configuration) -> None:
    subjects = dimensions.dim_subject(cfg).set_index("subject")
    assert subjects.loc["ru", ["name", "short_name"]].tolist() == ["Русский язык", "РУ"]
    assert subjects["short_name"].str.len().eq(2).all()
    assert subjects["short_name"].is_unique
