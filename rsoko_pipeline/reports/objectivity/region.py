"""The page of the region: how much was looked at, what was found, which schools need a check, the plan of re-marking.

Belongs here: the page. Does not belong here: pages of schools (``school``). Never a ranking: schools stand by
municipality and name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline.reports.objectivity import form, html, pictures
from rsoko_pipeline.reports.objectivity.drawing import number
from rsoko_pipeline.reports.objectivity.inputs import FLAGGED, ObjectivityYear, planned
from rsoko_pipeline.reports.objectivity.school import made, unavailable_table
from rsoko_pipeline.reports.objectivity.words import lines, percent, probability, say, words

#: Where the page of a school lies, seen from the page of the region.
Link = Callable[[str], str]
_DIGITS = re.compile(r"(\d+)")
_LEVELS = ("0", "1", "2", "3")
#: Signs that are not looked for in each work.
_NOT_OF_WORKS = ("OBSERVED", "REMARK", "STAGE")


def region_page(year: ObjectivityYear, link: Link, methodology: str = "") -> str:
    """The page as text.

    Args:
        year: the frames of the year.
        link: address of a school's page, by the school's code.
        methodology: address of the methodology; no link where there is none.
    """
    body = [
        f'<p class="quiet">{escape(year.region)}</p>',
        f"<h1>{escape(say('region.heading', school_year=year.school_year))}</h1>",
        f'<div class="note"><b>{escape(year.policy.caption.capitalize())}.</b> {say("shared.not_proof")} '
        f"{say('region.lead')}</div>",
    ]
    if not year.works:
        body.append(html.paragraph(say("region.nothing")))
    else:
        flagged = _flagged(year)
        body += [
            _cards(year, flagged),
            *_check(year, flagged, link),
            *_small(year, link),
            *_by_work(year),
            *_by_sign(year),
            *_plan(year),
            *_left_out(year),
            *_outcomes(year),
            *_observers(year),
            *_agreement(year),
            *_rules(year),
        ]
        body += [f"<h2>{say('shared.unavailable_title')}</h2>"] if len(year.unavailable) else []
        body += [unavailable_table(year, year.unavailable.to_dict("records"))] if len(year.unavailable) else []
        body += [f"<h2>{say('region.forms')}</h2>", html.paragraph(say("region.forms_note", file=form.FILE))]
    body += [f"<h2>{say('shared.how_title')}</h2>", html.bullets(lines("shared.how"))]
    if methodology:
        body.append(f'<p><a href="{escape(methodology)}">{say("shared.methodology")}</a></p>')
    body.append(html.paragraph(made(year), "quiet"))
    return html.document(f"{say('region.title')}, {year.school_year}", body)


def _flagged(year: ObjectivityYear) -> dict[str, list[dict[str, Any]]]:
    """Schools that need a check, by municipality and name, with their flagged works (none: by the sum of works)."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in year.evidence[year.evidence["evidence"] >= FLAGGED].to_dict("records"):
        found.setdefault(row["unit_code"], []).append({str(name): value for name, value in row.items()})
    for school in year.pooled.loc[year.pooled["evidence"] >= FLAGGED, "unit_code"]:
        found.setdefault(school, [])
    return dict(sorted(found.items(), key=lambda item: _order(year, item[0])))


def _order(year: ObjectivityYear, school: str) -> tuple[list[str | int], ...]:
    """Where a school stands in a list: by municipality, name, code, as people sort: № 3 before № 12, ё as е."""
    return tuple(
        [int(part) if part.isdecimal() else part for part in _DIGITS.split(text.casefold().replace("ё", "е"))]
        for text in _place(year, school)
    )


def _place(year: ObjectivityYear, school: str) -> tuple[str, str, str]:
    name, municipality = year.place(school)
    return municipality or say("region.no_municipality"), name, school


def _cards(year: ObjectivityYear, flagged: dict[str, list[dict[str, Any]]]) -> str:
    figures = (
        (len(set(year.evidence["event_id"])), "works"),
        (len(year.judged), "schools"),
        (len(flagged), "flagged"),
        (len(year.plan), "plan"),
    )
    items = "".join(f"<li><b>{number(value)}</b>{say(f'region.cards.{key}')}</li>" for value, key in figures)
    return f'<ul class="cards">{items}</ul>'


