"""From files in force to the tables that are replaced together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.building import Built, Together, build_events
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.landing.earlier import Earlier
from rsoko_pipeline.landing.ledger import as_quarantine
from rsoko_pipeline.landing.parsed import Taken
from rsoko_pipeline.sources.model import ReadResult
from tests.unit.landing.files import MA4, NOW, RU4, landing_files, result_file, taken, units

A, B, C = "edu990001", "edu990002", "edu990003"
NOBODY = contracts.table("dim_school").empty()


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


def _build(
    cfg: Configuration,
    results: Sequence[ReadResult],
    claims: pd.DataFrame,
    events: Sequence[str] = (RU4,),
    **given: Any,
) -> Built:
    everything: dict[str, Any] = {
        "schools": NOBODY,
        "municipalities": contracts.table("dim_municipality").empty(),
        "crosswalk": Crosswalk(
            NOBODY, contracts.table("school_code").empty(), contracts.table("school_alias").empty(), {}
        ),
        "before": contracts.table("quarantine").empty(),
        "files": landing_files(**{result.file.file_id: "accepted" for result in results}),
        "input_hashes": {event: f"hash of {event}" for event in events},
        "key": b"key",
        "run_id": "run",
    }
    return build_events(taken(*results), claims, events, cfg=cfg, **{**everything, **given})


def _held(code: str, file_id: str, event: str = RU4, **place: Any) -> pd.DataFrame:
    return as_quarantine(findings.frame([Finding(code, **place)], file_id=file_id, event_id=event), NOW)


def _with_groups(result: ReadResult) -> ReadResult:
    """The same file with two groups, one of which has shares of 140 %."""
    marks = pd.DataFrame(
        {
            "file_id": result.file.file_id, "row_number": [101, 102], "level": "region", "unit_code": ["99", "00"],
            "unit_name": "Регион", "participants": 10, "share2": 0.5, "share3": 0.5, "share4": [0.0, 0.4],
            "share5": 0.0,
        }
    )  # fmt: skip
    result.frames["source_group_marks"] = contracts.table("source_group_marks").conform(marks)
    return result


def _russian() -> ReadResult:
    return _with_groups(result_file("ru", A, B, pupils=6))


CLAIMS = pd.concat([units(("ru", A), ("ru", B)), units(("ru", ""), content="source_group_marks:vpr_f3")])


@pytest.fixture(scope="module")
def clean(cfg: Configuration) -> Built:
    """Two works, each of its own file."""
    claims = pd.concat([CLAIMS, units(("ma", A), event=MA4)], ignore_index=True)
    return _build(cfg, [_russian(), result_file("ma", A, event=MA4, pupils=6)], claims, [RU4, MA4])


def test_rows_that_pass_become_facts(clean: Built, cfg: Configuration) -> None:
    facts = clean.facts["fact_result"]
    assert facts.groupby(["event_id", "school"]).size().to_dict() == {(RU4, A): 6, (RU4, B): 6, (MA4, A): 6}
    assert set(facts["config_version"]) == {cfg.version}
    assert len(clean.facts["dim_task"]) == 4
    assert list(clean.groups["fact_group_marks"]["unit_code"]) == ["99"]
    assert clean.groups["fact_label"].empty


def test_the_state_names_the_input_and_counts_the_rows(clean: Built) -> None:
    state = clean.facts["event_state"].set_index("event_id")
    assert state["rows"].to_dict() == {RU4: 12, MA4: 6}
    assert state.loc[RU4, "inputs_hash"] == f"hash of {RU4}"


def test_an_event_without_files_in_force_has_no_state(cfg: Configuration) -> None:
    built = _build(cfg, [], units(), input_hashes={})
    assert built.facts["event_state"].empty
    assert built.facts["fact_result"].empty


def test_a_slice_equals_what_a_separate_build_gives(clean: Built, cfg: Configuration) -> None:
    alone = _build(cfg, [_russian()], CLAIMS, run_id="own run")
    part = clean.of([RU4], "own run")
    for of_part, of_alone in ((part.facts, alone.facts), (part.groups, alone.groups)):
        assert set(of_part) == set(of_alone)
        for name, frame in of_alone.items():
            times = [column for column in ("computed_at", "loaded_at", "received_at") if column in frame]
            pd.testing.assert_frame_equal(
                of_part[name].drop(columns=times).reset_index(drop=True), frame.drop(columns=times)
            )


def test_a_check_of_several_tables_is_one_row_with_all_counts(clean: Built) -> None:
    checks = clean.facts["check_result"]
    assert not checks.duplicated(["event_id", "check_name"]).any()
    checks = checks[checks["event_id"] == RU4].set_index("check_name")
    structure = checks.loc["structure"]
    assert (structure["checked"], structure["failed"]) == (14, 0), "12 rows of pupils and 2 of groups"
    shares = checks.loc["share_sum"]
    assert (shares["checked"], shares["failed"], shares["passed"]) == (2, 1, False)


# ------------------------------------------------------------------------------------------------------- quarantine
def _wrong_sums() -> ReadResult:
    """Of 30 pupils two have 3 points where their tasks give 2."""
    result = result_file("ru", A, pupils=30)
    result.frames["source_result"].loc[[1, 2], "primary_score"] = 3.0
    return result


@pytest.fixture(scope="module")
def judged(cfg: Configuration) -> Built:
    """The event with two wrong rows, built when files that are not in force had findings already."""
    before = pd.concat(
        [
            _held("RSK-FORM-EMPTY", "empty"),
            _held("RSK-UNIT-TWICE", "rival", school=B),
            _held("RSK-SCORE-MAX", "ru", row_number=9),
            _held("RSK-UNIT-TWICE", "ru", school=C),
        ]
    )
    files = landing_files(ru="accepted", empty="refused", rival="held")
    return _build(cfg, [_wrong_sums()], units(("ru", A)), before=before, files=files)


def _pupils(built: Built) -> set[str]:
    return set(built.facts["fact_result"]["pupil_code"])


def test_rows_that_fail_are_held_and_the_others_go_on(judged: Built) -> None:
    sums = judged.facts["quarantine"].query("code == 'RSK-SUM'")
    assert list(sums["row_number"]) == [10, 11]
    assert set(sums["action"]) == {"held"}
    assert len(_pupils(judged)) == 28
    assert not {"40002", "40003"} & _pupils(judged)


def test_findings_of_files_that_are_not_in_force_stay(judged: Built) -> None:
    kept = judged.facts["quarantine"].query("file_id != 'ru'")
    assert sorted(kept["code"]) == ["RSK-FORM-EMPTY", "RSK-UNIT-TWICE"]
    assert set(kept["action"]) == {"held"}


def test_rivals_for_a_unit_stay_though_only_their_intake_saw_them(judged: Built) -> None:
    rivals = judged.facts["quarantine"].query("code == 'RSK-UNIT-TWICE'")
    assert sorted(rivals["school"]) == [B, C]


def test_findings_that_are_not_made_any_more_go(judged: Built) -> None:
    assert "RSK-SCORE-MAX" not in set(judged.facts["quarantine"]["code"])


def test_decisions_are_kept_and_followed(judged: Built, cfg: Configuration) -> None:
    sums = judged.facts["quarantine"].query("code == 'RSK-SUM'")
    decided = sums.assign(action=["released", "dropped"], released_by="Иванова", reason="сверено", released_at=NOW)
    again = _build(cfg, [_wrong_sums()], units(("ru", A)), before=decided)
    rows = again.facts["quarantine"].query("code == 'RSK-SUM'")
    assert list(rows["action"]) == ["released", "dropped"]
    assert rows[["released_by", "reason"]].drop_duplicates().to_numpy().tolist() == [["Иванова", "сверено"]]
    assert _pupils(again) - _pupils(judged) == {"40002"}


# ------------------------------------------------------------------------------------- a correction that is held whole
def _declaring(result: ReadResult, school: str, declared: int) -> ReadResult:
    """The file, in whose section row another number of pupils is declared."""
    entries = result.frames["source_school"]
    entries["declared"] = entries["declared"].mask(entries["school"] == school, declared)
    return result


def _after(cfg: Configuration, *corrections: ReadResult, before: Sequence[ReadResult]) -> Built:
    """Schools A and B came in the first file of ``before``, A again in each later one; last came ``corrections``."""
    of_a = [*before[1:], *corrections]
    files = {result.file.file_id: result for result in (*before, *corrections)}
    claims = units((before[0].file.file_id, B), (of_a[-1].file.file_id, A))
    replaced = units(*((result.file.file_id, A) for result in reversed([before[0], *of_a[:-1]])))
    named = replaced.assign(name=replaced["file_id"] + ".xlsx", status="superseded")

    def take(wanted: pd.DataFrame) -> Taken:
        return taken(*(files[file_id] for file_id in wanted["file_id"]))

    in_force = [before[0], of_a[-1]]
    return _build(
        cfg, in_force, claims, earlier=Earlier(named, take), files=landing_files(**dict.fromkeys(files, "accepted"))
    )


def _sources(built: Built) -> dict[str, set[str]]:
    rows = built.facts["fact_result"].groupby("school")["file_id"]
    return {str(school): set(files) for school, files in rows}


def _found(built: Built) -> pd.DataFrame:
    """What was found, but for the maximum of the fictional work, which is not that of the scale."""
    return built.facts["quarantine"].query("code != 'RSK-MAX-SCALE'")


def test_a_correction_that_is_held_whole_leaves_the_earlier_data_in_force(cfg: Configuration) -> None:
    bad = _declaring(result_file("bad", A, pupils=3), A, 4)
    built = _after(cfg, bad, before=[result_file("good", A, B, pupils=4)])
    assert _sources(built) == {A: {"good"}, B: {"good"}}
    found = _found(built).set_index("code")
    assert found["file_id"].to_dict() == {"RSK-DECLARED": "bad", "RSK-UNIT-EARLIER": "bad"}
    assert found["action"].to_dict() == {"RSK-DECLARED": "held", "RSK-UNIT-EARLIER": "noted"}
    assert "«good.xlsx»" in str(found.loc["RSK-UNIT-EARLIER", "message"])
    checks = built.facts["check_result"].set_index("check_name")
    assert not checks.loc["declared_count", "passed"], "what was sent last is what was checked"


def test_of_several_bad_corrections_the_last_file_that_passes_counts(cfg: Configuration) -> None:
    bad = [_declaring(result_file(name, A, pupils=3), A, 4) for name in ("bad", "worse")]
    built = _after(cfg, bad[1], before=[result_file("good", A, B, pupils=4), bad[0]])
    assert _sources(built) == {A: {"good"}, B: {"good"}}
    assert set(_found(built)["file_id"]) == {"worse"}


def test_a_correction_that_passes_takes_the_place_of_the_earlier_data(cfg: Configuration) -> None:
    built = _after(cfg, result_file("fixed", A, pupils=3), before=[result_file("good", A, B, pupils=4)])
    assert _sources(built) == {A: {"fixed"}, B: {"good"}}
    assert _found(built).empty


def test_where_no_earlier_file_passes_nothing_counts(cfg: Configuration) -> None:
    first = _declaring(result_file("first", A, B, pupils=4), A, 5)
    built = _after(cfg, _declaring(result_file("bad", A, pupils=3), A, 4), before=[first])
    assert _sources(built) == {B: {"first"}}
    assert _found(built)[["code", "file_id"]].to_numpy().tolist() == [["RSK-DECLARED", "bad"]]


def test_rows_held_of_the_earlier_data_are_named(cfg: Configuration) -> None:
    first = result_file("first", A, B, pupils=30)
    first.frames["source_result"].loc[1, "primary_score"] = 3.0
    built = _after(cfg, _declaring(result_file("bad", A, pupils=3), A, 4), before=[first])
    assert len(built.facts["fact_result"]) == 59
    found = built.facts["quarantine"].query("code == 'RSK-SUM'")
    assert found[["file_id", "row_number"]].to_numpy().tolist() == [["first", 10]]


# --------------------------------------------------------------------------------------------------------- together
@pytest.fixture
def built() -> Built:
    return Built({}, {})


def test_ranges_of_one_process_are_built_together_once(built: Built) -> None:
    together = Together()
    together.announce([RU4, MA4])
    assert together.batch([RU4]) == sorted([RU4, MA4])
    assert together.get([RU4], {RU4: "1", MA4: "2"}) is None, "nothing is built yet"
    together.put(built, {RU4: "1", MA4: "2"})
    assert together.get([MA4], {RU4: "1", MA4: "2"}) is built


def test_what_was_built_of_another_input_is_not_used(built: Built) -> None:
    together = Together()
    together.announce([RU4, MA4])
    together.put(built, {RU4: "1", MA4: "2"})
    assert together.get([MA4], {RU4: "1", MA4: "changed"}) is None
    together.announce([RU4, MA4])
    assert together.get([RU4], {RU4: "1"}) is None, "what comes next is announced anew"


def test_events_nobody_announced_are_built_alone(built: Built) -> None:
    together = Together()
    together.announce([RU4])
    assert together.batch([MA4, RU4]) == sorted([MA4, RU4])
    together.put(built, {RU4: "1", MA4: "2"})
    assert together.get([MA4], {MA4: "2"}) is None
