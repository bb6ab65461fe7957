"""A sign on the page of a school: what it is, how strong, the picture, other explanations, what to do.

Belongs here: one sign of one school. Does not belong here: the page (``school``), shapes (``pictures``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline.reports.inputs import SMALL, Work
from rsoko_pipeline.reports.objectivity import expectation, html, pictures
from rsoko_pipeline.reports.objectivity.drawing import number
from rsoko_pipeline.reports.objectivity.inputs import FoundSign, ObjectivityYear
from rsoko_pipeline.reports.objectivity.pictures import Cohort, TaskShare, Whisker
from rsoko_pipeline.reports.objectivity.words import lines, percent, probability, say

_REACH = 1.96
#: Fewer schools give no band of 95 %.
_LEAST_FOR_BAND = 20
#: Which expectation is drawn over the distribution, by sign.
_DISTRIBUTIONS = {"BUNCH": "tilted", "LOW_SD": "shifted", "MEAN": "plain"}
_PROFILES = ("ITEM", "LENIENT", "PF")
_JOURNAL = ("SAME", "UP")


class Cards:
    """Makes the cards of all schools of a year; holds what all of them are drawn from.

    Args:
        year: the frames.
    """

    def __init__(self, year: ObjectivityYear) -> None:
        self._year = year

    # ------------------------------------------------------------------ the card
    def card(self, school: str, work: Work, found: FoundSign) -> str:
        """The card of one sign in one work."""
        row, policy = found.main, self._year.policy
        sign = policy.signs[found.sign]
        picture = self._picture(school, work, found)
        compared = row["details"].get("reference_schools")
        comparison = sign.comparison + (f"; {say('shared.compared_schools', n=compared)}" if compared else "")
        parts = [
            f'<article class="sign"><header><h3>{escape(sign.title)}</h3>{html.tag(policy.caption, "l1")}</header>',
            html.paragraph(sign.meaning),
            *(html.paragraph(fact) for fact in self._facts(school, work, found)),
            self._figures(row),
            picture,
            f'<div class="two"><div><h4>{say("shared.comparison")}</h4>{html.paragraph(comparison)}'
            f"<h4>{say('shared.alternatives')}</h4>{html.bullets(sign.alternatives)}</div>"
            f"<div><h4>{say('school.can_do')}</h4>{html.bullets(lines(f'signs.{found.sign}.can_do'))}</div></div>",
            "</article>",
        ]
        return "\n".join(filter(None, parts))

    def _figures(self, row: dict[str, Any]) -> str:
        n = number(row["n"]) + (f" ({say('shared.small')})" if row["n"] < SMALL else "")
        figures = (
            (n, say("shared.n")),
            (probability(row["p"]), say("shared.p")),
            (probability(row["q"]), say("shared.q")),
            (number(row["z"], 1), say("shared.z")),
        )
        items = "".join(f"<li><b>{escape(value, quote=False)}</b>{label}</li>" for value, label in figures)
        return f'<ul class="figures">{items}</ul>'

    # ------------------------------------------------------------------ what was measured
    def _facts(self, school: str, work: Work, found: FoundSign) -> Iterator[str]:
        """Sentences on the sign's own quantities; signs without any have none."""
        details, sign = found.main["details"], found.sign
        if sign == "BUNCH":
            yield say(
                "facts.bunch",
                window=number(details["window"]),
                above=number(details["at_or_above"]),
                expected=number(details["at_or_above_expected"], 1),
            )
        elif sign == "ITEM" and details.get("tasks"):
            yield say("facts.tasks", tasks=", ".join(details["tasks"]))
            yield from self._odds(school, work, details["tasks"])
        elif sign == "LENIENT" and details["points_above_expected"] > 0:
            yield say("facts.lenient", points=number(details["points_above_expected"], 2))
        elif sign == "MEAN":
            effect, reach = details["effect"], _REACH * details["effect_se"]
            ends = {"low": number(effect - reach, 2), "high": number(effect + reach, 2)}
            yield say("facts.mean", effect=number(effect, 2), **ends)
        elif sign == "JUMP":
            if details.get("before"):
                yield say("facts.jump_before", before=details["before"])
            yield say("facts.jump", **{name: number(details[name], 2) for name in ("earlier", "expected", "observed")})
        elif sign == "REMARK":
            shares = {name: percent(details[name], 1) for name in ("bias", "bias_low", "bias_high")}
            counts = {name: number(details[name]) for name in ("lowered", "raised")}
            yield say("facts.remark", n=number(found.main["n"]), kappa=number(details["kappa"], 2), **counts, **shares)
            yield say("facts.remark_apart")
        elif sign == "STAGE":
            names = ("first_share", "second_share", "expected_share")
            yield say("facts.stage", **{name: percent(details[name]) for name in names})
        elif "observed" in details and pd.notna(found.main["low"]):
            yield say(
                "facts.share",
                observed=number(details["observed"]),
                n=number(found.main["n"]),
                share=percent(details["observed"] / found.main["n"]),
                low=percent(found.main["low"]),
                high=percent(found.main["high"]),
                expected=number(details["expected"], 1),
            )
        for row in found.rows:
            if row["level"] == "class":
                yield from _of_class(sign, row)
        if "empirical_null" in details:
            yield say("facts.rescaled")

    def _odds(self, school: str, work: Work, tasks: list[str]) -> Iterator[str]:
        for row in self._profiles.get((work.event_id, school), []):
            if row.task in tasks and not np.isnan(row.odds_low):
                yield say(
                    "facts.odds",
                    task=row.task,
                    ratio=number(row.odds, 1),
                    low=number(row.odds_low, 1),
                    high=number(row.odds_high, 1),
                )

    # ------------------------------------------------------------------ the picture
    def _picture(self, school: str, work: Work, found: FoundSign) -> str:
        """The sign's picture with its caption, empty where there is nothing to draw."""
        key, details = (work.event_id, school), found.main["details"]
        if found.sign in _DISTRIBUTIONS:
            return self._distribution(work, school, _DISTRIBUTIONS[found.sign])
        if found.sign in _PROFILES and key in self._profiles:
            return _figure(pictures.profile(self._profiles[key], details.get("tasks", ())), say("picture.profile"))
        if found.sign in _JOURNAL:
            rows = [
                (say(f"picture.{level}"), *self._journal[work.event_id, code])
                for level, code in (("school", school), ("region", ""))
                if (work.event_id, code) in self._journal
            ]
            return _figure(pictures.journal(rows), say("picture.journal")) if rows else ""
        if found.sign == "ABSENCE":
            return self._absence(work, school, found.main)
        if found.sign == "JUMP" and work.event_id in self._cohorts:
            point = (details["earlier"], details["expected"], details["observed"])
            cohort = self._cohorts[work.event_id]
            caption = say("picture.cohort") + ("" if np.isnan(cohort.spread) else f"; {say('picture.band')}")
            return _figure(pictures.cohort(point, cohort), caption)
        return ""

    def _distribution(self, work: Work, school: str, kind: str) -> str:
        region = self._scores.get((work.event_id, ""))
        own = self._scores.get((work.event_id, school))
        if region is None or own is None:
            return ""
        scores = np.array(sorted({*region, *own}), dtype=np.float64)
        everybody, mine = (np.array([part.get(score, 0) for score in scores.tolist()], float) for part in (region, own))
        if kind == "plain" or len(scores) < 3:
            expected = expectation.plain(everybody, mine.sum())
        else:
            expected = expectation.tilted(scores, everybody, mine, spread=kind == "tilted")
        picture = pictures.distribution(scores, mine, expected, work.cuts)
        note = f" {work.scale_warning}." if work.scale_warning else ""
        return _figure(picture, f"{say('picture.distribution')}. {say(f'picture.{kind}')}{note}")

    def _absence(self, work: Work, school: str, row: dict[str, Any]) -> str:
        if pd.isna(row["low"]):
            return ""
        rows = [
            Whisker(say("picture.school"), row["details"]["observed"] / row["n"], row["low"], row["high"], loud=True)
        ]
        if work.event_id in self._absent:
            rows.append(Whisker(say("picture.region"), *self._absent[work.event_id], loud=False))
        return _figure(pictures.shares(rows, say("picture.absence")), say("picture.absence"))

    # ------------------------------------------------------------------ what pictures are drawn from
    @cached_property
    def _scores(self) -> dict[tuple[str, str], dict[float, int]]:
        """Pupils by score, by event and school; the region's under an empty school."""
        rows = self._year.distribution
        unit = rows["unit_code"].where(rows["level"] == "school", "")
        out: dict[tuple[str, str], dict[float, int]] = {}
        for event, school, score, n in zip(rows["event_id"], unit, rows["score"], rows["n"], strict=True):
            out.setdefault((event, school), {})[float(score)] = int(n)
        return out

    @cached_property
    def _journal(self) -> dict[tuple[str, str], tuple[int, tuple[int, int, int]]]:
        """Marks with a journal mark, and how many were lowered, confirmed, raised; the region under an empty school."""
        rows = self._year.journal[self._year.journal["n"] > 0]
        unit = rows["unit_code"].where(rows["level"] == "school", "")
        counts = (rows[name].astype("int64") for name in ("n", "lowered", "confirmed", "raised"))
        return {
            (event, school): (n, (lowered, confirmed, raised))
            for event, school, n, lowered, confirmed, raised in zip(rows["event_id"], unit, *counts, strict=True)
        }

    @cached_property
    def _absent(self) -> dict[str, tuple[float, float, float]]:
        """Share of absent pupils in the region with its interval, by event."""
        rows = self._year.coverage
        rows = rows[(rows["level"] == "region") & rows["coverage"].notna()]
        ends = (1 - rows[name].astype("float64") for name in ("coverage", "coverage_high", "coverage_low"))
        return {event: (share, low, high) for event, share, low, high in zip(rows["event_id"], *ends, strict=True)}

    @cached_property
    def _profiles(self) -> dict[tuple[str, str], list[TaskShare]]:
        rows = self._year.profiles
        names = [name.name for name in fields(TaskShare)]
        out: dict[tuple[str, str], list[TaskShare]] = {}
        cells = zip(*(rows[name].tolist() for name in names), strict=True)
        for event, school, row in zip(rows["event_id"], rows["school"], cells, strict=True):
            out.setdefault((event, school), []).append(TaskShare(*row))
        return out

    @cached_property
    def _cohorts(self) -> dict[str, Cohort]:
        """Where the schools of each work lie against their earlier results."""
        rows = self._year.signs[(self._year.signs["sign"] == "JUMP") & (self._year.signs["level"] == "school")]
        out = {}
        for event, part in rows.groupby("event_id"):
            earlier, expected, observed = (
                np.array([details[name] for details in part["details"]], dtype=np.float64)
                for name in ("earlier", "expected", "observed")
            )
            if np.ptp(earlier) == 0:
                continue
            slope, constant = np.polyfit(earlier, expected, 1)
            low, high = np.quantile(observed - expected, [0.025, 0.975])
            spread = (high - low) / (2 * _REACH) if len(part) >= _LEAST_FOR_BAND else np.nan
            ends = (float(earlier.min()), float(earlier.max()))
            out[str(event)] = Cohort(float(slope), float(constant), float(spread), ends)
        return out


def _of_class(sign: str, row: dict[str, Any]) -> Iterator[str]:
    details, class_no = row["details"], str(row["unit_code"]).rpartition("/")[2]
    if sign == "SIM":
        yield say(
            "facts.similar",
            class_no=class_no,
            pairs=number(details["pairs"]),
            share=percent(details["share_alike"], 1),
        )
    elif sign == "LOW_SD":
        yield say(
            "facts.spread",
            class_no=class_no,
            sd=number(details["sd"], 1),
            expected=number(details["sd_expected"], 1),
        )


def _figure(picture: str, caption: str) -> str:
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"
