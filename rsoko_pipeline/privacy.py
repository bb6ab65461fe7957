"""Personal data at the door: headers whose columns are never read, and texts with what looks like a person taken out.

Belongs here: recognising a personal header, masking names, dates of birth, documents, telephones and addresses in texts
that are kept (findings, names of files and sheets). The lists are ``config/privacy.yaml``.
Does not belong here: reading files (``sources``), pseudonyms of pupils (``landing.assembly``).

Two strengths: ``mask`` takes out what looks like a person and leaves every other word (messages, file names);
``mask_cell`` leaves of a pupil row's cell only numbers and known words, since a name there has no context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
#: The dot of a name's last initial, not that of a file's extension.
_LAST_DOT = re.compile(r"\.(?![^\W_])")
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
_HIS, _HER = r"[\w-]{2,}(?:ов|ев)ич", r"(?:[\w-]{2,}(?:ов|ев)|(?:иль|к[оу]зьм|фом|лук)инич|(?:никит|савв)ич)н"
_HIS_SHORT = r"(?:\w+ь|к[оу]зьм|фом|лук|никит|савв)ич"
_TURKIC = r"(?:\w+-)?(?:оглы|оглу|кызы|гызы|уулу)"
#: The kinds of patronymics: what they are in the nominative, and in the other cases.
_PATRONYMICS = {
    "patronymic": (re.compile(f"{_HIS}|{_TURKIC}"), re.compile(_HIS + "(?:а|у|ем|ом|е)")),
    "her patronymic": (re.compile(_HER + "а"), re.compile(_HER + "(?:ы|е|у|ой|ою)")),
    "short patronymic": (re.compile(_HIS_SHORT), re.compile(_HIS_SHORT + "(?:а|у|ем|ом|е)")),
}
#: Ordinary words that end like patronymics: «основной», «духовна», «деревне», «царевич».
_NO_PATRONYMIC = re.compile(
    r"(?:(?:цар|корол|цесар)евич|(?:не|под|микро)?(?:ур|р|пор)овн|(?:не)?(?:вин|чин|сан|сын|ш)овн|(?:не|по)?любовн"
    r"|[\w-]*(?:сн|дух|усл|церк|гол|дк|верх|кр|осл|гр[еу]х|гот|част|час|дубр|скор|болт|остр|шварт|член|моск|зуб|покр)овн"
    r"|(?:над|меж)?бровн|(?:рыб|звер|сам|кит|краб)оловн|(?:сл|ост|поп|стих|жар|куз|бал|морк|смок|солод|бесш)овн"
    r"|[\w-]*(?:дн|душ|гн|цар|цесар|корол|плач|харч|кож|круж|зап|нап|сп|чр|шт|выс|отс|дс|прос|самос|пос|дер)евн"
    r"|(?:др|бр|хл)евн)\w{0,2}"
)
_ADJECTIVE = re.compile(r"[сц]к(?:ий|ая)$")
_SURNAME = re.compile(r"\w{2,}(?:[оеё]в|[оеё]ва|[иы]н|[иы]на|ский|ская|цкий|цкая|енко|ук|юк|ян|дзе|швили)")
_DECLINED_SURNAME = re.compile(
    r"[\w-]{2,}(?:(?:[ое]в|[иы]н)(?:а|у|ым|е|ой|ою)|[сц]к(?:ого|ому|им|ом|ой|ою|ую)|(?:[ую]к|ян)(?:а|у|ом|е))"
)
#: How first names end in the nominative and in the other cases; others end in a consonant and take ``_HARD``.
_ENDINGS = {
    "авел": ("авла", "авлу", "авлом", "авле"),
    "лев": ("льва", "льву", "львом", "льве"),
    "бовь": ("бови", "бовью"),
    "ий": ("ия", "ию", "ием", "ии"),
    "ия": ("ии", "ию", "ией", "иею"),
    "й": ("я", "ю", "ем", "е"),
    "ь": ("я", "ю", "ем", "е"),
    "я": ("и", "е", "ю", "ей", "ею"),
    "а": ("ы", "и", "е", "у", "ой", "ою", "ей", "ею"),
}
_HARD = ("а", "у", "ом", "е")
#: So many words may stand between «имени» and a name: «имени дважды Героя …», «имени лётчика-космонавта …».
_RANKS = 4


@dataclass(frozen=True)
class _Rules:
    """The lists of ``config/privacy.yaml``, ready for comparing."""

    headers: tuple[tuple[re.Pattern[str], str], ...]
    shown_words: frozenset[str]
    organisation_words: frozenset[str]
    dedications: frozenset[str]
    first_names: frozenset[str]
    declined_names: frozenset[str]
    birth_age: tuple[int, int]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    with config_file("privacy.yaml").open(encoding="utf-8") as stream:
        raw = yaml.safe_load(stream)
    headers = tuple((_glob(entry["pattern"]), entry["what"]) for entry in raw["headers"])
    lists = ("shown_words", "organisation_words", "dedications", "first_names")
    words = {name: frozenset(map(comparable, raw[name])) for name in lists}
    declined = frozenset(form for name in words["first_names"] for form in _declined(name)) - words["shown_words"]
    ages = (raw["birth_age"]["youngest"], raw["birth_age"]["oldest"])
    return _Rules(headers=headers, birth_age=ages, declined_names=declined, **words)


def _declined(name: str) -> list[str]:
    """A first name in the other cases than the nominative; a form too many does no harm, there is no such word."""
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    return [name.removesuffix(ending) + form for form in _ENDINGS.get(ending, _HARD)]


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

    A name is a patronymic beside another capital word, initials beside a capital word, or a common first name beside a
    word that may be a surname, in any case and order, with the words around it; what stands after «имени», «им.» is the
    name of an organisation and stays.
    A date is taken for a birthday by the age it gives (``birth_age``).
    """
    return _mask_names(_without_birthdays(_without_numbers(text)))


