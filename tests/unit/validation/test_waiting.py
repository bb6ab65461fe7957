"""How many rows findings keep back: single ones, those of a school, those of a work."""

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.validation.waiting import rows_kept_back

WORK = "2026-vpr-ru-4"


def found(*rows):
    """Findings from (code, file, school, row)."""
    frame = pd.DataFrame(rows, columns=["code", "file_id", "school", "row_number"])
    return frame.assign(sheet="Лист", event_id=WORK).astype({"row_number": "Int32", "school": "str"})


def units(*rows, status="accepted"):
    """Units from (file, school, rows)."""
    frame = pd.DataFrame(rows, columns=["file_id", "school", "rows"])
    return contracts.table("file_unit").conform(
        frame.assign(
            event_id=WORK, content="source_result", status=status, received_at=pd.Timestamp("2026-05-01T00:00:00Z")
        )
    )


BOTH = units(("f", "a", 66), ("f", "b", 30))


def test_a_row_counts_once_however_much_is_found_in_it():
    several = found(("RSK-SUM", "f", "a", 9), ("RSK-SCORE-MAX", "f", "a", 9), ("RSK-SUM", "f", "b", 80))
    assert rows_kept_back(several, BOTH).to_dict() == {"f": 2}


def test_a_school_held_as_a_whole_has_all_its_rows_kept_back():
    whole = found(("RSK-DECLARED", "f", "a", 8), ("RSK-SUM", "f", "a", 9), ("RSK-SUM", "f", "b", 80))
    assert rows_kept_back(whole, BOTH).to_dict() == {"f": 67}


def test_the_only_school_of_a_file_is_meant_whatever_the_register_calls_it():
    whole = found(("RSK-DECLARED", "f", "the register's", 8), ("RSK-SUM", "f", "the register's", 9))
    assert rows_kept_back(whole, units(("f", "sent", 12))).to_dict() == {"f": 12}


def test_a_work_held_as_a_whole_keeps_back_every_file():
    more = pd.concat([BOTH, units(("g", "c", 4))])
    assert rows_kept_back(found(("RSK-EVENT-THRESHOLD", "f", None, None)), more).to_dict() == {"f": 96, "g": 4}


def test_a_file_held_as_a_whole_keeps_back_all_its_schools_and_no_other_file():
    more = pd.concat([BOTH, units(("g", "c", 4))])
    whole = found(("RSK-FILE-THRESHOLD", "f", None, 9), ("RSK-SUM", "f", "a", 9), ("RSK-SUM", "g", "c", 9))
    assert rows_kept_back(whole, more).to_dict() == {"f": 96, "g": 1}


def test_two_files_for_one_school_wait_with_all_their_rows():
    rivals = units(("f", "a", 5), ("g", "a", 6), status="held")
    assert rows_kept_back(found(("RSK-UNIT-TWICE", "f", "a", None)), rivals).to_dict() == {"f": 5, "g": 6}


def test_what_holds_nothing_is_not_counted():
    assert rows_kept_back(found(("RSK-SCHOOL-RENAMED", "f", "a", 8)), BOTH).empty
