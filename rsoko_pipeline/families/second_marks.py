"""Second marking («повторная проверка»): re-marking, cross-checks, independent commissions, state control.

Belongs here: how far the second marking confirms the first. Does not belong here: which works to mark again and what
follows for a school (``objectivity``).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families.levels import UNIT, at_every_level, named, with_share
from rsoko_pipeline.families.model import Base, Family, of_same_year

_BY = [*UNIT, "second_kind", "about_event"]
_COUNTS = ["n", "same", "lower", "higher", "random_n", "random_same"]


def related(cfg: Configuration, events: Sequence[str], facts: pd.DataFrame) -> dict[str, list[str]]:
    """The results of the works marked again: the first marking where a file states only the second."""
    return {"fact_result": sorted(facts["about_event"].dropna().unique())}


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.agreement_statistics``.

    A work is compared by its marks, by its scores where a mark is missing; one without a pair of either is not counted.
    What a file leaves out of the first marking is taken from the pupil's result. ``mean_difference`` is the second
    score minus the first, over works with both scores. Works beside a cut of marks are chosen because they are
    doubtful: where a file says which were chosen at random, these stand apart (``random_…``). Intervals: Wilson.
    """
    rows = _with_first(facts, base.others.get("fact_result"))
    scores = rows["second_score"].astype("float64") - rows["first_score"].astype("float64")
    marks = rows["second_mark"].astype("float64") - rows["first_mark"].astype("float64")
    shift = marks.fillna(scores)
    counted = rows.assign(
        n=shift.notna().astype("int64"),
        same=(shift == 0).astype("int64"),
        lower=(shift < 0).astype("int64"),
        higher=(shift > 0).astype("int64"),
        difference=scores,
    )
    is_random = (counted["choice"] == "random").astype("int64")
    counted = counted.assign(random_n=is_random * counted["n"], random_same=is_random * counted["same"])
    groups = at_every_level(counted[counted["n"] > 0], base.register).groupby(_BY, as_index=False)
    out = groups[_COUNTS].sum().assign(mean_difference=groups["difference"].mean()["difference"])
    for part, share, whole in (("same", "same", "n"), ("random_same", "random", "random_n")):
        out = with_share(out, f"{share}_share", out[part], out[whole], share)
    return base.finished("agreement_statistics", named(out, base.register, facts))


def _with_first(facts: pd.DataFrame, results: pd.DataFrame | None) -> pd.DataFrame:
    """The facts with the first score and mark of the pupil's result where the file has neither."""
    if results is None or results.empty:
        return facts
    known = results.rename(columns={"event_id": "about_event", "primary_score": "score", "mark": "given_mark"})
    both = facts.merge(known[["about_event", "pupil", "score", "given_mark"]], on=["about_event", "pupil"], how="left")
    empty = both["first_score"].isna() & both["first_mark"].isna()
    return both.assign(
        first_score=both["first_score"].astype("float64").fillna(both["score"].astype("float64").where(empty)),
        first_mark=both["first_mark"].fillna(both["given_mark"].where(empty)),
    ).drop(columns=["score", "given_mark"])


FAMILY = Family(
    name="second_marks",
    title_ru="Повторные проверки",
    source="source_second_mark",
    fact="fact_second_mark",
    mart="agreement_statistics",
    key=("second_kind", "about_event", "pupil_code"),
    stated=("first_score", "second_score", "first_mark", "second_mark"),
    statistics=statistics,
    related=related,
    depends=of_same_year,
)
