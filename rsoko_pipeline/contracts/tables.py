"""Every table and frame of the project: which fields, in which order, with which key.

Belongs here: frames that readers make (schema ``source``), tables of the warehouse (``ops``, ``core``, ``mart``).
Does not belong here: what a field means (``fields.py``), how a table is created (``warehouse.metadata``).

In a column list a trailing ``?`` means that the column may be null, ``field as name`` gives a field the name that
``interfaces.md`` fixes for it in that table.
"""

from __future__ import annotations

from rsoko_pipeline.contracts.fields import FIELDS
from rsoko_pipeline.contracts.model import Column, ContractError, Table, by_name


def _columns(text: str) -> tuple[Column, ...]:
    out = []
    for item in (part.strip() for part in text.replace("\n", " ").split(",")):
        if not item:
            continue
        nullable = item.endswith("?")
        field, _, alias = item.rstrip("?").partition(" as ")
        if field not in FIELDS:
            raise ContractError(f"no field {field!r} in fields.py")
        out.append(Column.of(FIELDS[field], nullable=nullable, alias=alias or None))
    return tuple(out)


def _table(
    name: str,
    ru: str,
    description_ru: str,
    columns: str,
    key: str,
    partition: str | None = None,
    warnings_ru: tuple[str, ...] = (),
) -> Table:
    schema, _, short = name.partition(".")
    return Table(short, schema, ru, description_ru, _columns(columns), tuple(key.split()), partition, warnings_ru)


_ORIGIN = "file_id, sheet?, row_number"
_STAMP = "config_version, run_id, computed_at"
_UNIT = "event_id, level, unit_code, unit_name, parent_code?"
#: In tables of other procedures a unit may have no name: neither the file nor the register gives one.
_UNIT_OF_FILE = "event_id, level, unit_code, unit_name?, parent_code?"
#: Tables of hundreds of thousands of rows a year carry no names: they stand in ``mark_statistics`` by the same key.
_LONG_UNIT = "event_id, level, unit_code, parent_code?"
_GROUP = f"{_ORIGIN}, level, unit_code, unit_name, parent_code?"
#: In a reader's frame the event stands in the row where one file carries many; otherwise the file's facts name it.
_ROW = f"{_ORIGIN}, event_id?"
_SOURCE_GROUP = f"{_ROW}, level, unit_code, unit_name, parent_code?"

_SOURCE_UNIT = f"{_ROW}, level, unit_code, unit_name?, parent_code?"
#: What a file of each kind says of its unit, beside the unit itself.
_MEASURE = """measure, subject?, grade?, class_no?, period?, domain?, category?, about_event?,
    value?, numerator?, denominator?, n_of_value as n?, standard_error?"""
_OLYMPIAD = """stage, subject, grade?, grade_participation, class_no?, score?, max_score?, olympiad_status?"""
_CONTROL = "about_event?, control, date?, session?, is_present, is_trained?, violations?, remark?"
_SECOND_MARK = "about_event, second_kind, first_score?, second_score?, first_mark?, second_mark?, choice?"
_JOURNAL_MARK = "subject, grade, class_no?, period, mark?, mean_mark?"
_ANSWER = "respondent, question, answer, n_answered as n, category?, remark?, about_event?"
_RECORD = """record_kind, title, date?, document?, audience?, direction?, step?, responsible?, record_status?,
    about_event?"""
_MEASURE_STATUS = "plan, measure_number as number, due?, measure_state as state, date, document?, remark?"
_LIST_MEMBER = "list_kind, valid_from?, valid_to?, reason?, support?, document?"
#: A participant's sitting of an exam.
_SITTING = """participant_category, exam_period, exam_date?, variant?, primary_score?, test_score?, mark?, is_passed?,
    exam_status, appeal"""
_FACT_UNIT = f"event_id, {_ORIGIN}, level, unit_code, unit_name?, parent_code?, is_matched"
_ORIGIN_KEY = "event_id file_id row_number"
_OF_ORIGIN = "config_version, run_id"

_NOT_A_PROOF = (
    "Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
)