def _check(year: ObjectivityYear, flagged: dict[str, list[dict[str, Any]]], link: Link) -> Iterator[str]:
    everybody = len(year.judged)
    yield f"<h2>{say('region.check')}</h2>"
    yield html.paragraph(
        say(
            "region.check_note", without=number(everybody - len(year.judged & set(year.chosen))), all=number(everybody)
        ),
        "quiet",
    )
    if not flagged:
        yield html.paragraph(say("region.nobody"))
        return
    order = list(year.works)
    groups: dict[str, list[tuple[str, str]]] = {}
    for school, found in flagged.items():
        municipality, name, _ = _place(year, school)
        works = "<br>".join(
            f"{escape(year.works[row['event_id']].label)}: "
            + escape(", ".join(year.policy.signs[one["sign"]].title.lower() for one in row["signs"]))
            + f" (n = {number(row['n'])})"
            for row in sorted(found, key=lambda row: order.index(row["event_id"]))
        )
        page = f'<a href="{escape(link(school))}">{escape(name)}</a>'
        groups.setdefault(municipality, []).append((page, works or escape(say("school.pooled"))))
    yield html.grouped([say("region.school"), say("region.works")], groups.items(), ())


def _small(year: ObjectivityYear, link: Link) -> Iterator[str]:
    yield f"<h2>{say('region.pooled')}</h2>"
    yield html.paragraph(say("region.pooled_note", min_school=year.policy.min_school), "quiet")
    single = set(year.evidence["unit_code"])
    small = year.pooled[~year.pooled["unit_code"].isin(single) & (year.pooled["evidence"] > 0)]
    rows = []
    for row in sorted(small.to_dict("records"), key=lambda row: _order(year, row["unit_code"])):
        municipality, name, school = _place(year, row["unit_code"])
        signs = ", ".join(year.policy.signs[one["sign"]].title.lower() for one in row["signs"])
        page = f'<a href="{escape(link(school))}">{escape(name)}</a>'
        figures = (number(row["works"]), number(row["n"]), probability(row["p"]), probability(row["q"]))
        rows.append((escape(municipality), page, *figures[:2], escape(signs), *figures[2:]))
    if not rows:
        yield html.paragraph(say("region.pooled_none"))
        return
    heads = [say(f"region.{key}") for key in ("municipality", "school", "works", "participants", "by_sign")]
    yield html.table([*heads, say("shared.p"), say("shared.q")], rows, numbers=(2, 3, 5, 6))


def _by_work(year: ObjectivityYear) -> Iterator[str]:
    yield f"<h2>{say('region.by_work')}</h2>"
    yield html.paragraph(say("region.by_work_note"), "quiet")
    counts = Counter(zip(year.evidence["event_id"], year.evidence["evidence"].astype("str"), strict=True))
    jumps = year.signs[(year.signs["level"] == "region") & (year.signs["sign"] == "BUNCH_REGION")]
    highest = {row["event_id"]: row["details"] for row in jumps.to_dict("records")}
    rows = []
    for event, work in year.assessed.items():
        n = [counts[event, one] for one in _LEVELS]
        title = escape(work.title) if sum(n) else f"{escape(work.title)}<br>{_not_judged(year, event)}"
        rows.append((title, number(sum(n)), *map(number, n), _jump(highest.get(event))))
    heads = [
        say("school.work"),
        say("region.judged"),
        *(words("level_short")[one] for one in _LEVELS),
        say("region.jump"),
    ]
    yield html.table(heads, rows, numbers=(1, 2, 3, 4, 5, 6))
    yield '<div class="grid">'
    yield from _distributions(year)
    yield "</div>"


def _not_judged(year: ObjectivityYear, event: str) -> str:
    """Why no school was judged in a work."""
    rows = year.unavailable[(year.unavailable["event_id"] == event) & (year.unavailable["sign"] == "")]
    few = say("region.no_school_large_enough", min_school=year.policy.min_school)
    return f'<span class="quiet">{escape("; ".join(rows["why"]) or few)}</span>'


def _jump(details: dict[str, Any] | None) -> str:
    if details is None:
        return say("region.no_jump")
    most = number(details["jumps"][str(details["mark"])], 1)
    return html.tag(most, "l2") if details["is_sign"] else most


def _distributions(year: ObjectivityYear) -> Iterator[str]:
    rows = year.distribution[year.distribution["level"] == "region"]
    for event, work in year.works.items():
        own = rows[rows["event_id"] == event].sort_values("score")
        if own["n"].sum() == 0:
            continue
        scores, n = (own[name].to_numpy(dtype=np.float64) for name in ("score", "n"))
        picture = pictures.distribution(scores, n, None, work.cuts, height=180)
        note = f". {work.scale_warning}" if work.scale_warning else ""
        yield f"<figure>{picture}<figcaption>{escape(work.title + note)}</figcaption></figure>"


