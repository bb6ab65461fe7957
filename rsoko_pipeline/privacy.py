"""Personal data at the door: headers whose columns are never read, and texts with what looks like a person taken out.

Belongs here: recognising a personal header, masking names, dates of birth, documents, telephones and addresses in texts
that are kept (findings, names of files and sheets). The lists are ``config/privacy.yaml``.
Does not belong here: reading files (``sources``), pseudonyms of pupils (``landing.assembly``).

Two strengths: ``mask`` takes out what looks like a person and leaves every other word (messages, file names);
``mask_cell`` leaves of a pupil row's cell only numbers and known words, since a name there has no context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import yaml

from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.configuration.places import config_file

NAME, BIRTH, DOCUMENT, PHONE, MAIL = "‹имя›", "‹дата›", "‹документ›", "‹телефон›", "‹почта›"

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_BETWEEN = re.compile(r"[\s._|-]{0,3}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\d\w])(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)")
_SNILS = re.compile(r"(?<!\d)\d{3}[- ]\d{3}[- ]\d{3}[- ]?\d{2}(?!\d)")
_PASSPORT = re.compile(r"(?<!\d)(?:\d{2} \d{2}|\d{4})(?: ?№ ?| )\d{6}(?!\d)")
_CERTIFICATE = re.compile(r"\b[IVXLC]{1,6}\s?-\s?[А-ЯЁ]{2}\s?(?:№\s?)?\d{6}(?!\d)")
_DOCUMENTS = (_SNILS, _PASSPORT, _CERTIFICATE)
_DATES = (
    re.compile(r"(?<!\d)(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2})(?!\d)"),
)
#: Ten or eleven digits without a space: a document in a pupil's row, elsewhere a code of an organisation or a place.
_BARE_DOCUMENT = re.compile(r"(?<!\d)(?:\d{10}|\d{11})(?!\d)")
#: A column is not called by such a number: a row of somebody's data was taken for the header.
_BARE_NUMBER = re.compile(r"\d[\d ]{5,}")
_PATRONYMIC = re.compile(r"\w{2,}(?:ович|евич|ьич|овна|евна|ична|инична)")
_ADJECTIVE = re.compile(r"[сц]к(?:ий|ая)$")
_SURNAME = re.compile(r"\w{2,}(?:[оеё]в|[оеё]ва|[иы]н|[иы]на|ский|ская|цкий|цкая|енко|ук|юк|ян|дзе|швили)")


@dataclass(frozen=True)
class _Rules:
    """The lists of ``config/privacy.yaml``, ready for comparing."""

    headers: tuple[tuple[re.Pattern[str], str], ...]
    shown_words: frozenset[str]
    organisation_words: frozenset[str]
    dedications: frozenset[str]
    first_names: frozenset[str]
    birth_age: tuple[int, int]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    with config_file("privacy.yaml").open(encoding="utf-8") as stream:
        raw = yaml.safe_load(stream)
    headers = tuple((_glob(entry["pattern"]), entry["what"]) for entry in raw["headers"])
    lists = ("shown_words", "organisation_words", "dedications", "first_names")
    words = {name: frozenset(map(comparable, raw[name])) for name in lists}
    return _Rules(headers=headers, birth_age=(raw["birth_age"]["youngest"], raw["birth_age"]["oldest"]), **words)


def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, comparable(pattern).split("*"))))


def header_words(text: str) -> str:
    """A header's words alone, as they are compared: «Ф.И.О. ученика» is «ф и о ученика», ``SurnameCell`` two words."""
    return comparable(" ".join(re.findall(r"[^\W_]+", _CAMEL.sub(" ", text))))


@lru_cache(maxsize=65536)
def personal_data(header: str) -> str | None:
    """What a column with this header holds of a person («фамилия», «дата рождения»), None where nothing."""
    words = header_words(header)
    return next((what for pattern, what in _rules().headers if pattern.fullmatch(words)), None)


def is_personal_header(header: str) -> bool:
    """Whether a column with this header is never read."""
    return personal_data(header) is not None


@lru_cache(maxsize=65536)
def mask(text: str) -> str:
    """The text without what looks like a person's name, date of birth, document, telephone or mail address.

    A name is a patronymic, initials beside a capital word, or a common first name beside a word that may be a surname,
    with the words around it; a word after «имени», «им.» is the name of an organisation and stays.
    A date is taken for a birthday by the age it gives (``birth_age``).
    """
    return _mask_names(_without_birthdays(_without_numbers(text)))


@lru_cache(maxsize=65536)
def mask_organisation(text: str) -> str:
    """An organisation's name as it is kept: a school called after a person keeps its name, a person does not.

    Only a text without any word for an organisation, or with a patronymic that no «имени» explains, goes through
    ``mask``.
    """
    words = {comparable(word) for word in _WORD.findall(text)}
    is_explained = bool(words & _rules().dedications) or not any(map(_PATRONYMIC.fullmatch, words))
    return text if words & _rules().organisation_words and is_explained else mask(text)


@lru_cache(maxsize=65536)
def mask_code(text: str) -> str:
    """An organisation's code as it is kept: never changed in part, so that two of them never become one.

    A code may be a name («АГ | Лицей И. Петреску»); only one that is a person and nothing else is masked.
    """
    masked = mask(text)
    return masked if not re.search(r"\w", re.sub("‹[^›]*›", "", masked)) else text


