"""Reads the configuration: base and overlays, checks, version, cache.

Belongs here: files and their order. Does not belong here: what may stand in them (``models.py``, ``checks.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rsoko_pipeline.calendar.events import Calendar
from rsoko_pipeline.configuration import models
from rsoko_pipeline.configuration.assemble import build_calendar
from rsoko_pipeline.configuration.checks import check_calendar, check_procedures
from rsoko_pipeline.configuration.errors import (
    ConfigurationError,
    DuplicateKeyError,
    Problem,
    key_path,
    line_of,
    problems_of,
    syntax_problem,
)
from rsoko_pipeline.configuration.facts import inherit
from rsoko_pipeline.configuration.measures import check_plans
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.configuration.places import config_folders

_M = TypeVar("_M", bound=BaseModel)
_REQUIRED = ("region.yaml", "limits.yaml", "subjects.yaml", "findings.yaml", "privacy.yaml", "registers.yaml")
_KNOWN = (*_REQUIRED, "calendar", "measures", "procedures")


@dataclass(frozen=True)
class Configuration:
    """Everything that a region sets, checked.

    Attributes:
        version: 12 hexadecimal digits of the SHA-256 of the files in effect, by name.
        subjects, procedures: by code and by id, in the order of the files.
        calendar: events in the order of the partitions, deadlines, school days.
        plans: plans of measures by id, which is the file's name.
    """

    version: str
    region: models.Region
    limits: models.Limits
    subjects: dict[str, models.Subject]
    procedures: dict[str, models.Procedure]
    calendar: Calendar
    plans: dict[str, models.Plan]

    def subject_named(self, text: str) -> models.Subject | None:
        """The subject that a file calls ``text``: by name, short name, alias or code, whatever the case, spaces and
        look-alike letters; None when no subject is called so.
        """
        return self._by_name.get(comparable(text))

    def procedure_named(self, text: str) -> models.Procedure | None:
        """The procedure that a file calls ``text``, compared as in ``subject_named``; None when there is none."""
        return self._by_procedure_name.get(comparable(text))

    @cached_property
    def measures(self) -> dict[tuple[str, str], models.Measure]:
        """The lines of all plans by plan and number."""
        return {(plan.id, number): measure for plan in self.plans.values() for number, measure in plan.measures.items()}

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
    files = _effective(config_folders(overlays))
    version = _version(files)
    key = (version, *(str(file.folder) for file in files.values()))
    if key not in _cache:
        _cache.clear()
        _cache[key] = _Reading(files).configuration(version)
    return _cache[key]


def _is_plan(name: str) -> bool:
    return name.startswith("measures/") and name.endswith(".yaml")


@dataclass(frozen=True)
class _File:
    """A file in effect: its bytes, and the overlay it comes from (None: the base)."""

    content: bytes
    folder: Path | None


def _effective(folders: Sequence[Path]) -> dict[str, _File]:
    """The YAML files in effect: relative name → file, sorted by name."""
    paths: dict[str, tuple[Path, Path | None]] = {}
    for folder in folders:
        if not folder.is_dir():
            remedy = "Исправьте переменную RSOKO_CONFIG или создайте папку."
            raise ConfigurationError([Problem(str(folder), "", "такой папки нет", remedy)])
        overlay = None if folder == folders[0] else folder
        for path in folder.rglob("*.y*ml"):
            paths[path.relative_to(folder).as_posix()] = path, overlay
    return {name: _File(path.read_bytes(), overlay) for name, (path, overlay) in sorted(paths.items())}


def _version(files: Mapping[str, _File]) -> str:
    digest = hashlib.sha256()
    for name, file in files.items():
        digest.update(f"{name}\0{len(file.content)}\0".encode() + file.content)
    return digest.hexdigest()[:12]


class _UniqueKeyLoader(yaml.CSafeLoader):
    """Safe YAML in which a key written twice is an error; plain YAML would silently take the last one."""


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    out: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in out:
            raise DuplicateKeyError(key, key_node.start_mark)
        out[key] = loader.construct_object(value_node, deep=True)
    return out


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _Reading:
    """One reading of all files; collects every problem before it complains."""

    def __init__(self, files: Mapping[str, _File]) -> None:
        self._files = files
        self._problems: list[Problem] = []

    def configuration(self, version: str) -> Configuration:
        """The configuration, or every problem at once."""
        self._check_names()
        region = self._read("region.yaml", models.Region)
        limits = self._read("limits.yaml", models.Limits)
        subjects = self._subjects()
        self._read("findings.yaml", models.FindingsFile)
        self._read("privacy.yaml", models.PrivacyFile)
        self._read("registers.yaml", models.RegistersFile)
        procedures = self._procedures()
        names = [name for name in self._files if name.startswith("calendar/")]
        years = {name: year for name in names if (year := self._read(name, models.YearFile))}
        plans = self._plans()
        check_procedures(procedures, subjects, self._report)
        check_calendar(years, self._procedure_ids(), subjects, self._report)
        check_plans(plans, self._report)
        if self._problems or region is None or limits is None or subjects is None:
            raise ConfigurationError(self._problems)
        calendar = build_calendar(years.values(), procedures, subjects)
        return Configuration(version, region, limits, subjects, procedures, calendar, plans)

    def _check_names(self) -> None:
        """Required files are there; a file that would be passed over because of a slip in its name is reported."""
        for name in _REQUIRED:
            if name not in self._files:
                self._report(name, (), "файла нет", "Верните файл: без него настройка неполна.")
        for name in self._files:
            top = name.partition("/")[0]
            near = None if top in _KNOWN else next(iter(get_close_matches(top, _KNOWN, n=1, cutoff=0.8)), None)
            if not name.endswith(".yaml"):
                self._report(name, (), "расширение не .yaml", "Переименуйте файл: читаются только файлы .yaml.")
            elif near:
                self._report(name, (), f"имя {top} не читается", f"Похоже, имелось в виду {near}: переименуйте.")

    def _subjects(self) -> dict[str, models.Subject] | None:
        file = self._read("subjects.yaml", models.SubjectsFile)
        if file is None:
            return None
        owners: dict[str, tuple[int, str]] = {}
        for index, subject in enumerate(file.subjects):
            for name in subject.names:
                owner, code = owners.setdefault(comparable(name), (index, subject.code))
                if owner != index:
                    what = f"название «{name}» предмета {subject.code} уже занято предметом {code}"
                    self._report("subjects.yaml", ("subjects", index), what, "Уберите название у одного из них.")
        return {subject.code: subject for subject in file.subjects}

    def _plans(self) -> dict[str, models.Plan]:
        """The plans of measures by id."""
        stems = [name.removeprefix("measures/").removesuffix(".yaml") for name in self._files if _is_plan(name)]
        read = ((stem, self._read(f"measures/{stem}.yaml", models.Plan, id=stem)) for stem in stems)
        return {stem: plan for stem, plan in read if plan}

    def _procedures(self) -> dict[str, models.Procedure]:
        found = ((identifier, self._procedure(identifier)) for identifier in self._procedure_ids())
        return {identifier: procedure for identifier, procedure in found if procedure}

    def _procedure_ids(self) -> list[str]:
        return sorted({name.split("/")[1] for name in self._files if name.startswith("procedures/")})

    def _procedure(self, identifier: str) -> models.Procedure | None:
        folder = f"procedures/{identifier}"
        if f"{folder}/procedure.yaml" not in self._files:
            remedy = "Опишите процедуру: название, уровень, пороги, правила."
            self._report(f"{folder}/procedure.yaml", (), "файла нет", remedy)
        head = self._read(f"{folder}/procedure.yaml", models.ProcedureFile)
        scales = self._read(f"{folder}/scales.yaml", models.ScalesFile)
        works = self._read(f"{folder}/works.yaml", models.WorksFile)
        layouts = self._maps(f"{folder}/layouts/", models.Layout, identifier)
        delimited = self._maps(f"{folder}/delimited/", models.DelimitedLayout, identifier)
        self._check_folder(folder)
        if head is None:
            return None
        return models.Procedure.model_validate(
            {
                **dict(head),
                "id": identifier,
                "scales": scales.scales if scales else (),
                "test_scales": scales.test_scales if scales else (),
                "works": works.works if works else (),
                "layouts": layouts,
                "delimited": delimited,
            }
        )

    def _maps(self, folder: str, model: type[_M], procedure: str) -> dict[str, _M]:
        """The layouts of one folder by id, which is the file's name."""
        stems = [name.removeprefix(folder).removesuffix(".yaml") for name in self._files if name.startswith(folder)]
        read = ((stem, self._read(f"{folder}{stem}.yaml", model, id=stem, procedure=procedure)) for stem in stems)
        return {stem: layout for stem, layout in read if layout}

    def _check_folder(self, folder: str) -> None:
        known = {f"{folder}/{name}.yaml" for name in ("procedure", "scales", "works")}
        for name in self._files:
            in_parts = name.startswith((f"{folder}/layouts/", f"{folder}/delimited/"))
            if name.startswith(f"{folder}/") and name not in known and not in_parts:
                self._report(
                    name,
                    (),
                    "файл с таким именем здесь не читается",
                    "Место есть для procedure.yaml, scales.yaml, works.yaml, layouts/*.yaml и delimited/*.yaml.",
                )

    def _read(self, name: str, model: type[_M], **given: str) -> _M | None:
        """The file ``name`` as ``model``; None (and problems, unless the file is absent) where that fails."""
        file = self._files.get(name)
        if file is None:
            return None
        try:
            raw = yaml.load(file.content, Loader=_UniqueKeyLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self._problems.append(replace(syntax_problem(name, error), folder=file.folder))
            return None
        if not isinstance(raw, dict):
            self._report(name, (), "в файле нет ни одного ключа", "Заполните файл или уберите его.")
            return None
        try:
            return model.model_validate({**inherit(raw, model), **given})
        except ValidationError as error:
            found = problems_of(error, name, file.content.decode(), model)
            self._problems.extend(replace(problem, folder=file.folder) for problem in found)
            return None

    def _report(self, name: str, location: Sequence[str | int], text: str, remedy: str) -> None:
        file = self._files.get(name)
        line = line_of(file.content.decode(), location) if file and location else None
        folder = file.folder if file else None
        self._problems.append(Problem(name, key_path(location), text, remedy, line, folder))
