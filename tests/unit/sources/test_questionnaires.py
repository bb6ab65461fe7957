"""Exports of forms with a row a respondent: answers are counted at reading, and only the counts go on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline import configuration, contracts
from rsoko_pipeline.configuration.errors import ConfigurationError
from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.sources.model import ReadResult

from .conftest import Read, codes

SAMPLE = base_folder() / "procedures" / "surveys" / "sample.xlsx"
HEADER = "Отметка времени,Адрес электронной почты,Ваша школа,Кто вы,Класс,В школе учат хорошо,"
HEADER += "Отметки ставят справедливо,Чего не хватает школе,Что стоит изменить\n"
SCHOOL = "МБОУ «СОШ № 1» (edu990001)"
LAYOUT = (base_folder() / "procedures" / "surveys" / "delimited" / "surveys_form.yaml").read_text(encoding="utf-8")


def line(
    day: str = "15.04.2026 18:02:11", school: str = SCHOOL, who: str = "Учитель", teaches: str = "Скорее согласен",
    fair: str = "Скорее согласна", lacks: str = "", change: str = "",
) -> str:  # fmt: skip
    return f'{day},who@example.org,{school},{who},,{teaches},{fair},"{lacks}",{change}\n'


def counts(result: ReadResult, question: str) -> dict[str, int]:
    rows = result.frames["source_answer"]
    chosen = rows[rows["question"] == question]
    return dict(zip(chosen["answer"], chosen["n"].astype(int), strict=True))


def test_answers_of_a_unit_are_counted(read: Read) -> None:
    result = read(SAMPLE)
    assert codes(result) == [] and result.file.event_id == "2026-surveys"
    rows = result.frames["source_answer"]
    assert set(rows["unit_code"]) == {"edu990001", "edu990002"} and set(rows["level"]) == {"school"}
    per_question = rows.groupby("question")["n"].sum()
    assert per_question["В школе учат хорошо"] == per_question["Отметки ставят справедливо"] == result.file.rows_read
    parents = rows[(rows["respondent"] == "родители") & (rows["unit_code"] == "edu990002")]
    assert parents.loc[parents["question"] == "В школе учат хорошо", ["category", "answer", "n"]].values.tolist() == [
        ["5–9 классы", "полностью согласен", 2]
    ]
    assert not rows.duplicated(list(contracts.table("source_answer").key)).any()


def test_what_respondents_say_of_themselves_goes_nowhere(read: Read) -> None:
    result = read(SAMPLE)
    told = pd.concat([frame.astype(str) for frame in result.frames.values()]).to_csv() + str(result.findings)
    for secret in ("example.org", "Тихон", "Платонович", "опытов"):
        assert secret not in told


def test_a_word_of_the_respondents_own_is_counted_and_not_kept(read: Read) -> None:
    result = read((HEADER + line(teaches="Спросите Тихона Платоновича") + line()).encode(), "анкеты.csv")
    assert counts(result, "В школе учат хорошо") == {"другой ответ": 1, "скорее согласен": 1}
    (finding,) = result.findings
    assert finding.code == "RSK-USAGE" and "В школе учат хорошо" in finding.values["what"]
    assert "Тихон" not in str(result.findings)


def test_several_answers_count_once_each(read: Read) -> None:
    lacks = ("Учителей, кружков, кружков и секций", "учителей", "")
    result = read((HEADER + "".join(line(lacks=text) for text in lacks)).encode(), "анкеты.csv")
    assert counts(result, "Чего не хватает школе (можно выбрать несколько)") == {"учителей": 2, "кружков и секций": 1}


@pytest.mark.parametrize("day", ["2026/04/15 6:02:11 PM GMT+3", "2026-04-15T18:02", "15.04.2026", "12.11.2025 8:00"])
def test_the_day_tells_the_survey_of_its_school_year(read: Read, day: str) -> None:
    assert set(read((HEADER + line(day)).encode(), "анкеты.csv").frames["source_answer"]["event_id"]) == {
        "2026-surveys"
    }


def test_a_row_that_names_no_school_or_day_fails_alone(read: Read) -> None:
    lines = line() + line(school="школа номер один") + line(day="вчера") + line(who="Сосед")
    result = read((HEADER + lines).encode(), "анкеты.csv")
    assert sorted(finding.row_number or 0 for finding in result.findings if finding.code == "RSK-VALUE") == [3, 4, 5]
    said = " ".join(finding.message for finding in result.findings)
    assert "название школы с логином в скобках" in said
    assert "одно из значений: родители, ученики, учителя, руководители" in said
    assert counts(result, "В школе учат хорошо") == {"скорее согласен": 1}


def test_a_class_that_no_school_has_fails_its_row(read: Read) -> None:
    parents = [line(who="Родитель").replace(",Родитель,,", f",Родитель,{form},") for form in ("7 класс", "77 класс")]
    result = read((HEADER + "".join(parents)).encode(), "анкеты.csv")
    (finding,) = [finding for finding in result.findings if finding.code == "RSK-VALUE"]
    assert finding.row_number == 3 and "класс от 1 до 11" in finding.message
    assert set(result.frames["source_answer"]["category"]) == {"5–9 классы"}


def test_a_question_that_is_missing_is_named(read: Read) -> None:
    result = read((HEADER.replace("Отметки ставят справедливо", "Новый вопрос") + line()).encode(), "анкеты.csv")
    assert set(codes(result)) == {"RSK-COLUMN-MISSING", "RSK-COLUMN-UNKNOWN"} and result.is_refused


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("target: source_answer", "target: source_record", "questions"),
        ("event: {day_header: Отметка времени}", "event: {day_header: Отметка времени, year: 2026}", "год события"),
        ("event: {day_header: Отметка времени}", "event: {}", "day_header"),
    ],
)
def test_a_map_that_contradicts_itself_is_refused(tmp_path: Path, written: str, instead: str, said: str) -> None:
    place = tmp_path / "procedures" / "surveys" / "delimited" / "surveys_form.yaml"
    place.parent.mkdir(parents=True)
    assert written in LAYOUT
    place.write_text(LAYOUT.replace(written, instead), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        configuration.load(str(tmp_path))
