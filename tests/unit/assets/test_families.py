"""Assets, jobs and runs of the other procedures."""

from __future__ import annotations

import dagster as dg

from assets import automation
from assets.families import CHECKS, fact_key, mart_key
from assets.plan import Plan
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families import FAMILIES, dependencies, family_of


def test_every_event_of_the_calendar_is_in_exactly_one_job(cfg: Configuration) -> None:
    plan = Plan(cfg)
    orders = [plan.works, *(plan.of_family(family) for family in plan.families)]
    assert sorted(event for order in orders for event in order) == sorted(cfg.calendar.events)
    for family in plan.families:
        assert all(
            family_of(cfg.procedures[cfg.calendar.events[e].procedure]) is family for e in plan.of_family(family)
        )


def test_a_family_has_a_fact_with_checks_a_mart_and_a_job(cfg: Configuration, definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert Plan(cfg).families
    for family in Plan(cfg).families:
        fact, mart = graph.get(fact_key(family)), graph.get(mart_key(family))
        assert fact.partitions_def and set(fact.partitions_def.get_partition_keys()) == set(Plan(cfg).of_family(family))
        assert fact_key(family) in mart.parent_keys
        assert {key.name for key in graph.asset_check_keys if key.asset_key == fact.key} == CHECKS.keys()
        selected = definitions.resolve_job_def(family.name).asset_layer.executable_asset_keys
        assert selected == {fact_key(family), mart_key(family)}


def test_ranges_cover_works_and_families_job_by_job(cfg: Configuration) -> None:
    plan = Plan(cfg)
    wanted = [plan.works[0], plan.works[1], *(plan.of_family(family)[-1] for family in plan.families)]
    found = list(automation.event_ranges(plan, wanted))
    assert found[0] == (automation.EVENTS, plan.works[0], plan.works[1])
    assert [job for job, *_ in found[1:]] == [family.name for family in plan.families]
    assert all(first == last for _, first, last in found[1:])


def test_what_is_compared_with_works_depends_on_them(cfg: Configuration) -> None:
    depends = dependencies(cfg)
    events = cfg.calendar.events
    for event, others in depends.items():
        assert event not in others
        assert {events[other].school_year for other in others} == {events[event].school_year}
    compared = {family_of(cfg.procedures[events[event].procedure]) for event in depends}
    assert {family.name for family in compared if family} == {"controls", "journals", "olympiads", "second_marks"}
    year = cfg.calendar.years[-1]
    works = {event.event_id for event in cfg.calendar.of_year(year) if event.procedure == "vpr"}
    marked_again = next(e for e in depends if events[e].procedure == "remarking" and events[e].school_year == year)
    assert works <= set(depends[marked_again])


def test_families_know_their_tables() -> None:
    from rsoko_pipeline import contracts

    for family in FAMILIES.values():
        source, fact, mart = map(contracts.table, (family.source, family.fact, family.mart))
        assert {*family.key, *family.stated} <= set(source.names)
        assert set(source.names) - {"pupil_code"} <= set(fact.names)
        assert family.has_pupils == ("pupil_code" in source.names)
        assert mart.partition == "event_id" == fact.partition
