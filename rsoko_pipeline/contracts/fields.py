"""Every field of the project, once: name, type, unit, meaning, who may see it.

Belongs here: quantities, whatever table they stand in. Does not belong here: tables (``tables.py``), labels of reports
(``config/texts``), thresholds (``config``).
"""

from __future__ import annotations

from rsoko_pipeline.contracts.model import ContractError, Field

LEVELS = ("country", "region", "municipality", "school", "class", "cluster")
FILE_STATUSES = ("accepted", "refused", "superseded", "duplicate", "held")
UPLOAD_STATUSES = ("loaded", "empty", "refused", "late", "awaited")
SHARE = "numeric(6,4)"

_ALL = (
    # --- origin of a row
    Field("event_id", "text", "Событие", "Код события календаря: год, процедура, предмет, класс", audience="public"),
    Field("file_id", "text", "Файл", "SHA-256 содержимого исходного файла"),
    Field("sheet", "text", "Лист", "Имя листа книги; пусто для текстовых файлов"),
    Field("row_number", "int32", "Строка", "Номер строки исходного файла, начиная с 1", minimum=0),
    Field("column_name", "text", "Столбец", "Заголовок столбца исходного файла"),
    Field("config_version", "text", "Версия настроек", "Отпечаток папки config, по которой посчитана строка", audience="public"),
    Field("run_id", "text", "Запуск", "Идентификатор запуска Dagster, создавшего строку", audience="public"),
    Field("computed_at", "timestamp", "Рассчитано", "Время расчёта, UTC", audience="public"),
    Field("received_at", "timestamp", "Получено", "Время, когда файл впервые замечен во входящих, UTC"),
    # --- units
    Field("region", "text", "Регион", "Код субъекта Российской Федерации", audience="public"),
    Field("municipality", "text", "Код муниципалитета", "Код муниципалитета в ФИС ОКО или свой", audience="public"),
    Field("municipality_name", "text", "Муниципалитет", "Название муниципалитета", audience="public"),
    Field("school", "text", "Код ОО", "Логин ФИС ОКО (edu…) или другой ключ школы из реестра", audience="public"),
    Field("school_name", "text", "Образовательная организация", "Название школы", audience="public"),
    Field("class_no", "int16", "Класс", "Порядковый номер класса в параллели школы", minimum=1, audience="school"),
    Field("level", "text", "Уровень", "Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер", allowed=LEVELS, audience="public"),
    Field("unit_code", "text", "Код единицы", "Код региона, муниципалитета, школы; для класса: школа/номер класса", audience="public"),
    Field("unit_name", "text", "Единица", "Название единицы", audience="public"),
    Field("parent_code", "text", "Входит в", "Код единицы уровнем выше", audience="public"),
    Field("kind", "text", "Вид ОО", "Вид организации: СОШ, ООШ, гимназия, лицей и другие", audience="public"),
    Field("settlement", "text", "Местность", "Город или село", allowed=("город", "село"), audience="public"),
    Field("is_small", "bool", "Малокомплектная", "Школа признана малокомплектной", audience="public"),
    Field("is_advanced", "bool", "Углублённое изучение", "В школе есть углублённое изучение предметов", audience="public"),
    Field("is_special", "bool", "Специальная", "Специальная (коррекционная) школа", audience="public"),
    Field("inn", "text", "ИНН", "ИНН организации", audience="public"),
    Field("ogrn", "text", "ОГРН", "ОГРН организации", audience="public"),
    Field("ris_code", "text", "Код РИС", "Код организации в РИС ГИА", audience="public"),
    Field("oktmo", "text", "ОКТМО", "Код муниципалитета по ОКТМО", audience="public"),
    Field("valid_from", "date", "Действует с", "Первый день, когда строка верна", audience="public"),
    Field("valid_to", "date", "Действует по", "Последний день, когда строка верна; пусто, если верна сейчас", audience="public"),
    # --- calendar
    Field("procedure", "text", "Процедура", "Код процедуры: папка config/procedures", audience="public"),
    Field("procedure_name", "text", "Название процедуры", "Полное название процедуры", audience="public"),
    Field("subject", "text", "Предмет", "Код предмета: ru, ma, …", audience="public"),
    Field("subject_name", "text", "Название предмета", "Название предмета", audience="public"),
    Field("subject_short", "text", "Предмет кратко", "Двухбуквенное обозначение предмета", audience="public"),
    Field("grade", "int16", "Класс обучения", "Класс (параллель), в котором писали работу", minimum=0, maximum=12, audience="public"),
    Field("grade_programme", "int16", "Программа класса", "Класс, программу которого измеряет работа (осенью — прошлый)", minimum=0, maximum=12, audience="public"),
    Field("year", "int16", "Год", "Календарный год", minimum=1990, maximum=2100, audience="public"),
    Field("school_year", "text", "Учебный год", "Учебный год вида 2025/2026", audience="public"),
    Field("school_year_measured", "text", "Измеренный учебный год", "Учебный год, результат которого измеряет работа", audience="public"),
    Field("title", "text", "Название", "Название события или файла", audience="public"),
    Field("window_from", "date", "Начало окна", "Первый день проведения", audience="public"),
    Field("window_to", "date", "Конец окна", "Последний день проведения", audience="public"),
    Field("participation", "text", "Участие", "Обязательное, по решению школы, выборка, по жребию", allowed=("obligatory", "by_choice", "sample", "by_lot"), audience="public"),
    Field("responsible", "text", "Ответственный", "Ответственный орган", audience="public"),
    Field("due", "date", "Срок", "Крайний срок", audience="public"),
    Field("due_kind", "text", "Что должно быть", "Вид срока: загрузка, анализ, рекомендации, отчёт", audience="public"),
    Field("deadline_status", "text", "Состояние срока", "Выполнено, ожидается, просрочено; unconfirmed — срок прошёл, а по данным исполнение не видно", allowed=("done", "awaited", "late", "unconfirmed"), audience="public"),
    Field("done_at", "timestamp", "Выполнено", "Когда выполнено, UTC", audience="public"),
    Field("expected", "int32", "Ожидается файлов", "Сколько школ должны быть загружены", minimum=0, audience="public"),
    Field("loaded", "int32", "Загружено", "По скольким школам есть данные", minimum=0, audience="public"),
    Field("date", "date", "Дата", "Календарная дата", audience="public"),
    Field("quarter", "text", "Квартал", "Календарный квартал вида 2026-Q2", audience="public"),
    Field("month", "int16", "Месяц", "Номер месяца", minimum=1, maximum=12, audience="public"),
    Field("is_school_day", "bool", "Учебный день", "Не воскресенье, не каникулы и не праздник по календарю региона", audience="public"),
    # --- works and scales
    Field("task_no", "int16", "Позиция задания", "Позиция задания в массиве баллов, с 1", minimum=1, audience="public"),
    Field("task", "text", "Задание", "Обозначение задания: 1, 9.1, 4К1", audience="public"),
    Field("max_points", "int16", "Максимум задания", "Наибольший балл за задание", unit="балл", minimum=0, audience="public"),
    Field("difficulty", "text", "Уровень сложности", "Б — базовый, П — повышенный, В — высокий", allowed=("Б", "П", "В"), audience="public"),
    Field("skill", "text", "Проверяемое умение", "Умение или тема, которую проверяет задание", audience="public"),
    Field("max_score", "numeric(6,2)", "Максимальный балл", "Наибольший первичный балл за работу", unit="балл", minimum=0, audience="public"),
    Field("cut3", "numeric(6,2)", "Граница «3»", "Наименьший первичный балл, за который ставится «3»", unit="балл", minimum=0, audience="public"),
    Field("cut4", "numeric(6,2)", "Граница «4»", "Наименьший первичный балл, за который ставится «4»", unit="балл", minimum=0, audience="public"),
    Field("cut5", "numeric(6,2)", "Граница «5»", "Наименьший первичный балл, за который ставится «5»", unit="балл", minimum=0, audience="public"),
    Field("scale_status", "text", "Статус шкалы", "Откуда известна шкала; предполагаемая никогда не показывается как официальная", allowed=("official", "public", "second-hand", "assumed", "own"), audience="public"),
    Field("scale_source", "text", "Источник шкалы", "Документ или место, откуда взята шкала", audience="public"),
    # --- a pupil's work
    Field("pupil", "text", "Псевдоним участника", "Ключевой HMAC школы, учебного года, класса и кода участника", audience="school"),
    Field("pupil_code", "text", "Код участника", "Код участника в школе; список с фамилиями есть только у школы", audience="school"),
    Field("variant", "text", "Вариант", "Вариант работы; у работы из двух частей — через /", audience="school"),
    Field("present", "bool", "Присутствовал", "Участник писал работу", audience="school"),
    Field("primary_score", "numeric(6,2)", "Первичный балл", "Сумма баллов за задания", unit="балл", minimum=0, audience="school"),
    Field("mark", "int16", "Отметка", "Отметка за работу", minimum=1, maximum=5, audience="school"),
    Field("journal_mark", "int16", "Отметка по журналу", "Отметка за предыдущий учебный период", minimum=1, maximum=5, audience="school"),
    Field("scores", "int16[]", "Баллы за задания", "Баллы по порядку заданий dim_task; пустой элемент — не приступал (X)", unit="балл", audience="school"),
    Field("declared", "int32", "Заявлено участников", "Сколько участников указано в строке школы", minimum=0),
    Field("rows", "int32", "Строк", "Сколько строк прочитано", minimum=0),
    # --- statistics
    Field("source", "text", "Основание", "Посчитано по работам участников (pupils) или взято из сводной таблицы (aggregate)", allowed=("pupils", "aggregate"), audience="public"),
    Field("schools", "int32", "Кол-во ОО", "Число школ", minimum=0, audience="public"),
    Field("participants", "int32", "Участников", "Число писавших работу", minimum=0, audience="public"),
    Field("enrolled", "int32", "Обучающихся", "Число обучающихся по контингенту", minimum=0, audience="public"),
    Field("absent", "int32", "Отсутствовали", "Число не писавших работу из обучающихся", minimum=0, audience="public"),
    Field("marked", "int32", "С отметкой", "Число участников с отметкой: знаменатель долей отметок", minimum=0, audience="public"),
    Field("n", "int32", "n", "Число наблюдений: знаменатель доли", minimum=0, audience="public"),
    *(Field(f"n{m}", "int32", f"«{m}», чел.", f"Число участников с отметкой «{m}»", minimum=0, audience="public") for m in (2, 3, 4, 5)),
    *(Field(f"share{m}", SHARE, f"«{m}», доля", f"Доля участников с отметкой «{m}»", minimum=0, maximum=1, audience="public") for m in (2, 3, 4, 5)),
    Field("quality", SHARE, "Качество", "Качество знаний: (n4+n5)/marked", minimum=0, maximum=1, audience="public"),
    Field("quality_low", SHARE, "Качество, нижняя граница", "Нижняя граница 95 % интервала Уилсона", minimum=0, maximum=1, audience="public"),
    Field("quality_high", SHARE, "Качество, верхняя граница", "Верхняя граница 95 % интервала Уилсона", minimum=0, maximum=1, audience="public"),
    Field("success", SHARE, "Успеваемость", "Успеваемость: (n3+n4+n5)/marked", minimum=0, maximum=1, audience="public"),
    Field("success_low", SHARE, "Успеваемость, нижняя граница", "Нижняя граница 95 % интервала Уилсона", minimum=0, maximum=1, audience="public"),
    Field("success_high", SHARE, "Успеваемость, верхняя граница", "Верхняя граница 95 % интервала Уилсона", minimum=0, maximum=1, audience="public"),
    Field("sou", SHARE, "СОУ", "Степень обученности учащихся: (n5+0,64·n4+0,36·n3+0,16·n2)/marked", minimum=0, maximum=1, audience="public"),
    Field("mean_mark", "numeric(5,4)", "Средняя отметка", "Средняя отметка по участникам с отметкой", audience="public"),
    Field("mean_score", "numeric(8,4)", "Средний балл", "Средний первичный балл", unit="балл", audience="public"),
    Field("median_score", "numeric(6,2)", "Медиана балла", "Медиана первичного балла", unit="балл", audience="public"),
    Field("sd_score", "numeric(8,4)", "Стандартное отклонение балла", "Выборочное стандартное отклонение первичного балла (n−1)", unit="балл", audience="public"),
    Field("score", "numeric(6,2)", "Балл", "Значение первичного балла", unit="балл", minimum=0, audience="public"),
    Field("share", SHARE, "Доля", "Доля участников", minimum=0, maximum=1, audience="public"),
    Field("points_sum", "int64", "Сумма баллов", "Сумма баллов за задание: числитель доли выполнения", unit="балл", minimum=0, audience="public"),
    Field("solved_share", SHARE, "Выполнение", "Доля выполнения: сумма баллов / (n · максимум задания)", minimum=0, maximum=1, audience="public"),
    Field("solved_low", SHARE, "Выполнение, нижняя граница", "Нижняя граница 95 % интервала", minimum=0, maximum=1, audience="public"),
    Field("solved_high", SHARE, "Выполнение, верхняя граница", "Верхняя граница 95 % интервала", minimum=0, maximum=1, audience="public"),
    Field("not_started", "int32", "Не приступали", "Число участников, не приступивших к заданию (X)", minimum=0, audience="public"),
    Field("lowered", "int32", "Понизили", "Отметка за работу ниже отметки по журналу, чел.", minimum=0, audience="public"),
    Field("confirmed", "int32", "Подтвердили", "Отметка за работу равна отметке по журналу, чел.", minimum=0, audience="public"),
    Field("raised", "int32", "Повысили", "Отметка за работу выше отметки по журналу, чел.", minimum=0, audience="public"),
    Field("lowered_share", SHARE, "Понизили, доля", "Доля понизивших", minimum=0, maximum=1, audience="public"),
    Field("confirmed_share", SHARE, "Подтвердили, доля", "Доля подтвердивших", minimum=0, maximum=1, audience="public"),
    Field("raised_share", SHARE, "Повысили, доля", "Доля повысивших", minimum=0, maximum=1, audience="public"),
    Field("coverage", SHARE, "Охват", "Доля писавших работу от контингента", minimum=0, audience="public"),
    Field("coverage_low", SHARE, "Охват, нижняя граница", "Нижняя граница 95 % интервала Уилсона", minimum=0, maximum=1, audience="public"),
    Field("coverage_high", SHARE, "Охват, верхняя граница", "Верхняя граница 95 % интервала Уилсона", minimum=0, maximum=1, audience="public"),
    Field("target", SHARE, "Цель", "Целевое значение", audience="public"),
    Field("enrolled_source", "text", "Источник контингента", "register — контингент по реестру; files — участники и отсутствовавшие из самих файлов; mixed — часть школ так, часть иначе", allowed=("register", "files", "mixed"), audience="public"),
    # --- other sources
    Field("marker", "int16", "Маркер", "Официальный маркер признаков необъективности: 1 — есть, 0 — нет, пусто — не оценивалась", minimum=0, maximum=1),
    Field("measure", "text", "Показатель файла", "Код величины из настройки процедуры", audience="public"),
    Field("value", "numeric(18,6)", "Значение", "Значение величины", audience="public"),
    Field("numerator", "numeric(18,6)", "Числитель", "Числитель доли", audience="public"),
    Field("denominator", "numeric(18,6)", "Знаменатель", "Знаменатель доли", audience="public"),
    Field("is_matched", "bool", "Найдена в реестре", "Строка сопоставлена со школой реестра"),
    # --- operations
    Field("name", "text", "Имя", "Имя файла во входящих: только для людей, путём не становится"),
    Field("size", "int64", "Размер", "Размер файла", unit="байт", minimum=0),
    Field("format", "text", "Формат", "Распознанный формат файла"),
    Field("content", "text", "Содержание", "Что несёт файл: имя таблицы схемы source, например source_result"),
    Field("edition", "text", "Издание формата", "Вариант вёрстки, по карте которого прочитан файл"),
    Field("file_status", "text", "Состояние файла", "Принят, отклонён, заменён, повтор, удержан", allowed=FILE_STATUSES),
    Field("rows_read", "int32", "Прочитано строк", "Строк данных прочитано", minimum=0),
    Field("rows_accepted", "int32", "Принято строк", "Строк прошло проверки", minimum=0),
    Field("rows_quarantined", "int32", "В карантине", "Строк в карантине", minimum=0),
    Field("code", "text", "Код замечания", "Постоянный код RSK-…", audience="school"),
    Field("severity", "text", "Важность", "error — строка или файл удержаны; warning — принято, но проверьте; info — к сведению", allowed=("error", "warning", "info"), audience="school"),
    Field("message", "text", "Замечание", "Что не так, для отправителя файла", audience="school"),
    Field("remedy", "text", "Что сделать", "Что сделать отправителю файла", audience="school"),
    Field("observed", "text", "Значение в файле", "Значение, вызвавшее замечание", audience="school"),
    Field("action", "text", "Состояние", "held — удержано, noted — отмечено, released — выпущено, dropped — отброшено", allowed=("held", "noted", "released", "dropped")),
    Field("released_at", "timestamp", "Решено", "Когда принято решение, UTC"),
    Field("released_by", "text", "Кто решил", "Кто принял решение"),
    Field("reason", "text", "Причина", "Почему принято такое решение"),
    Field("inputs_hash", "text", "Отпечаток входа", "Отпечаток файлов, настроек и решений, из которых собрано событие"),
    Field("loaded_at", "timestamp", "Загружено", "Когда событие собрано, UTC"),
    Field("upload_status", "text", "Состояние загрузки", "Загружено, пусто, отклонено, опоздало, ожидается", allowed=UPLOAD_STATUSES, audience="public"),
    Field("findings", "int32", "Замечаний", "Число замечаний к данным школы", minimum=0, audience="public"),
    Field("check_name", "text", "Проверка", "Код проверки"),
    Field("passed", "bool", "Пройдена", "Проверка пройдена"),
    Field("checked", "int64", "Проверено", "Число проверенных строк", minimum=0),
    Field("failed", "int64", "Не прошло", "Число строк, не прошедших проверку", minimum=0),
    Field("started_at", "timestamp", "Начало", "Начало запуска, UTC"),
    Field("finished_at", "timestamp", "Конец", "Конец запуска, UTC"),
    Field("details", "json", "Подробности", "Подробности в JSON"),
    Field("quarantine_id", "int64", "Номер в карантине", "Порядковый номер замечания"),
)


def _index() -> dict[str, Field]:
    out: dict[str, Field] = {}
    for field in _ALL:
        if field.name in out:
            raise ContractError(f"field {field.name} is defined twice")
        out[field.name] = field
    return out


FIELDS: dict[str, Field] = _index()