@lru_cache(maxsize=65536)
def mask_label(name: str) -> str:
    """The name of a sheet or a column as it is kept: ``mask``, and every word that may be a name of a person.

    A place may be called so too («Саратов»): such a name can do without it.
    """
    return DOCUMENT if _BARE_NUMBER.fullmatch(name) else _mask_names(mask(name), is_label=True)


@lru_cache(maxsize=65536)
def mask_file_name(name: str) -> str:
    """The name of a file as it is kept: as ``mask_label``, but a date is a day of work («Ф1 31.10.2016.xlsx»), unless
    it stands beside a person.
    """
    if _BARE_NUMBER.fullmatch(name):
        return DOCUMENT
    out = _mask_names(_without_numbers(name), is_label=True)
    return _without_birthdays(out) if NAME in out else out


def _without_numbers(text: str) -> str:
    """The text without mail addresses, documents, telephones."""
    out = _MAIL.sub(MAIL, text)
    for pattern in _DOCUMENTS:
        out = pattern.sub(DOCUMENT, out)
    return _PHONE.sub(PHONE, out)


def _without_birthdays(text: str) -> str:
    for dates in _DATES:
        text = dates.sub(lambda match: BIRTH if _is_birthday(match) else match[0], text)
    return text


@lru_cache(maxsize=65536)
def mask_cell(text: str) -> str:
    """A cell of a pupil's row as it may be shown: ``mask``, and unknown words of three letters and more are counted."""
    out = _BARE_DOCUMENT.sub(DOCUMENT, mask(text))
    for dates in _DATES:
        out = dates.sub(BIRTH, out)
    return _WORD.sub(_shown, out)


def _shown(match: re.Match[str]) -> str:
    word = match[0]
    beside = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
    is_code = word.isascii() and re.search(r"\d", beside)
    if is_code or beside.startswith("‹") or len(word) < 3 or comparable(word) in _rules().shown_words:
        return word
    return f"‹текст, букв: {len(word)}›"


def _is_birthday(match: re.Match[str]) -> bool:
    try:
        born = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return False
    youngest, oldest = _rules().birth_age
    return youngest <= (date.today() - born).days / 365.25 <= oldest


def _mask_names(text: str, *, is_label: bool = False) -> str:
    """Replace every run of words that holds a name."""
    words = list(_WORD.finditer(text.replace("_", " ")))
    out, done = [], 0
    for first, last in _names(text, words, is_label):
        out += [text[done : words[first].start()], NAME]
        done = words[last].end()
    return "".join([*out, text[done:]])


def _names(text: str, words: list[re.Match[str]], is_label: bool) -> list[tuple[int, int]]:
    """First and last word of every name in the text."""
    found: list[tuple[int, int]] = []
    for run in _runs(text, words):
        kinds = [_kind(words[place][0]) for place in run]
        dotted = any(text[words[place].end() :].startswith(".") for place in run if len(words[place][0]) == 1)
        before = words[run[0] - 1][0] if run[0] else ""
        is_name = _is_name(kinds, dotted) or (is_label and _may_be_name([words[place][0] for place in run]))
        if comparable(before) in _rules().dedications or not is_name:
            continue
        found.append((run[0], run[-1]))
    return found


def _runs(text: str, words: list[re.Match[str]]) -> list[list[int]]:
    """Neighbouring words each of which may be a part of a name, with nothing but spaces and marks between them."""
    runs: list[list[int]] = []
    for place, word in enumerate(words):
        if not _kind(word[0]) or comparable(word[0]) in _rules().dedications:
            continue
        joined = runs and runs[-1][-1] == place - 1
        if joined and _BETWEEN.fullmatch(text[words[place - 1].end() : word.start()]):
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _kind(word: str) -> str:
    """What part of a name a word may be: patronymic, first (name), surname, initial, capital (word); empty: none."""
    low = comparable(word)
    if _PATRONYMIC.fullmatch(low):
        return "patronymic"
    if low in _rules().first_names:
        return "first"
    if len(word) == 1:
        return "initial" if word.isupper() and "а" <= low <= "я" else ""
    if _SURNAME.fullmatch(low):
        return "surname" if word[0].isupper() else "small surname"
    return "capital" if word[0].isupper() and "а" <= low[0] <= "я" and low not in _rules().shown_words else ""


def _may_be_name(run: list[str]) -> bool:
    """Whether a label's words may be a name: an adjective («Русский») only beside another capital word."""
    kinds = [_kind(word) for word in run]
    is_adjective = [bool(_ADJECTIVE.search(comparable(word))) for word in run]
    return "first" in kinds or any(
        kind == "surname" and (len(run) > 1 or (not adjective and len(word) > 4))
        for word, kind, adjective in zip(run, kinds, is_adjective, strict=True)
    )


def _is_name(kinds: list[str], dotted: bool) -> bool:
    """Whether a run of words is a person rather than words with capitals; ``dotted``: an initial has its dot."""
    if "patronymic" in kinds:
        return True
    if "first" in kinds:
        return len(kinds) > 1
    return dotted and bool({"surname", "capital"} & set(kinds))
