"""Which works follow one another, and that an earlier result of the cohort reaches the sign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from rsoko_pipeline.objectivity import assess, cohort, links
from rsoko_pipeline.objectivity.settings import CohortLink, Settings


def _event(year: int, procedure: str, subject: str, grade: int, day: str = "04-20") -> dict[str, object]:
    return {
        "event_id": f"{day[:2]}-{year}-{procedure}-{subject}-{grade}",
        "title": f"{procedure} {subject} {grade}",
        "procedure": procedure,
        "subject": subject,
        "grade": grade,
        "school_year": f"{year - 1}/{year}",
        "window_to": pd.Timestamp(f"{year}-{day}"),
    }


@pytest.fixture
def events() -> pd.DataFrame:
    works = [
        _event(year, "vpr", subject, grade) for year in (2025, 2026) for subject in ("ru", "ma") for grade in (4, 5, 8)
    ]
    works += [_event(2026, "oge", "ma", 9, "06-10"), _event(2026, "oge", "in", 9, "06-10")]
    works.append({**_event(2026, "niko", "ma", 5), "subject": None})
    return pd.DataFrame(works)


def _best(events: pd.DataFrame, now: str, settings: Settings) -> list[str]:
    found = links.find(events, [now], settings).sort_values("rank")
    assert set(found["event_id"]) <= {now}
    return list(found["before_event"])


def test_the_same_subject_of_the_grade_below_comes_before_the_other_subject(
    events: pd.DataFrame, settings: Settings
) -> None:
    assert _best(events, "04-2026-vpr-ru-5", settings) == ["04-2025-vpr-ru-4", "04-2026-vpr-ma-5"]
    assert _best(events, "04-2026-vpr-ru-4", settings) == ["04-2026-vpr-ma-4"]


def test_the_state_exam_follows_the_work_of_grade_8(events: pd.DataFrame, settings: Settings) -> None:
    assert _best(events, "06-2026-oge-ma-9", settings) == ["04-2025-vpr-ma-8"]
    assert _best(events, "06-2026-oge-in-9", settings) == []


def test_of_two_works_of_a_year_the_nearer_one_counts(events: pd.DataFrame, settings: Settings) -> None:
    autumn = {**_event(2025, "vpr", "ru", 4, "10-10"), "window_to": pd.Timestamp("2024-10-10")}
    more = pd.concat([pd.DataFrame([autumn]), events])
    assert _best(more, "04-2026-vpr-ru-5", settings)[:2] == ["04-2025-vpr-ru-4", "10-2025-vpr-ru-4"]


def test_the_order_of_events_changes_nothing(events: pd.DataFrame, settings: Settings) -> None:
    now = list(events["event_id"])
    shuffled = links.find(events.sample(frac=1.0, random_state=2), now, settings)
    pd.testing.assert_frame_equal(shuffled, links.find(events, now, settings))


def test_a_rule_that_links_a_work_with_itself_is_refused() -> None:
    rule = {"title": "x", "now": {"procedure": "vpr"}, "before": {"procedure": "vpr"}, "source": "x", "status": "own"}
    with pytest.raises(ValidationError, match="сама с собой"):
        CohortLink.model_validate({**rule, "lag": 0})
    assert CohortLink.model_validate({**rule, "lag": 1}).lag == 1


def test_a_cohort_that_leapt_is_found_and_the_earlier_work_is_named(clean: Any, settings: Settings) -> None:
    events = pd.DataFrame([_event(2026, "vpr", "ru", 4), _event(2026, "vpr", "ma", 4)])
    key = events[["event_id", "subject", "school_year"]]
    results, tasks = (frame.merge(key, on="subject") for frame in (clean.results, clean.tasks))
    school = f"s{clean.large(4):04d}"
    lifted = (results["school"] == school) & (results["subject"] == "ru") & results["present"]
    results.loc[lifted, "primary_score"] = np.minimum(results.loc[lifted, "primary_score"] + 8, 24)
    prior = cohort.prior(cohort.school_means(results), links.find(events, list(events["event_id"]), settings))
    found: Any = assess(results, tasks, prior=prior).signs.query("sign == 'JUMP' and subject == 'ru'")
    assert found.loc[found["p"].idxmin(), "unit_code"] == school
    assert {details["before"] for details in found["details"]} == {"vpr ma 4, 2025/2026"}


def test_two_works_of_one_subject_and_grade_in_a_year_are_kept_apart(clean: Any) -> None:
    frames = [
        frame[frame["subject"] == "ru"].assign(event_id=event)
        for frame in (clean.results, clean.tasks)
        for event in ("autumn", "spring")
    ]
    frames[0]["pupil"] += " in autumn"  # else the autumn work would be another work of the same pupils
    results, tasks = pd.concat(frames[:2]), pd.concat(frames[2:])
    results.loc[(results["event_id"] == "autumn") & (results["primary_score"] > 20), "primary_score"] = 20
    both = assess(results, tasks)
    alone = assess(frames[1], frames[3])
    spring = both.evidence[both.evidence["event_id"] == "spring"].reset_index(drop=True)
    pd.testing.assert_frame_equal(spring, alone.evidence)
    assert (both.evidence["event_id"] == "autumn").any()