def _by_sign(year: ObjectivityYear) -> Iterator[str]:
    policy = year.policy
    tested = {str(sign): p for sign, p in year.signs[year.signs["level"] != "class"].groupby("sign")["p"]}
    tested["OBSERVED"] = year.observers.loc[year.observers["level"] == "school", "p"]
    unavailable = {str(sign): set(events) for sign, events in year.unavailable.groupby("sign")["event_id"]}
    whole = unavailable.get("", set()) - set(year.signs["event_id"])
    table = []
    for sign, about in policy.signs.items():
        p = tested.get(sign, pd.Series([], dtype="float64"))
        missing = len(unavailable.get(sign, set()) | (set() if sign in _NOT_OF_WORKS else whole))
        if p.empty and not missing:
            continue
        cells = (len(p), (p <= policy.informative_p).sum(), policy.informative_p * len(p), (p <= policy.strong_p).sum())
        family = policy.families.get(about.family, say("shared.none"))
        table.append((escape(about.title), escape(family), *(number(float(one)) for one in cells), number(missing)))
    yield f"<h2>{say('region.by_sign')}</h2>"
    yield html.paragraph(say("region.by_sign_note"), "quiet")
    limits = (number(policy.informative_p, 2), number(policy.strong_p, 3))
    heads = [
        *(say(f"region.{key}") for key in ("sign", "family", "tested")),
        say("region.informative", p=limits[0]),
        say("region.by_chance"),
        say("region.strong", p=limits[1]),
        say("region.unavailable_works"),
    ]
    yield html.table(heads, table, numbers=(2, 3, 4, 5, 6))


def _plan(year: ObjectivityYear) -> Iterator[str]:
    yield f"<h2>{say('region.plan')}</h2>"
    if year.plan.empty:
        yield html.paragraph(say("region.plan_none"))
        return
    yield html.paragraph(say("region.plan_note"), "quiet")
    counts = planned(year.plan)
    samples = dict(zip(zip(year.plan["event_id"], year.plan["school"], strict=True), year.plan["sample"], strict=True))
    order = list(year.works)
    groups: dict[str, list[tuple[str, ...]]] = {}
    for event, school in sorted(counts, key=lambda key: (_order(year, key[1]), order.index(key[0]))):
        municipality, name, _ = _place(year, school)
        n, border = counts[event, school]
        texts = (name, year.works[event].title, words("region.sample")[samples[event, school]])
        figures = (number(border), number(n - border), number(n))
        groups.setdefault(municipality, []).append((*map(escape, texts), *figures))
    heads = [say("region.school"), say("school.work")]
    heads += [say(f"region.{key}") for key in ("why", "border", "random", "total")]
    yield html.grouped(heads, groups.items(), (3, 4, 5))


def _left_out(year: ObjectivityYear) -> Iterator[str]:
    """The flagged schools whose works the plan does not have."""
    if year.left_out.empty:
        return
    yield f"<h3>{say('region.left_out')}</h3>"
    yield html.paragraph(say("region.left_out_note"), "quiet")
    order = list(year.works)
    groups: dict[str, list[tuple[str, ...]]] = {}
    rows = year.left_out.to_dict("records")
    for row in sorted(rows, key=lambda row: (_order(year, row["school"]), order.index(row["event_id"]))):
        municipality, name, _ = _place(year, row["school"])
        texts = (name, year.works[row["event_id"]].title, row["why"])
        groups.setdefault(municipality, []).append(tuple(map(escape, texts)))
    heads = [say("region.school"), say("school.work"), say("region.left_out_why")]
    yield html.grouped(heads, groups.items(), ())


def _outcomes(year: ObjectivityYear) -> Iterator[str]:
    """What this year's re-marking says of the signs: their realised precision."""
    yield f"<h2>{say('region.outcomes')}</h2>"
    if year.outcomes.empty:
        yield html.paragraph(say("region.outcomes_none"))
        return
    yield html.paragraph(say("region.outcomes_note"), "quiet")
    titles = year.events.set_index("event_id")["title"]
    groups = words("region.evidence_group")
    rows = []
    for row in year.outcomes.to_dict("records"):
        same = f"{percent(row['same_share'])} ({percent(row['same_low'])}–{percent(row['same_high'])})"
        precision = say("shared.none")
        if pd.notna(row["precision"]):
            precision = (
                f"{percent(row['precision'])} ({percent(row['precision_low'])}–{percent(row['precision_high'])})"
            )
        counts = (number(row[name]) for name in ("schools", "confirmed_schools"))
        works = (number(row[name]) for name in ("n", "lower", "higher"))
        texts = (titles.get(row["event_id"], row["event_id"]), groups[row["evidence_group"]])
        rows.append((*map(escape, texts), *counts, precision, *works, same))
    keys = ("group", "schools", "confirmed", "precision", "remarked", "lower", "higher", "same")
    heads = [say("school.work"), *(say(f"region.outcome.{key}") for key in keys)]
    yield html.table(heads, rows, numbers=(2, 3, 4, 5, 6, 7, 8))