@lru_cache(maxsize=65536)
def mask_organisation(text: str) -> str:
    """An organisation's name as it is kept: a school called after a person keeps its name, a person does not.

    Only a text without any word for an organisation, or with a patronymic that no «имени» explains, goes through
    the masking. People are looked for in the nominative: in the genitive they are whom it is called after.
    """
    words = {comparable(word) for word in _WORD.findall(text)}
    is_explained = bool(words & _rules().dedications) or not any(map(_patronymic, words))
    return text if words & _rules().organisation_words and is_explained else _mask_in_nominative(text)


@lru_cache(maxsize=65536)
def mask_code(text: str) -> str:
    """An organisation's code as it is kept: never changed in part, so that two of them never become one.

    A code may be a name («АГ | Лицей И. Петреску»); only one that is a person, in the nominative, and nothing else is
    masked.
    """
    masked = _mask_in_nominative(text)
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


def _mask_in_nominative(text: str) -> str:
    return _mask_names(_without_birthdays(_without_numbers(text)), is_declined=False)


def _mask_names(text: str, *, is_label: bool = False, is_declined: bool = True) -> str:
    """Replace every run of words that holds a name; ``is_declined``: in all cases, not in the nominative alone."""
    words = list(_WORD.finditer(text.replace("_", " ")))
    out, done = [], 0
    for first, last in _names(text, words, is_label, is_declined):
        out += [text[done : words[first].start()], NAME]
        done = words[last].end()
        if len(words[last][0]) == 1 and _LAST_DOT.match(text, done):
            done += 1
    return "".join([*out, text[done:]])


def _names(text: str, words: list[re.Match[str]], is_label: bool, is_declined: bool) -> Iterator[tuple[int, int]]:
    """First and last word of every name in the text."""
    kinds = [_kind(word[0], is_declined) for word in words]
    for first, last in _runs(text, words, kinds):
        run = slice(first, last + 1)
        dotted = any(len(word[0]) == 1 and text.startswith(".", word.end()) for word in words[run])
        is_name = _is_name(kinds[run], dotted) or (
            is_label and _may_be_name([word[0] for word in words[run]], kinds[run])
        )
        if is_name and not _is_dedicated(text, words, first):
            yield first, last


