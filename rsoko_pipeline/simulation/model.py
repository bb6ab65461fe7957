"""The simulated pupils and their works: pure functions from settings and a seed to arrays.

Belongs here: schools' sizes and levels, cohorts of pupils, task scores, absence, journal marks. Does not belong here:
names of places (``region``), dishonesty (``manipulation``), files (``files``), mistakes in files (``dirt``).

Everything is drawn from named streams (``streams``): a school, cohort or work comes out the same whatever else is
simulated beside it, so the pupils of grade g in one school year are those of grade g−1 in the year before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rsoko_pipeline.simulation import manipulation
from rsoko_pipeline.simulation.calibration import WorkModel, calibrate, category_weights
from rsoko_pipeline.simulation.manipulation import MANIPULATIONS, Injected, Manipulation
from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec
from rsoko_pipeline.simulation.streams import stream

#: All are at school up to this grade; this share goes on to the next ones.
_LAST_FOR_ALL, _GO_ON = 9, 0.55
#: Where the pupil stands whose typical work is the template of the manipulation «fill».
_TEMPLATE_QUANTILE = 0.70


@dataclass(frozen=True)
class Schools:
    """Schools as arrays, a position a school.

    Attributes:
        size: typical number of pupils in a grade (float).
        is_rural, is_strong: stands in a village; is a гимназия or лицей.
        level: general level, weighted by size of mean 0 and variance 1.
    """

    size: np.ndarray
    is_rural: np.ndarray
    is_strong: np.ndarray
    level: np.ndarray

    def __len__(self) -> int:
        return len(self.size)


@dataclass(frozen=True)
class Cohort:
    """Pupils who go through school together, sorted by school and number.

    Attributes:
        school: position of the pupil's school (int32).
        class_no: ordinal of the class in the school's parallel (int16).
        number: the pupil's number in the school's parallel, from 1 (int32); constant over works and years.
        level: general level within the school, standard normal.
    """

    school: np.ndarray
    class_no: np.ndarray
    number: np.ndarray
    level: np.ndarray

    def __len__(self) -> int:
        return len(self.school)

    def take(self, rows: np.ndarray) -> Cohort:
        """Some of the pupils."""
        return Cohort(self.school[rows], self.class_no[rows], self.number[rows], self.level[rows])


@dataclass(frozen=True)
class WorkResult:
    """One work of the region. Arrays have a position an enrolled pupil, in the cohort's order.

    Attributes:
        spec: the work.
        school, class_no, number: as in ``Cohort``.
        ability: what the work measures, standard normal in the region.
        present: wrote the work.
        scores: points by task (int8, pupils × tasks), 0 where not started, 0 for the absent.
        not_started: X instead of 0 (bool, pupils × tasks).
        total: primary score (int16), 0 for the absent.
        mark: 2–5 (int8), 0 for the absent.
        journal: journal mark 2–5 (int8), 0 where there is none.
        truth: what was falsified, an entry a school.
    """

    spec: WorkSpec
    school: np.ndarray
    class_no: np.ndarray
    number: np.ndarray
    ability: np.ndarray
    present: np.ndarray
    scores: np.ndarray
    not_started: np.ndarray
    total: np.ndarray
    mark: np.ndarray
    journal: np.ndarray
    truth: tuple[Injected, ...]

    @property
    def pupil_code(self) -> np.ndarray:
        """Codes as in the files: grade·10000 + number (int32)."""
        return (self.spec.grade * 10_000 + self.number).astype(np.int32)


@dataclass(frozen=True)
class SimulatedRegion:
    """A region's works with the known truth; nothing here has a name yet, schools are positions."""

    parameters: Parameters
    seed: int
    schools: Schools
    works: dict[str, WorkResult]


def make_schools(parameters: Parameters, n_schools: int, seed: int) -> Schools:
    """Draw the region's schools."""
    rng = stream(seed, "schools", n_schools)
    is_rural = np.zeros(n_schools, dtype=bool)
    is_rural[: round(parameters.rural_share * n_schools)] = True
    is_rural = rng.permutation(is_rural)
    median = np.where(is_rural, parameters.rural_median, parameters.urban_median)
    spread = np.where(is_rural, parameters.rural_spread, parameters.urban_spread)
    size = median * np.exp(rng.normal(0.0, 1.0, n_schools) * spread)
    is_strong = ~is_rural & (rng.random(n_schools) < 0.18)
    context = _standardised(0.5 * ~is_rural + 1.0 * is_strong + 0.1 * np.log(size / median), size)
    own = _standardised(rng.normal(0.0, 1.0, n_schools), size)
    level = _standardised(parameters.context_r * context + np.sqrt(1 - parameters.context_r**2) * own, size)
    return Schools(size=size, is_rural=is_rural, is_strong=is_strong, level=level)


