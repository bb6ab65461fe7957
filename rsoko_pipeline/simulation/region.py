"""Names and registers of the simulated region: municipalities, schools, contingent. All of them are invented.

Belongs here: names, codes, the frames of the register and the contingent. Does not belong here: how good schools are
(``model``), how a register's file looks (``tables``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.simulation.model import Cohort, Schools
from rsoko_pipeline.simulation.streams import stream

_CITIES = """
    Светлореченск Верхнеозёрск Каменогорье Новоберёзовск Лесозёрск Краснолугск Липоградск Тихореченск
    Медноборск Белокаменногорск Солнечноборск Староключевск
"""
_DISTRICTS = """
    Ольховатский Заречинский Боровлянский Ключевинский Рябинорский Междуозерский Кленоборский Лугоречский
    Осиноборский Приреченский Черёмухинский Вязоборский Холмоборский Елоречский Ивнякинский Калинорецкий
    Родникинский Ясенецкий Полянорецкий Сосноречский Озёркинский Ветлуговский Дубравинский Степнорецкий
    Раздолинский Перелесинский Зоринский Лазорецкий Мохоборский Туманинский Березинецкий Журавлинский
    Глухаринский Малиноборский Орешинский Каменорецкий Тополинский Высокогривский Ширинецкий Новолужский
    Верхнебродский Нижнебродский Староборский Краснохолминский Белобродский Синегоринский Светлополянский
    Тихоборский
"""
_VILLAGES = """
    Ольховка Каменка Берёзовка Сосновка Липовка Осиновка Рябиновка Ключевка Луговка Песчанка Журавка Вязовка
    Дубровка Кленовка Ивановка Покровка Никольевка Малиновка Калиновка Озёрка Речица Поляна Заимка Роща
    Слободка Выселка Ельня Горка Криница Запруда
