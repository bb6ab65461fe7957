"""The first shape of the warehouse: schemas, group roles, tables, rights.

Written by ``rsoko_pipeline.warehouse.migrations.regenerate``; frozen with the first release.
"""
# ruff: noqa: E501

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = {
    "ops": "Служебное: журнал входящих файлов, карантин, состояние событий, версии настроек",
    "core": "Ядро: справочники с историей и факты",
    "mart": "Витрины: то, что читают отчёты и BI",
}

ROLES = ("rsoko_etl", "rsoko_region", "rsoko_municipality", "rsoko_public")

RIGHTS = [
    "GRANT USAGE ON SCHEMA ops, core, mart TO rsoko_etl",
    "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ops, core, mart TO rsoko_etl",
    "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ops.alembic_version FROM rsoko_etl",
    "GRANT USAGE ON SCHEMA core, mart TO rsoko_region",
    "GRANT SELECT ON core.dim_municipality TO rsoko_region",
    "GRANT SELECT ON core.dim_school TO rsoko_region",
    "GRANT SELECT ON core.dim_subject TO rsoko_region",
    "GRANT SELECT ON core.dim_event TO rsoko_region",
    "GRANT SELECT ON core.dim_task TO rsoko_region",
    "GRANT SELECT ON core.dim_date TO rsoko_region",
    "GRANT SELECT ON core.dim_measure TO rsoko_region",
    "GRANT SELECT ON mart.mark_statistics TO rsoko_region",
    "GRANT SELECT ON mart.score_distribution TO rsoko_region",
    "GRANT SELECT ON mart.task_statistics TO rsoko_region",
    "GRANT SELECT ON mart.journal_comparison TO rsoko_region",
    "GRANT SELECT ON mart.coverage TO rsoko_region",
    "GRANT SELECT ON mart.exam_statistics TO rsoko_region",
    "GRANT SELECT ON mart.measure_statistics TO rsoko_region",
    "GRANT SELECT ON mart.olympiad_statistics TO rsoko_region",
    "GRANT SELECT ON mart.olympiad_sign TO rsoko_region",
    "GRANT SELECT ON mart.control_statistics TO rsoko_region",
    "GRANT SELECT ON mart.observer_gap TO rsoko_region",
    "GRANT SELECT ON mart.agreement_statistics TO rsoko_region",
    "GRANT SELECT ON mart.journal_statistics TO rsoko_region",
    "GRANT SELECT ON mart.survey_statistics TO rsoko_region",
    "GRANT SELECT ON mart.record_statistics TO rsoko_region",
    "GRANT SELECT ON mart.list_statistics TO rsoko_region",
    "GRANT SELECT ON mart.upload_status TO rsoko_region",
    "GRANT SELECT ON mart.calendar_status TO rsoko_region",
    "GRANT SELECT ON mart.measure_status TO rsoko_region",
    "GRANT SELECT ON mart.plan_report_statistics TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_sign TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_evidence TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_pooled TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_unavailable TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_agreement TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_observer TO rsoko_region",
    "GRANT SELECT ON mart.remarking_outcome TO rsoko_region",
    "GRANT SELECT ON mart.objectivity_rule TO rsoko_region",
    "GRANT SELECT ON mart.remarking_plan TO rsoko_region",
    "GRANT SELECT ON mart.remarking_left_out TO rsoko_region",
]


def upgrade() -> None:
    """Create schemas, group roles, tables and rights."""
    for schema, comment in SCHEMAS.items():
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        op.execute(f"COMMENT ON SCHEMA {schema} IS '{comment}'")
    for role in ROLES:
        _create_role(role)
    _create_tables()
    for right in RIGHTS:
        op.execute(right)


def downgrade() -> None:
    """Drop the tables with all their rows, and the schemas; roles belong to the whole server and stay."""
    op.execute("DROP SCHEMA core, mart CASCADE")
    for table in [
        "landing_file",
        "file_unit",
        "quarantine",
        "event_state",
        "check_result",
        "config_version",
        "unknown_school",
    ]:
        op.drop_table(table, schema="ops")


