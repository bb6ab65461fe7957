"""A school that was renamed and moved: results of a year stand under the name and in the municipality of then."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from rsoko_pipeline.indicators import Register, Stamp, compute

OLD, NEW = "2020-vpr-ru-4", "2026-vpr-ru-4"


def _events(make: SimpleNamespace) -> pd.DataFrame:
    events = make.events([OLD, NEW])
    old = events["event_id"] == OLD
    return events.assign(
        school_year=events["school_year"].mask(old, "2019/2020"),
        window_from=events["window_from"].mask(old, pd.Timestamp("2020-04-01")),
        window_to=events["window_to"].mask(old, pd.Timestamp("2020-04-20")),
    )


def _places(frame: pd.DataFrame, event: str) -> dict[str, tuple[str, str | None]]:
    rows = frame[(frame["event_id"] == event) & frame["level"].isin(["school", "municipality"])]
    texts = rows[["unit_code", "unit_name", "parent_code"]].astype(object).to_numpy().tolist()
    return {code: (name, parent) for code, name, parent in texts}


def test_results_stand_where_the_school_was(make: SimpleNamespace, register: Register, stamp: Stamp) -> None:
    results = make.results([(event, "s1", 1, [points], points, None) for event in (OLD, NEW) for points in (3, 4, 5)])
    municipalities = register.municipalities
    renamed = municipalities[municipalities["municipality"] == "m2"].assign(
        name="Южный округ", valid_from=pd.Timestamp("2024-01-01").as_unit("s")
    )
    register = Register(
        register.region,
        register.region_name,
        register.schools,
        pd.concat([municipalities, renamed], ignore_index=True),
    )
    frames = compute(
        results,
        events=_events(make),
        tasks=make.tasks({OLD: [5], NEW: [5]}),
        register=register,
        stamp=stamp,
        contingent=make.contingent([("s1", None, 4), ("s3", None, 6)]),
    )
    marks = frames["mark_statistics"]
    assert _places(marks, OLD) == {"s1": ("Школа 1 (прежнее имя)", "m2"), "m2": ("Южный район", "99")}
    assert _places(marks, NEW) == {"s1": ("Школа № 1", "m1"), "m1": ("Северный район", "99")}
    # by the contingent of the new year s3 was expected; its municipality has its new name
    assert _places(frames["coverage"], NEW)["m2"] == ("Южный округ", "99")
    assert _places(frames["coverage"], OLD) == _places(marks, OLD)


def test_aggregates_stand_where_the_school_was(make: SimpleNamespace, register: Register, stamp: Stamp) -> None:
    rows = pd.DataFrame(
        {"event_id": [OLD, NEW], "level": "school", "unit_code": "s1", "unit_name": "как в файле", "participants": 10}
    )
    rows = rows.assign(file_id="f", row_number=[1, 2], share2=0.0, share3=0.5, share4=0.3, share5=0.2)
    frames = compute(
        make.results([]),
        events=_events(make),
        tasks=make.tasks({OLD: [5], NEW: [5]}),
        register=register,
        stamp=stamp,
        group_tables={"fact_group_marks": rows.assign(parent_code=None)},
    )
    assert _places(frames["mark_statistics"], OLD) == {"s1": ("Школа 1 (прежнее имя)", "m2"),
                                                       "m2": ("Южный район", "99")}  # fmt: skip
    assert _places(frames["mark_statistics"], NEW) == {"s1": ("Школа № 1", "m1"), "m1": ("Северный район", "99")}
