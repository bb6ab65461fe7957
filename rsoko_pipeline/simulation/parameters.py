"""What can be set in the simulated region, and the works that its pupils write.

Belongs here: sizes, spreads, probabilities with their defaults; the structure of a work. Does not belong here:
drawing (``model``), names of places (``region``), files (``files``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

#: Target shares of marks 2, 3, 4, 5 where a work's own are known; real РУ 4 and МА 4 of 2026 for grade 4.
MARK_SHARES: dict[tuple[str, int], tuple[float, float, float, float]] = {
    ("ru", 4): (0.05, 0.33, 0.44, 0.18),
    ("ma", 4): (0.03, 0.22, 0.44, 0.31),
    ("om", 4): (0.02, 0.22, 0.53, 0.23),
}
#: The same for every other work: plausible for grades 5 and above.
OTHER_MARK_SHARES = (0.09, 0.38, 0.37, 0.16)


@dataclass(frozen=True)
class Parameters:
    """The generator's settings; the defaults are the base setting of the calibration, the rest are stress settings.

    Attributes:
        rural_share: share of schools in villages.
        rural_median, urban_median: median number of pupils of a school in one grade.
        rural_spread, urban_spread: standard deviation of the logarithm of that number.
        class_size: most pupils in a class.
        icc: share of the variance of ability that lies between schools.
        subjects_r: correlation of a pupil's (and of a school's) levels in two subjects.
        years_r: correlation within a school of pupils' levels in one subject a year apart; schools' levels stay.
        context_r: correlation of a school's level with its context (settlement, kind, size).
        discrimination_sd: standard deviation of log discrimination of tasks.
        school_task_sd: standard deviation of a task's ease between schools, in units of ability.
        leniency_sd: standard deviation between schools of the ease of the tasks that are marked by judgement
            (2 points and more), in units of ability.
        honest_bump: share of pupils one point under a cut who are given that point without any ill will.
        absence: share of enrolled pupils who do not write.
        absence_slope: fall of the log-odds of absence a unit of ability.
        absence_school_sd: standard deviation between schools of the log-odds of absence.
        confirmed, raised: shares of pupils whose mark equals, is above, the journal's; the rest is below.
        journal_school_sd: standard deviation between schools of the journal's generosity, in units of ability.
        journal_none: share of pupils without a journal mark.
        not_started: share of X among zeros for a pupil of middling ability.
    """

    rural_share: float = 0.45
    rural_median: float = 9.0
    urban_median: float = 62.0
    rural_spread: float = 0.55
    urban_spread: float = 0.38
    class_size: int = 28
    icc: float = 0.20
    subjects_r: float = 0.75
    years_r: float = 0.90
    context_r: float = 0.50
    discrimination_sd: float = 0.25
    school_task_sd: float = 0.25
    leniency_sd: float = 0.15
    honest_bump: float = 0.05
    absence: float = 0.07
    absence_slope: float = 0.5
    absence_school_sd: float = 0.25
    confirmed: float = 0.56
    raised: float = 0.15
    journal_school_sd: float = 0.20
    journal_none: float = 0.01
    not_started: float = 0.25


@dataclass(frozen=True)
class WorkSpec:
    """A work: its tasks and cuts.

    Attributes:
        work_id: the calendar's event, or any name that is unique in the region.
        subject, grade: code of the subject, grade that writes.
        school_year: calendar year in which the school year ends; with ``grade`` it names the cohort.
        max_points: largest score of every task.
        cuts: least primary scores for marks 3, 4 and 5.
        labels: the tasks' labels («1», «4К1»); 1, 2, … by default.
        levels: difficulty Б, П or В of every task, None where unknown.
        shares: target shares of marks 2, 3, 4, 5.
        is_invented: structure and cuts are made up because the real ones are not published; nobody falsifies such a
            work and no mistakes are made in its files, since nobody could tell them.
        is_advanced: only classes with advanced study of the subject write it.
    """

    work_id: str
    subject: str
    grade: int
    school_year: int
    max_points: tuple[int, ...]
    cuts: tuple[int, int, int]
    labels: tuple[str, ...] = ()
    levels: tuple[str | None, ...] = ()
    shares: tuple[float, float, float, float] = field(default=OTHER_MARK_SHARES)
    is_invented: bool = False
    is_advanced: bool = False

    def __post_init__(self) -> None:
        n = len(self.max_points)
        if not self.labels:
            object.__setattr__(self, "labels", tuple(str(j) for j in range(1, n + 1)))
        if not self.levels:
            object.__setattr__(self, "levels", (None,) * n)
        if len(self.labels) != n or len(self.levels) != n:
            raise ValueError(f"{self.work_id}: {n} tasks, {len(self.labels)} labels, {len(self.levels)} levels")
        c3, c4, c5 = self.cuts
        if not 0 < c3 < c4 < c5 <= self.max_score:
            raise ValueError(f"{self.work_id}: cuts {self.cuts} do not fit a maximum of {self.max_score}")

    @cached_property
    def max_score(self) -> int:
        """The work's largest primary score."""
        return sum(self.max_points)

    @property
    def cohort(self) -> int:
        """The pupils who write: the year in which they would end grade 0. The same pupils a year on have it too."""
        return self.school_year - self.grade

    def mark(self, total: np.ndarray) -> np.ndarray:
        """Marks 2–5 (int8) of primary scores by the work's cuts."""
        return (2 + np.searchsorted(np.asarray(self.cuts), total, side="right")).astype(np.int8)
