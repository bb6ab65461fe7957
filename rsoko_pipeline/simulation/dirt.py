"""The usual dirt of real files, spread over clean protocols and tables, each spot listed.

Belongs here: mistakes in files, made on copies. Does not belong here: dishonesty (``manipulation``), which is in the
works themselves; the true works never change here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from rsoko_pipeline.simulation.protocols import NOT_STARTED_LETTERS, Protocol
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.xlsx import Cell

_LEAST_PUPILS = 12
_TRAILING = 300
_CYRILLIC_X = -1 - NOT_STARTED_LETTERS.index("Х")
_SMALL_LATIN_X = -1 - NOT_STARTED_LETTERS.index("x")


@dataclass(frozen=True)
class Fact:
    """A line of ``truth.csv``; ``school`` is a login, ``class_no`` a class where one only is meant."""

    kind: str
    event: str = ""
    school: str = ""
    class_no: int | None = None
    what: str = ""
    detail: str = ""


@dataclass
class Soiled:
    """What dirt asks for besides the changed protocols.

    Attributes:
        facts: every spot.
        empty_forms: (work, school's position) that sent a form without a pupil.
        corrections: the true rows of schools that sent a wrong file first: they send these later.
    """

    facts: list[Fact] = field(default_factory=list)
    empty_forms: list[tuple[str, int]] = field(default_factory=list)
    corrections: list[Protocol] = field(default_factory=list)


def times(rate: float, rng: np.random.Generator) -> int:
    """How often a kind occurs in a school year: the rate, its fraction by lot."""
    return int(rate) + int(rng.random() < rate % 1)


def soil(protocols: Mapping[str, Protocol], rate: float, layout: str, seed: int, school_year: str) -> Soiled:
    """Spread dirt over a school year's protocols, in place.

    Args:
        protocols: by ``work_id``.
        rate: how often each kind occurs in the school year; 0 leaves everything clean.
        layout: ``f1`` or ``forms``; some kinds exist in one of them only.
        seed: of the places.
        school_year: names the stream.
    """
    rng = stream(seed, "dirt", school_year)
    soiled = Soiled()
    spots = _spots(protocols, rng)
    for what, spread in (_IN_BOTH | _IN_F1 if layout == "f1" else _IN_BOTH).items():
        for _ in range(times(rate, rng)):
            for work_id, position in spots:
                protocol = protocols[work_id]
                login = protocol.schools[position].login
                spot = spread(protocol, position, rng, soiled)
                if spot is not None:
                    class_no, detail = spot
                    soiled.facts.append(Fact("dirt", work_id, login, class_no, what, detail))
                    break
    return soiled


def _spots(protocols: Mapping[str, Protocol], rng: np.random.Generator) -> Iterator[tuple[str, int]]:
    """Schools × works with enough pupils, in random order, each once: no spot is soiled twice."""
    every = [
        (work_id, position)
        for work_id, protocol in sorted(protocols.items())
        for position, start, stop in protocol.sections()
        if protocol.present[start:stop].sum() >= _LEAST_PUPILS
    ]
    return (every[i] for i in rng.permutation(len(every)).tolist())


# A kind changes the protocol of one school in place and says (class or None, detail), or None where it cannot be.
_Spot = tuple[int | None, str] | None


def _written(protocol: Protocol, position: int) -> np.ndarray:
    rows = protocol.rows_of(position)
    return rows[protocol.present[rows]]


def _lookalike_x(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    rows = _written(protocol, position)
    crosses = np.argwhere(protocol.cells[rows] < 0)
    if len(crosses) < 4:
        return None
    for k, (row, task) in enumerate(crosses[::2].tolist()):
        protocol.cells[rows[row], task] = _CYRILLIC_X if k % 2 == 0 else _SMALL_LATIN_X
    return None, f"X кириллицей или строчной: {len(crosses[::2])} из {len(crosses)}"


def _lookalike_k(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    latin = ("K", " k")
    labels = tuple(label.replace("К", latin[i % 2]) for i, label in enumerate(protocol.labels))
    if labels == protocol.labels:
        return None
    protocol.labels_of[position] = labels
    return None, "К в заголовках заданий латиницей"


def _wrong_sum(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    spec = protocol.spec
    rows = _written(protocol, position)
    more = protocol.total[rows] + 1
    fits = rows[(spec.mark(more) == protocol.mark[rows]) & (more <= spec.max_score)]
    if not fits.size:
        return None
    row = int(rng.choice(fits))
    true = int(protocol.total[row])
    protocol.total[row] = true + 1
    return int(protocol.class_no[row]), f"код {protocol.code[row]}: сумма {true}, записано {true + 1}"


def _score_above_max(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    spec = protocol.spec
    rows = _written(protocol, position)
    task = int(rng.integers(len(spec.max_points)))
    points = spec.max_points[task] + 1
    total = protocol.total[rows] - np.maximum(protocol.cells[rows, task], 0) + points
    fits = np.flatnonzero(total <= spec.max_score)
    if not fits.size:
        return None
    one = int(rng.choice(fits))
    row = int(rows[one])
    protocol.cells[row, task] = points
    protocol.total[row] = total[one]
    protocol.mark[row] = spec.mark(total[one : one + 1])[0]
    where = f"код {protocol.code[row]}, задание {protocol.labels[task]}"
    return int(protocol.class_no[row]), f"{where}: {points} при максимуме {points - 1}"


def _duplicate_code(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    rows = _written(protocol, position)
    k = int(rng.integers(1, rows.size))
    protocol.code[rows[k]] = protocol.code[rows[k - 1]]
    return int(protocol.class_no[rows[k]]), f"код {protocol.code[rows[k]]} у двух участников"


def _unknown_school(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    text = protocol.schools[position]
    login = text.login[:-4] + "9999"
    if any(other.login == login for other in protocol.schools.values()):
        return None
    protocol.schools[position] = replace(text, login=login)
    return None, f"в файле стоит логин {login}, которого нет в реестре"


def _renamed_school(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    text = protocol.schools[position]
    protocol.schools[position] = replace(text, name=re.sub(r" (?=[гсд]\. )", " имени первых учителей ", text.name))
    return None, f"в файле «{protocol.schools[position].name}», в реестре «{text.name}»"


def _double_spaces(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    text = protocol.schools[position]
    protocol.schools[position] = replace(text, name=text.name.replace(" ", "  "))
    return None, "двойные пробелы в названии"


def _empty_form(protocol: Protocol, position: int, rng: np.random.Generator, soiled: Soiled) -> _Spot:
    soiled.empty_forms.append((protocol.spec.work_id, position))
    return None, "форма сбора без единого участника"


def _corrected(protocol: Protocol, position: int, rng: np.random.Generator, soiled: Soiled) -> _Spot:
    soiled.corrections.append(protocol.take(protocol.rows_of(position)))
    rows = _written(protocol, position)
    task = int(np.argmax(protocol.spec.max_points))
    protocol.total[rows] -= np.maximum(protocol.cells[rows, task], 0)
    protocol.cells[rows, task] = 0
    protocol.mark[rows] = protocol.spec.mark(protocol.total[rows])
    return None, f"сначала прислано с нулями за задание {protocol.labels[task]}, верный файл приходит позже"


def _declared(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    n = _written(protocol, position).size
    protocol.declared[position] = n + 1
    return None, f"заявлено {n + 1}, строк {n}"


def _trailing_rows(protocol: Protocol, position: int, rng: np.random.Generator, _: Soiled) -> _Spot:
    protocol.trailing = _TRAILING
    return None, f"{_TRAILING} пустых отформатированных строк под таблицей"


_Kind = Callable[[Protocol, int, np.random.Generator, Soiled], _Spot]
_IN_BOTH: dict[str, _Kind] = {
    "lookalike_x": _lookalike_x,
    "lookalike_k": _lookalike_k,
    "wrong_sum": _wrong_sum,
    "score_above_max": _score_above_max,
    "duplicate_code": _duplicate_code,
    "unknown_school": _unknown_school,
    "renamed_school": _renamed_school,
    "double_spaces": _double_spaces,
    "empty_form": _empty_form,
    "corrected": _corrected,
}
_IN_F1: dict[str, _Kind] = {"declared": _declared, "trailing_rows": _trailing_rows}
#: Every kind of dirt with the layouts where it occurs.
KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_IN_BOTH, ("f1", "forms")),
    **dict.fromkeys(_IN_F1, ("f1",)),
    "double_year": ("f1", "forms"),
}


def double_year(table: list[list[Cell]], year: int) -> int:
    """Enter all rows of ``year`` once more at the end of a consolidated table, in place; how many."""
    again = [row for row in table[1:] if row[0] == year]
    table += again
    return len(again)
