"""Answers («ответы»): how many people of a unit gave which answer: surveys, self-diagnosis of schools, risk profiles.

Belongs here: shares of the answers at every level with their intervals. Does not belong here: which questions there are
(the procedures' files), satisfaction as an indicator (``indicators``).
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.families.levels import UNIT, named, series, stated_or_below, with_share
from rsoko_pipeline.families.model import Base, Family

#: What tells one question from another.
QUESTION = ("respondent", "category", "question")


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.survey_statistics``: the answers of a unit's people and their shares of all answers to a question.

    What a file states of a municipality or the region stands as it is; where none does, the answers of the units below
    are added up. A person who may choose several answers counts once an answer, so the shares there are shares of
    answers, not of people. Intervals: Wilson.
    """
    keyed = facts.assign(asked=series(facts, QUESTION), n=facts["n"].astype("int64"))
    by = [*UNIT, "asked"]
    counted = stated_or_below(keyed, base.register, by)
    rows = counted.groupby([*by, "answer"], as_index=False)["n"].sum()
    rows["respondents"] = rows.groupby(by)["n"].transform("sum")
    rows = rows.merge(keyed[["asked", *QUESTION]].drop_duplicates("asked"), on="asked")
    shared = with_share(rows, "share", rows["n"], rows["respondents"])
    keys = shared.assign(series=shared["asked"] + " | answer=" + shared["answer"])
    return base.finished("survey_statistics", named(keys, base.register, facts))


FAMILY = Family(
    name="answers",
    title_ru="Ответы на вопросы",
    source="source_answer",
    fact="fact_answer",
    mart="survey_statistics",
    key=(*QUESTION, "answer", "about_event"),
    stated=("n",),
    statistics=statistics,
)
