"""The verdict on checked rows: check results by event, what is held, thresholds.

Belongs here: what follows from findings, whatever the table. Does not belong here: making the findings (``results``,
``tables``), storing them (``landing``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration.models import RULES_RU
from rsoko_pipeline.findings import catalogue
from rsoko_pipeline.validation.checks import CONTRACT

#: Columns of ``ops.check_result`` before the stamp.
RESULT_COLUMNS = ["event_id", "check_name", "severity", "passed", "checked", "failed", "message"]
#: What each check asks, in Russian; the rules of procedures say it in the configuration.
TITLES_RU: dict[str, str] = RULES_RU | {
    "structure": "таблица прочитана целиком: есть строки и все столбцы, в столбце один тип значений",
    CONTRACT: "обязательные значения указаны, числа и слова допустимы",
    "score_given": "у каждого писавшего указаны баллы за все задания",
    "score_count": "баллов столько, сколько заданий в заголовке",
    "scale_max": "максимум работы в файле такой же, как в её шкале",
    "school_name": "школа названа так же, как в реестре",
    "municipality_own": "школа стоит в том же муниципалитете, что в реестре",
    "unit_threshold": "у школы прошло проверку достаточно строк",
    "file_threshold": "в файле прошло проверку достаточно строк",
    "event_threshold": "по работе прошло проверку достаточно строк",
    "unit_known": "школы таблицы есть в реестре",
    "unit_by_code": "школы таблицы найдены в реестре по коду, а не по названию",
    "place_known": "регион и муниципалитеты таблицы есть в настройке и в реестре",
    "statement_unique": "об одном и том же сказано один раз",
    "measure_range": "величины в допустимых пределах",
    "measure_total": "итоги следуют из своих составляющих",
    "olympiad_score": "балл не больше максимума",
    "olympiad_grade": "класс участия не ниже класса обучения",
    "olympiad_admitted": "на этапе участвуют классы, для которых он проводится",
    "plan_known": "отчёты называют план, который есть в настройках",
    "plan_line_known": "отчёты называют мероприятие, которое есть в плане",
    "register_unique": "запись не стоит в реестре дважды за одно и то же время",
    "alias_free": "подтверждённый код не принадлежит другой школе реестра",
    "contingent_unique": "контингент класса указан один раз",
}
#: Why a check looked at nothing, as it should be, unlike any other reason.
NOTHING_ASKED = "в файлах нет строк, к которым она относится"
SET_ASIDE = "порог превышен у каждого файла или школы по отдельности"
_UNAVAILABLE = "Проверка недоступна: {reason}."
_HELD_RU = {
    "row": "Такие строки удержаны в карантине.",
    "unit": "Их данные удержаны целиком.",
    "none": "Работа удержана целиком.",
}


@dataclass(frozen=True)
class Verdict:
    """One check of one event.

    Attributes:
        event_id: the event, '' for tables that belong to none.
        name: the check.
        severity: ``error``, ``warning`` or ``info``.
        checked, failed: rows (for checks of schools: schools).
        note: in place of the usual sentence, for instance why the check is not available.
    """

    event_id: str
    name: str
    severity: str
    checked: int
    failed: int
    note: str | None = None

    @classmethod
    def unavailable(cls, event_id: str, name: str, reason: str) -> Verdict:
        """A check that could not be made for a good reason: it neither passed anything nor failed it."""
        return cls(event_id, name, "info", 0, 0, _UNAVAILABLE.format(reason=reason))

    def row(self, code: str | None) -> tuple[str, str, str, bool, int, int, str]:
        """A row of ``RESULT_COLUMNS``; ``code`` is the finding's, for what to do."""
        return self.event_id, self.name, self.severity, self.failed == 0, self.checked, self.failed, self._message(code)

    def _message(self, code: str | None) -> str:
        title = TITLES_RU[self.name]
        asked = f"{title[0].upper()}{title[1:]}"
        if self.note is not None:
            return f"{asked}. {self.note}"
        if not self.failed:
            return f"{asked}. Проверено: {number(self.checked)}."
        kind = catalogue()[code] if code else None
        held = _HELD_RU[kind.scope] if kind and kind.severity == "error" else "Строки приняты."
        remedy = f" Что сделать: {kind.remedy[:1].lower()}{kind.remedy[1:]}" if kind else ""
        return f"{asked}. Не прошло: {number(self.failed)} из {number(self.checked)}. {held}{remedy}"


def result_frame(verdicts: Iterable[Verdict], codes: dict[str, str]) -> pd.DataFrame:
    """Rows of ``ops.check_result`` without the stamp.

    Args:
        verdicts: the checks.
        codes: code of the finding by name of the check.
    """
    table = contracts.table("check_result")
    rows = [verdict.row(codes.get(verdict.name)) for verdict in verdicts]
    return pd.DataFrame(rows, columns=RESULT_COLUMNS).astype({name: table[name].dtype for name in RESULT_COLUMNS})


def unsettled(checks: pd.DataFrame) -> pd.DataFrame:
    """What no finding says of data that there are, of rows of ``RESULT_COLUMNS`` about pupil rows.

    That is the checks that could not be made, and marks that do not follow from a scale which is but assumed.
    """
    expected = tuple(_UNAVAILABLE.format(reason=reason) for reason in (NOTHING_ASKED, SET_ASIDE))
    is_asked = ~checks["message"].str.endswith(expected)
    is_unavailable = (checks["severity"] == "info") & (checks["checked"] == 0) & is_asked
    is_doubtful = (checks["check_name"] == "mark_scale") & (checks["severity"] == "warning") & (checks["failed"] > 0)
    return checks[is_unavailable | is_doubtful]


def number(value: int) -> str:
    """A whole number with spaces between thousands."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")


def percent(share: float) -> str:
    """A share as per cent."""
    return f"{100 * share:.4g} %".replace(".", ",")
