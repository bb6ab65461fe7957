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
    ],
)
def test_an_error_names_file_key_and_what_is_wrong(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        module.load(_changed(tmp_path, old, new))
    problems = [problem for problem in caught.value.problems if problem.key == key]
    assert problems and problems[0].file == "objectivity.yaml"
    assert words in problems[0].text