"""
_VILLAGE_PREFIXES = ("", "Верхняя ", "Нижняя ", "Малая ", "Большая ", "Новая ", "Старая ", "Дальняя ")
_MOST_SCHOOLS = 9_998
_SCHOOLS_A_MUNICIPALITY = 14
_SMALL_SCHOOL = 6.0


def make_municipalities(n_schools: int, seed: int, region: str) -> pd.DataFrame:
    """Municipalities, a quarter of them cities.

    Returns:
        ``municipality`` (code), ``municipality_name``, ``is_city``, ``town`` (where its town schools stand), ``oktmo``.
    """
    rng = stream(seed, "municipalities")
    cities = rng.permutation(_CITIES.split()).tolist()
    districts = rng.permutation(_DISTRICTS.split()).tolist()
    count = min(max(round(n_schools / _SCHOOLS_A_MUNICIPALITY), min(3, n_schools)), len(cities) + len(districts))
    n_cities = min(max(1, round(count / 4)), len(cities))
    cities, districts = cities[:n_cities], districts[: count - n_cities]
    names = [f"городской округ город {city}" for city in cities]
    names += [f"{district} муниципальный {'округ' if i % 3 == 2 else 'район'}" for i, district in enumerate(districts)]
    return pd.DataFrame(
        {
            "municipality": [f"reg{region}_m{i:03d}" for i in range(1, count + 1)],
            "municipality_name": names,
            "is_city": [i < n_cities for i in range(count)],
            "town": cities + [district.removesuffix("ий") for district in districts],
            "oktmo": [f"{region}{700 + i if i < n_cities else 600 + i}000" for i in range(count)],
        }
    )


def make_register(schools: Schools, seed: int, region: str) -> pd.DataFrame:
    """The register of schools, a row a school in the order of the simulation's positions.

    Args:
        schools: the schools of the simulation.
        seed: of the names.
        region: two digits of the region's code.

    Returns:
        ``school`` (login edu + region + 4 digits, ascending by municipality), ``school_name``, ``municipality``,
        ``municipality_name``, ``kind``, ``settlement``, ``is_small``, ``is_advanced``, ``is_special``, ``inn``,
        ``ogrn``, ``ris_code``, ``oktmo``, ``valid_from`` (dd.mm.yyyy).

    Raises:
        ValueError: more schools than logins.
    """
    if len(schools) > _MOST_SCHOOLS:
        raise ValueError(f"не больше {_MOST_SCHOOLS} школ: в логине четыре цифры")
    rng = stream(seed, "register")
    towns = make_municipalities(len(schools), seed, region)
    place = _municipality_of(schools, towns, rng)
    order = np.lexsort((rng.random(len(schools)), place))
    rank = np.empty(len(schools), dtype=np.int64)
    rank[order] = np.arange(1, len(schools) + 1)
    kinds = _kinds(schools, rng)
    of_town = towns.iloc[place].reset_index(drop=True)
    return pd.DataFrame(
        {
            "school": [f"edu{region}{number:04d}" for number in rank],
            "school_name": _names(schools, kinds, place, of_town["town"].tolist(), order, rng),
            "municipality": of_town["municipality"],
            "municipality_name": of_town["municipality_name"],
            "kind": kinds,
            "settlement": np.where(schools.is_rural, "село", "город"),
            "is_small": schools.is_rural & (schools.size < _SMALL_SCHOOL),
            "is_advanced": schools.is_strong | (~schools.is_rural & (rng.random(len(schools)) < 0.15)),
            "is_special": np.zeros(len(schools), dtype=bool),
            "inn": [_inn(f"{region}01{number:05d}") for number in rank],
            "ogrn": [_ogrn(f"102{region}00{number:05d}") for number in rank],
            "ris_code": [f"{m[-3:]}{number:04d}" for m, number in zip(of_town["municipality"], rank, strict=True)],
            "oktmo": of_town["oktmo"],
            "valid_from": "01.09.2015",
        }
    )


def _municipality_of(schools: Schools, towns: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    is_city = towns["is_city"].to_numpy()
    in_town = np.where(is_city, 3.0, 1.0)
    in_town[0] = 8.0
    in_village = np.where(is_city, 0.0, 1.0) if not is_city.all() else np.ones(len(towns))
    drawn = rng.choice(len(towns), size=len(schools), p=in_town / in_town.sum())
    rural = rng.choice(len(towns), size=len(schools), p=in_village / in_village.sum())
    return np.where(schools.is_rural, rural, drawn)


def _kinds(schools: Schools, rng: np.random.Generator) -> list[str]:
    is_gymnasium = rng.random(len(schools)) < 0.6
    is_basic = schools.is_rural & (rng.random(len(schools)) < np.where(schools.size < _SMALL_SCHOOL, 0.7, 0.15))
    return np.select(
        [schools.is_strong & is_gymnasium, schools.is_strong, is_basic], ["гимназия", "лицей", "ООШ"], "СОШ"
    ).tolist()


def _names(
    schools: Schools, kinds: list[str], place: np.ndarray, towns: list[str], order: np.ndarray, rng: np.random.Generator
) -> list[str]:
    """Names that differ within the region as long as a municipality has fewer than 240 village schools."""
    villages = [prefix + root for prefix in _VILLAGE_PREFIXES for root in _VILLAGES.split()]
    lists = {municipality: rng.permutation(len(villages)) for municipality in np.unique(place).tolist()}
    met: dict[tuple[int, str], int] = {}
    names = [""] * len(schools)
    for i in order.tolist():
        municipality, kind = int(place[i]), kinds[i]
        group = "село" if schools.is_rural[i] else "школа" if kind in ("СОШ", "ООШ") else kind
        number = met[municipality, group] = met.get((municipality, group), 0) + 1
        if schools.is_rural[i]:
            village = villages[lists[municipality][(number - 1) % len(villages)]]
            owner, settlement = ("МКОУ", "д.") if kind == "ООШ" else ("МБОУ", "с.")
            names[i] = f"{owner} «{kind} {settlement} {village}»"
        else:
            owner = "МАОУ" if kind == "лицей" else "МБОУ"
            names[i] = f"{owner} «{kind[0].upper()}{kind[1:]} №{number} г. {towns[i]}»"
    return names


def _inn(first_nine: str) -> str:
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return first_nine + str(sum(w * int(d) for w, d in zip(weights, first_nine, strict=True)) % 11 % 10)


def _ogrn(first_twelve: str) -> str:
    return first_twelve + str(int(first_twelve) % 11 % 10)


def make_contingent(
    register: pd.DataFrame, cohorts: dict[int, Cohort], grades: dict[int, int], school_year: str
) -> pd.DataFrame:
    """Pupils on the roll.

    Args:
        register: as from ``make_register``.
        cohorts: pupils by cohort.
        grades: cohort of every grade in that school year.
        school_year: as written, «2025/2026».

    Returns:
        ``school``, ``school_year``, ``grade``, ``class_no``, ``enrolled``: a row a class.
    """
    parts = []
    for grade, name in sorted(grades.items()):
        cohort = cohorts[name]
        counted = pd.DataFrame({"place": cohort.school, "class_no": cohort.class_no}).value_counts(sort=False)
        part = counted.rename("enrolled").reset_index()
        parts.append(part.assign(school=register["school"].to_numpy()[part["place"]], grade=grade))
    frame = pd.concat(parts, ignore_index=True).assign(school_year=school_year)
    frame = frame.sort_values(["school", "grade", "class_no"], ignore_index=True)
    return frame[["school", "school_year", "grade", "class_no", "enrolled"]]
