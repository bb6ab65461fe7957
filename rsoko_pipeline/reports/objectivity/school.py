"""The page of one school: its signs, what else may explain them, what it and the region can do, the form.

Belongs here: the page. Does not belong here: a sign's card (``cards``). The page speaks of this school only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Any

from rsoko_pipeline.reports.objectivity import form, html
from rsoko_pipeline.reports.objectivity.cards import Cards
from rsoko_pipeline.reports.objectivity.drawing import number
from rsoko_pipeline.reports.objectivity.inputs import APART, FoundSign, ObjectivityYear, SchoolSigns
from rsoko_pipeline.reports.objectivity.words import lines, probability, say, words
from rsoko_pipeline.reports.texts import text


def school_page(year: ObjectivityYear, found: SchoolSigns, cards: Cards) -> str:
    """The page as text.

    Args:
        year: the frames of the year.
        found: what the school has.
        cards: maker of the cards of this year.
    """
    name, municipality = year.place(found.school)
    body = [
        f'<p class="quiet">{escape(say("school.heading", school_year=year.school_year))}</p>',
        f"<h1>{escape(name)}</h1>",
        html.paragraph(" · ".join(filter(None, (found.school, municipality, year.region))), "quiet"),
        f'<div class="note"><b>{escape(year.policy.caption.capitalize())}.</b> {say("shared.not_proof")} '
        f"{say('school.lead')}</div>",
        *_overview(year, found),
        *_works(year, found, cards),
        *_pooled(found),
        *_observed(year, found.school),
        *_municipality(year, found),
        *_unavailable(year, found),
        *_region(year, found),
        f"<h2>{say('shared.how_title')}</h2>",
        html.bullets(lines("shared.how")),
        html.paragraph(made(year), "quiet"),
        *_form(year, found),
    ]
    return html.document(f"{say('school.title')}: {name}, {year.school_year}", body)


def made(year: ObjectivityYear) -> str:
    """When and from what the pages of a year were made."""
    return say(
        "shared.made",
        moment=f"{year.made_at:%d.%m.%Y %H:%M}",
        config_version=year.config_version,
        run_id=year.run_id[:8],
    )


def level(evidence: Any) -> str:
    """The level of evidence as a tag."""
    return html.tag(words("level_short")[str(evidence)], f"l{evidence}")


def _overview(year: ObjectivityYear, found: SchoolSigns) -> Iterator[str]:
    rows, is_remarked = [], False
    for event, work in year.works.items():
        signs, row = found.signs.get(event, []), found.evidence.get(event)
        if not signs and (row is None or not row["evidence"]):
            continue
        titles = "<br>".join(_title(year, one, is_judged=row is not None) for one in signs)
        figures = ("", say("school.not_judged" if event in year.assessed else "school.apart"), "", "")
        if row is not None:
            is_remarked |= any(one.sign == "REMARK" for one in signs)
            figures = (number(row["n"]), level(row["evidence"]), probability(row["p"]), probability(row["q"]))
        rows.append((f'<a href="#{escape(event)}">{escape(work.title)}</a>', *figures[:2], titles, *figures[2:]))
    yield f"<h2>{say('school.works')}</h2>"
    if not rows:
        yield html.paragraph(say("school.no_work_signs", p=number(year.policy.informative_p, 2)))
        return
    heads = [say(f"school.{key}") for key in ("work", "level", "signs")]
    heads = [heads[0], say("shared.n"), *heads[1:], say("shared.p"), say("shared.q")]
    yield html.table(heads, rows, numbers=(1, 4, 5))
    yield html.paragraph(say("school.signs_note", p=number(year.policy.informative_p, 2)), "quiet")
    if is_remarked:
        named = zip(("none", "weak", "flagged", "confirmed"), words("level_short").values(), strict=True)
        yield html.paragraph(say("school.remark_note", **dict(named)), "quiet")


def _title(year: ObjectivityYear, found: FoundSign, *, is_judged: bool) -> str:
    """A sign's title beside the work's verdict; one that the verdict does not count says so."""
    sign = year.policy.signs[found.sign]
    is_beside = is_judged and sign.family == APART
    return escape(sign.title + (f" ({say('school.apart')})" if is_beside else ""))


def _works(year: ObjectivityYear, found: SchoolSigns, cards: Cards) -> Iterator[str]:
    for event, work in year.works.items():
        if event in found.signs:
            yield f'<h2 id="{escape(event)}">{escape(work.title)}</h2>'
            yield html.paragraph(". ".join(filter(None, (work.window, work.scale_note))), "quiet")
            yield from (cards.card(found.school, work, one) for one in found.signs[event])


def _pooled(found: SchoolSigns) -> Iterator[str]:
    row = found.pooled
    if row is None or not (row["evidence"] or row["signs"]):
        return
    yield f"<h2>{say('school.pooled')}</h2>"
    yield html.paragraph(
        say(
            "school.pooled_line",
            works=row["works"],
            n=number(row["n"]),
            level=words("levels")[str(row["evidence"])],
            p=probability(row["p"]),
            q=probability(row["q"]),
        )
    )
    if not found.evidence:
        yield html.paragraph(say("school.pooled_small"), "quiet")


def _observed(year: ObjectivityYear, school: str) -> Iterator[str]:
    """Results with an observer against those without, where they differ."""
    row = year.observed.get(school)
    if row is None:
        return
    sign = year.policy.signs["OBSERVED"]
    figures = {name: number(row[f"{name}_value"], 2) for name in ("observed", "unobserved")}
    numbers = {name: number(row[name]) for name in ("n_observed", "n_unobserved")}
    yield f"<h2>{escape(sign.title)}</h2>"
    yield html.paragraph(f"{year.policy.caption.capitalize()}. {sign.meaning}")
    yield html.paragraph(say("facts.observed", p=probability(row["p"]), **figures, **numbers))
    yield f"<h4>{say('shared.alternatives')}</h4>{html.bullets(sign.alternatives)}"
    yield f"<h4>{say('school.can_do')}</h4>{html.bullets(lines('signs.OBSERVED.can_do'))}"


def _municipality(year: ObjectivityYear, found: SchoolSigns) -> Iterator[str]:
    _, municipality = year.register.get(found.school, ("", ""))
    rows = year.signs[(year.signs["level"] == "municipality") & (year.signs["unit_code"] == municipality)]
    named = [row for row in rows.to_dict("records") if row["details"].get("is_sign")]
    if not named:
        return
    yield f"<h2>{say('school.municipality')}</h2>"
    yield html.paragraph(say("school.municipality_note"), "quiet")
    yield html.bullets(
        f"{year.works[row['event_id']].title}: {jump_words(row['details'])} {year.policy.caption.capitalize()}."
        for row in named
    )


def jump_words(details: dict[str, Any]) -> str:
    """The highest jump at a cut, in words."""
    mark = details["mark"]
    cut = f"{details['cut']:g}".replace(".", ",")
    return say("facts.region_jump", mark=mark, cut=cut, jump=number(details["jumps"][str(mark)], 1))


def _unavailable(year: ObjectivityYear, found: SchoolSigns) -> Iterator[str]:
    wrote = {*found.evidence, *found.signs}
    rows = year.unavailable[year.unavailable["event_id"].isin(wrote)]
    if not rows.empty:
        yield f"<h2>{say('shared.unavailable_title')}</h2>"
        yield unavailable_table(year, rows.to_dict("records"))


def unavailable_table(year: ObjectivityYear, rows: Iterable[dict[Any, Any]]) -> str:
    """Signs that could not be computed: why, and in which works."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["event_id"] in year.works:
            reasons.setdefault((row["sign"], row["why"]), []).append(year.works[row["event_id"]].label)
    order = ["", *year.policy.signs]
    lines_of = (
        (
            escape(year.policy.signs[sign].title if sign else say("shared.whole_work")),
            escape(say("shared.unavailable", why=why)),
            escape(", ".join(labels)),
        )
        for (sign, why), labels in sorted(reasons.items(), key=lambda item: order.index(item[0][0]))
    )
    return html.table([say("region.sign"), "", say("region.works")], lines_of)