def _standardised(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    centred = values - np.average(values, weights=weights)
    spread = np.sqrt(np.average(centred**2, weights=weights))
    return centred / spread if spread > 0 else centred


def make_cohort(parameters: Parameters, schools: Schools, cohort: int, seed: int) -> Cohort:
    """Draw the pupils of one cohort: the same for every grade and year in which they are met."""
    rng = stream(seed, "cohort", cohort)
    counts = rng.poisson(schools.size * np.exp(rng.normal(0.0, 0.05, len(schools))))
    school = np.repeat(np.arange(len(schools), dtype=np.int32), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    number = (np.arange(school.size) - first + 1).astype(np.int32)
    classes = -(-counts // parameters.class_size)
    class_no = ((number - 1) * classes[school] // np.maximum(counts[school], 1) + 1).astype(np.int16)
    return Cohort(school=school, class_no=class_no, number=number, level=rng.normal(0.0, 1.0, school.size))


def in_school(people: Cohort | WorkResult, grade: int) -> np.ndarray:
    """Who of a cohort is at school in a grade: after grade 9 many leave for colleges, in all works and years alike."""
    stays = (people.number * 7 + people.school * 3) % 100 < 100 * _GO_ON
    return stays | (grade <= _LAST_FOR_ALL)


def ability(parameters: Parameters, schools: Schools, cohort: Cohort, spec: WorkSpec, seed: int) -> np.ndarray:
    """What the work measures in every pupil of the cohort: standard normal, ``icc`` of it between schools."""
    r = parameters.subjects_r
    kept = (parameters.years_r - r) / (1 - r)
    of_school = _standardised(stream(seed, "school-subject", spec.subject).normal(0.0, 1.0, len(schools)), schools.size)
    lasting = stream(seed, "pupil-subject", spec.cohort, spec.subject).normal(0.0, 1.0, len(cohort))
    passing = stream(seed, "pupil-year", spec.cohort, spec.subject, spec.school_year).normal(0.0, 1.0, len(cohort))
    between = np.sqrt(r) * schools.level + np.sqrt(1 - r) * of_school
    within = np.sqrt(r) * cohort.level + np.sqrt(1 - r) * (np.sqrt(kept) * lasting + np.sqrt(1 - kept) * passing)
    return np.sqrt(parameters.icc) * between[cohort.school] + np.sqrt(1 - parameters.icc) * within


def simulate_work_arrays(
    parameters: Parameters,
    spec: WorkSpec,
    schools: Schools,
    seed: int,
    manipulations: Sequence[Manipulation] = (),
    cohort: Cohort | None = None,
    writes: np.ndarray | None = None,
) -> WorkResult:
    """Simulate one work: the lean way for calibrations over thousands of schools.

    Args:
        parameters: settings.
        spec: the work.
        schools: the region's schools.
        seed: the region's seed; the work's own streams hang on ``spec.work_id``.
        manipulations: dishonest schools of this work, a school at most once.
        cohort: the pupils, where the caller keeps them between works.
        writes: which of them the work is for; all by default.

    Returns:
        Arrays of all pupils whom the work is for, sorted by school.
    """
    model = calibrate(parameters, spec, seed)
    cohort = make_cohort(parameters, schools, spec.cohort, seed) if cohort is None else cohort
    rng = stream(seed, "work", spec.work_id)
    z = ability(parameters, schools, cohort, spec, seed)

    log_odds = model.absence - parameters.absence_slope * z
    log_odds += (parameters.absence_school_sd * rng.normal(0.0, 1.0, len(schools)))[cohort.school]
    present = rng.random(z.size) * (1 + np.exp(-log_odds)) >= 1
    journal = _journal_marks(parameters, model, schools, cohort, z, rng)
    scores = _task_scores(parameters, model, schools, cohort, z, rng)
    if writes is not None:
        cohort = cohort.take(writes)
        z, present, journal, scores = z[writes], present[writes], journal[writes], scores[writes]
    most = np.asarray(spec.max_points, dtype=np.int8)
    total = scores.sum(axis=1, dtype=np.int16)
    lifted = np.flatnonzero(np.isin(total, np.asarray(spec.cuts) - 1) & (rng.random(z.size) < parameters.honest_bump))
    manipulation.add_points(scores, most, lifted, np.ones(lifted.size, dtype=np.int16), rng)

    truth = tuple(_manipulate(manipulations, model, cohort, z, present, scores, journal, seed))
    zero_to_x = 1 / (1 + np.exp(0.5 * z) * (1 - parameters.not_started) / parameters.not_started)
    not_started = (scores == 0) & (rng.random(scores.shape) < zero_to_x[:, None])
    scores[~present] = 0
    not_started[~present] = False
    total = scores.sum(axis=1, dtype=np.int16)
    return WorkResult(
        spec=spec,
        school=cohort.school,
        class_no=cohort.class_no,
        number=cohort.number,
        ability=z,
        present=present,
        scores=scores,
        not_started=not_started,
        total=total,
        mark=np.where(present, spec.mark(total), 0).astype(np.int8),
        journal=journal,
        truth=truth,
    )


def _task_scores(
    parameters: Parameters, model: WorkModel, schools: Schools, cohort: Cohort, z: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    theta = model.effective(z)
    lenient = rng.normal(0.0, parameters.leniency_sd, len(schools))
    scores = np.empty((z.size, len(model.slopes)), dtype=np.int8)
    for j, (slope, offsets) in enumerate(zip(model.slopes, model.offsets, strict=True)):
        ease = rng.normal(0.0, parameters.school_task_sd, len(schools)) + (lenient if len(offsets) > 1 else 0.0)
        cumulative = np.cumsum(category_weights(slope, offsets, theta + ease[cohort.school]), axis=0)
        scores[:, j] = (cumulative[:-1] < rng.random(z.size) * cumulative[-1]).sum(axis=0)
    return scores


def _journal_marks(
    parameters: Parameters, model: WorkModel, schools: Schools, cohort: Cohort, z: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    between = min(parameters.journal_school_sd, model.journal_noise)
    within = np.sqrt(model.journal_noise**2 - between**2)
    seen = z + rng.normal(0.0, between, len(schools))[cohort.school] + rng.normal(0.0, within, z.size)
    marks = (2 + np.searchsorted(np.asarray(model.journal), seen, side="right")).astype(np.int8)
    marks[rng.random(z.size) < parameters.journal_none] = 0
    return marks


def _manipulate(
    manipulations: Sequence[Manipulation],
    model: WorkModel,
    cohort: Cohort,
    z: np.ndarray,
    present: np.ndarray,
    scores: np.ndarray,
    journal: np.ndarray,
    seed: int,
) -> Iterator[Injected]:
    """Inject each manipulation in place; a school where nobody wrote has nothing to falsify."""
    spec = model.spec
    for one in manipulations:
        rng = stream(seed, "manipulation", spec.work_id, one.school)
        start, stop = np.searchsorted(cohort.school, [one.school, one.school + 1])
        rows = np.arange(start, stop)[present[start:stop]]
        if not rows.size:
            continue
        class_no = None
        if one.kind == "absence":
            changed = manipulation.keep_away(z, present, slice(start, stop), one.strength, rng)
        else:
            template = _typical_scores(model, _TEMPLATE_QUANTILE)
            touched, class_no = manipulation.falsify(
                one.kind, one.strength, spec, scores, rows, cohort.class_no, journal, template, rng
            )
            changed = touched.size
        yield Injected(one.school, one.kind, one.strength, class_no, changed)


@lru_cache(maxsize=256)
def _typical_scores(model: WorkModel, quantile: float) -> np.ndarray:
    """Rounded expected points by task of a pupil at ``quantile`` of ability."""
    from scipy.special import ndtri

    theta = model.effective(np.array([ndtri(quantile)]))
    expected = []
    for slope, offsets in zip(model.slopes, model.offsets, strict=True):
        weights = category_weights(slope, offsets, theta)[:, 0]
        expected.append(weights @ np.arange(weights.size) / weights.sum())
    return np.rint(expected).astype(np.int8)


def simulate_works(
    parameters: Parameters,
    works: Sequence[WorkSpec],
    n_schools: int,
    seed: int,
    *,
    manipulated: float = 0.0,
    kinds: Sequence[tuple[str, float]] = MANIPULATIONS,
    works_share: float = 0.5,
) -> SimulatedRegion:
    """Simulate a region's works, of one or several school years.

    Args:
        parameters: settings.
        works: the works; those of one cohort are written by the same pupils.
        n_schools: number of schools.
        seed: the same seed gives the same region.
        manipulated: share of schools that are dishonest.
        kinds: kinds and strengths, dealt to those schools in turn.
        works_share: probability that such a school is dishonest in a given work; it is so in one at least.
    """
    schools = make_schools(parameters, n_schools, seed)
    known = [work for work in works if not work.is_invented]
    plan = manipulation.plan(schools.size, known, manipulated, kinds, works_share, seed)
    cohorts = {c: make_cohort(parameters, schools, c, seed) for c in sorted({work.cohort for work in works})}
    results = {}
    for work in works:
        cohort, dishonest = cohorts[work.cohort], plan.get(work.work_id, ())
        writes = _writes(work, schools, cohort)
        results[work.work_id] = simulate_work_arrays(parameters, work, schools, seed, dishonest, cohort, writes)
    return SimulatedRegion(parameters=parameters, seed=seed, schools=schools, works=results)


def _writes(work: WorkSpec, schools: Schools, cohort: Cohort) -> np.ndarray | None:
    """Whom a work is for; None where all. Advanced classes are the first ones of strong schools."""
    if work.is_advanced:
        return schools.is_strong[cohort.school] & (cohort.class_no == 1)
    return in_school(cohort, work.grade) if work.grade > _LAST_FOR_ALL else None
