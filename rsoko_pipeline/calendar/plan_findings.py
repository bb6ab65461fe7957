"""What is wrong with a plan as a document: dates that are none, deadlines that contradict one another, slips.

Belongs here: the checks of plans; their sentences stand in ``config/findings.yaml``. Does not belong here: mistakes of
whoever entered the plan (``configuration.measures`` refuses those), whether a measure is done (``plan_status.py``).

A plan's mistakes are reported, never smoothed over: what is read in their place is said in the finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rsoko_pipeline.calendar.plans import dates_of
from rsoko_pipeline.calendar.terms import After, DueDate
from rsoko_pipeline.findings import Finding

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration
    from rsoko_pipeline.configuration.models import Measure, Plan

#: A procedure's abbreviation and a year after it: «ВПР 2021», «ВПР 2020 года».
_PROCEDURE_OF_YEAR = re.compile(r"\b([А-ЯЁ][А-ЯЁа-яё]*[А-ЯЁ]|TIMSS|PIRLS|PISA)\s+((?:19|20)\d\d)\b(?!\s*[-–—]\s*\d)")


@dataclass(frozen=True)
class PlanFinding:
    """One finding; ``number`` is None where it is about the plan as a whole."""

    plan: str
    number: str | None
    finding: Finding


def plan_findings(cfg: Configuration) -> list[PlanFinding]:
    """The findings of all plans: the plan as a whole first, then line by line in the order of the document."""
    return [
        PlanFinding(plan.id, number, finding)
        for plan in cfg.plans.values()
        for number, finding in (
            *((None, finding) for finding in _of_plan(plan)),
            *(
                (m.number, finding)
                for m in plan.measures.values()
                for check in _CHECKS
                for finding in check(cfg, plan, m)
            ),
        )
    ]


def _of_plan(plan: Plan) -> Iterator[Finding]:
    for annex in plan.annexes:
        if plan.approved and annex.dated != plan.approved:
            words = {"annex": annex.title, "dated": f"{annex.dated:%d.%m.%Y}", "approved": f"{plan.approved:%d.%m.%Y}"}
            yield Finding("RSK-PLAN-ANNEX", words)
    measures = list(plan.measures.values())
    silent = [measure for measure in measures if measure.deadline is None]
    if silent:
        instead = f"взят общий: «{plan.deadline}»" if plan.deadline else "даты нет"
        yield Finding("RSK-PLAN-SILENT", {"count": len(silent), "of": len(measures), "instead": instead})
    nobody = [measure for measure in measures if not measure.responsible]
    if nobody:
        yield Finding("RSK-PLAN-NOBODY", {"count": len(nobody), "of": len(measures)})
    yield from (Finding("RSK-PLAN-REMARK", {"what": remark}) for remark in plan.remarks)


def _readable(cfg: Configuration, plan: Plan, measure: Measure) -> Iterator[Finding]:
    """The deadline's text is understood, its days exist, and a date follows from it."""
    text = plan.deadline_text(measure)
    if text is None:
        return
    deadline = plan.deadline_of(measure)
    for day in deadline.impossible:
        yield Finding("RSK-PLAN-DAY", {"day": day, "rule": deadline.rule_ru}, value=text)
    if not deadline.is_understood:
        yield Finding("RSK-PLAN-UNREAD", {"rest": deadline.rest or text}, value=text)
    elif not dates_of(cfg, plan, measure):
        yield Finding("RSK-PLAN-UNDATED", {"rule": deadline.rule_ru}, value=text)


def _years(cfg: Configuration, plan: Plan, measure: Measure) -> Iterator[Finding]:
    """Text and expected result speak of the same year of a procedure."""
    said, expected = (dict(_PROCEDURE_OF_YEAR.findall(text or "")) for text in (measure.text, measure.result))
    for procedure in said.keys() & expected.keys():
        if said[procedure] != expected[procedure]:
            words = {"procedure": procedure, "said": said[procedure], "expected": expected[procedure]}
            yield Finding("RSK-PLAN-YEARS", words)


def _within_plan(cfg: Configuration, plan: Plan, measure: Measure) -> Iterator[Finding]:
    """No deadline lies outside the plan's period, none had passed when the plan was approved."""
    for due in dates_of(cfg, plan, measure):
        day = f"{due.last:%d.%m.%Y}"
        if not plan.begins <= due.last <= plan.ends:
            period = f"{plan.begins:%d.%m.%Y} – {plan.ends:%d.%m.%Y}"
            yield Finding("RSK-PLAN-PERIOD", {"due": day, "period": period}, value=plan.deadline_text(measure))
        if plan.approved and due.last < plan.approved:
            words = {"due": day, "approved": f"{plan.approved:%d.%m.%Y}"}
            yield Finding("RSK-PLAN-APPROVED", words, value=plan.deadline_text(measure))


def _in_order(cfg: Configuration, plan: Plan, measure: Measure) -> Iterator[Finding]:
    """A measure is not due before the one whose result it rests on."""
    for number in measure.based_on:
        base = plan.measures[number]
        if _counted_sooner(plan, measure, base) or _dated_sooner(
            dates_of(cfg, plan, measure), dates_of(cfg, plan, base)
        ):
            words = {"base": number, "base_due": plan.deadline_text(base)}
            yield Finding("RSK-PLAN-ORDER", words, value=plan.deadline_text(measure))


def _counted_sooner(plan: Plan, measure: Measure, base: Measure) -> bool:
    """Both are counted from the same event, and this one's days run out first."""

    def terms(one: Measure) -> list[After]:
        return [term for term in plan.deadline_of(one).terms if isinstance(term, After) and not term.is_before]

    return any(
        mine.anchor.lower() == other.anchor.lower() and mine.at_most < other.at_least
        for mine in terms(measure)
        for other in terms(base)
    )


def _dated_sooner(mine: tuple[DueDate, ...], base: tuple[DueDate, ...]) -> bool:
    """In some year both are due on days or months that the text names, and this one is due first."""
    named = [{due.last.year: due.last for due in dates if due.precision in ("day", "month")} for dates in (mine, base)]
    return any(named[0][year] < named[1][year] for year in named[0].keys() & named[1].keys())


def _remarks(cfg: Configuration, plan: Plan, measure: Measure) -> Iterator[Finding]:
    return (Finding("RSK-PLAN-REMARK", {"what": remark}) for remark in measure.remarks)


_Check = Callable[["Configuration", "Plan", "Measure"], Iterator[Finding]]
_CHECKS: tuple[_Check, ...] = (_readable, _years, _within_plan, _in_order, _remarks)
