"""Reads the configuration: base and overlays, checks, version, cache.

Belongs here: files and their order. Does not belong here: what may stand in them (``models.py``, ``checks.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rsoko_pipeline.calendar.events import Calendar
from rsoko_pipeline.configuration import models
from rsoko_pipeline.configuration.assemble import build_calendar
from rsoko_pipeline.configuration.checks import check_calendar, check_procedures
from rsoko_pipeline.configuration.errors import ConfigurationError, Problem, key_path, line_of, problems_of
from rsoko_pipeline.configuration.facts import inherit
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.configuration.places import config_folders

_M = TypeVar("_M", bound=BaseModel)
_REQUIRED = ("region.yaml", "limits.yaml", "subjects.yaml", "findings.yaml")


@dataclass(frozen=True)
class Configuration:
    """Everything that a region sets, checked.

    Attributes:
        version: 12 hexadecimal digits of the SHA-256 of the files in effect, by name.
        subjects, procedures: by code and by id, in the order of the files.
        calendar: events in the order of the partitions, deadlines, school days.
    """

    version: str
    region: models.Region
    limits: models.Limits
    subjects: dict[str, models.Subject]
    procedures: dict[str, models.Procedure]
    calendar: Calendar

    def subject_named(self, text: str) -> models.Subject | None:
        """The subject that a file calls ``text``: by name, short name, alias or code, whatever the case, spaces and
        look-alike letters; None when no subject is called so.
        """
        return self._by_name.get(comparable(text))

    def procedure_named(self, text: str) -> models.Procedure | None:
        """The procedure that a file calls ``text``, compared as in ``subject_named``; None when there is none."""
        return self._by_procedure_name.get(comparable(text))

    @cached_property
    def layouts(self) -> dict[str, models.Layout]:
        """The layouts of all procedures by layout id."""
        return {name: layout for procedure in self.procedures.values() for name, layout in procedure.layouts.items()}

    @cached_property
    def delimited(self) -> dict[str, models.DelimitedLayout]:
        """The delimited layouts of all procedures by layout id."""
        return {name: layout for procedure in self.procedures.values() for name, layout in procedure.delimited.items()}

    @cached_property
    def _by_name(self) -> dict[str, models.Subject]:
        return {comparable(name): subject for subject in self.subjects.values() for name in subject.names}

    @cached_property
    def _by_procedure_name(self) -> dict[str, models.Procedure]:
        return {
            comparable(name): procedure
            for procedure in self.procedures.values()
            for name in (procedure.name, procedure.short, *procedure.aliases, procedure.id)
        }


_cache: dict[tuple[str, ...], Configuration] = {}


def load(overlays: str | None = None) -> Configuration:
    """The configuration of ``config/`` and of the overlays over it.

    Args:
        overlays: folders joined by ``os.pathsep``; by default the variable ``RSOKO_CONFIG``. A file of a later folder
            replaces the file of the same relative name, other files are added.

    Raises:
        ConfigurationError: something is wrong; it names every problem with file, key and remedy.
    """
    folders = config_folders(overlays)
    contents = _effective(folders)
    version = _version(contents)
    key = (version, *map(str, folders))
    if key not in _cache:
        _cache.clear()
        _cache[key] = _Reading(contents).configuration(version)
    return _cache[key]


def _effective(folders: Sequence[Path]) -> dict[str, bytes]:
    """The YAML files in effect: relative name → bytes, sorted by name."""
    paths: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(
                [Problem(str(folder), "", "такой папки нет", "Исправьте переменную RSOKO_CONFIG или создайте папку.")]
            )
        paths.update({path.relative_to(folder).as_posix(): path for path in folder.rglob("*.yaml")})
    return {name: paths[name].read_bytes() for name in sorted(paths)}


def _version(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


class _UniqueKeyLoader(yaml.CSafeLoader):
    """Safe YAML in which a key written twice is an error; plain YAML would silently take the last one."""


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    out: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in out:
            raise yaml.constructor.ConstructorError(None, None, f"ключ {key} записан дважды", key_node.start_mark)
        out[key] = loader.construct_object(value_node, deep=True)
    return out


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _Reading:
    """One reading of all files; collects every problem before it complains."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self._problems: list[Problem] = []

    def configuration(self, version: str) -> Configuration:
        for name in _REQUIRED:
            if name not in self._contents:
                self._report(name, (), "файла нет", "Верните файл: без него настройка неполна.")
        region = self._read("region.yaml", models.Region)
        limits = self._read("limits.yaml", models.Limits)
        subjects = self._subjects()
        self._read("findings.yaml", models.FindingsFile)
        procedures = self._procedures()
        years = {
            name: year
            for name in self._contents
            if name.startswith("calendar/") and (year := self._read(name, models.YearFile))
        }
        check_procedures(procedures, subjects, self._report)
        check_calendar(years, procedures, subjects, self._report)
        if self._problems or region is None or limits is None:
            raise ConfigurationError(self._problems)
        calendar = build_calendar(years.values(), procedures, subjects)
        return Configuration(version, region, limits, subjects, procedures, calendar)

    def _subjects(self) -> dict[str, models.Subject]:
        file = self._read("subjects.yaml", models.SubjectsFile)
        subjects = file.subjects if file else ()
        owners: dict[str, str] = {}
        for index, subject in enumerate(subjects):
            for name in subject.names:
                if owners.setdefault(comparable(name), subject.code) != subject.code:
                    self._report(
                        "subjects.yaml", ("subjects", index),
                        f"название «{name}» предмета {subject.code} уже занято предметом {owners[comparable(name)]}",
                        "Уберите название у одного из предметов.",
                    )
        return {subject.code: subject for subject in subjects}

    def _procedures(self) -> dict[str, models.Procedure]:
        ids = sorted({name.split("/")[1] for name in self._contents if name.startswith("procedures/")})
        found = ((identifier, self._procedure(identifier)) for identifier in ids)
        return {identifier: procedure for identifier, procedure in found if procedure}

    def _procedure(self, identifier: str) -> models.Procedure | None:
        folder = f"procedures/{identifier}"
        known = {f"{folder}/{name}.yaml" for name in ("procedure", "scales", "works")}
        parts: dict[str, dict[str, Any]] = {"layouts": {}, "delimited": {}}
        for name in self._contents:
            kind, _, rest = name.removeprefix(f"{folder}/").partition("/")
            if not name.startswith(f"{folder}/") or name in known:
                continue
            if kind not in parts or "/" in rest:
                self._report(
                    name, (), "файл с таким именем здесь не нужен",
                    "В папке процедуры бывают procedure.yaml, scales.yaml, works.yaml, layouts/*.yaml и delimited/*.yaml.",
                )
                continue
            model = models.Layout if kind == "layouts" else models.DelimitedLayout
            stem = rest.removesuffix(".yaml")
            layout = self._read(name, model, id=stem, procedure=identifier)
            if layout:
                parts[kind][stem] = layout
        scales = self._read(f"{folder}/scales.yaml", models.ScalesFile)
        works = self._read(f"{folder}/works.yaml", models.WorksFile)
        if f"{folder}/procedure.yaml" not in self._contents:
            self._report(
                f"{folder}/procedure.yaml", (), "файла нет", "Опишите процедуру: название, уровень, пороги, правила."
            )
        head = self._read(f"{folder}/procedure.yaml", models.ProcedureFile)
        if head is None:
            return None
        return models.Procedure.model_construct(
            **{name: getattr(head, name) for name in models.ProcedureFile.model_fields},
            id=identifier,
            scales=scales.scales if scales else (),
            works=works.works if works else (),
            **parts,
        )

    def _read(self, name: str, model: type[_M], **given: str) -> _M | None:
        """The file ``name`` as ``model``; None (and problems, unless the file is absent) where that fails."""
        content = self._contents.get(name)
        if content is None:
            return None
        try:
            raw = yaml.load(content, Loader=_UniqueKeyLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self._problems.append(_syntax_problem(name, error))
            return None
        if not isinstance(raw, dict):
            self._report(name, (), "в файле нет ни одного ключа", "Заполните файл или уберите его.")
            return None
        try:
            return model.model_validate({**inherit(raw, model), **given})
        except ValidationError as error:
            self._problems.extend(problems_of(error, name, content.decode(), model))
            return None

    def _report(self, file: str, location: Sequence[str | int], text: str, remedy: str) -> None:
        content = self._contents.get(file)
        line = line_of(content.decode(), location) if content and location else None
        self._problems.append(Problem(file, key_path(location), text, remedy, line))


def _syntax_problem(name: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    if isinstance(error, yaml.constructor.ConstructorError) and "дважды" in str(what):
        return Problem(name, "", str(what), "Оставьте одну запись.", mark.line + 1 if mark else None)
    remedy = "Проверьте отступы (только пробелы), двоеточия, кавычки и кодировку UTF-8 возле этой строки."
    return Problem(name, "", f"файл не читается как YAML: {what}", remedy, mark.line + 1 if mark else None)