def _region(year: ObjectivityYear, found: SchoolSigns) -> Iterator[str]:
    yield f"<h2>{say('school.region_does')}</h2>"
    yield html.bullets(lines("school.region_steps"))
    works = "; ".join(
        say("school.plan_work", title=work.title, n=found.plan[event][0], border=found.plan[event][1])
        for event, work in year.works.items()
        if event in found.plan
    )
    yield html.paragraph(say("school.plan", works=works) if works else say("school.no_plan"))


def _form(year: ObjectivityYear, found: SchoolSigns) -> Iterator[str]:
    rows = list(form.questions(year, found))
    if not rows:
        return
    heads = lines("form.columns")
    yield f'<section class="form"><h2>{say("school.form")}</h2>'
    yield html.paragraph(say("school.form_note", file=form.FILE), "quiet")
    body = ""
    for (procedure, subject, grade, written, sign), asked in groupby(rows, key=lambda row: row[2:7]):
        work = text("work.title", subject=subject, grade=grade)
        about = say("school.form_group", procedure=procedure, year=written, work=work, sign=sign)
        body += f'<tr class="group"><td colspan="3">{escape(about)}</td></tr>'
        body += "".join(
            f'<tr><td>{escape(row[-1])}</td><td class="answer">{say("school.answer")}</td><td></td></tr>'
            for row in asked
        )
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in heads[-3:])
    yield f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    yield f"<p>{say('school.signature')}</p></section>"