TABLES: dict[str, Table] = by_name(
    (
        # ------------------------------------------------------------------ frames that readers make
        _table(
            "source.source_result",
            "Работы участников из файла",
            "Строка — участник × работа, как в файле.",
            f"{_ROW}, school, class_no?, pupil_code, variant?, present, primary_score?, mark?, journal_mark?, scores?",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_exam",
            "Экзамены участников из файла",
            "Строка — участник × сдача экзамена; код участника — уже ключевой псевдоним, имён и документов нет.",
            f"{_ROW}, school, class_no?, pupil_code, {_SITTING}, scores?",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_school",
            "Школы файла",
            "Строка — школа, данные которой есть в файле.",
            f"{_ROW}, school, school_name?, municipality?, municipality_name?, declared?, rows",
            "file_id row_number school",
            "file_id",
        ),
        _table(
            "source.source_group_marks",
            "Отметки по группам",
            "Строка — группа участников Ф3 или сводной таблицы.",
            f"{_SOURCE_GROUP}, schools?, participants, share2, share3, share4, share5",
            "file_id row_number level unit_code",
            "file_id",
        ),
        _table(
            "source.source_group_journal",
            "Сравнение с журналом по группам",
            "Строка — группа участников.",
            f"{_SOURCE_GROUP}, participants, lowered, lowered_share, confirmed, confirmed_share, raised, raised_share",
            "file_id row_number level unit_code",
            "file_id",
        ),
        _table(
            "source.source_group_scores",
            "Распределение баллов по группам",
            "Строка — группа участников × балл.",
            f"{_SOURCE_GROUP}, schools?, participants, score, share",
            "file_id row_number level unit_code score",
            "file_id",
        ),
        _table(
            "source.source_label",
            "Официальный список школ с признаками",
            "Строка — школа × год × предмет × класс.",
            f"{_ROW}, year, school, school_name?, municipality_name?, subject, grade, marker?",
            "file_id year school subject grade",
            "file_id",
        ),
        _table(
            "source.source_measure",
            "Величины из таблицы",
            "Строка — единица × величина из файла, прочитанного по настройке.",
            f"{_SOURCE_UNIT}, {_MEASURE}",
            "file_id row_number measure",
            "file_id",
        ),
        _table(
            "source.source_olympiad",
            "Протокол олимпиады из файла",
            "Строка — участник × предмет.",
            f"{_SOURCE_UNIT}, {_OLYMPIAD}, pupil_code",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_control",
            "Контроль процедур из файла",
            "Строка — организация × сеанс × вид контроля.",
            f"{_SOURCE_UNIT}, {_CONTROL}",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_second_mark",
            "Повторная проверка из файла",
            "Строка — работа участника × вид повторной проверки.",
            f"{_SOURCE_UNIT}, {_SECOND_MARK}, pupil_code",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_journal_mark",
            "Текущие отметки из файла",
            "Строка — участник × предмет × период электронного журнала.",
            f"{_SOURCE_UNIT}, {_JOURNAL_MARK}, pupil_code",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_answer",
            "Ответы на анкеты из файла",
            "Строка — единица × группа опрошенных × вопрос × ответ.",
            f"{_SOURCE_UNIT}, {_ANSWER}",
            "file_id row_number question answer",
            "file_id",
        ),
        _table(
            "source.source_record",
            "Записи реестров из файла",
            "Строка — решение, совещание, практика, свидетельство.",
            f"{_SOURCE_UNIT}, {_RECORD}",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_list_member",
            "Список организаций из файла",
            "Строка — организация в списке.",
            f"{_SOURCE_UNIT}, {_LIST_MEMBER}",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_measure_status",
            "Отчёты об исполнении планов из файла",
            "Строка — мероприятие плана, о котором отчитывается единица.",
            f"{_SOURCE_UNIT}, {_MEASURE_STATUS}",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_register",
            "Реестр школ из файла",
            "Строка — школа в период действия.",
            f"""{_ORIGIN}, school, school_name, municipality, municipality_name?, kind?, settlement?, is_small?,
               is_advanced?, is_special?, inn?, ogrn?, ris_code?, oktmo?, valid_from?, valid_to?""",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_contingent",
            "Контингент из файла",
            "Строка — школа × учебный год × дата × класс обучения.",
            f"{_ORIGIN}, school, school_year, counted_on?, grade, class_no?, enrolled",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_municipality",
            "Реестр муниципалитетов из файла",
            "Строка — муниципалитет в период действия.",
            f"{_ORIGIN}, municipality, municipality_name, oktmo?, predecessor?, valid_from?, valid_to?",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_school_code",
            "Коды школ из файла",
            "Строка — код школы в одной из систем в период действия.",
            f"{_ORIGIN}, school, code_kind, school_code, valid_from?, valid_to?",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_school_alias",
            "Подтверждённые коды школ из файла",
            "Строка — код или название, под которыми приходят данные, и школа реестра, которую подтвердил человек.",
            f"{_ORIGIN}, sent_code?, sent_name?, school, valid_from?, confirmed_by, confirmed_at?",
            "file_id row_number",
            "file_id",
        ),
        _table(
            "source.source_context",
            "Условия школ из файла",
            "Строка — школа × дата × величина.",
            f"{_ORIGIN}, school, counted_on, measure, value?, numerator?, denominator?",
            "file_id row_number measure",
            "file_id",
        ),
        # ------------------------------------------------------------------ ops
        _table(
            "ops.landing_file",
            "Журнал входящих файлов",
            "Строка — содержимое файла под именем, под которым его прислали.",
            """file_id, name, size, format?, edition?, event_id?, file_status as status, rows_read?, rows_accepted?,
               rows_quarantined?, code?, message?, config_version, received_at""",
            "file_id name",
        ),
        _table(
            "ops.file_unit",
            "Файл × школа",
            "Строка — какие школы какого события принёс файл и действует ли он для них; пустая школа — таблица"
            " по работе в целом.",
            "file_id, event_id, content, school, rows, declared?, file_status as status, received_at",
            "file_id event_id content school",
        ),
        _table(
            "ops.quarantine",
            "Карантин и замечания",
            "Строка — замечание к файлу, строке или ячейке и решение по нему.",
            """quarantine_id, file_id, event_id?, school?, sheet?, row_number?, column_name?, observed as value?, code,
               severity, message, remedy?, action, released_at?, released_by?, reason?, received_at""",
            "quarantine_id",
            "event_id",
        ),
        _table(
            "ops.event_state",
            "Состояние событий",
            "Строка — событие, собранное последний раз из такого-то входа.",
            "event_id, inputs_hash, rows, is_published, is_reported, loaded_at, run_id",
            "event_id",
            "event_id",
        ),
        _table(
            "ops.check_result",
            "Итоги проверок",
            "Строка — проверка × событие в последнем запуске.",
            "event_id, check_name, severity, passed, checked, failed, message, config_version, run_id, computed_at",
            "event_id check_name",
            "event_id",
        ),
        _table(
            "ops.config_version",
            "Версии настроек",
            "Строка — отпечаток настроек и когда он впервые применён.",
            "config_version, loaded_at, details?",
            "config_version",
        ),
        _table(
            "ops.unknown_school",
            "Неизвестные школы",
            "Строка — код файла, которого нет ни в реестре, ни среди подтверждённых кодов.",
            "event_id, file_id, sent_code, sent_name?, sent_municipality?, rows",
            "event_id file_id sent_code",
            "event_id",
        ),
        # ------------------------------------------------------------------ core: dimensions
        _table(
            "core.dim_municipality",
            "Муниципалитеты",
            "Строка — муниципалитет в период действия.",
            "municipality, municipality_name as name, region, oktmo?, predecessor?, valid_from, valid_to?, file_id?",
            "municipality valid_from",
        ),
        _table(
            "core.dim_school",
            "Школы",
            "Строка — школа в период, когда её название и подчинение не менялись.",
            """school, school_name as name, municipality, kind?, settlement?, is_small?, is_advanced?, is_special?,
               inn?, ogrn?, ris_code?, valid_from, valid_to?, file_id?""",
            "school valid_from",
        ),
        _table(
            "core.school_code",
            "Коды школ",
            "Строка — код школы в одной из систем в период действия; у школы бывает несколько логинов.",
            "school, code_kind, school_code, valid_from, valid_to?, file_id?",
            "school code_kind school_code valid_from",
        ),
        _table(
            "core.school_alias",
            "Подтверждённые коды школ",
            "Строка — код или название, под которыми приходят данные, и школа, которую подтвердил человек.",
            "sent_code?, sent_name?, school, valid_from, confirmed_by, confirmed_at, file_id, row_number",
            "file_id row_number",
        ),
        _table(
            "core.dim_subject",
            "Предметы",
            "Строка — предмет.",
            "subject, subject_name as name, subject_short as short_name",
            "subject",
        ),
        _table(
            "core.dim_event",
            "События календаря",
            "Строка — работа или процедура календаря.",
            """event_id, title, procedure, procedure_name, subject?, grade?, grade_programme?, school_year,
               school_year_measured, window_from, window_to, participation, responsible?,
               max_score?, cut3?, cut4?, cut5?, scale_status?, scale_source?""",
            "event_id",
        ),
        _table(
            "core.dim_task",
            "Задания",
            "Строка — задание работы, как в заголовке принятых файлов.",
            "event_id, task_no, task, max_points, difficulty?, skill?",
            "event_id task_no",
            "event_id",
        ),
        _table(
            "core.dim_date", "Даты", "Строка — день.", "date, year, quarter, month, school_year, is_school_day", "date"
        ),
        _table(
            "core.dim_measure",
            "Мероприятия планов",
            "Строка — мероприятие плана: срок словами документа и как он прочитан.",
            """plan, plan_name, territory, section, measure_number as number, measure_text as text, deadline_text?,
               deadline_kind?, deadline_rule?, first_due?, next_due?, last_due?, dues, responsible?, document_kind?,
               expected_result?, concerns?, indicator_text as indicator?, document, point, fact_source as source,
               fact_status as status""",
            "plan number",
        ),
        _table(
            "core.plan_finding",
            "Замечания к планам",
            "Строка — ошибка или пробел самого документа; пустой номер — о плане в целом.",
            "plan, finding_no, measure_number as number?, code, severity, message, remedy",
            "plan finding_no",
        ),
        # ------------------------------------------------------------------ core: facts
        _table(
            "core.fact_result",
            "Работы участников",
            "Строка — участник × работа, прошедшая проверку.",
            f"""event_id, school, class_no?, pupil, pupil_code?, variant?, present, primary_score?, mark?,
               journal_mark?, scores?, {_ORIGIN}, config_version, run_id""",
            "event_id school pupil",
            "event_id",
            (
                "Отсутствовавшие участники стоят в таблице с present = false и не входят в результаты.",
                "Персональные данные: доступ по ролям, код участника видит только его школа.",
            ),
        ),
        _table(
            "core.fact_exam",
            "Сдачи экзаменов",
            "Строка — участник × сдача: все периоды, пересдачи, неявки, аннулированные результаты. Засчитанный"
            " результат, который входит в статистику, стоит и в fact_result.",
            f"""event_id, school, class_no?, pupil, {_SITTING}, is_counted, is_statistical,
               {_ORIGIN}, config_version, run_id""",
            "event_id file_id row_number",
            "event_id",
            (
                "Для аттестата берите is_counted, для статистики — is_statistical: это не одно и то же.",
                "Персональные данные: доступ по ролям.",
            ),
        ),
        _table(
            "core.fact_group_marks",
            "Отметки по группам участников",
            "Строка — группа участников сводной таблицы Ф3.",
            f"event_id, {_GROUP}, schools?, participants, share2, share3, share4, share5, config_version, run_id",
            "event_id level unit_code",
            "event_id",
        ),
        _table(
            "core.fact_group_journal",
            "Сравнение с журналом по группам",
            "Строка — группа участников.",
            f"""event_id, {_GROUP}, participants,
               lowered, lowered_share, confirmed, confirmed_share, raised, raised_share, config_version, run_id""",
            "event_id level unit_code",
            "event_id",
        ),
        _table(
            "core.fact_group_scores",
            "Распределение баллов по группам",
            "Строка — группа участников × балл.",
            f"event_id, {_GROUP}, schools?, participants, score, share, config_version, run_id",
            "event_id level unit_code score",
            "event_id",
        ),
        _table(
            "core.fact_label",
            "Официальный список школ с признаками",
            "Строка — школа × год × предмет × класс официального списка. Внешняя метка, не вывод этой системы.",
            f"""event_id, {_ORIGIN}, year, school, school_name?, municipality_name?, subject, grade, marker?,
               config_version, run_id""",
            "event_id year school subject grade",
            "event_id",
        ),
        _table(
            "core.fact_measure",
            "Величины по единицам",
            "Строка — единица × величина из файлов, прочитанных по настройке.",
            f"{_FACT_UNIT}, {_MEASURE}, {_OF_ORIGIN}",
            f"{_ORIGIN_KEY} measure",
            "event_id",
        ),
        _table(
            "core.fact_olympiad",
            "Результаты олимпиад",
            "Строка — участник × предмет этапа всероссийской олимпиады школьников.",
            f"{_FACT_UNIT}, {_OLYMPIAD}, pupil, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
            ("Персональные данные: доступ по ролям.",),
        ),
        _table(
            "core.fact_control",
            "Контроль процедур",
            "Строка — организация × сеанс × вид контроля: наблюдатели, представители, видео, выезды, готовность,"
            " комиссии, инструктаж.",
            f"{_FACT_UNIT}, {_CONTROL}, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
        ),
        _table(
            "core.fact_second_mark",
            "Повторные проверки",
            "Строка — работа участника × вид повторной проверки: первый и второй балл, отметка.",
            f"{_FACT_UNIT}, {_SECOND_MARK}, pupil, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
            ("Персональные данные: доступ по ролям.",),
        ),
        _table(
            "core.fact_journal_mark",
            "Текущие отметки",
            "Строка — участник × предмет × период электронного журнала.",
            f"{_FACT_UNIT}, {_JOURNAL_MARK}, pupil, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
            ("Персональные данные: доступ по ролям.",),
        ),
        _table(
            "core.fact_answer",
            "Ответы на анкеты",
            "Строка — единица × группа опрошенных × вопрос × ответ.",
            f"{_FACT_UNIT}, {_ANSWER}, {_OF_ORIGIN}",
            f"{_ORIGIN_KEY} question answer",
            "event_id",
        ),
        _table(
            "core.fact_record",
            "Реестры решений, мероприятий и свидетельств",
            "Строка — решение, совещание, приказ, практика, мероприятие или свидетельство о шаге цикла.",
            f"{_FACT_UNIT}, {_RECORD}, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
        ),
        _table(
            "core.fact_list_member",
            "Списки организаций",
            "Строка — организация в списке: ШНОР, в сложных условиях, резильентные, с высокими результатами.",
            f"{_FACT_UNIT}, {_LIST_MEMBER}, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
            ("Списки служат внутренней работе ведомства и не публикуются.",),
        ),
        _table(
            "core.fact_measure_status",
            "Отчёты об исполнении планов",
            "Строка — отчёт единицы об одном мероприятии плана.",
            f"{_FACT_UNIT}, {_MEASURE_STATUS}, {_OF_ORIGIN}",
            _ORIGIN_KEY,
            "event_id",
        ),
        _table(
            "core.fact_contingent",
            "Контингент",
            "Строка — школа × учебный год × дата × класс обучения.",
            "school, school_year, counted_on?, grade, class_no?, enrolled, file_id, row_number",
            "file_id row_number",
        ),
        _table(
            "core.fact_context",
            "Условия школ",
            "Строка — школа × дата × величина: ОВЗ, кадры, язык, социальный паспорт.",
            "school, counted_on, measure, value?, numerator?, denominator?, file_id, row_number",
            "file_id row_number measure",
        ),
        # ------------------------------------------------------------------ mart
        _table(
            "mart.mark_statistics",
            "Статистика отметок",
            "Строка — событие × единица.",
            f"""{_UNIT}, source, participants, marked, n2?, n3?, n4?, n5?, share2?, share3?, share4?, share5?,
               quality?, quality_low?, quality_high?, success?, success_low?, success_high?, sou?,
               mean_mark?, mean_score?, median_score?, sd_score?, max_score?, {_STAMP}""",
            "event_id level unit_code",
            "event_id",
            (
                "При source = aggregate числа отметок восстановлены из процентов сводной таблицы и округлены.",
                "Где не известна ни одна отметка (marked = 0), числа n2–n5 и доли пусты: неизвестны, а не равны нулю.",
            ),
        ),
        _table(
            "mart.score_distribution",
            "Распределение первичных баллов",
            "Строка — событие × единица × балл.",
            f"{_LONG_UNIT}, source, score, n_at_score as n, share, {_STAMP}",
            "event_id level unit_code score",
            "event_id",
        ),
        _table(
            "mart.task_statistics",
            "Выполнение заданий",
            "Строка — событие × единица × задание.",
            f"""{_LONG_UNIT}, task_no, task, max_points, difficulty?, n_solving as n, points_sum,
               solved_share?, solved_low?, solved_high?, not_started, {_STAMP}""",
            "event_id level unit_code task_no",
            "event_id",
        ),
        _table(
            "mart.journal_comparison",
            "Сравнение с отметками по журналу",
            "Строка — событие × единица.",
            f"""{_UNIT}, source, n, lowered, confirmed, raised, lowered_share?, confirmed_share?, raised_share?,
               {_STAMP}""",
            "event_id level unit_code",
            "event_id",
        ),
        _table(
            "mart.coverage",
            "Охват",
            "Строка — событие × единица.",
            f"""{_UNIT}, enrolled_source, participants_source?, enrolled?, participants, absent?,
               coverage?, coverage_low?, coverage_high?, target?, {_STAMP}""",
            "event_id level unit_code",
            "event_id",
            (
                "Охват = participants / enrolled этой же строки. Школа, от которой есть только сводная таблица, входит"
                " в охват, но не входит в mart.mark_statistics единицы, у которой есть строки участников: там"
                " participants — те, чьи отметки и баллы сосчитаны.",
            ),
        ),
        _table(
            "mart.exam_statistics",
            "Экзамены по уровням",
            "Строка — событие × единица × категория участников × период; в строках all — засчитанный результат"
            " каждого участника.",
            f"""{_UNIT}, participant_category, exam_period, participants, absent, unfinished, annulled,
               judged, passed_count as passed?, below_minimum?, passed_share?, passed_low?, passed_high?,
               minimum?, scale_status?, band_low?, band_middle?, band_high?, top?,
               mean_test_score?, median_test_score?, sd_test_score?, mean_score?, mean_mark?,
               n2?, n3?, n4?, n5?, appeals, appeals_granted, {_STAMP}""",
            "event_id level unit_code participant_category exam_period",
            "event_id",
            ("Пустой минимум значит «недоступно»: шкала этого предмета и года системе неизвестна.",),
        ),
        _table(
            "mart.measure_statistics",
            "Величины по уровням",
            "Строка — событие × единица × ряд; значение стоит в файле или сложено из значений единиц уровнем ниже.",
            f"""{_UNIT_OF_FILE}, series, measure, subject?, grade?, period?, domain?, category?,
               value_source as source, units, n_of_value as n?, numerator?, denominator?, value?,
               value_low?, value_high?,
               {_STAMP}""",
            "event_id level unit_code series",
            "event_id",
        ),
        _table(
            "mart.olympiad_statistics",
            "Олимпиады по уровням",
            "Строка — событие × единица × предмет × класс участия.",
            f"""{_UNIT_OF_FILE}, stage, subject, grade_participation, participants, winners, prizes,
               prize_share?, prize_low?, prize_high?, mean_share?, linked, rose, fell, rose_share?, rose_low?,
               rose_high?, mean_change?, {_STAMP}""",
            "event_id level unit_code subject grade_participation",
            "event_id",
        ),
        _table(
            "mart.olympiad_sign",
            "Признак школьного этапа олимпиады",
            "Строка — школа × предмет: результаты предыдущего этапа, этого и ожидавшиеся на нём у тех же участников.",
            f"""{_UNIT_OF_FILE}, about_event, subject, n_both_stages as n, first_share, second_share, expected_share,
               mean_change, change_low, change_high, z, p, q, alternatives, {_STAMP}""",
            "event_id level unit_code subject",
            "event_id",
            _NOT_A_PROOF,
        ),
        _table(
            "mart.control_statistics",
            "Контроль процедур по уровням",
            "Строка — событие × единица × вид контроля × процедура, за которой наблюдали.",
            f"""{_UNIT_OF_FILE}, series, control, about_event?, expected_source, schools, schools_covered,
               coverage?, coverage_low?, coverage_high?, sessions, sessions_covered, trained, violations, {_STAMP}""",
            "event_id level unit_code series",
            "event_id",
        ),
        _table(
            "mart.observer_gap",
            "Нет наблюдателя",
            "Строка — школа × сеанс процедуры, на который никто не назначен, или школа, которой нет в списке вовсе.",
            f"{_UNIT_OF_FILE}, series, about_event?, date?, session?, gap, {_STAMP}",
            "event_id level unit_code series",
            "event_id",
        ),
        _table(
            "mart.agreement_statistics",
            "Надёжность проверки по уровням",
            "Строка — событие × единица × вид повторной проверки × работа.",
            f"""{_UNIT_OF_FILE}, second_kind, about_event, n, same, lower, higher, same_share?, same_low?, same_high?,
               random_n, random_share?, random_low?, random_high?, mean_difference?, {_STAMP}""",
            "event_id level unit_code second_kind about_event",
            "event_id",
        ),
        _table(
            "mart.journal_statistics",
            "Текущие отметки по уровням",
            "Строка — событие × единица × предмет × класс обучения × период; сравнение — с отметкой внешней работы.",
            f"""{_UNIT_OF_FILE}, subject, grade, period, n, n2, n3, n4, n5, quality?, quality_low?, quality_high?,
               mean_mark?, linked, lowered, confirmed, raised, {_STAMP}""",
            "event_id level unit_code subject grade period",
            "event_id",
        ),
        _table(
            "mart.survey_statistics",
            "Опросы по уровням",
            "Строка — событие × единица × ряд (группа опрошенных, категория, вопрос, ответ).",
            f"""{_UNIT_OF_FILE}, series, respondent, category?, question, answer, respondents, n_answered as n,
               share?, share_low?, share_high?, {_STAMP}""",
            "event_id level unit_code series",
            "event_id",
        ),
        _table(
            "mart.record_statistics",
            "Записи реестров по уровням",
            "Строка — событие × единица × ряд: вид записи, направление, шаг цикла — или вид записи и для кого.",
            f"{_UNIT_OF_FILE}, series, record_kind, direction?, step?, audience?, n_records as n, units, {_STAMP}",
            "event_id level unit_code series",
            "event_id",
            ("Строки, где указано, для кого запись, — второй счёт тех же записей: с остальными их не складывают.",),
        ),
        _table(
            "mart.list_statistics",
            "Списки организаций по уровням",
            "Строка — событие × единица × список.",
            f"{_UNIT_OF_FILE}, list_kind, schools, n, share?, share_low?, share_high?, {_STAMP}",
            "event_id level unit_code list_kind",
            "event_id",
        ),
        _table(
            "mart.upload_status",
            "Доска загрузки",
            "Строка — событие × школа, от которой ждут данных.",
            f"""event_id, school, school_name, municipality, due, upload_status as status, file_id?, received_at?,
               findings, {_STAMP}""",
            "event_id school",
            "event_id",
        ),
        _table(
            "mart.calendar_status",
            "План и факт",
            "Строка — событие × срок.",
            f"event_id, title, due_kind, due, deadline_status as status, done_at?, expected?, loaded?, {_STAMP}",
            "event_id due_kind",
        ),
        _table(
            "mart.measure_status",
            "Исполнение планов",
            "Строка — мероприятие × срок; мероприятие без дня имеет одну строку с № срока 0.",
            f"""plan, plan_name, measure_number as number, due_no, due_from?, due?, due_precision as precision?,
               measure_text as text, responsible?, deadline_status as status, done_on as done_at?, reports,
               reports_done, document?, days_late?, {_STAMP}""",
            "plan number due_no",
            None,
            ("Состояние — по присланным отчётам: сколько исполнителей отчитались, стоит в reports.",),
        ),
        _table(
            "mart.plan_report_statistics",
            "Отчёты об исполнении планов по единицам",
            "Строка — событие × единица × план: что единица сообщила о мероприятиях.",
            f"""{_UNIT_OF_FILE}, plan, units, measures, done, partly, late, not_done, documented, done_share?,
               done_low?, done_high?, {_STAMP}""",
            "event_id level unit_code plan",
            "event_id",
        ),
        _table(
            "mart.objectivity_sign",
            "Признаки необъективности",
            "Строка — событие × единица × признак; отсутствие признака (большое p) тоже строка. REMARK стоит у события,"
            " чьи работы проверены ещё раз, STAGE — у муниципального этапа олимпиады. OBSERVED считается по всем"
            " работам года вместе и события не имеет: он в objectivity_observer.",
            f"""{_LONG_UNIT}, sign, family, statistic, z, p, p_conservative, q, n_of_sign as n, details, {_STAMP}""",
            "event_id level unit_code sign",
            "event_id",
            _NOT_A_PROOF,
        ),
        _table(
            "mart.objectivity_evidence",
            "Доказательность признаков",
            "Строка — событие × школа, где участников достаточно для вывода.",
            f"""{_LONG_UNIT}, school_year, subject, grade, n_scored as n, evidence, p, q, signs, families_available,
               {_STAMP}""",
            "event_id level unit_code",
            "event_id",
            _NOT_A_PROOF,
        ),
        _table(
            "mart.objectivity_pooled",
            "Признаки по сумме работ",
            "Строка — учебный год × школа: признаки, сложенные по всем работам; малые школы оцениваются только здесь.",
            f"""school_year, level, unit_code, n_of_works as n, works, evidence, p, q, signs, families_available,
               {_STAMP}""",
            "school_year level unit_code",
            "school_year",
            _NOT_A_PROOF,
        ),
        _table(
            "mart.objectivity_unavailable",
            "Недоступные признаки",
            "Строка — событие × признак, который нельзя посчитать; пустой признак — о работе в целом.",
            f"event_id, sign, why, {_STAMP}",
            "event_id sign",
            "event_id",
        ),
        _table(
            "mart.objectivity_agreement",
            "Официальный список рядом с нашими признаками",
            "Строка — учебный год × слово списка × наш вывод; n — число школ × работ. Согласие и каппа — на весь год,"
            " одни и те же в каждой строке; каппа пуста, где одна из сторон сказала обо всех одно и то же.",
            f"""school_year, official_label, our_level, n_labelled as n, agreement?, kappa?, kappa_low?,
               kappa_high?, {_STAMP}""",
            "school_year official_label our_level",
            "school_year",
            ("Список — внешняя метка, не настройка: признаки по нему не подгоняются.",),
        ),
        _table(
            "mart.objectivity_observer",
            "Результаты при наблюдателе и без него",
            "Строка — учебный год × единица × ряд (событие или all — все вместе) × величина: доля школ × работ с"
            " признаками, остаток среднего балла школы, в строке школы — средний балл участников в стандартных"
            " отклонениях.",
            f"""school_year, level, unit_code, series, quantity, n_observed, n_unobserved, observed_value?,
               unobserved_value?, difference, difference_low?, difference_high?, p?, {_STAMP}""",
            "school_year level unit_code series quantity",
            "school_year",
            ("Наблюдателей направляют не случайно: разность — повод для вопроса, а не вывод.",),
        ),
        _table(
            "mart.remarking_outcome",
            "Итоги перепроверки",
            "Строка — учебный год перепроверки × событие, работы которого проверены ещё раз × группа школ по уровню"
            " доказательности до перепроверки: сколько школ она подтвердила и сколько работ сохранили отметку.",
            f"""school_year, event_id, evidence_group, schools, confirmed_schools, precision?, precision_low?,
               precision_high?, n, same, lower, higher, same_share, same_low, same_high, mean_difference, {_STAMP}""",
            "school_year event_id evidence_group",
            "school_year",
            _NOT_A_PROOF,
        ),
        _table(
            "mart.objectivity_rule",
            "Школы по распространённым правилам",
            "Строка — событие × школа × правило; таблица пуста, пока правила не включены в config/objectivity.yaml.",
            f"{_LONG_UNIT}, rule, {_STAMP}",
            "event_id level unit_code rule",
            "event_id",
            ("Правила отмечают и честные школы: измеренная доля ложных стоит в docs/methodology/objectivity.md.",),
        ),
        _table(
            "mart.remarking_plan",
            "План перепроверки",
            "Строка — работа участника, которую следует проверить ещё раз.",
            f"event_id, priority, school, pupil, pupil_code?, sample, choice, evidence, {_STAMP}",
            "event_id school pupil",
            "event_id",
        ),
        _table(
            "mart.remarking_left_out",
            "Не вошли в план перепроверки",
            "Строка — событие × школа с признаками, работ которой в плане нет: сколько работ понадобилось бы вместе с"
            " контрольной школой и почему они не вошли.",
            f"event_id, school, evidence, n_to_remark as n, why, {_STAMP}",
            "event_id school",
            "event_id",
            _NOT_A_PROOF,
        ),
    )
)


def table(name: str) -> Table:
    """The table ``name`` of the registry.

    Raises:
        ContractError: the registry has no such table.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise ContractError(f"no table {name!r} in the registry") from None


#: Tables of the warehouse, in the order in which they are created.
STORED: tuple[Table, ...] = tuple(t for t in TABLES.values() if t.is_stored)
#: Frames of registers: what belongs to no event.
REGISTERS: tuple[str, ...] = tuple(
    t.name for t in TABLES.values() if t.schema == "source" and "event_id" not in t.names
)