def _runs(text: str, words: list[re.Match[str]], kinds: list[str]) -> list[tuple[int, int]]:
    """First and last of neighbouring words that may be parts of a name, only spaces and marks between them."""
    runs: list[tuple[int, int]] = []
    for place, (word, kind) in enumerate(zip(words, kinds, strict=True)):
        if not kind:
            continue
        joined = runs and runs[-1][1] == place - 1
        if joined and _BETWEEN.fullmatch(text, words[place - 1].end(), word.start()):
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def _is_dedicated(text: str, words: list[re.Match[str]], first: int) -> bool:
    """Whether «имени» stands before the name, with nothing but ranks in small letters between.

    Not «от имени», and not «им» without a dot before a rank: «выдано им учителем Ивановым И. И.».
    """
    for place in range(first - 1, max(first - 2 - _RANKS, -1), -1):
        word = words[place][0]
        if comparable(word) in _rules().dedications:
            is_pronoun = place < first - 1 and comparable(word) == "им" and text[words[place].end()] != "."
            return not is_pronoun and (place == 0 or comparable(words[place - 1][0]) != "от")
        if not word.islower() or not text[words[place].end() : words[place + 1].start()].isspace():
            return False
    return False


@lru_cache(maxsize=65536)
def _kind(word: str, is_declined: bool) -> str:
    """What part of a name a word may be; empty: none.

    Patronymics: patronymic, her patronymic, short patronymic. Others: first (name), declined first, surname,
    declined surname, small surname (no name by itself), initial, capital (word).
    """
    low = comparable(word)
    if low in _rules().dedications:
        return ""
    is_capital = word[0].isupper()
    if patronymic := _patronymic(low, is_declined=is_declined and is_capital):
        return patronymic if is_capital or patronymic == "patronymic" else "small surname"
    if low in _rules().first_names:
        return "first"
    if len(word) == 1:
        return "initial" if is_capital and "а" <= low <= "я" else ""
    if _SURNAME.fullmatch(low):
        return "surname" if is_capital else "small surname"
    if not is_capital or not "а" <= low[0] <= "я" or low in _rules().shown_words:
        return ""
    if is_declined and low in _rules().declined_names:
        return "declined first"
    return "declined surname" if is_declined and _DECLINED_SURNAME.fullmatch(low) else "capital"


def _patronymic(low: str, *, is_declined: bool = False) -> str:
    """Which kind of patronymic a word in small letters is, empty if none."""
    for kind, (nominative, declined) in _PATRONYMICS.items():
        if nominative.fullmatch(low) or (is_declined and declined.fullmatch(low)):
            return "" if _NO_PATRONYMIC.fullmatch(low) else kind
    return ""


def _may_be_name(run: list[str], kinds: list[str]) -> bool:
    """Whether a label's words may be a name: an adjective («Русский») only beside another capital word."""
    is_adjective = [bool(_ADJECTIVE.search(comparable(word))) for word in run]
    return bool({"first", "her patronymic", "short patronymic"} & set(kinds)) or any(
        kind == "surname" and (len(run) > 1 or (not adjective and len(word) > 4))
        for word, kind, adjective in zip(run, kinds, is_adjective, strict=True)
    )


def _is_name(kinds: list[str], dotted: bool) -> bool:
    """Whether a run of words is a person rather than words with capitals; ``dotted``: an initial has its dot.

    «Ильича» counts only beside a first name or a surname, so that the farm «Заветы Ильича» stays.
    """
    found = set(kinds)
    if "patronymic" in found:
        return True
    if found & {"first", "her patronymic"}:
        return len(kinds) > 1
    if dotted and found - {"initial", "small surname"}:
        return True
    is_surname = bool(found & {"surname", "declined surname"})
    return is_surname + len(found & {"declined first", "short patronymic"}) > 1
