"""The settings' file: what it must hold and how an error in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsoko_pipeline.configuration.errors import ConfigurationError
from rsoko_pipeline.configuration.places import config_file
from rsoko_pipeline.objectivity import settings as module
from rsoko_pipeline.objectivity.settings import Settings


def test_every_sign_has_its_words(settings: Settings) -> None:
    assert settings.caption == "признак, требует проверки"
    for name, sign in settings.signs.items():
        assert sign.title and sign.meaning.endswith(".") and sign.comparison and sign.alternatives, name
        assert sign.family in (*settings.families, module.APART)
    assert set(settings.never_alone) <= set(settings.families)


def _changed(tmp_path: Path, old: str, new: str) -> Path:
    text = config_file(module.FILE).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / module.FILE
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("q_flag: 0.10", "q_flag: 10", "q_flag", "не больше"),
        ("max_class: 40", "max_clas: 40", "max_clas", "неизвестный ключ"),
        ("family: A", "family: X", "", "семейства нет в families: X"),
        ("trim: 0.03", "trim: много", "trim", "число"),
        ("  ITEM:", "  ITEMS:", "signs", "нет признаков: ITEM"),
    ],
)
def test_an_error_names_file_key_and_what_is_wrong(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        module.load(_changed(tmp_path, old, new))
    problems = [problem for problem in caught.value.problems if problem.key == key]
    assert problems and problems[0].file == "objectivity.yaml"
    assert words in problems[0].text


def test_a_sign_that_nobody_computes_is_refused(tmp_path: Path) -> None:
    text = config_file(module.FILE).read_text(encoding="utf-8")
    stage = text[text.index("  STAGE:") : text.index("# С каким результатом")]
    path = _changed(tmp_path, stage, stage + stage.replace("STAGE", "OTHER"))
    with pytest.raises(ConfigurationError) as caught:
        module.load(path)
    (problem,) = caught.value.problems
    assert problem.key == "signs" and problem.text == "таких признаков нет: OTHER"
    assert "STAGE" in problem.remedy and problem.folder == tmp_path


def test_a_part_of_the_file_in_a_region_s_folder_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / module.FILE).write_text("remarking:\n  budget: 100\n", encoding="utf-8")
    monkeypatch.setenv("RSOKO_CONFIG", str(tmp_path))
    with pytest.raises(ConfigurationError) as caught:
        module.load()
    (problem,) = caught.value.problems
    assert problem.file == module.FILE and problem.folder == tmp_path
    assert "not_assessed" in problem.text and "remarking.random_works" in problem.text
    assert "целиком" in problem.remedy and "config/objectivity.yaml" in problem.remedy


def test_the_whole_file_in_a_region_s_folder_takes_the_place_of_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    _changed(tmp_path, "budget: 500", "budget: 100")
    monkeypatch.setenv("RSOKO_CONFIG", str(tmp_path))
    assert module.load().remarking.budget == 100 != settings.remarking.budget