def _create_role(role: str) -> None:
    """Roles belong to the whole server: another database of it may have made the role, or may be making it now."""
    op.execute(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
    """)


def _create_tables() -> None:
    op.create_table(
        "landing_file",
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column(
            "name",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Имя. Имя файла во входящих: только для людей, путём не становится.",
        ),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="Размер. Размер файла. Единица: байт."),
        sa.Column("format", sa.Text(), nullable=True, comment="Формат. Распознанный формат файла."),
        sa.Column(
            "edition",
            sa.Text(),
            nullable=True,
            comment="Издание формата. Вариант вёрстки, по карте которого прочитан файл.",
        ),
        sa.Column(
            "event_id",
            sa.Text(),
            nullable=True,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="Состояние файла. Принят, отклонён, заменён, повтор, удержан."
        ),
        sa.Column("rows_read", sa.Integer(), nullable=True, comment="Прочитано строк. Строк данных прочитано."),
        sa.Column("rows_accepted", sa.Integer(), nullable=True, comment="Принято строк. Строк прошло проверки."),
        sa.Column("rows_quarantined", sa.Integer(), nullable=True, comment="В карантине. Строк в карантине."),
        sa.Column("code", sa.Text(), nullable=True, comment="Код замечания. Постоянный код RSK-…"),
        sa.Column("message", sa.Text(), nullable=True, comment="Замечание. Что не так, для отправителя файла."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Получено. Время, когда файл впервые замечен во входящих, UTC.",
        ),
        sa.CheckConstraint(
            "status IN ('accepted', 'refused', 'superseded', 'duplicate', 'held')", name="ck_landing_file_status"
        ),
        sa.CheckConstraint("rows_accepted >= 0", name="ck_landing_file_rows_accepted"),
        sa.CheckConstraint("rows_quarantined >= 0", name="ck_landing_file_rows_quarantined"),
        sa.CheckConstraint("rows_read >= 0", name="ck_landing_file_rows_read"),
        sa.CheckConstraint("size >= 0", name="ck_landing_file_size"),
        sa.PrimaryKeyConstraint("file_id", "name", name="pk_landing_file"),
        schema="ops",
        comment="Журнал входящих файлов. Строка — содержимое файла под именем, под которым его прислали.",
    )
    op.create_table(
        "file_unit",
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "content",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Содержание. Что несёт файл: имя таблицы схемы source, например source_result.",
        ),
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column("rows", sa.Integer(), nullable=False, comment="Строк. Сколько строк прочитано."),
        sa.Column(
            "declared",
            sa.Integer(),
            nullable=True,
            comment="Заявлено участников. Сколько участников указано в строке школы.",
        ),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="Состояние файла. Принят, отклонён, заменён, повтор, удержан."
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Получено. Время, когда файл впервые замечен во входящих, UTC.",
        ),
        sa.CheckConstraint(
            "status IN ('accepted', 'refused', 'superseded', 'duplicate', 'held')", name="ck_file_unit_status"
        ),
        sa.CheckConstraint("declared >= 0", name="ck_file_unit_declared"),
        sa.CheckConstraint("rows >= 0", name="ck_file_unit_rows"),
        sa.PrimaryKeyConstraint("file_id", "event_id", "content", "school", name="pk_file_unit"),
        schema="ops",
        comment="Файл × школа. Строка — какие школы какого события принёс файл и действует ли он для них; пустая школа — таблица по работе в целом.",
    )
    op.create_table(
        "quarantine",
        sa.Column(
            "quarantine_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Номер в карантине. Порядковый номер замечания.",
        ),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column(
            "event_id",
            sa.Text(),
            nullable=True,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "school", sa.Text(), nullable=True, comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра."
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number", sa.Integer(), nullable=True, comment="Строка. Номер строки исходного файла, начиная с 1."
        ),
        sa.Column("column_name", sa.Text(), nullable=True, comment="Столбец. Заголовок столбца исходного файла."),
        sa.Column("value", sa.Text(), nullable=True, comment="Значение в файле. Значение, вызвавшее замечание."),
        sa.Column("code", sa.Text(), nullable=False, comment="Код замечания. Постоянный код RSK-…"),
        sa.Column(
            "severity",
            sa.Text(),
            nullable=False,
            comment="Важность. error — строка или файл удержаны; warning — принято, но проверьте; info — к сведению.",
        ),
        sa.Column("message", sa.Text(), nullable=False, comment="Замечание. Что не так, для отправителя файла."),
        sa.Column("remedy", sa.Text(), nullable=True, comment="Что сделать. Что сделать отправителю файла."),
        sa.Column(
            "action",
            sa.Text(),
            nullable=False,
            comment="Состояние. held — удержано, noted — отмечено, released — выпущено, dropped — отброшено.",
        ),
        sa.Column(
            "released_at", sa.DateTime(timezone=True), nullable=True, comment="Решено. Когда принято решение, UTC."
        ),
        sa.Column("released_by", sa.Text(), nullable=True, comment="Кто решил. Кто принял решение."),
        sa.Column("reason", sa.Text(), nullable=True, comment="Причина. Почему принято такое решение."),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Получено. Время, когда файл впервые замечен во входящих, UTC.",
        ),
        sa.CheckConstraint("action IN ('held', 'noted', 'released', 'dropped')", name="ck_quarantine_action"),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name="ck_quarantine_severity"),
        sa.CheckConstraint("row_number >= 0", name="ck_quarantine_row_number"),
        sa.PrimaryKeyConstraint("quarantine_id", name="pk_quarantine"),
        schema="ops",
        comment="Карантин и замечания. Строка — замечание к файлу, строке или ячейке и решение по нему.",
    )
    op.create_index("ix_quarantine_event_id", "quarantine", ["event_id"], unique=False, schema="ops")
    op.create_table(
        "event_state",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "inputs_hash",
            sa.Text(),
            nullable=False,
            comment="Отпечаток входа. Отпечаток файлов, настроек и решений, из которых собрано событие.",
        ),
        sa.Column("rows", sa.Integer(), nullable=False, comment="Строк. Сколько строк прочитано."),
        sa.Column(
            "is_published",
            sa.Boolean(),
            nullable=False,
            comment="Показатели собраны. Показатели события посчитаны из собранных строк.",
        ),
        sa.Column(
            "is_reported",
            sa.Boolean(),
            nullable=False,
            comment="Отчёты собраны. Доска загрузки и отчёты учебного года сделаны по этим показателям.",
        ),
        sa.Column(
            "loaded_at", sa.DateTime(timezone=True), nullable=False, comment="Загружено. Когда событие собрано, UTC."
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint("rows >= 0", name="ck_event_state_rows"),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_state"),
        schema="ops",
        comment="Состояние событий. Строка — событие, собранное последний раз из такого-то входа.",
    )
    op.create_table(
        "check_result",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("check_name", sa.Text(), autoincrement=False, nullable=False, comment="Проверка. Код проверки."),
        sa.Column(
            "severity",
            sa.Text(),
            nullable=False,
            comment="Важность. error — строка или файл удержаны; warning — принято, но проверьте; info — к сведению.",
        ),
        sa.Column("passed", sa.Boolean(), nullable=False, comment="Пройдена. Проверка пройдена."),
        sa.Column("checked", sa.BigInteger(), nullable=False, comment="Проверено. Число проверенных строк."),
        sa.Column("failed", sa.BigInteger(), nullable=False, comment="Не прошло. Число строк, не прошедших проверку."),
        sa.Column("message", sa.Text(), nullable=False, comment="Замечание. Что не так, для отправителя файла."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name="ck_check_result_severity"),
        sa.CheckConstraint("checked >= 0", name="ck_check_result_checked"),
        sa.CheckConstraint("failed >= 0", name="ck_check_result_failed"),
        sa.PrimaryKeyConstraint("event_id", "check_name", name="pk_check_result"),
        schema="ops",
        comment="Итоги проверок. Строка — проверка × событие в последнем запуске.",
    )
    op.create_table(
        "config_version",
        sa.Column(
            "config_version",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "loaded_at", sa.DateTime(timezone=True), nullable=False, comment="Загружено. Когда событие собрано, UTC."
        ),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Подробности. Подробности в JSON.",
        ),
        sa.PrimaryKeyConstraint("config_version", name="pk_config_version"),
        schema="ops",
        comment="Версии настроек. Строка — отпечаток настроек и когда он впервые применён.",
    )
    op.create_table(
        "unknown_school",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column(
            "sent_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код, как в файле. Код школы, под которым пришли данные; в реестре его нет.",
        ),
        sa.Column(
            "sent_name",
            sa.Text(),
            nullable=True,
            comment="Название, как в файле. Название школы, под которым пришли данные.",
        ),
        sa.Column(
            "sent_municipality",
            sa.Text(),
            nullable=True,
            comment="Муниципалитет, как в файле. Муниципалитет, который назван в файле.",
        ),
        sa.Column("rows", sa.Integer(), nullable=False, comment="Строк. Сколько строк прочитано."),
        sa.CheckConstraint("rows >= 0", name="ck_unknown_school_rows"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "sent_code", name="pk_unknown_school"),
        schema="ops",
        comment="Неизвестные школы. Строка — код файла, которого нет ни в реестре, ни среди подтверждённых кодов.",
    )
    op.create_table(
        "dim_municipality",
        sa.Column(
            "municipality",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код муниципалитета. Код муниципалитета в ФИС ОКО или свой.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Муниципалитет. Название муниципалитета."),
        sa.Column("region", sa.Text(), nullable=False, comment="Регион. Код субъекта Российской Федерации."),
        sa.Column("oktmo", sa.Text(), nullable=True, comment="ОКТМО. Код муниципалитета по ОКТМО."),
        sa.Column(
            "predecessor",
            sa.Text(),
            nullable=True,
            comment="Предшественники. Коды муниципалитетов, вошедших в этот при объединении, через запятую.",
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="Действует с. Первый день, когда строка верна.",
        ),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Действует по. Последний день, когда строка верна; пусто, если верна сейчас.",
        ),
        sa.Column("file_id", sa.Text(), nullable=True, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.PrimaryKeyConstraint("municipality", "valid_from", name="pk_dim_municipality"),
        schema="core",
        comment="Муниципалитеты. Строка — муниципалитет в период действия.",
    )
    op.create_table(
        "dim_school",
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Образовательная организация. Название школы."),
        sa.Column(
            "municipality",
            sa.Text(),
            nullable=False,
            comment="Код муниципалитета. Код муниципалитета в ФИС ОКО или свой.",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=True, comment="Вид ОО. Вид организации: СОШ, ООШ, гимназия, лицей и другие."
        ),
        sa.Column("settlement", sa.Text(), nullable=True, comment="Местность. Город или село."),
        sa.Column("is_small", sa.Boolean(), nullable=True, comment="Малокомплектная. Школа признана малокомплектной."),
        sa.Column(
            "is_advanced",
            sa.Boolean(),
            nullable=True,
            comment="Углублённое изучение. В школе есть углублённое изучение предметов.",
        ),
        sa.Column("is_special", sa.Boolean(), nullable=True, comment="Специальная. Специальная (коррекционная) школа."),
        sa.Column("inn", sa.Text(), nullable=True, comment="ИНН. ИНН организации."),
        sa.Column("ogrn", sa.Text(), nullable=True, comment="ОГРН. ОГРН организации."),
        sa.Column("ris_code", sa.Text(), nullable=True, comment="Код РИС. Код организации в РИС ГИА."),
        sa.Column(
            "valid_from",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="Действует с. Первый день, когда строка верна.",
        ),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Действует по. Последний день, когда строка верна; пусто, если верна сейчас.",
        ),
        sa.Column("file_id", sa.Text(), nullable=True, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.CheckConstraint("settlement IN ('город', 'село')", name="ck_dim_school_settlement"),
        sa.PrimaryKeyConstraint("school", "valid_from", name="pk_dim_school"),
        schema="core",
        comment="Школы. Строка — школа в период, когда её название и подчинение не менялись.",
    )
    op.create_table(
        "school_code",
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column(
            "code_kind",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Вид кода. login — логин ФИС ОКО, ris — код РИС ГИА; ИНН и ОГРН организации.",
        ),
        sa.Column(
            "school_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код. Код, под которым школа стоит в какой-либо системе.",
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="Действует с. Первый день, когда строка верна.",
        ),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Действует по. Последний день, когда строка верна; пусто, если верна сейчас.",
        ),
        sa.Column("file_id", sa.Text(), nullable=True, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.CheckConstraint("code_kind IN ('login', 'ris', 'inn', 'ogrn')", name="ck_school_code_code_kind"),
        sa.PrimaryKeyConstraint("school", "code_kind", "school_code", "valid_from", name="pk_school_code"),
        schema="core",
        comment="Коды школ. Строка — код школы в одной из систем в период действия; у школы бывает несколько логинов.",
    )
    op.create_table(
        "school_alias",
        sa.Column(
            "sent_code",
            sa.Text(),
            nullable=True,
            comment="Код, как в файле. Код школы, под которым пришли данные; в реестре его нет.",
        ),
        sa.Column(
            "sent_name",
            sa.Text(),
            nullable=True,
            comment="Название, как в файле. Название школы, под которым пришли данные.",
        ),
        sa.Column(
            "school",
            sa.Text(),
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="Действует с. Первый день, когда строка верна."),
        sa.Column(
            "confirmed_by",
            sa.Text(),
            nullable=False,
            comment="Кто подтвердил. Кто подтвердил код школы: должность или учётная запись.",
        ),
        sa.Column(
            "confirmed_at", sa.Date(), nullable=False, comment="Подтверждено. День, когда подтверждён код школы."
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.CheckConstraint("row_number >= 0", name="ck_school_alias_row_number"),
        sa.PrimaryKeyConstraint("file_id", "row_number", name="pk_school_alias"),
        schema="core",
        comment="Подтверждённые коды школ. Строка — код или название, под которыми приходят данные, и школа, которую подтвердил человек.",
    )
    op.create_table(
        "dim_subject",
        sa.Column(
            "subject", sa.Text(), autoincrement=False, nullable=False, comment="Предмет. Код предмета: ru, ma, …"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Название предмета. Название предмета."),
        sa.Column(
            "short_name", sa.Text(), nullable=False, comment="Предмет кратко. Двухбуквенное обозначение предмета."
        ),
        sa.PrimaryKeyConstraint("subject", name="pk_dim_subject"),
        schema="core",
        comment="Предметы. Строка — предмет.",
    )
    op.create_table(
        "dim_event",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="Название. Название события или файла."),
        sa.Column("procedure", sa.Text(), nullable=False, comment="Процедура. Код процедуры: папка config/procedures."),
        sa.Column(
            "procedure_name", sa.Text(), nullable=False, comment="Название процедуры. Полное название процедуры."
        ),
        sa.Column("subject", sa.Text(), nullable=True, comment="Предмет. Код предмета: ru, ma, …"),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=True,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "grade_programme",
            sa.SmallInteger(),
            nullable=True,
            comment="Программа класса. Класс, программу которого измеряет работа (осенью — прошлый).",
        ),
        sa.Column("school_year", sa.Text(), nullable=False, comment="Учебный год. Учебный год вида 2025/2026."),
        sa.Column(
            "school_year_measured",
            sa.Text(),
            nullable=False,
            comment="Измеренный учебный год. Учебный год, результат которого измеряет работа.",
        ),
        sa.Column("window_from", sa.Date(), nullable=False, comment="Начало окна. Первый день проведения."),
        sa.Column("window_to", sa.Date(), nullable=False, comment="Конец окна. Последний день проведения."),
        sa.Column(
            "participation",
            sa.Text(),
            nullable=False,
            comment="Участие. Обязательное, по решению школы, выборка, по жребию.",
        ),
        sa.Column("responsible", sa.Text(), nullable=True, comment="Ответственный. Ответственный орган."),
        sa.Column(
            "max_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Максимальный балл. Наибольший первичный балл за работу. Единица: балл.",
        ),
        sa.Column(
            "cut3",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Граница «3». Наименьший первичный балл, за который ставится «3». Единица: балл.",
        ),
        sa.Column(
            "cut4",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Граница «4». Наименьший первичный балл, за который ставится «4». Единица: балл.",
        ),
        sa.Column(
            "cut5",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Граница «5». Наименьший первичный балл, за который ставится «5». Единица: балл.",
        ),
        sa.Column(
            "scale_status",
            sa.Text(),
            nullable=True,
            comment="Статус шкалы. Откуда известна шкала; предполагаемая никогда не показывается как официальная.",
        ),
        sa.Column(
            "scale_source", sa.Text(), nullable=True, comment="Источник шкалы. Документ или место, откуда взята шкала."
        ),
        sa.CheckConstraint(
            "participation IN ('obligatory', 'by_choice', 'sample', 'by_lot')", name="ck_dim_event_participation"
        ),
        sa.CheckConstraint(
            "scale_status IN ('official', 'public', 'second-hand', 'assumed', 'own')", name="ck_dim_event_scale_status"
        ),
        sa.CheckConstraint("cut3 >= 0", name="ck_dim_event_cut3"),
        sa.CheckConstraint("cut4 >= 0", name="ck_dim_event_cut4"),
        sa.CheckConstraint("cut5 >= 0", name="ck_dim_event_cut5"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_dim_event_grade"),
        sa.CheckConstraint("grade_programme BETWEEN 0 AND 12", name="ck_dim_event_grade_programme"),
        sa.CheckConstraint("max_score >= 0", name="ck_dim_event_max_score"),
        sa.PrimaryKeyConstraint("event_id", name="pk_dim_event"),
        schema="core",
        comment="События календаря. Строка — работа или процедура календаря.",
    )
    op.create_table(
        "dim_task",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "task_no",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Позиция задания. Позиция задания в массиве баллов, с 1.",
        ),
        sa.Column("task", sa.Text(), nullable=False, comment="Задание. Обозначение задания: 1, 9.1, 4К1."),
        sa.Column(
            "max_points",
            sa.SmallInteger(),
            nullable=False,
            comment="Максимум задания. Наибольший балл за задание. Единица: балл.",
        ),
        sa.Column(
            "difficulty",
            sa.Text(),
            nullable=True,
            comment="Уровень сложности. Б — базовый, П — повышенный, В — высокий.",
        ),
        sa.Column(
            "skill", sa.Text(), nullable=True, comment="Проверяемое умение. Умение или тема, которую проверяет задание."
        ),
        sa.CheckConstraint("difficulty IN ('Б', 'П', 'В')", name="ck_dim_task_difficulty"),
        sa.CheckConstraint("max_points >= 0", name="ck_dim_task_max_points"),
        sa.CheckConstraint("task_no >= 1", name="ck_dim_task_task_no"),
        sa.PrimaryKeyConstraint("event_id", "task_no", name="pk_dim_task"),
        schema="core",
        comment="Задания. Строка — задание работы, как в заголовке принятых файлов.",
    )
    op.create_table(
        "dim_date",
        sa.Column("date", sa.Date(), autoincrement=False, nullable=False, comment="Дата. Календарная дата."),
        sa.Column("year", sa.SmallInteger(), nullable=False, comment="Год. Календарный год."),
        sa.Column("quarter", sa.Text(), nullable=False, comment="Квартал. Календарный квартал вида 2026-Q2."),
        sa.Column("month", sa.SmallInteger(), nullable=False, comment="Месяц. Номер месяца."),
        sa.Column("school_year", sa.Text(), nullable=False, comment="Учебный год. Учебный год вида 2025/2026."),
        sa.Column(
            "is_school_day",
            sa.Boolean(),
            nullable=False,
            comment="Учебный день. Не воскресенье, не каникулы и не праздник по календарю региона.",
        ),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name="ck_dim_date_month"),
        sa.CheckConstraint("year BETWEEN 1990 AND 2100", name="ck_dim_date_year"),
        sa.PrimaryKeyConstraint("date", name="pk_dim_date"),
        schema="core",
        comment="Даты. Строка — день.",
    )
    op.create_table(
        "dim_measure",
        sa.Column(
            "plan",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="План. Код плана: имя файла в config/measures.",
        ),
        sa.Column("plan_name", sa.Text(), nullable=False, comment="Название плана. Короткое название плана."),
        sa.Column("territory", sa.Text(), nullable=False, comment="Территория. Чей это план."),
        sa.Column("section", sa.Text(), nullable=False, comment="Раздел. Раздел плана."),
        sa.Column(
            "number",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="№ мероприятия. Номер мероприятия в плане.",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="Мероприятие. Что нужно сделать, словами документа."),
        sa.Column(
            "deadline_text", sa.Text(), nullable=True, comment="Срок в документе. Срок слово в слово, как в документе."
        ),
        sa.Column(
            "deadline_kind",
            sa.Text(),
            nullable=True,
            comment="Вид срока. Названы дни, отсчёт от события, ежегодно, постоянно, даты в другом документе и другое.",
        ),
        sa.Column("deadline_rule", sa.Text(), nullable=True, comment="Как прочитан срок. Правило, которым срок понят."),
        sa.Column("first_due", sa.Date(), nullable=True, comment="Первый срок. Первый крайний срок."),
        sa.Column(
            "next_due", sa.Date(), nullable=True, comment="Ближайший срок. Ближайший крайний срок на день расчёта."
        ),
        sa.Column("last_due", sa.Date(), nullable=True, comment="Последний срок. Последний крайний срок."),
        sa.Column("dues", sa.Integer(), nullable=False, comment="Сроков. Сколько крайних сроков у мероприятия."),
        sa.Column("responsible", sa.Text(), nullable=True, comment="Ответственный. Ответственный орган."),
        sa.Column(
            "document_kind",
            sa.Text(),
            nullable=True,
            comment="Вид документа. Каким документом оформляется мероприятие.",
        ),
        sa.Column("expected_result", sa.Text(), nullable=True, comment="Ожидаемый результат. Что должно получиться."),
        sa.Column(
            "concerns", sa.Text(), nullable=True, comment="О чём. Процедуры, которых касается мероприятие, через «;»."
        ),
        sa.Column("indicator", sa.Text(), nullable=True, comment="Показатель. Показатель, который должен измениться."),
        sa.Column(
            "document", sa.Text(), nullable=False, comment="Документ. Вид, номер и дата документа или ссылка на него."
        ),
        sa.Column("point", sa.Text(), nullable=False, comment="Пункт. Место в документе."),
        sa.Column("source", sa.Text(), nullable=False, comment="Источник. Документ и пункт, откуда взято."),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="Статус источника. Официальный документ, опубликовано, из вторых рук, своё, предположение.",
        ),
        sa.CheckConstraint(
            "deadline_kind IN ('dated', 'after_event', 'during_event', 'periodic', 'yearly', 'standing', 'within_period', 'by_document', 'on_condition', 'unread')",
            name="ck_dim_measure_deadline_kind",
        ),
        sa.CheckConstraint(
            "status IN ('official', 'public', 'second-hand', 'own', 'assumed')", name="ck_dim_measure_status"
        ),
        sa.CheckConstraint("dues >= 0", name="ck_dim_measure_dues"),
        sa.PrimaryKeyConstraint("plan", "number", name="pk_dim_measure"),
        schema="core",
        comment="Мероприятия планов. Строка — мероприятие плана: срок словами документа и как он прочитан.",
    )
    op.create_table(
        "plan_finding",
        sa.Column(
            "plan",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="План. Код плана: имя файла в config/measures.",
        ),
        sa.Column(
            "finding_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="№ замечания. Номер замечания в плане по порядку.",
        ),
        sa.Column("number", sa.Text(), nullable=True, comment="№ мероприятия. Номер мероприятия в плане."),
        sa.Column("code", sa.Text(), nullable=False, comment="Код замечания. Постоянный код RSK-…"),
        sa.Column(
            "severity",
            sa.Text(),
            nullable=False,
            comment="Важность. error — строка или файл удержаны; warning — принято, но проверьте; info — к сведению.",
        ),
        sa.Column("message", sa.Text(), nullable=False, comment="Замечание. Что не так, для отправителя файла."),
        sa.Column("remedy", sa.Text(), nullable=False, comment="Что сделать. Что сделать отправителю файла."),
        sa.CheckConstraint("severity IN ('error', 'warning', 'info')", name="ck_plan_finding_severity"),
        sa.PrimaryKeyConstraint("plan", "finding_no", name="pk_plan_finding"),
        schema="core",
        comment="Замечания к планам. Строка — ошибка или пробел самого документа; пустой номер — о плане в целом.",
    )
    op.create_table(
        "fact_result",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column(
            "class_no", sa.SmallInteger(), nullable=True, comment="Класс. Порядковый номер класса в параллели школы."
        ),
        sa.Column(
            "pupil",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Псевдоним участника. Ключевой HMAC школы, учебного года, класса и кода участника.",
        ),
        sa.Column(
            "pupil_code",
            sa.Text(),
            nullable=True,
            comment="Код участника. Код участника в школе; список с фамилиями есть только у школы.",
        ),
        sa.Column(
            "variant", sa.Text(), nullable=True, comment="Вариант. Вариант работы; у работы из двух частей — через /."
        ),
        sa.Column("present", sa.Boolean(), nullable=False, comment="Присутствовал. Участник писал работу."),
        sa.Column(
            "primary_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Первичный балл. Сумма баллов за задания. Единица: балл.",
        ),
        sa.Column("mark", sa.SmallInteger(), nullable=True, comment="Отметка. Отметка за работу."),
        sa.Column(
            "journal_mark",
            sa.SmallInteger(),
            nullable=True,
            comment="Отметка по журналу. Отметка за предыдущий учебный период.",
        ),
        sa.Column(
            "scores",
            postgresql.ARRAY(sa.SmallInteger()),
            nullable=True,
            comment="Баллы за задания. Баллы по порядку заданий dim_task; пустой элемент — не приступал (X). Единица: балл.",
        ),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number", sa.Integer(), nullable=False, comment="Строка. Номер строки исходного файла, начиная с 1."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint("class_no >= 1", name="ck_fact_result_class_no"),
        sa.CheckConstraint("journal_mark BETWEEN 1 AND 5", name="ck_fact_result_journal_mark"),
        sa.CheckConstraint("mark BETWEEN 1 AND 5", name="ck_fact_result_mark"),
        sa.CheckConstraint("primary_score >= 0", name="ck_fact_result_primary_score"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_result_row_number"),
        sa.PrimaryKeyConstraint("event_id", "school", "pupil", name="pk_fact_result"),
        schema="core",
        comment="Работы участников. Строка — участник × работа, прошедшая проверку. Отсутствовавшие участники стоят в таблице с present = false и не входят в результаты. Персональные данные: доступ по ролям, код участника видит только его школа.",
    )
    op.create_table(
        "fact_exam",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "school",
            sa.Text(),
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column(
            "class_no", sa.SmallInteger(), nullable=True, comment="Класс. Порядковый номер класса в параллели школы."
        ),
        sa.Column(
            "pupil",
            sa.Text(),
            nullable=False,
            comment="Псевдоним участника. Ключевой HMAC школы, учебного года, класса и кода участника.",
        ),
        sa.Column(
            "participant_category",
            sa.Text(),
            nullable=False,
            comment="Категория участника. Выпускник текущего года, обучающийся СПО, выпускник прошлых лет, другая; all — все вместе.",
        ),
        sa.Column(
            "exam_period",
            sa.Text(),
            nullable=False,
            comment="Период экзамена. Досрочный, основной (с днями пересдачи), дополнительный; all — все вместе.",
        ),
        sa.Column("exam_date", sa.Date(), nullable=True, comment="Дата экзамена. День, когда участник сдавал экзамен."),
        sa.Column(
            "variant", sa.Text(), nullable=True, comment="Вариант. Вариант работы; у работы из двух частей — через /."
        ),
        sa.Column(
            "primary_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Первичный балл. Сумма баллов за задания. Единица: балл.",
        ),
        sa.Column(
            "test_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Тестовый балл. Балл по стобалльной шкале. Единица: балл.",
        ),
        sa.Column("mark", sa.SmallInteger(), nullable=True, comment="Отметка. Отметка за работу."),
        sa.Column(
            "is_passed", sa.Boolean(), nullable=True, comment="Сдан. Минимум преодолён, отметка не ниже «3» или зачёт."
        ),
        sa.Column(
            "exam_status",
            sa.Text(),
            nullable=False,
            comment="Состояние результата. Действителен, аннулирован, участник удалён, не завершил, не явился.",
        ),
        sa.Column("appeal", sa.Text(), nullable=False, comment="Апелляция. Не подана, отклонена, удовлетворена."),
        sa.Column(
            "is_counted",
            sa.Boolean(),
            nullable=False,
            comment="Засчитан. Результат, который засчитывается участнику по правилам процедуры (аттестат, поступление).",
        ),
        sa.Column(
            "is_statistical",
            sa.Boolean(),
            nullable=False,
            comment="Входит в статистику. Результат, который входит в статистику работ: категории и периоды названы в настройке процедуры.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint("appeal IN ('none', 'rejected', 'granted')", name="ck_fact_exam_appeal"),
        sa.CheckConstraint("exam_period IN ('early', 'main', 'additional', 'all')", name="ck_fact_exam_exam_period"),
        sa.CheckConstraint(
            "exam_status IN ('valid', 'annulled', 'removed', 'unfinished', 'absent')", name="ck_fact_exam_exam_status"
        ),
        sa.CheckConstraint(
            "participant_category IN ('graduate', 'spo', 'earlier', 'other', 'all')",
            name="ck_fact_exam_participant_category",
        ),
        sa.CheckConstraint("class_no >= 1", name="ck_fact_exam_class_no"),
        sa.CheckConstraint("mark BETWEEN 1 AND 5", name="ck_fact_exam_mark"),
        sa.CheckConstraint("primary_score >= 0", name="ck_fact_exam_primary_score"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_exam_row_number"),
        sa.CheckConstraint("test_score BETWEEN 0 AND 100", name="ck_fact_exam_test_score"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_exam"),
        schema="core",
        comment="Сдачи экзаменов. Строка — участник × сдача: все периоды, пересдачи, неявки, аннулированные результаты. Засчитанный результат, который входит в статистику, стоит и в fact_result. Для аттестата берите is_counted, для статистики — is_statistical: это не одно и то же. Персональные данные: доступ по ролям.",
    )
    op.create_table(
        "fact_group_marks",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number", sa.Integer(), nullable=False, comment="Строка. Номер строки исходного файла, начиная с 1."
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column("schools", sa.Integer(), nullable=True, comment="Кол-во ОО. Число школ."),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column(
            "share2",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="«2», доля. Доля участников с отметкой «2».",
        ),
        sa.Column(
            "share3",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="«3», доля. Доля участников с отметкой «3».",
        ),
        sa.Column(
            "share4",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="«4», доля. Доля участников с отметкой «4».",
        ),
        sa.Column(
            "share5",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="«5», доля. Доля участников с отметкой «5».",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_group_marks_level",
        ),
        sa.CheckConstraint("participants >= 0", name="ck_fact_group_marks_participants"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_group_marks_row_number"),
        sa.CheckConstraint("schools >= 0", name="ck_fact_group_marks_schools"),
        sa.CheckConstraint("share2 BETWEEN 0 AND 1", name="ck_fact_group_marks_share2"),
        sa.CheckConstraint("share3 BETWEEN 0 AND 1", name="ck_fact_group_marks_share3"),
        sa.CheckConstraint("share4 BETWEEN 0 AND 1", name="ck_fact_group_marks_share4"),
        sa.CheckConstraint("share5 BETWEEN 0 AND 1", name="ck_fact_group_marks_share5"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", name="pk_fact_group_marks"),
        schema="core",
        comment="Отметки по группам участников. Строка — группа участников сводной таблицы Ф3.",
    )
    op.create_table(
        "fact_group_journal",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number", sa.Integer(), nullable=False, comment="Строка. Номер строки исходного файла, начиная с 1."
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column(
            "lowered", sa.Integer(), nullable=False, comment="Понизили. Отметка за работу ниже отметки по журналу, чел."
        ),
        sa.Column(
            "lowered_share",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="Понизили, доля. Доля понизивших.",
        ),
        sa.Column(
            "confirmed",
            sa.Integer(),
            nullable=False,
            comment="Подтвердили. Отметка за работу равна отметке по журналу, чел.",
        ),
        sa.Column(
            "confirmed_share",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="Подтвердили, доля. Доля подтвердивших.",
        ),
        sa.Column(
            "raised", sa.Integer(), nullable=False, comment="Повысили. Отметка за работу выше отметки по журналу, чел."
        ),
        sa.Column(
            "raised_share", sa.Numeric(precision=6, scale=4), nullable=False, comment="Повысили, доля. Доля повысивших."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_group_journal_level",
        ),
        sa.CheckConstraint("confirmed >= 0", name="ck_fact_group_journal_confirmed"),
        sa.CheckConstraint("confirmed_share BETWEEN 0 AND 1", name="ck_fact_group_journal_confirmed_share"),
        sa.CheckConstraint("lowered >= 0", name="ck_fact_group_journal_lowered"),
        sa.CheckConstraint("lowered_share BETWEEN 0 AND 1", name="ck_fact_group_journal_lowered_share"),
        sa.CheckConstraint("participants >= 0", name="ck_fact_group_journal_participants"),
        sa.CheckConstraint("raised >= 0", name="ck_fact_group_journal_raised"),
        sa.CheckConstraint("raised_share BETWEEN 0 AND 1", name="ck_fact_group_journal_raised_share"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_group_journal_row_number"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", name="pk_fact_group_journal"),
        schema="core",
        comment="Сравнение с журналом по группам. Строка — группа участников.",
    )
    op.create_table(
        "fact_group_scores",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number", sa.Integer(), nullable=False, comment="Строка. Номер строки исходного файла, начиная с 1."
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column("schools", sa.Integer(), nullable=True, comment="Кол-во ОО. Число школ."),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column(
            "score",
            sa.Numeric(precision=6, scale=2),
            autoincrement=False,
            nullable=False,
            comment="Балл. Значение первичного балла. Единица: балл.",
        ),
        sa.Column("share", sa.Numeric(precision=6, scale=4), nullable=False, comment="Доля. Доля участников."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_group_scores_level",
        ),
        sa.CheckConstraint("participants >= 0", name="ck_fact_group_scores_participants"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_group_scores_row_number"),
        sa.CheckConstraint("schools >= 0", name="ck_fact_group_scores_schools"),
        sa.CheckConstraint("score >= 0", name="ck_fact_group_scores_score"),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name="ck_fact_group_scores_share"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "score", name="pk_fact_group_scores"),
        schema="core",
        comment="Распределение баллов по группам. Строка — группа участников × балл.",
    )
    op.create_table(
        "fact_label",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("file_id", sa.Text(), nullable=False, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number", sa.Integer(), nullable=False, comment="Строка. Номер строки исходного файла, начиная с 1."
        ),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Год. Календарный год."),
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column("school_name", sa.Text(), nullable=True, comment="Образовательная организация. Название школы."),
        sa.Column("municipality_name", sa.Text(), nullable=True, comment="Муниципалитет. Название муниципалитета."),
        sa.Column(
            "subject", sa.Text(), autoincrement=False, nullable=False, comment="Предмет. Код предмета: ru, ma, …"
        ),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "marker",
            sa.SmallInteger(),
            nullable=True,
            comment="Маркер. Официальный маркер признаков необъективности: 1 — есть, 0 — нет, пусто — не оценивалась.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_fact_label_grade"),
        sa.CheckConstraint("marker BETWEEN 0 AND 1", name="ck_fact_label_marker"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_label_row_number"),
        sa.CheckConstraint("year BETWEEN 1990 AND 2100", name="ck_fact_label_year"),
        sa.PrimaryKeyConstraint("event_id", "year", "school", "subject", "grade", name="pk_fact_label"),
        schema="core",
        comment="Официальный список школ с признаками. Строка — школа × год × предмет × класс официального списка. Внешняя метка, не вывод этой системы.",
    )
    op.create_table(
        "fact_measure",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "measure",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Показатель файла. Код величины из настройки процедуры.",
        ),
        sa.Column("subject", sa.Text(), nullable=True, comment="Предмет. Код предмета: ru, ma, …"),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=True,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "class_no", sa.SmallInteger(), nullable=True, comment="Класс. Порядковый номер класса в параллели школы."
        ),
        sa.Column(
            "period",
            sa.Text(),
            nullable=True,
            comment="Период. Период, как его называет источник: I четверть, 2025 год.",
        ),
        sa.Column(
            "domain", sa.Text(), nullable=True, comment="Раздел. Раздел показателя: вид грамотности, критерий, тема."
        ),
        sa.Column(
            "category",
            sa.Text(),
            nullable=True,
            comment="Категория. Категория, к которой относится величина: участники, роль, уровень, группа опрошенных.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=True,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column("value", sa.Numeric(precision=18, scale=6), nullable=True, comment="Значение. Значение величины."),
        sa.Column("numerator", sa.Numeric(precision=18, scale=6), nullable=True, comment="Числитель. Числитель доли."),
        sa.Column(
            "denominator", sa.Numeric(precision=18, scale=6), nullable=True, comment="Знаменатель. Знаменатель доли."
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=True,
            comment="n. Число наблюдений, по которым получена величина; с таким весом средние складываются по единицам.",
        ),
        sa.Column(
            "standard_error",
            sa.Numeric(precision=18, scale=6),
            nullable=True,
            comment="Стандартная ошибка. Стандартная ошибка величины.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')", name="ck_fact_measure_level"
        ),
        sa.CheckConstraint("class_no >= 1", name="ck_fact_measure_class_no"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_fact_measure_grade"),
        sa.CheckConstraint("n >= 0", name="ck_fact_measure_n"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_measure_row_number"),
        sa.CheckConstraint("standard_error >= 0", name="ck_fact_measure_standard_error"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", "measure", name="pk_fact_measure"),
        schema="core",
        comment="Величины по единицам. Строка — единица × величина из файлов, прочитанных по настройке.",
    )
    op.create_table(
        "fact_olympiad",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "stage",
            sa.Text(),
            nullable=False,
            comment="Этап олимпиады. Школьный, муниципальный, региональный, заключительный.",
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="Предмет. Код предмета: ru, ma, …"),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=True,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "grade_participation",
            sa.SmallInteger(),
            nullable=False,
            comment="Класс участия. За какой класс участник выполняет задания; может быть выше класса обучения.",
        ),
        sa.Column(
            "class_no", sa.SmallInteger(), nullable=True, comment="Класс. Порядковый номер класса в параллели школы."
        ),
        sa.Column(
            "score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Балл. Значение первичного балла. Единица: балл.",
        ),
        sa.Column(
            "max_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Максимальный балл. Наибольший первичный балл за работу. Единица: балл.",
        ),
        sa.Column(
            "olympiad_status", sa.Text(), nullable=True, comment="Статус участника. Победитель, призёр, участник."
        ),
        sa.Column(
            "pupil",
            sa.Text(),
            nullable=False,
            comment="Псевдоним участника. Ключевой HMAC школы, учебного года, класса и кода участника.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_olympiad_level",
        ),
        sa.CheckConstraint(
            "olympiad_status IN ('winner', 'prize', 'participant')", name="ck_fact_olympiad_olympiad_status"
        ),
        sa.CheckConstraint("stage IN ('school', 'municipal', 'regional', 'final')", name="ck_fact_olympiad_stage"),
        sa.CheckConstraint("class_no >= 1", name="ck_fact_olympiad_class_no"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_fact_olympiad_grade"),
        sa.CheckConstraint("grade_participation BETWEEN 1 AND 11", name="ck_fact_olympiad_grade_participation"),
        sa.CheckConstraint("max_score >= 0", name="ck_fact_olympiad_max_score"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_olympiad_row_number"),
        sa.CheckConstraint("score >= 0", name="ck_fact_olympiad_score"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_olympiad"),
        schema="core",
        comment="Результаты олимпиад. Строка — участник × предмет этапа всероссийской олимпиады школьников. Персональные данные: доступ по ролям.",
    )
    op.create_table(
        "fact_control",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=True,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column(
            "control",
            sa.Text(),
            nullable=False,
            comment="Вид контроля. Наблюдатель, представитель органа управления, видео, выезд, готовность, комиссия, инструктаж; для олимпиад ещё сохранность заданий, исключение конфликта интересов, сбор оценочных листов.",
        ),
        sa.Column("date", sa.Date(), nullable=True, comment="Дата. Календарная дата."),
        sa.Column(
            "session", sa.Text(), nullable=True, comment="Сеанс. Аудитория, день или смена, как указано в источнике."
        ),
        sa.Column(
            "is_present",
            sa.Boolean(),
            nullable=False,
            comment="Был. Контроль состоялся: наблюдатель был, запись велась, готовность подтверждена.",
        ),
        sa.Column(
            "is_trained", sa.Boolean(), nullable=True, comment="Подготовлен. Наблюдатель или эксперт прошёл подготовку."
        ),
        sa.Column("violations", sa.Integer(), nullable=True, comment="Нарушения. Число отмеченных нарушений."),
        sa.Column(
            "remark", sa.Text(), nullable=True, comment="Замечание. Что отмечено, словами источника; имена не хранятся."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "control IN ('observer', 'representative', 'video', 'visit', 'readiness', 'commission', 'instruction', 'security', 'conflict', 'sheets')",
            name="ck_fact_control_control",
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')", name="ck_fact_control_level"
        ),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_control_row_number"),
        sa.CheckConstraint("violations >= 0", name="ck_fact_control_violations"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_control"),
        schema="core",
        comment="Контроль процедур. Строка — организация × сеанс × вид контроля: наблюдатели, представители, видео, выезды, готовность, комиссии, инструктаж.",
    )
    op.create_table(
        "fact_second_mark",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=False,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column(
            "second_kind",
            sa.Text(),
            nullable=False,
            comment="Вид повторной проверки. Перепроверка, перекрёстная проверка, независимая комиссия, государственный контроль.",
        ),
        sa.Column(
            "first_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Первый балл. Балл первой проверки. Единица: балл.",
        ),
        sa.Column(
            "second_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Второй балл. Балл повторной проверки. Единица: балл.",
        ),
        sa.Column("first_mark", sa.SmallInteger(), nullable=True, comment="Первая отметка. Отметка первой проверки."),
        sa.Column(
            "second_mark", sa.SmallInteger(), nullable=True, comment="Вторая отметка. Отметка повторной проверки."
        ),
        sa.Column(
            "choice",
            sa.Text(),
            nullable=True,
            comment="Почему выбрана работа. Балл у границы отметки или случайный выбор.",
        ),
        sa.Column(
            "pupil",
            sa.Text(),
            nullable=False,
            comment="Псевдоним участника. Ключевой HMAC школы, учебного года, класса и кода участника.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint("choice IN ('border', 'random')", name="ck_fact_second_mark_choice"),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_second_mark_level",
        ),
        sa.CheckConstraint(
            "second_kind IN ('remarking', 'cross_check', 'independent_commission', 'state_control')",
            name="ck_fact_second_mark_second_kind",
        ),
        sa.CheckConstraint("first_mark BETWEEN 2 AND 5", name="ck_fact_second_mark_first_mark"),
        sa.CheckConstraint("first_score >= 0", name="ck_fact_second_mark_first_score"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_second_mark_row_number"),
        sa.CheckConstraint("second_mark BETWEEN 2 AND 5", name="ck_fact_second_mark_second_mark"),
        sa.CheckConstraint("second_score >= 0", name="ck_fact_second_mark_second_score"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_second_mark"),
        schema="core",
        comment="Повторные проверки. Строка — работа участника × вид повторной проверки: первый и второй балл, отметка. Персональные данные: доступ по ролям.",
    )
    op.create_table(
        "fact_journal_mark",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="Предмет. Код предмета: ru, ma, …"),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=False,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "class_no", sa.SmallInteger(), nullable=True, comment="Класс. Порядковый номер класса в параллели школы."
        ),
        sa.Column(
            "period",
            sa.Text(),
            nullable=False,
            comment="Период. Период, как его называет источник: I четверть, 2025 год.",
        ),
        sa.Column("mark", sa.SmallInteger(), nullable=True, comment="Отметка. Отметка за работу."),
        sa.Column(
            "mean_mark",
            sa.Numeric(precision=5, scale=4),
            nullable=True,
            comment="Средняя отметка. Средняя отметка по участникам с отметкой.",
        ),
        sa.Column(
            "pupil",
            sa.Text(),
            nullable=False,
            comment="Псевдоним участника. Ключевой HMAC школы, учебного года, класса и кода участника.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_journal_mark_level",
        ),
        sa.CheckConstraint("class_no >= 1", name="ck_fact_journal_mark_class_no"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_fact_journal_mark_grade"),
        sa.CheckConstraint("mark BETWEEN 1 AND 5", name="ck_fact_journal_mark_mark"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_journal_mark_row_number"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_journal_mark"),
        schema="core",
        comment="Текущие отметки. Строка — участник × предмет × период электронного журнала. Персональные данные: доступ по ролям.",
    )
    op.create_table(
        "fact_answer",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "respondent",
            sa.Text(),
            nullable=False,
            comment="Кто отвечал. Группа опрошенных: родители, ученики, учителя, руководители.",
        ),
        sa.Column("question", sa.Text(), autoincrement=False, nullable=False, comment="Вопрос. Вопрос анкеты."),
        sa.Column("answer", sa.Text(), autoincrement=False, nullable=False, comment="Ответ. Вариант ответа."),
        sa.Column("n", sa.Integer(), nullable=False, comment="Ответили так. Число людей, давших этот ответ."),
        sa.Column(
            "category",
            sa.Text(),
            nullable=True,
            comment="Категория. Категория, к которой относится величина: участники, роль, уровень, группа опрошенных.",
        ),
        sa.Column(
            "remark", sa.Text(), nullable=True, comment="Замечание. Что отмечено, словами источника; имена не хранятся."
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=True,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')", name="ck_fact_answer_level"
        ),
        sa.CheckConstraint("n >= 0", name="ck_fact_answer_n"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_answer_row_number"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", "question", "answer", name="pk_fact_answer"),
        schema="core",
        comment="Ответы на анкеты. Строка — единица × группа опрошенных × вопрос × ответ.",
    )
    op.create_table(
        "fact_record",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "record_kind",
            sa.Text(),
            nullable=False,
            comment="Вид записи. Совещание, приказ, решение, практика, материалы и другое.",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="Название. Название события или файла."),
        sa.Column("date", sa.Date(), nullable=True, comment="Дата. Календарная дата."),
        sa.Column(
            "document", sa.Text(), nullable=True, comment="Документ. Вид, номер и дата документа или ссылка на него."
        ),
        sa.Column("audience", sa.Text(), nullable=True, comment="Для кого. Кому адресовано."),
        sa.Column(
            "direction",
            sa.Text(),
            nullable=True,
            comment="Направление. Направление работы, к которому относится запись.",
        ),
        sa.Column(
            "step", sa.SmallInteger(), nullable=True, comment="Шаг цикла. Номер шага управленческого цикла, 1–9."
        ),
        sa.Column("responsible", sa.Text(), nullable=True, comment="Ответственный. Ответственный орган."),
        sa.Column(
            "record_status",
            sa.Text(),
            nullable=True,
            comment="Состояние. Состояние исполнения, как указано в источнике.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=True,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')", name="ck_fact_record_level"
        ),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_record_row_number"),
        sa.CheckConstraint("step BETWEEN 1 AND 9", name="ck_fact_record_step"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_record"),
        schema="core",
        comment="Реестры решений, мероприятий и свидетельств. Строка — решение, совещание, приказ, практика, мероприятие или свидетельство о шаге цикла.",
    )
    op.create_table(
        "fact_list_member",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column(
            "list_kind",
            sa.Text(),
            nullable=False,
            comment="Список. ШНОР, в сложных условиях, резильентные, с высокими результатами.",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True, comment="Действует с. Первый день, когда строка верна."),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Действует по. Последний день, когда строка верна; пусто, если верна сейчас.",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="Причина. Почему принято такое решение."),
        sa.Column("support", sa.Text(), nullable=True, comment="Поддержка. Какая помощь назначена."),
        sa.Column(
            "document", sa.Text(), nullable=True, comment="Документ. Вид, номер и дата документа или ссылка на него."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_list_member_level",
        ),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_list_member_row_number"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_list_member"),
        schema="core",
        comment="Списки организаций. Строка — организация в списке: ШНОР, в сложных условиях, резильентные, с высокими результатами. Списки служат внутренней работе ведомства и не публикуются.",
    )
    op.create_table(
        "fact_measure_status",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column("sheet", sa.Text(), nullable=True, comment="Лист. Имя листа книги; пусто для текстовых файлов."),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "is_matched",
            sa.Boolean(),
            nullable=False,
            comment="Найдена в реестре. Строка сопоставлена со школой реестра.",
        ),
        sa.Column("plan", sa.Text(), nullable=False, comment="План. Код плана: имя файла в config/measures."),
        sa.Column("number", sa.Text(), nullable=False, comment="№ мероприятия. Номер мероприятия в плане."),
        sa.Column("due", sa.Date(), nullable=True, comment="Срок. Крайний срок."),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="Исполнение. Выполнено, частично, просрочено, не выполнено — как сообщил исполнитель.",
        ),
        sa.Column("date", sa.Date(), nullable=False, comment="Дата. Календарная дата."),
        sa.Column(
            "document", sa.Text(), nullable=True, comment="Документ. Вид, номер и дата документа или ссылка на него."
        ),
        sa.Column(
            "remark", sa.Text(), nullable=True, comment="Замечание. Что отмечено, словами источника; имена не хранятся."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_fact_measure_status_level",
        ),
        sa.CheckConstraint("state IN ('done', 'partly', 'late', 'no')", name="ck_fact_measure_status_state"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_measure_status_row_number"),
        sa.PrimaryKeyConstraint("event_id", "file_id", "row_number", name="pk_fact_measure_status"),
        schema="core",
        comment="Отчёты об исполнении планов. Строка — отчёт единицы об одном мероприятии плана.",
    )
    op.create_table(
        "fact_contingent",
        sa.Column(
            "school",
            sa.Text(),
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column("school_year", sa.Text(), nullable=False, comment="Учебный год. Учебный год вида 2025/2026."),
        sa.Column(
            "counted_on",
            sa.Date(),
            nullable=True,
            comment="На дату. День, на который сосчитано; пусто — начало учебного года.",
        ),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=False,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "class_no", sa.SmallInteger(), nullable=True, comment="Класс. Порядковый номер класса в параллели школы."
        ),
        sa.Column("enrolled", sa.Integer(), nullable=False, comment="Обучающихся. Число обучающихся по контингенту."),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.CheckConstraint("class_no >= 1", name="ck_fact_contingent_class_no"),
        sa.CheckConstraint("enrolled >= 0", name="ck_fact_contingent_enrolled"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_fact_contingent_grade"),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_contingent_row_number"),
        sa.PrimaryKeyConstraint("file_id", "row_number", name="pk_fact_contingent"),
        schema="core",
        comment="Контингент. Строка — школа × учебный год × дата × класс обучения.",
    )
    op.create_table(
        "fact_context",
        sa.Column(
            "school",
            sa.Text(),
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column(
            "counted_on",
            sa.Date(),
            nullable=False,
            comment="На дату. День, на который сосчитано; пусто — начало учебного года.",
        ),
        sa.Column(
            "measure",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Показатель файла. Код величины из настройки процедуры.",
        ),
        sa.Column("value", sa.Numeric(precision=18, scale=6), nullable=True, comment="Значение. Значение величины."),
        sa.Column("numerator", sa.Numeric(precision=18, scale=6), nullable=True, comment="Числитель. Числитель доли."),
        sa.Column(
            "denominator", sa.Numeric(precision=18, scale=6), nullable=True, comment="Знаменатель. Знаменатель доли."
        ),
        sa.Column(
            "file_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Файл. SHA-256 содержимого исходного файла.",
        ),
        sa.Column(
            "row_number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Строка. Номер строки исходного файла, начиная с 1.",
        ),
        sa.CheckConstraint("row_number >= 0", name="ck_fact_context_row_number"),
        sa.PrimaryKeyConstraint("file_id", "row_number", "measure", name="pk_fact_context"),
        schema="core",
        comment="Условия школ. Строка — школа × дата × величина: ОВЗ, кадры, язык, социальный паспорт.",
    )
    op.create_table(
        "mark_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Основание. Посчитано по работам участников (pupils) или взято из сводной таблицы (aggregate).",
        ),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column(
            "marked",
            sa.Integer(),
            nullable=False,
            comment="С отметкой. Число участников с отметкой: знаменатель долей отметок.",
        ),
        sa.Column("n2", sa.Integer(), nullable=True, comment="«2», чел. Число участников с отметкой «2»."),
        sa.Column("n3", sa.Integer(), nullable=True, comment="«3», чел. Число участников с отметкой «3»."),
        sa.Column("n4", sa.Integer(), nullable=True, comment="«4», чел. Число участников с отметкой «4»."),
        sa.Column("n5", sa.Integer(), nullable=True, comment="«5», чел. Число участников с отметкой «5»."),
        sa.Column(
            "share2",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="«2», доля. Доля участников с отметкой «2».",
        ),
        sa.Column(
            "share3",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="«3», доля. Доля участников с отметкой «3».",
        ),
        sa.Column(
            "share4",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="«4», доля. Доля участников с отметкой «4».",
        ),
        sa.Column(
            "share5",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="«5», доля. Доля участников с отметкой «5».",
        ),
        sa.Column(
            "quality",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Качество. Качество знаний: (n4+n5)/marked.",
        ),
        sa.Column(
            "quality_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Качество, нижняя граница. Нижняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "quality_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Качество, верхняя граница. Верхняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "success",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Успеваемость. Успеваемость: (n3+n4+n5)/marked.",
        ),
        sa.Column(
            "success_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Успеваемость, нижняя граница. Нижняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "success_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Успеваемость, верхняя граница. Верхняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "sou",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="СОУ. Степень обученности учащихся: (n5+0,64·n4+0,36·n3+0,16·n2)/marked.",
        ),
        sa.Column(
            "mean_mark",
            sa.Numeric(precision=5, scale=4),
            nullable=True,
            comment="Средняя отметка. Средняя отметка по участникам с отметкой.",
        ),
        sa.Column(
            "mean_score",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Средний балл. Средний первичный балл. Единица: балл.",
        ),
        sa.Column(
            "median_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Медиана балла. Медиана первичного балла. Единица: балл.",
        ),
        sa.Column(
            "sd_score",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Стандартное отклонение балла. Выборочное стандартное отклонение первичного балла (n−1). Единица: балл.",
        ),
        sa.Column(
            "max_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Максимальный балл. Наибольший первичный балл за работу. Единица: балл.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_mark_statistics_level",
        ),
        sa.CheckConstraint("source IN ('pupils', 'aggregate')", name="ck_mark_statistics_source"),
        sa.CheckConstraint("marked >= 0", name="ck_mark_statistics_marked"),
        sa.CheckConstraint("max_score >= 0", name="ck_mark_statistics_max_score"),
        sa.CheckConstraint("n2 >= 0", name="ck_mark_statistics_n2"),
        sa.CheckConstraint("n3 >= 0", name="ck_mark_statistics_n3"),
        sa.CheckConstraint("n4 >= 0", name="ck_mark_statistics_n4"),
        sa.CheckConstraint("n5 >= 0", name="ck_mark_statistics_n5"),
        sa.CheckConstraint("participants >= 0", name="ck_mark_statistics_participants"),
        sa.CheckConstraint("quality BETWEEN 0 AND 1", name="ck_mark_statistics_quality"),
        sa.CheckConstraint("quality_high BETWEEN 0 AND 1", name="ck_mark_statistics_quality_high"),
        sa.CheckConstraint("quality_low BETWEEN 0 AND 1", name="ck_mark_statistics_quality_low"),
        sa.CheckConstraint("share2 BETWEEN 0 AND 1", name="ck_mark_statistics_share2"),
        sa.CheckConstraint("share3 BETWEEN 0 AND 1", name="ck_mark_statistics_share3"),
        sa.CheckConstraint("share4 BETWEEN 0 AND 1", name="ck_mark_statistics_share4"),
        sa.CheckConstraint("share5 BETWEEN 0 AND 1", name="ck_mark_statistics_share5"),
        sa.CheckConstraint("sou BETWEEN 0 AND 1", name="ck_mark_statistics_sou"),
        sa.CheckConstraint("success BETWEEN 0 AND 1", name="ck_mark_statistics_success"),
        sa.CheckConstraint("success_high BETWEEN 0 AND 1", name="ck_mark_statistics_success_high"),
        sa.CheckConstraint("success_low BETWEEN 0 AND 1", name="ck_mark_statistics_success_low"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", name="pk_mark_statistics"),
        schema="mart",
        comment="Статистика отметок. Строка — событие × единица. При source = aggregate числа отметок восстановлены из процентов сводной таблицы и округлены. Где не известна ни одна отметка (marked = 0), числа n2–n5 и доли пусты: неизвестны, а не равны нулю.",
    )
    op.create_table(
        "score_distribution",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Основание. Посчитано по работам участников (pupils) или взято из сводной таблицы (aggregate).",
        ),
        sa.Column(
            "score",
            sa.Numeric(precision=6, scale=2),
            autoincrement=False,
            nullable=False,
            comment="Балл. Значение первичного балла. Единица: балл.",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="С этим баллом. Число участников с этим первичным баллом; доля — от всех участников единицы с баллом.",
        ),
        sa.Column("share", sa.Numeric(precision=6, scale=4), nullable=False, comment="Доля. Доля участников."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_score_distribution_level",
        ),
        sa.CheckConstraint("source IN ('pupils', 'aggregate')", name="ck_score_distribution_source"),
        sa.CheckConstraint("n >= 0", name="ck_score_distribution_n"),
        sa.CheckConstraint("score >= 0", name="ck_score_distribution_score"),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name="ck_score_distribution_share"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "score", name="pk_score_distribution"),
        schema="mart",
        comment="Распределение первичных баллов. Строка — событие × единица × балл.",
    )
    op.create_table(
        "task_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "task_no",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Позиция задания. Позиция задания в массиве баллов, с 1.",
        ),
        sa.Column("task", sa.Text(), nullable=False, comment="Задание. Обозначение задания: 1, 9.1, 4К1."),
        sa.Column(
            "max_points",
            sa.SmallInteger(),
            nullable=False,
            comment="Максимум задания. Наибольший балл за задание. Единица: балл.",
        ),
        sa.Column(
            "difficulty",
            sa.Text(),
            nullable=True,
            comment="Уровень сложности. Б — базовый, П — повышенный, В — высокий.",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="С баллами. Число участников с баллами за задания; доля — от n × max_points баллов.",
        ),
        sa.Column(
            "points_sum",
            sa.BigInteger(),
            nullable=False,
            comment="Сумма баллов. Сумма баллов за задание: числитель доли выполнения. Единица: балл.",
        ),
        sa.Column(
            "solved_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Выполнение. Доля выполнения: сумма баллов / (n · максимум задания).",
        ),
        sa.Column(
            "solved_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Выполнение, нижняя граница. Нижняя граница 95 % интервала.",
        ),
        sa.Column(
            "solved_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Выполнение, верхняя граница. Верхняя граница 95 % интервала.",
        ),
        sa.Column(
            "not_started",
            sa.Integer(),
            nullable=False,
            comment="Не приступали. Число участников, не приступивших к заданию (X).",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("difficulty IN ('Б', 'П', 'В')", name="ck_task_statistics_difficulty"),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_task_statistics_level",
        ),
        sa.CheckConstraint("max_points >= 0", name="ck_task_statistics_max_points"),
        sa.CheckConstraint("n >= 0", name="ck_task_statistics_n"),
        sa.CheckConstraint("not_started >= 0", name="ck_task_statistics_not_started"),
        sa.CheckConstraint("points_sum >= 0", name="ck_task_statistics_points_sum"),
        sa.CheckConstraint("solved_high BETWEEN 0 AND 1", name="ck_task_statistics_solved_high"),
        sa.CheckConstraint("solved_low BETWEEN 0 AND 1", name="ck_task_statistics_solved_low"),
        sa.CheckConstraint("solved_share BETWEEN 0 AND 1", name="ck_task_statistics_solved_share"),
        sa.CheckConstraint("task_no >= 1", name="ck_task_statistics_task_no"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "task_no", name="pk_task_statistics"),
        schema="mart",
        comment="Выполнение заданий. Строка — событие × единица × задание.",
    )
    op.create_table(
        "journal_comparison",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Основание. Посчитано по работам участников (pupils) или взято из сводной таблицы (aggregate).",
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="n. Число наблюдений: знаменатель доли."),
        sa.Column(
            "lowered", sa.Integer(), nullable=False, comment="Понизили. Отметка за работу ниже отметки по журналу, чел."
        ),
        sa.Column(
            "confirmed",
            sa.Integer(),
            nullable=False,
            comment="Подтвердили. Отметка за работу равна отметке по журналу, чел.",
        ),
        sa.Column(
            "raised", sa.Integer(), nullable=False, comment="Повысили. Отметка за работу выше отметки по журналу, чел."
        ),
        sa.Column(
            "lowered_share", sa.Numeric(precision=6, scale=4), nullable=True, comment="Понизили, доля. Доля понизивших."
        ),
        sa.Column(
            "confirmed_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Подтвердили, доля. Доля подтвердивших.",
        ),
        sa.Column(
            "raised_share", sa.Numeric(precision=6, scale=4), nullable=True, comment="Повысили, доля. Доля повысивших."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_journal_comparison_level",
        ),
        sa.CheckConstraint("source IN ('pupils', 'aggregate')", name="ck_journal_comparison_source"),
        sa.CheckConstraint("confirmed >= 0", name="ck_journal_comparison_confirmed"),
        sa.CheckConstraint("confirmed_share BETWEEN 0 AND 1", name="ck_journal_comparison_confirmed_share"),
        sa.CheckConstraint("lowered >= 0", name="ck_journal_comparison_lowered"),
        sa.CheckConstraint("lowered_share BETWEEN 0 AND 1", name="ck_journal_comparison_lowered_share"),
        sa.CheckConstraint("n >= 0", name="ck_journal_comparison_n"),
        sa.CheckConstraint("raised >= 0", name="ck_journal_comparison_raised"),
        sa.CheckConstraint("raised_share BETWEEN 0 AND 1", name="ck_journal_comparison_raised_share"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", name="pk_journal_comparison"),
        schema="mart",
        comment="Сравнение с отметками по журналу. Строка — событие × единица.",
    )
    op.create_table(
        "coverage",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "enrolled_source",
            sa.Text(),
            nullable=False,
            comment="Источник контингента. register — контингент по реестру; files — участники и отсутствовавшие из самих файлов; mixed — часть школ так, часть иначе.",
        ),
        sa.Column(
            "participants_source",
            sa.Text(),
            nullable=True,
            comment="Источник участников. pupils — писавшие сосчитаны по строкам участников; aggregate — взяты из сводных таблиц; mixed — часть школ так, часть иначе; пусто — данных нет.",
        ),
        sa.Column("enrolled", sa.Integer(), nullable=True, comment="Обучающихся. Число обучающихся по контингенту."),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column(
            "absent", sa.Integer(), nullable=True, comment="Отсутствовали. Число не писавших работу из обучающихся."
        ),
        sa.Column(
            "coverage",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Охват. Доля писавших работу от контингента.",
        ),
        sa.Column(
            "coverage_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Охват, нижняя граница. Нижняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "coverage_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Охват, верхняя граница. Верхняя граница 95 % интервала Уилсона.",
        ),
        sa.Column("target", sa.Numeric(precision=6, scale=4), nullable=True, comment="Цель. Целевое значение."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("enrolled_source IN ('register', 'files', 'mixed')", name="ck_coverage_enrolled_source"),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')", name="ck_coverage_level"
        ),
        sa.CheckConstraint(
            "participants_source IN ('pupils', 'aggregate', 'mixed')", name="ck_coverage_participants_source"
        ),
        sa.CheckConstraint("absent >= 0", name="ck_coverage_absent"),
        sa.CheckConstraint("coverage >= 0", name="ck_coverage_coverage"),
        sa.CheckConstraint("coverage_high BETWEEN 0 AND 1", name="ck_coverage_coverage_high"),
        sa.CheckConstraint("coverage_low BETWEEN 0 AND 1", name="ck_coverage_coverage_low"),
        sa.CheckConstraint("enrolled >= 0", name="ck_coverage_enrolled"),
        sa.CheckConstraint("participants >= 0", name="ck_coverage_participants"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", name="pk_coverage"),
        schema="mart",
        comment="Охват. Строка — событие × единица. Охват = participants / enrolled этой же строки. Школа, от которой есть только сводная таблица, входит в охват, но не входит в mart.mark_statistics единицы, у которой есть строки участников: там participants — те, чьи отметки и баллы сосчитаны.",
    )
    op.create_table(
        "exam_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=False, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "participant_category",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Категория участника. Выпускник текущего года, обучающийся СПО, выпускник прошлых лет, другая; all — все вместе.",
        ),
        sa.Column(
            "exam_period",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Период экзамена. Досрочный, основной (с днями пересдачи), дополнительный; all — все вместе.",
        ),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column(
            "absent", sa.Integer(), nullable=False, comment="Отсутствовали. Число не писавших работу из обучающихся."
        ),
        sa.Column(
            "unfinished",
            sa.Integer(),
            nullable=False,
            comment="Не завершили. Число участников, удалённых с экзамена или не завершивших его.",
        ),
        sa.Column("annulled", sa.Integer(), nullable=False, comment="Аннулировано. Число аннулированных результатов."),
        sa.Column(
            "judged",
            sa.Integer(),
            nullable=False,
            comment="Известно, сдан ли. Число участников, о которых известно, сдан ли экзамен: знаменатель доли сдавших.",
        ),
        sa.Column("passed", sa.Integer(), nullable=True, comment="Сдали. Число преодолевших минимум."),
        sa.Column(
            "below_minimum", sa.Integer(), nullable=True, comment="Ниже минимума. Число не преодолевших минимум."
        ),
        sa.Column(
            "passed_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля сдавших. Сдали из тех, о ком это известно.",
        ),
        sa.Column(
            "passed_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля сдавших, от. Нижняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "passed_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля сдавших, до. Верхняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "minimum",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Минимум. Минимальный тестовый балл года. Единица: балл.",
        ),
        sa.Column(
            "scale_status",
            sa.Text(),
            nullable=True,
            comment="Статус шкалы. Откуда известна шкала; предполагаемая никогда не показывается как официальная.",
        ),
        sa.Column(
            "band_low",
            sa.Integer(),
            nullable=True,
            comment="От минимума до среднего. Число участников от минимума до нижней границы средней группы.",
        ),
        sa.Column(
            "band_middle",
            sa.Integer(),
            nullable=True,
            comment="Средняя группа. Число участников в средней группе: обычно 61–80 баллов.",
        ),
        sa.Column(
            "band_high",
            sa.Integer(),
            nullable=True,
            comment="Высокая группа. Число участников в высокой группе: обычно 81–100 баллов.",
        ),
        sa.Column(
            "top",
            sa.Integer(),
            nullable=True,
            comment="Наибольший балл. Число участников с наибольшим возможным баллом.",
        ),
        sa.Column(
            "mean_test_score",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Средний тестовый балл. Среднее по участникам с тестовым баллом. Единица: балл.",
        ),
        sa.Column(
            "median_test_score",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Медиана тестового балла. Медиана по участникам с тестовым баллом. Единица: балл.",
        ),
        sa.Column(
            "sd_test_score",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Стандартное отклонение тестового балла. Выборочное (n−1). Единица: балл.",
        ),
        sa.Column(
            "mean_score",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Средний балл. Средний первичный балл. Единица: балл.",
        ),
        sa.Column(
            "mean_mark",
            sa.Numeric(precision=5, scale=4),
            nullable=True,
            comment="Средняя отметка. Средняя отметка по участникам с отметкой.",
        ),
        sa.Column("n2", sa.Integer(), nullable=True, comment="«2», чел. Число участников с отметкой «2»."),
        sa.Column("n3", sa.Integer(), nullable=True, comment="«3», чел. Число участников с отметкой «3»."),
        sa.Column("n4", sa.Integer(), nullable=True, comment="«4», чел. Число участников с отметкой «4»."),
        sa.Column("n5", sa.Integer(), nullable=True, comment="«5», чел. Число участников с отметкой «5»."),
        sa.Column("appeals", sa.Integer(), nullable=False, comment="Апелляции. Число участников, подавших апелляцию."),
        sa.Column(
            "appeals_granted",
            sa.Integer(),
            nullable=False,
            comment="Апелляции удовлетворены. Число удовлетворённых апелляций.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "exam_period IN ('early', 'main', 'additional', 'all')", name="ck_exam_statistics_exam_period"
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_exam_statistics_level",
        ),
        sa.CheckConstraint(
            "participant_category IN ('graduate', 'spo', 'earlier', 'other', 'all')",
            name="ck_exam_statistics_participant_category",
        ),
        sa.CheckConstraint(
            "scale_status IN ('official', 'public', 'second-hand', 'assumed', 'own')",
            name="ck_exam_statistics_scale_status",
        ),
        sa.CheckConstraint("absent >= 0", name="ck_exam_statistics_absent"),
        sa.CheckConstraint("annulled >= 0", name="ck_exam_statistics_annulled"),
        sa.CheckConstraint("appeals >= 0", name="ck_exam_statistics_appeals"),
        sa.CheckConstraint("appeals_granted >= 0", name="ck_exam_statistics_appeals_granted"),
        sa.CheckConstraint("band_high >= 0", name="ck_exam_statistics_band_high"),
        sa.CheckConstraint("band_low >= 0", name="ck_exam_statistics_band_low"),
        sa.CheckConstraint("band_middle >= 0", name="ck_exam_statistics_band_middle"),
        sa.CheckConstraint("below_minimum >= 0", name="ck_exam_statistics_below_minimum"),
        sa.CheckConstraint("judged >= 0", name="ck_exam_statistics_judged"),
        sa.CheckConstraint("n2 >= 0", name="ck_exam_statistics_n2"),
        sa.CheckConstraint("n3 >= 0", name="ck_exam_statistics_n3"),
        sa.CheckConstraint("n4 >= 0", name="ck_exam_statistics_n4"),
        sa.CheckConstraint("n5 >= 0", name="ck_exam_statistics_n5"),
        sa.CheckConstraint("participants >= 0", name="ck_exam_statistics_participants"),
        sa.CheckConstraint("passed >= 0", name="ck_exam_statistics_passed"),
        sa.CheckConstraint("passed_high BETWEEN 0 AND 1", name="ck_exam_statistics_passed_high"),
        sa.CheckConstraint("passed_low BETWEEN 0 AND 1", name="ck_exam_statistics_passed_low"),
        sa.CheckConstraint("passed_share BETWEEN 0 AND 1", name="ck_exam_statistics_passed_share"),
        sa.CheckConstraint("top >= 0", name="ck_exam_statistics_top"),
        sa.CheckConstraint("unfinished >= 0", name="ck_exam_statistics_unfinished"),
        sa.PrimaryKeyConstraint(
            "event_id", "level", "unit_code", "participant_category", "exam_period", name="pk_exam_statistics"
        ),
        schema="mart",
        comment="Экзамены по уровням. Строка — событие × единица × категория участников × период; в строках all — засчитанный результат каждого участника. Пустой минимум значит «недоступно»: шкала этого предмета и года системе неизвестна.",
    )
    op.create_table(
        "measure_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "series",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Ряд. Ключ ряда: показатель, предмет, класс, период, раздел, категория.",
        ),
        sa.Column(
            "measure", sa.Text(), nullable=False, comment="Показатель файла. Код величины из настройки процедуры."
        ),
        sa.Column("subject", sa.Text(), nullable=True, comment="Предмет. Код предмета: ru, ma, …"),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=True,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "period",
            sa.Text(),
            nullable=True,
            comment="Период. Период, как его называет источник: I четверть, 2025 год.",
        ),
        sa.Column(
            "domain", sa.Text(), nullable=True, comment="Раздел. Раздел показателя: вид грамотности, критерий, тема."
        ),
        sa.Column(
            "category",
            sa.Text(),
            nullable=True,
            comment="Категория. Категория, к которой относится величина: участники, роль, уровень, группа опрошенных.",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Основание. Стоит в файле (file) или сложено из значений единиц уровнем ниже (units).",
        ),
        sa.Column(
            "units",
            sa.Integer(),
            nullable=False,
            comment="Единиц. Сколько единиц, из величин которых сложено значение.",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=True,
            comment="n. Число наблюдений, по которым получена величина; с таким весом средние складываются по единицам.",
        ),
        sa.Column("numerator", sa.Numeric(precision=18, scale=6), nullable=True, comment="Числитель. Числитель доли."),
        sa.Column(
            "denominator", sa.Numeric(precision=18, scale=6), nullable=True, comment="Знаменатель. Знаменатель доли."
        ),
        sa.Column("value", sa.Numeric(precision=18, scale=6), nullable=True, comment="Значение. Значение величины."),
        sa.Column(
            "value_low",
            sa.Numeric(precision=18, scale=6),
            nullable=True,
            comment="Нижняя граница. Нижняя граница 95-процентного интервала.",
        ),
        sa.Column(
            "value_high",
            sa.Numeric(precision=18, scale=6),
            nullable=True,
            comment="Верхняя граница. Верхняя граница 95-процентного интервала.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_measure_statistics_level",
        ),
        sa.CheckConstraint("source IN ('file', 'units')", name="ck_measure_statistics_source"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_measure_statistics_grade"),
        sa.CheckConstraint("n >= 0", name="ck_measure_statistics_n"),
        sa.CheckConstraint("units >= 0", name="ck_measure_statistics_units"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "series", name="pk_measure_statistics"),
        schema="mart",
        comment="Величины по уровням. Строка — событие × единица × ряд; значение стоит в файле или сложено из значений единиц уровнем ниже.",
    )
    op.create_table(
        "olympiad_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "stage",
            sa.Text(),
            nullable=False,
            comment="Этап олимпиады. Школьный, муниципальный, региональный, заключительный.",
        ),
        sa.Column(
            "subject", sa.Text(), autoincrement=False, nullable=False, comment="Предмет. Код предмета: ru, ma, …"
        ),
        sa.Column(
            "grade_participation",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Класс участия. За какой класс участник выполняет задания; может быть выше класса обучения.",
        ),
        sa.Column("participants", sa.Integer(), nullable=False, comment="Участников. Число писавших работу."),
        sa.Column("winners", sa.Integer(), nullable=False, comment="Победители. Число победителей."),
        sa.Column("prizes", sa.Integer(), nullable=False, comment="Призёры. Число призёров."),
        sa.Column(
            "prize_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля победителей и призёров. Победители и призёры из участников.",
        ),
        sa.Column(
            "prize_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля победителей и призёров, от. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "prize_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля победителей и призёров, до. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "mean_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Средняя доля максимума. Средний балл в долях максимума.",
        ),
        sa.Column(
            "linked", sa.Integer(), nullable=False, comment="Есть в обоих. Участников, найденных и на предыдущем этапе."
        ),
        sa.Column(
            "rose", sa.Integer(), nullable=False, comment="Выросли. Доля максимума выше, чем на предыдущем этапе."
        ),
        sa.Column("fell", sa.Integer(), nullable=False, comment="Упали. Доля максимума ниже, чем на предыдущем этапе."),
        sa.Column(
            "rose_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля выросших. Из найденных в обоих.",
        ),
        sa.Column(
            "rose_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля выросших, от. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "rose_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля выросших, до. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "mean_change",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Среднее изменение. Доля максимума на этом этапе минус доля на предыдущем, в среднем по найденным в обоих.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_olympiad_statistics_level",
        ),
        sa.CheckConstraint(
            "stage IN ('school', 'municipal', 'regional', 'final')", name="ck_olympiad_statistics_stage"
        ),
        sa.CheckConstraint("fell >= 0", name="ck_olympiad_statistics_fell"),
        sa.CheckConstraint("grade_participation BETWEEN 1 AND 11", name="ck_olympiad_statistics_grade_participation"),
        sa.CheckConstraint("linked >= 0", name="ck_olympiad_statistics_linked"),
        sa.CheckConstraint("mean_share >= 0", name="ck_olympiad_statistics_mean_share"),
        sa.CheckConstraint("participants >= 0", name="ck_olympiad_statistics_participants"),
        sa.CheckConstraint("prize_high BETWEEN 0 AND 1", name="ck_olympiad_statistics_prize_high"),
        sa.CheckConstraint("prize_low BETWEEN 0 AND 1", name="ck_olympiad_statistics_prize_low"),
        sa.CheckConstraint("prize_share BETWEEN 0 AND 1", name="ck_olympiad_statistics_prize_share"),
        sa.CheckConstraint("prizes >= 0", name="ck_olympiad_statistics_prizes"),
        sa.CheckConstraint("rose >= 0", name="ck_olympiad_statistics_rose"),
        sa.CheckConstraint("rose_high BETWEEN 0 AND 1", name="ck_olympiad_statistics_rose_high"),
        sa.CheckConstraint("rose_low BETWEEN 0 AND 1", name="ck_olympiad_statistics_rose_low"),
        sa.CheckConstraint("rose_share BETWEEN 0 AND 1", name="ck_olympiad_statistics_rose_share"),
        sa.CheckConstraint("winners >= 0", name="ck_olympiad_statistics_winners"),
        sa.PrimaryKeyConstraint(
            "event_id", "level", "unit_code", "subject", "grade_participation", name="pk_olympiad_statistics"
        ),
        schema="mart",
        comment="Олимпиады по уровням. Строка — событие × единица × предмет × класс участия.",
    )
    op.create_table(
        "olympiad_sign",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=False,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column(
            "subject", sa.Text(), autoincrement=False, nullable=False, comment="Предмет. Код предмета: ru, ma, …"
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="n. Число участников этого этапа с результатом предыдущего: по ним средние и признак.",
        ),
        sa.Column(
            "first_share",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="На первом этапе. Средняя доля максимума на предыдущем этапе.",
        ),
        sa.Column(
            "second_share",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="На втором этапе. Средняя доля максимума на этом этапе.",
        ),
        sa.Column(
            "expected_share",
            sa.Numeric(precision=8, scale=4),
            nullable=False,
            comment="Ожидалось на втором. Доля максимума, которая следует из предыдущего этапа.",
        ),
        sa.Column(
            "mean_change",
            sa.Numeric(precision=8, scale=4),
            nullable=False,
            comment="Среднее изменение. Доля максимума на этом этапе минус доля на предыдущем, в среднем по найденным в обоих.",
        ),
        sa.Column(
            "change_low",
            sa.Numeric(precision=8, scale=4),
            nullable=False,
            comment="Среднее изменение, от. Интервал Стьюдента, 95 %.",
        ),
        sa.Column(
            "change_high",
            sa.Numeric(precision=8, scale=4),
            nullable=False,
            comment="Среднее изменение, до. Интервал Стьюдента, 95 %.",
        ),
        sa.Column(
            "z",
            sa.Numeric(precision=10, scale=4),
            nullable=False,
            comment="z. Отклонение от группы сравнения в стандартных единицах.",
        ),
        sa.Column(
            "p",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="p. Вероятность такого или большего отклонения у честной школы (mid-p).",
        ),
        sa.Column(
            "q",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="q. Доля ложных среди отмеченных (Бенджамини — Хохберг).",
        ),
        sa.Column(
            "alternatives", sa.Text(), nullable=False, comment="Иные объяснения. Чем ещё может объясняться признак."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_olympiad_sign_level",
        ),
        sa.CheckConstraint("first_share >= 0", name="ck_olympiad_sign_first_share"),
        sa.CheckConstraint("n >= 0", name="ck_olympiad_sign_n"),
        sa.CheckConstraint("p BETWEEN 0 AND 1", name="ck_olympiad_sign_p"),
        sa.CheckConstraint("q BETWEEN 0 AND 1", name="ck_olympiad_sign_q"),
        sa.CheckConstraint("second_share >= 0", name="ck_olympiad_sign_second_share"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "subject", name="pk_olympiad_sign"),
        schema="mart",
        comment="Признак школьного этапа олимпиады. Строка — школа × предмет: результаты предыдущего этапа, этого и ожидавшиеся на нём у тех же участников. Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
    )
    op.create_table(
        "control_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "series",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Ряд. Ключ ряда: показатель, предмет, класс, период, раздел, категория.",
        ),
        sa.Column(
            "control",
            sa.Text(),
            nullable=False,
            comment="Вид контроля. Наблюдатель, представитель органа управления, видео, выезд, готовность, комиссия, инструктаж; для олимпиад ещё сохранность заданий, исключение конфликта интересов, сбор оценочных листов.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=True,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column(
            "expected_source",
            sa.Text(),
            nullable=False,
            comment="Откуда число ОО. results — ОО с результатами процедуры; register — все ОО реестра; listed — ОО из самих файлов.",
        ),
        sa.Column("schools", sa.Integer(), nullable=False, comment="Кол-во ОО. Число школ."),
        sa.Column(
            "schools_covered",
            sa.Integer(),
            nullable=False,
            comment="ОО с контролем. Во скольких ОО контроль состоялся.",
        ),
        sa.Column(
            "coverage",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Охват. Доля писавших работу от контингента.",
        ),
        sa.Column(
            "coverage_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Охват, нижняя граница. Нижняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "coverage_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Охват, верхняя граница. Верхняя граница 95 % интервала Уилсона.",
        ),
        sa.Column("sessions", sa.Integer(), nullable=False, comment="Сеансов. Сколько сеансов указано."),
        sa.Column(
            "sessions_covered",
            sa.Integer(),
            nullable=False,
            comment="Сеансов с контролем. На скольких контроль состоялся.",
        ),
        sa.Column(
            "trained", sa.Integer(), nullable=False, comment="Подготовлено. Сеансов с подготовленным наблюдателем."
        ),
        sa.Column("violations", sa.Integer(), nullable=False, comment="Нарушения. Число отмеченных нарушений."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "control IN ('observer', 'representative', 'video', 'visit', 'readiness', 'commission', 'instruction', 'security', 'conflict', 'sheets')",
            name="ck_control_statistics_control",
        ),
        sa.CheckConstraint(
            "expected_source IN ('results', 'register', 'listed')", name="ck_control_statistics_expected_source"
        ),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_control_statistics_level",
        ),
        sa.CheckConstraint("coverage >= 0", name="ck_control_statistics_coverage"),
        sa.CheckConstraint("coverage_high BETWEEN 0 AND 1", name="ck_control_statistics_coverage_high"),
        sa.CheckConstraint("coverage_low BETWEEN 0 AND 1", name="ck_control_statistics_coverage_low"),
        sa.CheckConstraint("schools >= 0", name="ck_control_statistics_schools"),
        sa.CheckConstraint("schools_covered >= 0", name="ck_control_statistics_schools_covered"),
        sa.CheckConstraint("sessions >= 0", name="ck_control_statistics_sessions"),
        sa.CheckConstraint("sessions_covered >= 0", name="ck_control_statistics_sessions_covered"),
        sa.CheckConstraint("trained >= 0", name="ck_control_statistics_trained"),
        sa.CheckConstraint("violations >= 0", name="ck_control_statistics_violations"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "series", name="pk_control_statistics"),
        schema="mart",
        comment="Контроль процедур по уровням. Строка — событие × единица × вид контроля × процедура, за которой наблюдали.",
    )
    op.create_table(
        "observer_gap",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "series",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Ряд. Ключ ряда: показатель, предмет, класс, период, раздел, категория.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            nullable=True,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column("date", sa.Date(), nullable=True, comment="Дата. Календарная дата."),
        sa.Column(
            "session", sa.Text(), nullable=True, comment="Сеанс. Аудитория, день или смена, как указано в источнике."
        ),
        sa.Column(
            "gap",
            sa.Text(),
            nullable=False,
            comment="Чего нет. absent — на сеансе нет наблюдателя; unlisted — ОО нет в списке наблюдателей вовсе.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("gap IN ('absent', 'unlisted')", name="ck_observer_gap_gap"),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')", name="ck_observer_gap_level"
        ),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "series", name="pk_observer_gap"),
        schema="mart",
        comment="Нет наблюдателя. Строка — школа × сеанс процедуры, на который никто не назначен, или школа, которой нет в списке вовсе.",
    )
    op.create_table(
        "agreement_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "second_kind",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Вид повторной проверки. Перепроверка, перекрёстная проверка, независимая комиссия, государственный контроль.",
        ),
        sa.Column(
            "about_event",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="О каком событии. Код события календаря, к которому относится строка: работа, за которой наблюдали, которую перепроверили.",
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="n. Число наблюдений: знаменатель доли."),
        sa.Column(
            "same",
            sa.Integer(),
            nullable=False,
            comment="Совпали. Работ, у которых отметка (без отметок — балл) подтвердилась.",
        ),
        sa.Column(
            "lower", sa.Integer(), nullable=False, comment="Снижены. Работ, у которых повторная отметка (балл) ниже."
        ),
        sa.Column(
            "higher", sa.Integer(), nullable=False, comment="Повышены. Работ, у которых повторная отметка (балл) выше."
        ),
        sa.Column(
            "same_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля подтверждённых. Надёжность: доля подтверждённых работ.",
        ),
        sa.Column(
            "same_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля подтверждённых, от. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "same_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля подтверждённых, до. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "random_n",
            sa.Integer(),
            nullable=False,
            comment="Случайно выбранных. Работ, выбранных случайно: по ним судят о надёжности всех работ.",
        ),
        sa.Column(
            "random_share",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля подтверждённых случайно выбранных. Надёжность по работам, выбранным случайно.",
        ),
        sa.Column(
            "random_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля подтверждённых случайно выбранных, от. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "random_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля подтверждённых случайно выбранных, до. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "mean_difference",
            sa.Numeric(precision=8, scale=4),
            nullable=True,
            comment="Средняя разность. Повторный балл минус первый. Единица: балл.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_agreement_statistics_level",
        ),
        sa.CheckConstraint(
            "second_kind IN ('remarking', 'cross_check', 'independent_commission', 'state_control')",
            name="ck_agreement_statistics_second_kind",
        ),
        sa.CheckConstraint("higher >= 0", name="ck_agreement_statistics_higher"),
        sa.CheckConstraint("lower >= 0", name="ck_agreement_statistics_lower"),
        sa.CheckConstraint("n >= 0", name="ck_agreement_statistics_n"),
        sa.CheckConstraint("random_high BETWEEN 0 AND 1", name="ck_agreement_statistics_random_high"),
        sa.CheckConstraint("random_low BETWEEN 0 AND 1", name="ck_agreement_statistics_random_low"),
        sa.CheckConstraint("random_n >= 0", name="ck_agreement_statistics_random_n"),
        sa.CheckConstraint("random_share BETWEEN 0 AND 1", name="ck_agreement_statistics_random_share"),
        sa.CheckConstraint("same >= 0", name="ck_agreement_statistics_same"),
        sa.CheckConstraint("same_high BETWEEN 0 AND 1", name="ck_agreement_statistics_same_high"),
        sa.CheckConstraint("same_low BETWEEN 0 AND 1", name="ck_agreement_statistics_same_low"),
        sa.CheckConstraint("same_share BETWEEN 0 AND 1", name="ck_agreement_statistics_same_share"),
        sa.PrimaryKeyConstraint(
            "event_id", "level", "unit_code", "second_kind", "about_event", name="pk_agreement_statistics"
        ),
        schema="mart",
        comment="Надёжность проверки по уровням. Строка — событие × единица × вид повторной проверки × работа.",
    )
    op.create_table(
        "journal_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "subject", sa.Text(), autoincrement=False, nullable=False, comment="Предмет. Код предмета: ru, ma, …"
        ),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "period",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Период. Период, как его называет источник: I четверть, 2025 год.",
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="n. Число наблюдений: знаменатель доли."),
        sa.Column("n2", sa.Integer(), nullable=False, comment="«2», чел. Число участников с отметкой «2»."),
        sa.Column("n3", sa.Integer(), nullable=False, comment="«3», чел. Число участников с отметкой «3»."),
        sa.Column("n4", sa.Integer(), nullable=False, comment="«4», чел. Число участников с отметкой «4»."),
        sa.Column("n5", sa.Integer(), nullable=False, comment="«5», чел. Число участников с отметкой «5»."),
        sa.Column(
            "quality",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Качество. Качество знаний: (n4+n5)/marked.",
        ),
        sa.Column(
            "quality_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Качество, нижняя граница. Нижняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "quality_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Качество, верхняя граница. Верхняя граница 95 % интервала Уилсона.",
        ),
        sa.Column(
            "mean_mark",
            sa.Numeric(precision=5, scale=4),
            nullable=True,
            comment="Средняя отметка. Средняя отметка по участникам с отметкой.",
        ),
        sa.Column(
            "linked", sa.Integer(), nullable=False, comment="Есть в обоих. Участников, найденных и на предыдущем этапе."
        ),
        sa.Column(
            "lowered", sa.Integer(), nullable=False, comment="Понизили. Отметка за работу ниже отметки по журналу, чел."
        ),
        sa.Column(
            "confirmed",
            sa.Integer(),
            nullable=False,
            comment="Подтвердили. Отметка за работу равна отметке по журналу, чел.",
        ),
        sa.Column(
            "raised", sa.Integer(), nullable=False, comment="Повысили. Отметка за работу выше отметки по журналу, чел."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_journal_statistics_level",
        ),
        sa.CheckConstraint("confirmed >= 0", name="ck_journal_statistics_confirmed"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_journal_statistics_grade"),
        sa.CheckConstraint("linked >= 0", name="ck_journal_statistics_linked"),
        sa.CheckConstraint("lowered >= 0", name="ck_journal_statistics_lowered"),
        sa.CheckConstraint("n >= 0", name="ck_journal_statistics_n"),
        sa.CheckConstraint("n2 >= 0", name="ck_journal_statistics_n2"),
        sa.CheckConstraint("n3 >= 0", name="ck_journal_statistics_n3"),
        sa.CheckConstraint("n4 >= 0", name="ck_journal_statistics_n4"),
        sa.CheckConstraint("n5 >= 0", name="ck_journal_statistics_n5"),
        sa.CheckConstraint("quality BETWEEN 0 AND 1", name="ck_journal_statistics_quality"),
        sa.CheckConstraint("quality_high BETWEEN 0 AND 1", name="ck_journal_statistics_quality_high"),
        sa.CheckConstraint("quality_low BETWEEN 0 AND 1", name="ck_journal_statistics_quality_low"),
        sa.CheckConstraint("raised >= 0", name="ck_journal_statistics_raised"),
        sa.PrimaryKeyConstraint(
            "event_id", "level", "unit_code", "subject", "grade", "period", name="pk_journal_statistics"
        ),
        schema="mart",
        comment="Текущие отметки по уровням. Строка — событие × единица × предмет × класс обучения × период; сравнение — с отметкой внешней работы.",
    )
    op.create_table(
        "survey_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "series",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Ряд. Ключ ряда: показатель, предмет, класс, период, раздел, категория.",
        ),
        sa.Column(
            "respondent",
            sa.Text(),
            nullable=False,
            comment="Кто отвечал. Группа опрошенных: родители, ученики, учителя, руководители.",
        ),
        sa.Column(
            "category",
            sa.Text(),
            nullable=True,
            comment="Категория. Категория, к которой относится величина: участники, роль, уровень, группа опрошенных.",
        ),
        sa.Column("question", sa.Text(), nullable=False, comment="Вопрос. Вопрос анкеты."),
        sa.Column("answer", sa.Text(), nullable=False, comment="Ответ. Вариант ответа."),
        sa.Column("respondents", sa.Integer(), nullable=False, comment="Опрошено. Ответов на вопрос."),
        sa.Column("n", sa.Integer(), nullable=False, comment="Ответили так. Число людей, давших этот ответ."),
        sa.Column("share", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля. Доля участников."),
        sa.Column(
            "share_low", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля, от. Интервал Уилсона, 95 %."
        ),
        sa.Column(
            "share_high", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля, до. Интервал Уилсона, 95 %."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_survey_statistics_level",
        ),
        sa.CheckConstraint("n >= 0", name="ck_survey_statistics_n"),
        sa.CheckConstraint("respondents >= 0", name="ck_survey_statistics_respondents"),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name="ck_survey_statistics_share"),
        sa.CheckConstraint("share_high BETWEEN 0 AND 1", name="ck_survey_statistics_share_high"),
        sa.CheckConstraint("share_low BETWEEN 0 AND 1", name="ck_survey_statistics_share_low"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "series", name="pk_survey_statistics"),
        schema="mart",
        comment="Опросы по уровням. Строка — событие × единица × ряд (группа опрошенных, категория, вопрос, ответ).",
    )
    op.create_table(
        "record_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "series",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Ряд. Ключ ряда: показатель, предмет, класс, период, раздел, категория.",
        ),
        sa.Column(
            "record_kind",
            sa.Text(),
            nullable=False,
            comment="Вид записи. Совещание, приказ, решение, практика, материалы и другое.",
        ),
        sa.Column(
            "direction",
            sa.Text(),
            nullable=True,
            comment="Направление. Направление работы, к которому относится запись.",
        ),
        sa.Column(
            "step", sa.SmallInteger(), nullable=True, comment="Шаг цикла. Номер шага управленческого цикла, 1–9."
        ),
        sa.Column("audience", sa.Text(), nullable=True, comment="Для кого. Кому адресовано."),
        sa.Column(
            "n", sa.Integer(), nullable=False, comment="Записей. Число записей самой единицы и всех единиц внутри неё."
        ),
        sa.Column(
            "units",
            sa.Integer(),
            nullable=False,
            comment="Единиц. Сколько единиц, из величин которых сложено значение.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_record_statistics_level",
        ),
        sa.CheckConstraint("n >= 0", name="ck_record_statistics_n"),
        sa.CheckConstraint("step BETWEEN 1 AND 9", name="ck_record_statistics_step"),
        sa.CheckConstraint("units >= 0", name="ck_record_statistics_units"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "series", name="pk_record_statistics"),
        schema="mart",
        comment="Записи реестров по уровням. Строка — событие × единица × ряд: вид записи, направление, шаг цикла — или вид записи и для кого. Строки, где указано, для кого запись, — второй счёт тех же записей: с остальными их не складывают.",
    )
    op.create_table(
        "list_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "list_kind",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Список. ШНОР, в сложных условиях, резильентные, с высокими результатами.",
        ),
        sa.Column("schools", sa.Integer(), nullable=False, comment="Кол-во ОО. Число школ."),
        sa.Column("n", sa.Integer(), nullable=False, comment="n. Число наблюдений: знаменатель доли."),
        sa.Column("share", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля. Доля участников."),
        sa.Column(
            "share_low", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля, от. Интервал Уилсона, 95 %."
        ),
        sa.Column(
            "share_high", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля, до. Интервал Уилсона, 95 %."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_list_statistics_level",
        ),
        sa.CheckConstraint("n >= 0", name="ck_list_statistics_n"),
        sa.CheckConstraint("schools >= 0", name="ck_list_statistics_schools"),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name="ck_list_statistics_share"),
        sa.CheckConstraint("share_high BETWEEN 0 AND 1", name="ck_list_statistics_share_high"),
        sa.CheckConstraint("share_low BETWEEN 0 AND 1", name="ck_list_statistics_share_low"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "list_kind", name="pk_list_statistics"),
        schema="mart",
        comment="Списки организаций по уровням. Строка — событие × единица × список.",
    )
    op.create_table(
        "upload_status",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column("school_name", sa.Text(), nullable=False, comment="Образовательная организация. Название школы."),
        sa.Column(
            "municipality",
            sa.Text(),
            nullable=False,
            comment="Код муниципалитета. Код муниципалитета в ФИС ОКО или свой.",
        ),
        sa.Column("due", sa.Date(), nullable=False, comment="Срок. Крайний срок."),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="Состояние загрузки. Загружено, пусто, отклонено, опоздало, ожидается.",
        ),
        sa.Column("file_id", sa.Text(), nullable=True, comment="Файл. SHA-256 содержимого исходного файла."),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Получено. Время, когда файл впервые замечен во входящих, UTC.",
        ),
        sa.Column("findings", sa.Integer(), nullable=False, comment="Замечаний. Число замечаний к данным школы."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "status IN ('loaded', 'empty', 'refused', 'late', 'awaited')", name="ck_upload_status_status"
        ),
        sa.CheckConstraint("findings >= 0", name="ck_upload_status_findings"),
        sa.PrimaryKeyConstraint("event_id", "school", name="pk_upload_status"),
        schema="mart",
        comment="Доска загрузки. Строка — событие × школа, от которой ждут данных.",
    )
    op.create_table(
        "calendar_status",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="Название. Название события или файла."),
        sa.Column(
            "due_kind",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Что должно быть. Вид срока: загрузка, анализ, рекомендации, отчёт.",
        ),
        sa.Column("due", sa.Date(), nullable=False, comment="Срок. Крайний срок."),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="Состояние срока. Выполнено, ожидается, просрочено; unconfirmed — срок прошёл, а по данным исполнение не видно.",
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True, comment="Выполнено. Когда выполнено, UTC."),
        sa.Column(
            "expected", sa.Integer(), nullable=True, comment="Ожидается файлов. Сколько школ должны быть загружены."
        ),
        sa.Column("loaded", sa.Integer(), nullable=True, comment="Загружено. По скольким школам есть данные."),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("status IN ('done', 'awaited', 'late', 'unconfirmed')", name="ck_calendar_status_status"),
        sa.CheckConstraint("expected >= 0", name="ck_calendar_status_expected"),
        sa.CheckConstraint("loaded >= 0", name="ck_calendar_status_loaded"),
        sa.PrimaryKeyConstraint("event_id", "due_kind", name="pk_calendar_status"),
        schema="mart",
        comment="План и факт. Строка — событие × срок.",
    )
    op.create_table(
        "measure_status",
        sa.Column(
            "plan",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="План. Код плана: имя файла в config/measures.",
        ),
        sa.Column("plan_name", sa.Text(), nullable=False, comment="Название плана. Короткое название плана."),
        sa.Column(
            "number",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="№ мероприятия. Номер мероприятия в плане.",
        ),
        sa.Column(
            "due_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="№ срока. Номер срока по порядку; 0, если день не следует из срока.",
        ),
        sa.Column("due_from", sa.Date(), nullable=True, comment="Начало. Первый день, если срок — промежуток."),
        sa.Column("due", sa.Date(), nullable=True, comment="Срок. Крайний срок."),
        sa.Column(
            "precision",
            sa.Text(),
            nullable=True,
            comment="Точность срока. Назван день, месяц, только период плана, или день отсчитан от события.",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="Мероприятие. Что нужно сделать, словами документа."),
        sa.Column("responsible", sa.Text(), nullable=True, comment="Ответственный. Ответственный орган."),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="Состояние срока. Выполнено, ожидается, просрочено; unconfirmed — срок прошёл, а по данным исполнение не видно.",
        ),
        sa.Column("done_at", sa.Date(), nullable=True, comment="Выполнено. День исполнения."),
        sa.Column("reports", sa.Integer(), nullable=False, comment="Отчётов. Сколько исполнителей отчитались."),
        sa.Column(
            "reports_done", sa.Integer(), nullable=False, comment="Из них выполнили. Сколько исполнителей выполнили."
        ),
        sa.Column(
            "document", sa.Text(), nullable=True, comment="Документ. Вид, номер и дата документа или ссылка на него."
        ),
        sa.Column(
            "days_late", sa.Integer(), nullable=True, comment="Опоздание. На сколько дней позже срока. Единица: дн."
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("precision IN ('day', 'month', 'period', 'event')", name="ck_measure_status_precision"),
        sa.CheckConstraint("status IN ('done', 'awaited', 'late', 'unconfirmed')", name="ck_measure_status_status"),
        sa.CheckConstraint("days_late >= 0", name="ck_measure_status_days_late"),
        sa.CheckConstraint("reports >= 0", name="ck_measure_status_reports"),
        sa.CheckConstraint("reports_done >= 0", name="ck_measure_status_reports_done"),
        sa.PrimaryKeyConstraint("plan", "number", "due_no", name="pk_measure_status"),
        schema="mart",
        comment="Исполнение планов. Строка — мероприятие × срок; мероприятие без дня имеет одну строку с № срока 0. Состояние — по присланным отчётам: сколько исполнителей отчитались, стоит в reports.",
    )
    op.create_table(
        "plan_report_statistics",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("unit_name", sa.Text(), nullable=True, comment="Единица. Название единицы."),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "plan",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="План. Код плана: имя файла в config/measures.",
        ),
        sa.Column(
            "units",
            sa.Integer(),
            nullable=False,
            comment="Единиц. Сколько единиц, из величин которых сложено значение.",
        ),
        sa.Column("measures", sa.Integer(), nullable=False, comment="Мероприятий. О скольких мероприятиях отчитались."),
        sa.Column("done", sa.Integer(), nullable=False, comment="Выполнено. Мероприятий выполнено."),
        sa.Column("partly", sa.Integer(), nullable=False, comment="Частично. Мероприятий выполнено частично."),
        sa.Column("late", sa.Integer(), nullable=False, comment="Просрочено. Мероприятий просрочено."),
        sa.Column("not_done", sa.Integer(), nullable=False, comment="Не выполнено. Мероприятий не выполнено."),
        sa.Column(
            "documented", sa.Integer(), nullable=False, comment="С документом. Мероприятий, о которых назван документ."
        ),
        sa.Column(
            "done_share", sa.Numeric(precision=6, scale=4), nullable=True, comment="Доля выполненных. done / measures."
        ),
        sa.Column(
            "done_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля выполненных, от. Нижняя граница 95 %.",
        ),
        sa.Column(
            "done_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Доля выполненных, до. Верхняя граница 95 %.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_plan_report_statistics_level",
        ),
        sa.CheckConstraint("documented >= 0", name="ck_plan_report_statistics_documented"),
        sa.CheckConstraint("done >= 0", name="ck_plan_report_statistics_done"),
        sa.CheckConstraint("done_high BETWEEN 0 AND 1", name="ck_plan_report_statistics_done_high"),
        sa.CheckConstraint("done_low BETWEEN 0 AND 1", name="ck_plan_report_statistics_done_low"),
        sa.CheckConstraint("done_share BETWEEN 0 AND 1", name="ck_plan_report_statistics_done_share"),
        sa.CheckConstraint("late >= 0", name="ck_plan_report_statistics_late"),
        sa.CheckConstraint("measures >= 0", name="ck_plan_report_statistics_measures"),
        sa.CheckConstraint("not_done >= 0", name="ck_plan_report_statistics_not_done"),
        sa.CheckConstraint("partly >= 0", name="ck_plan_report_statistics_partly"),
        sa.CheckConstraint("units >= 0", name="ck_plan_report_statistics_units"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "plan", name="pk_plan_report_statistics"),
        schema="mart",
        comment="Отчёты об исполнении планов по единицам. Строка — событие × единица × план: что единица сообщила о мероприятиях.",
    )
    op.create_table(
        "objectivity_sign",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "sign",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Признак. Код признака необъективности: BUNCH, ITEM, …; признак требует проверки.",
        ),
        sa.Column(
            "family",
            sa.Text(),
            nullable=False,
            comment="Семейство. Семейство признаков: A–E; «-» — признак показывается отдельно и в вывод не входит.",
        ),
        sa.Column(
            "statistic",
            sa.Numeric(precision=14, scale=6),
            nullable=False,
            comment="Величина признака. Собственная величина признака; что она значит, сказано в методике.",
        ),
        sa.Column(
            "z",
            sa.Numeric(precision=10, scale=4),
            nullable=False,
            comment="z. Отклонение от группы сравнения в стандартных единицах.",
        ),
        sa.Column(
            "p",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="p. Вероятность такого или большего отклонения у честной школы (mid-p).",
        ),
        sa.Column(
            "p_conservative",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="p осторожное. То же с полной вероятностью самого наблюдения: P(K ≥ k).",
        ),
        sa.Column(
            "q",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="q. Доля ложных среди отмеченных (Бенджамини — Хохберг).",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="n. Число работ или участников, по которым посчитан признак: у каждого признака своё.",
        ),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Подробности. Подробности в JSON.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_objectivity_sign_level",
        ),
        sa.CheckConstraint("n >= 0", name="ck_objectivity_sign_n"),
        sa.CheckConstraint("p BETWEEN 0 AND 1", name="ck_objectivity_sign_p"),
        sa.CheckConstraint("p_conservative BETWEEN 0 AND 1", name="ck_objectivity_sign_p_conservative"),
        sa.CheckConstraint("q BETWEEN 0 AND 1", name="ck_objectivity_sign_q"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "sign", name="pk_objectivity_sign"),
        schema="mart",
        comment="Признаки необъективности. Строка — событие × единица × признак; отсутствие признака (большое p) тоже строка. REMARK стоит у события, чьи работы проверены ещё раз, STAGE — у муниципального этапа олимпиады. OBSERVED считается по всем работам года вместе и события не имеет: он в objectivity_observer. Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
    )
    op.create_table(
        "objectivity_evidence",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column("school_year", sa.Text(), nullable=False, comment="Учебный год. Учебный год вида 2025/2026."),
        sa.Column("subject", sa.Text(), nullable=False, comment="Предмет. Код предмета: ru, ma, …"),
        sa.Column(
            "grade",
            sa.SmallInteger(),
            nullable=False,
            comment="Класс обучения. Класс (параллель), в котором писали работу.",
        ),
        sa.Column(
            "n", sa.Integer(), nullable=False, comment="n. Число участников школы с первичным баллом за эту работу."
        ),
        sa.Column(
            "evidence",
            sa.SmallInteger(),
            nullable=False,
            comment="Уровень доказательности. 0 — нет, 1 — слабый, 2 — требует проверки, 3 — повторён, подтверждён или виден по двум семействам.",
        ),
        sa.Column(
            "p",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="p. Вероятность такого или большего отклонения у честной школы (mid-p).",
        ),
        sa.Column(
            "q",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="q. Доля ложных среди отмеченных (Бенджамини — Хохберг).",
        ),
        sa.Column(
            "signs",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Признаки. Признаки с p не больше 0,01: код, семейство, p.",
        ),
        sa.Column(
            "families_available",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Доступные семейства. Семейства, о которых данные школы позволяют судить.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_objectivity_evidence_level",
        ),
        sa.CheckConstraint("evidence BETWEEN 0 AND 3", name="ck_objectivity_evidence_evidence"),
        sa.CheckConstraint("grade BETWEEN 0 AND 12", name="ck_objectivity_evidence_grade"),
        sa.CheckConstraint("n >= 0", name="ck_objectivity_evidence_n"),
        sa.CheckConstraint("p BETWEEN 0 AND 1", name="ck_objectivity_evidence_p"),
        sa.CheckConstraint("q BETWEEN 0 AND 1", name="ck_objectivity_evidence_q"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", name="pk_objectivity_evidence"),
        schema="mart",
        comment="Доказательность признаков. Строка — событие × школа, где участников достаточно для вывода. Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
    )
    op.create_table(
        "objectivity_pooled",
        sa.Column(
            "school_year",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Учебный год. Учебный год вида 2025/2026.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="n. Число работ школы, по которым сложены признаки: участник считается в каждой своей работе.",
        ),
        sa.Column("works", sa.Integer(), nullable=False, comment="Работ. Число работ, по которым сложены признаки."),
        sa.Column(
            "evidence",
            sa.SmallInteger(),
            nullable=False,
            comment="Уровень доказательности. 0 — нет, 1 — слабый, 2 — требует проверки, 3 — повторён, подтверждён или виден по двум семействам.",
        ),
        sa.Column(
            "p",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="p. Вероятность такого или большего отклонения у честной школы (mid-p).",
        ),
        sa.Column(
            "q",
            sa.Numeric(precision=16, scale=15),
            nullable=False,
            comment="q. Доля ложных среди отмеченных (Бенджамини — Хохберг).",
        ),
        sa.Column(
            "signs",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Признаки. Признаки с p не больше 0,01: код, семейство, p.",
        ),
        sa.Column(
            "families_available",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Доступные семейства. Семейства, о которых данные школы позволяют судить.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_objectivity_pooled_level",
        ),
        sa.CheckConstraint("evidence BETWEEN 0 AND 3", name="ck_objectivity_pooled_evidence"),
        sa.CheckConstraint("n >= 0", name="ck_objectivity_pooled_n"),
        sa.CheckConstraint("p BETWEEN 0 AND 1", name="ck_objectivity_pooled_p"),
        sa.CheckConstraint("q BETWEEN 0 AND 1", name="ck_objectivity_pooled_q"),
        sa.CheckConstraint("works >= 0", name="ck_objectivity_pooled_works"),
        sa.PrimaryKeyConstraint("school_year", "level", "unit_code", name="pk_objectivity_pooled"),
        schema="mart",
        comment="Признаки по сумме работ. Строка — учебный год × школа: признаки, сложенные по всем работам; малые школы оцениваются только здесь. Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
    )
    op.create_table(
        "objectivity_unavailable",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "sign",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Признак. Код признака необъективности: BUNCH, ITEM, …; признак требует проверки.",
        ),
        sa.Column(
            "why",
            sa.Text(),
            nullable=False,
            comment="Почему. Почему признак нельзя посчитать или школа не вошла в план перепроверки.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.PrimaryKeyConstraint("event_id", "sign", name="pk_objectivity_unavailable"),
        schema="mart",
        comment="Недоступные признаки. Строка — событие × признак, который нельзя посчитать; пустой признак — о работе в целом.",
    )
    op.create_table(
        "objectivity_agreement",
        sa.Column(
            "school_year",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Учебный год. Учебный год вида 2025/2026.",
        ),
        sa.Column(
            "official_label",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Официальный список. Отмечена, не отмечена, в списке не оценивалась; внешняя метка, не настройка.",
        ),
        sa.Column(
            "our_level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Наш вывод. Уровень доказательности школы в этой работе; not_judged — участников для вывода мало или результатов нет.",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="Школ × работ. Число школ × работ с этим словом списка и этим нашим выводом.",
        ),
        sa.Column(
            "agreement",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Совпало. Доля школ × работ, о которых список и мы (уровень 2 и выше) сказали одно и то же.",
        ),
        sa.Column(
            "kappa",
            sa.Numeric(precision=7, scale=4),
            nullable=True,
            comment="Каппа. Согласие сверх случайного (Cohen 1960).",
        ),
        sa.Column(
            "kappa_low",
            sa.Numeric(precision=7, scale=4),
            nullable=True,
            comment="Каппа от. Нижняя граница 95 % интервала каппы.",
        ),
        sa.Column(
            "kappa_high",
            sa.Numeric(precision=7, scale=4),
            nullable=True,
            comment="Каппа до. Верхняя граница 95 % интервала каппы.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "official_label IN ('marked', 'unmarked', 'not_covered')", name="ck_objectivity_agreement_official_label"
        ),
        sa.CheckConstraint(
            "our_level IN ('0', '1', '2', '3', 'not_judged')", name="ck_objectivity_agreement_our_level"
        ),
        sa.CheckConstraint("agreement BETWEEN 0 AND 1", name="ck_objectivity_agreement_agreement"),
        sa.CheckConstraint("kappa BETWEEN -1 AND 1", name="ck_objectivity_agreement_kappa"),
        sa.CheckConstraint("kappa_high BETWEEN -1 AND 1", name="ck_objectivity_agreement_kappa_high"),
        sa.CheckConstraint("kappa_low BETWEEN -1 AND 1", name="ck_objectivity_agreement_kappa_low"),
        sa.CheckConstraint("n >= 0", name="ck_objectivity_agreement_n"),
        sa.PrimaryKeyConstraint("school_year", "official_label", "our_level", name="pk_objectivity_agreement"),
        schema="mart",
        comment="Официальный список рядом с нашими признаками. Строка — учебный год × слово списка × наш вывод; n — число школ × работ. Согласие и каппа — на весь год, одни и те же в каждой строке; каппа пуста, где одна из сторон сказала обо всех одно и то же. Список — внешняя метка, не настройка: признаки по нему не подгоняются.",
    )
    op.create_table(
        "objectivity_observer",
        sa.Column(
            "school_year",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Учебный год. Учебный год вида 2025/2026.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column(
            "series",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Ряд. Ключ ряда: показатель, предмет, класс, период, раздел, категория.",
        ),
        sa.Column(
            "quantity",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Величина. signs — доля с признаками (p ≤ 0,01), residual — остаток среднего балла школы, score — средний балл школы.",
        ),
        sa.Column(
            "n_observed",
            sa.Integer(),
            nullable=False,
            comment="При наблюдателе. Школ × работ (в строке школы — работ участников).",
        ),
        sa.Column(
            "n_unobserved",
            sa.Integer(),
            nullable=False,
            comment="Без наблюдателя. Школ × работ (в строке школы — работ участников).",
        ),
        sa.Column(
            "observed_value",
            sa.Numeric(precision=10, scale=6),
            nullable=True,
            comment="Значение при наблюдателе. Доля или среднее.",
        ),
        sa.Column(
            "unobserved_value",
            sa.Numeric(precision=10, scale=6),
            nullable=True,
            comment="Значение без наблюдателя. Доля или среднее.",
        ),
        sa.Column(
            "difference",
            sa.Numeric(precision=10, scale=6),
            nullable=False,
            comment="Разность. Без наблюдателя минус при наблюдателе.",
        ),
        sa.Column(
            "difference_low",
            sa.Numeric(precision=10, scale=6),
            nullable=True,
            comment="Разность, от. 95 %: Ньюкомб для долей, нормальный для средних.",
        ),
        sa.Column(
            "difference_high",
            sa.Numeric(precision=10, scale=6),
            nullable=True,
            comment="Разность, до. 95 %: Ньюкомб для долей, нормальный для средних.",
        ),
        sa.Column(
            "p",
            sa.Numeric(precision=16, scale=15),
            nullable=True,
            comment="p. Вероятность такого или большего отклонения у честной школы (mid-p).",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_objectivity_observer_level",
        ),
        sa.CheckConstraint("quantity IN ('signs', 'residual', 'score')", name="ck_objectivity_observer_quantity"),
        sa.CheckConstraint("n_observed >= 0", name="ck_objectivity_observer_n_observed"),
        sa.CheckConstraint("n_unobserved >= 0", name="ck_objectivity_observer_n_unobserved"),
        sa.CheckConstraint("p BETWEEN 0 AND 1", name="ck_objectivity_observer_p"),
        sa.PrimaryKeyConstraint(
            "school_year", "level", "unit_code", "series", "quantity", name="pk_objectivity_observer"
        ),
        schema="mart",
        comment="Результаты при наблюдателе и без него. Строка — учебный год × единица × ряд (событие или all — все вместе) × величина: доля школ × работ с признаками, остаток среднего балла школы, в строке школы — средний балл участников в стандартных отклонениях. Наблюдателей направляют не случайно: разность — повод для вопроса, а не вывод.",
    )
    op.create_table(
        "remarking_outcome",
        sa.Column(
            "school_year",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Учебный год. Учебный год вида 2025/2026.",
        ),
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "evidence_group",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Группа школ. По уровню доказательности до перепроверки: all — все, 2+ — 2 и выше, not_judged — участников мало, work_not_judged — работа не оценивалась ни в одной школе, no_results — результатов школы в этой работе нет.",
        ),
        sa.Column("schools", sa.Integer(), nullable=False, comment="Кол-во ОО. Число школ."),
        sa.Column(
            "confirmed_schools",
            sa.Integer(),
            nullable=False,
            comment="Подтверждено ОО. Школ, признаки которых перепроверка подтвердила по правилу config/objectivity.yaml.",
        ),
        sa.Column(
            "precision",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Точность признаков. Доля подтверждённых из перепроверенных ОО.",
        ),
        sa.Column(
            "precision_low",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Точность, от. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "precision_high",
            sa.Numeric(precision=6, scale=4),
            nullable=True,
            comment="Точность, до. Интервал Уилсона, 95 %.",
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="n. Число наблюдений: знаменатель доли."),
        sa.Column(
            "same",
            sa.Integer(),
            nullable=False,
            comment="Совпали. Работ, у которых отметка (без отметок — балл) подтвердилась.",
        ),
        sa.Column(
            "lower", sa.Integer(), nullable=False, comment="Снижены. Работ, у которых повторная отметка (балл) ниже."
        ),
        sa.Column(
            "higher", sa.Integer(), nullable=False, comment="Повышены. Работ, у которых повторная отметка (балл) выше."
        ),
        sa.Column(
            "same_share",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="Доля подтверждённых. Надёжность: доля подтверждённых работ.",
        ),
        sa.Column(
            "same_low",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="Доля подтверждённых, от. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "same_high",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="Доля подтверждённых, до. Интервал Уилсона, 95 %.",
        ),
        sa.Column(
            "mean_difference",
            sa.Numeric(precision=8, scale=4),
            nullable=False,
            comment="Средняя разность. Повторный балл минус первый. Единица: балл.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "evidence_group IN ('all', '2+', '3', '2', '1', '0', 'not_judged', 'work_not_judged', 'no_results')",
            name="ck_remarking_outcome_evidence_group",
        ),
        sa.CheckConstraint("confirmed_schools >= 0", name="ck_remarking_outcome_confirmed_schools"),
        sa.CheckConstraint("higher >= 0", name="ck_remarking_outcome_higher"),
        sa.CheckConstraint("lower >= 0", name="ck_remarking_outcome_lower"),
        sa.CheckConstraint("n >= 0", name="ck_remarking_outcome_n"),
        sa.CheckConstraint("precision BETWEEN 0 AND 1", name="ck_remarking_outcome_precision"),
        sa.CheckConstraint("precision_high BETWEEN 0 AND 1", name="ck_remarking_outcome_precision_high"),
        sa.CheckConstraint("precision_low BETWEEN 0 AND 1", name="ck_remarking_outcome_precision_low"),
        sa.CheckConstraint("same >= 0", name="ck_remarking_outcome_same"),
        sa.CheckConstraint("same_high BETWEEN 0 AND 1", name="ck_remarking_outcome_same_high"),
        sa.CheckConstraint("same_low BETWEEN 0 AND 1", name="ck_remarking_outcome_same_low"),
        sa.CheckConstraint("same_share BETWEEN 0 AND 1", name="ck_remarking_outcome_same_share"),
        sa.CheckConstraint("schools >= 0", name="ck_remarking_outcome_schools"),
        sa.PrimaryKeyConstraint("school_year", "event_id", "evidence_group", name="pk_remarking_outcome"),
        schema="mart",
        comment="Итоги перепроверки. Строка — учебный год перепроверки × событие, работы которого проверены ещё раз × группа школ по уровню доказательности до перепроверки: сколько школ она подтвердила и сколько работ сохранили отметку. Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
    )
    op.create_table(
        "objectivity_rule",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "level",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Уровень. Уровень единицы: страна, регион, муниципалитет, школа, класс, кластер.",
        ),
        sa.Column(
            "unit_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код единицы. Код региона, муниципалитета, школы; для класса: школа/номер класса.",
        ),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="Входит в. Код единицы уровнем выше."),
        sa.Column(
            "rule",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Распространённое правило. mean — интервал среднего, border — столбец на границе, journal — расхождение с журналом.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint(
            "level IN ('country', 'region', 'municipality', 'school', 'class', 'cluster')",
            name="ck_objectivity_rule_level",
        ),
        sa.CheckConstraint("rule IN ('mean', 'border', 'journal')", name="ck_objectivity_rule_rule"),
        sa.PrimaryKeyConstraint("event_id", "level", "unit_code", "rule", name="pk_objectivity_rule"),
        schema="mart",
        comment="Школы по распространённым правилам. Строка — событие × школа × правило; таблица пуста, пока правила не включены в config/objectivity.yaml. Правила отмечают и честные школы: измеренная доля ложных стоит в docs/methodology/objectivity.md.",
    )
    op.create_table(
        "remarking_plan",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column("priority", sa.Integer(), nullable=False, comment="Очередь. Очередь школы в плане перепроверки."),
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column(
            "pupil",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Псевдоним участника. Ключевой HMAC школы, учебного года, класса и кода участника.",
        ),
        sa.Column(
            "pupil_code",
            sa.Text(),
            nullable=True,
            comment="Код участника. Код участника в школе; список с фамилиями есть только у школы.",
        ),
        sa.Column(
            "sample",
            sa.Text(),
            nullable=False,
            comment="Выборка. Школа с признаками; контрольная с высоким результатом; контрольная случайная.",
        ),
        sa.Column(
            "choice",
            sa.Text(),
            nullable=False,
            comment="Почему выбрана работа. Балл у границы отметки или случайный выбор.",
        ),
        sa.Column(
            "evidence",
            sa.SmallInteger(),
            nullable=False,
            comment="Уровень доказательности. 0 — нет, 1 — слабый, 2 — требует проверки, 3 — повторён, подтверждён или виден по двум семействам.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("choice IN ('border', 'random')", name="ck_remarking_plan_choice"),
        sa.CheckConstraint("sample IN ('flagged', 'control_high', 'control_random')", name="ck_remarking_plan_sample"),
        sa.CheckConstraint("evidence BETWEEN 0 AND 3", name="ck_remarking_plan_evidence"),
        sa.CheckConstraint("priority >= 1", name="ck_remarking_plan_priority"),
        sa.PrimaryKeyConstraint("event_id", "school", "pupil", name="pk_remarking_plan"),
        schema="mart",
        comment="План перепроверки. Строка — работа участника, которую следует проверить ещё раз.",
    )
    op.create_table(
        "remarking_left_out",
        sa.Column(
            "event_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Событие. Код события календаря: год, процедура, предмет, класс.",
        ),
        sa.Column(
            "school",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Код ОО. Логин ФИС ОКО (edu…) или другой ключ школы из реестра.",
        ),
        sa.Column(
            "evidence",
            sa.SmallInteger(),
            nullable=False,
            comment="Уровень доказательности. 0 — нет, 1 — слабый, 2 — требует проверки, 3 — повторён, подтверждён или виден по двум семействам.",
        ),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="Нужно работ. Сколько работ школы и её контрольной школы понадобилось бы проверить ещё раз.",
        ),
        sa.Column(
            "why",
            sa.Text(),
            nullable=False,
            comment="Почему. Почему признак нельзя посчитать или школа не вошла в план перепроверки.",
        ),
        sa.Column(
            "config_version",
            sa.Text(),
            nullable=False,
            comment="Версия настроек. Отпечаток папки config, по которой посчитана строка.",
        ),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Запуск. Идентификатор запуска Dagster, создавшего строку."
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Рассчитано. Время расчёта, UTC."),
        sa.CheckConstraint("evidence BETWEEN 0 AND 3", name="ck_remarking_left_out_evidence"),
        sa.CheckConstraint("n >= 0", name="ck_remarking_left_out_n"),
        sa.PrimaryKeyConstraint("event_id", "school", name="pk_remarking_left_out"),
        schema="mart",
        comment="Не вошли в план перепроверки. Строка — событие × школа с признаками, работ которой в плане нет: сколько работ понадобилось бы вместе с контрольной школой и почему они не вошли. Признак — не доказательство: показывайте его со словами «признак, требует проверки», с n, p и иными объяснениями.",
    )