def _observers(year: ObjectivityYear) -> Iterator[str]:
    """The region's works with an observer against those without."""
    rows = year.observers[year.observers["level"] == "region"]
    yield f"<h2>{say('region.observers')}</h2>"
    if rows.empty:
        yield html.paragraph(say("region.observers_none"))
        return
    yield html.paragraph(say("region.observers_note"), "quiet")
    table = []
    for row in rows.to_dict("records"):
        is_share = row["quantity"] == "signs"
        work = year.works.get(row["series"])
        texts = (work.title if work else say("region.all_works"), words("region.quantity")[row["quantity"]])
        counts = (number(row[name]) for name in ("n_observed", "n_unobserved"))
        values = (row[name] for name in ("observed_value", "unobserved_value"))
        values = (percent(value, 1) if is_share else number(value, 2) for value in values)
        parts = (row[f"difference{end}"] for end in ("", "_low", "_high"))
        difference, low, high = (number(100 * part, 1) if is_share else number(part, 2) for part in parts)
        difference = say("region.points", value=difference) if is_share else difference
        table.append((*map(escape, texts), *counts, *values, f"{difference} ({low}–{high})"))
    keys = ("quantity", "n_observed", "n_unobserved", "with", "without", "difference")
    heads = [say("school.work"), *(say(f"region.observer.{key}") for key in keys)]
    yield html.table(heads, table, numbers=(2, 3, 4, 5, 6))


def _agreement(year: ObjectivityYear) -> Iterator[str]:
    yield f"<h2>{say('region.agreement')}</h2>"
    found = year.agreement
    if found.empty:
        yield html.paragraph(say("region.agreement_none"))
        return
    yield html.paragraph(say("region.agreement_note"), "quiet")
    n = {
        (label, ours): int(count)
        for label, ours, count in zip(found["official_label"], found["our_level"], found["n"], strict=True)
    }
    official, levels = words("region.official"), words("region.our_level")
    rows = ((escape(title), *(number(n.get((label, ours), 0)) for label in official)) for ours, title in levels.items())
    yield html.table([say("region.ours"), *official.values()], rows, numbers=(1, 2, 3))
    first = found.iloc[0]
    if pd.isna(first["agreement"]):
        return
    kappa = say("region.no_kappa")
    if pd.notna(first["kappa"]):
        figures = {name: number(first[column], 2) for name, column in _KAPPA.items()}
        kappa = say("region.kappa", **figures)
    yield html.paragraph(say("region.agreement_line", agreement=percent(first["agreement"], 1), kappa=kappa))


_KAPPA = {"kappa": "kappa", "low": "kappa_low", "high": "kappa_high"}


def _rules(year: ObjectivityYear) -> Iterator[str]:
    """The rules in common use beside their measured false-sign rates, where they are switched on."""
    if not year.policy.rules:
        return
    yield f"<h2>{say('region.rules')}</h2>"
    yield html.paragraph(say("region.rules_note"), "quiet")
    key = ["event_id", "unit_code"]
    judged = pd.MultiIndex.from_frame(year.evidence[key])
    checked = pd.MultiIndex.from_frame(year.evidence.loc[year.evidence["evidence"] >= FLAGGED, key])
    rows = []
    for code, rule in year.policy.rules.items():
        flagged = pd.MultiIndex.from_frame(year.rules.loc[year.rules["rule"] == code, key]).intersection(judged)
        false = say("region.rule_unmeasured")
        if rule.false is not None:
            false = "–".join(dict.fromkeys(number(100 * share) for share in rule.false)) + "\N{NO-BREAK SPACE}%"
        share = percent(len(flagged) / len(judged)) if len(judged) else say("shared.none")
        both = number(len(flagged.intersection(checked)))
        rows.append((escape(rule.meaning), number(len(flagged)), share, f"<b>{escape(false)}</b>", both))
    heads = [say(f"region.{name}") for name in ("rule", "rule_flagged", "rule_share", "rule_false", "rule_both")]
    yield html.table(heads, rows, numbers=(1, 2, 3, 4))
