"""Which spellings of cities mean one city: Wien, Вена, Bécs and 维也纳, but not Berlin and Bern.

    a list handed in + CLDR's cities of time zones → {(country, spelling): city}

CLDR says outright which spellings are one city; of the others, those of one country are one city
that have nearly the same consonants and, in one script, the same letters.
Without domain knowledge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from monitor.stories.skeleton import skeleton
from monitor.text.normal import normalise

# What CLDR calls each language's main locale where it is not the language's own tag.
LOCALES = {"zh": ("zh", "zh_Hant"), "sr": ("sr_Latn",), "no": ("no",)}
ALIKE_BONES, ALIKE_LETTERS, VERY_ALIKE = 0.75, 0.5, 0.7
PERHAPS, LIKE_LETTERS = 0.5, 0.45
# Zones that are no place where anything happens.
NO_CITIES = ("Etc/", "Antarctica/", "Arctic/")

Forms = Callable[[str, str], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class CityName:
    """One spelling of a city of a time zone; `*` ends a stem."""

    language: str
    literal: str
    code: str
    zone: str
    kind: str = "city"


@dataclass
class _City:
    name: str
    spellings: set[str] = field(default_factory=set)
    bones: set[str] = field(default_factory=set)


def read_zone_cities(languages: Iterable[str], forms: Forms) -> Iterator[CityName]:
    """Yield the cities that time zones are named for, as `languages` spell and inflect them."""
    countries = get_global("zone_territories")
    for language in languages:
        for locale in LOCALES.get(language, (language,)):
            for zone, names in Locale.parse(locale).time_zones.items():
                code = countries.get(zone, "")
                written = names.get("city", "") if code.isalpha() else ""
                if len(written) < 2 or zone.startswith(NO_CITIES):
                    continue
                for form in forms(language, written):
                    yield CityName(language=language, literal=form, code=code, zone=zone)


def link_cities(names: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Return {(country, spelling in normal form): the city's name}, from (country, spelling, zone).

    A city is called what it is spelled first, in normal form; `zone` is "" where none is known.
    """
    by_country: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, spelling, zone in names:
        by_country[code].append((spelling, zone))
    found: dict[tuple[str, str], str] = {}
    for code, spellings in by_country.items():
        cities: list[_City] = []
        zones: dict[str, _City] = {}
        # those of zones first: they are sure
        for spelling, zone in sorted(spellings, key=lambda each: not each[1]):
            city = zones.get(zone) if zone else None
            city = city or _find_city(spelling, cities)
            if city is None:
                city = _City(name=zone.rpartition("/")[2].lower().replace("_", " ") or spelling)
                cities.append(city)
            if zone:
                zones[zone] = city
            city.spellings.add(spelling)
            if zone or len(city.spellings) == 1:
                city.bones.add(skeleton(spelling))  # of no more: likenesses do not add up
            found[code, spelling] = city.name
    return found


def _find_city(spelling: str, cities: list[_City]) -> _City | None:
    bones = skeleton(spelling)
    best: tuple[float, _City] | None = None
    for city in cities:
        if spelling in city.spellings:
            return city
        alike = max((_ratio(bones, each) for each in city.bones), default=0.0) if bones else 0.0
        if alike >= ALIKE_BONES and (best is None or alike > best[0]) and _reads(spelling, city):
            best = (alike, city)
    return best[1] if best else None


def _reads(spelling: str, city: _City) -> bool:
    """Say whether the letters of a city's spellings in the same script are like these."""
    same_script = [each for each in city.spellings if ord(each[0]) >> 8 == ord(spelling[0]) >> 8]
    return not same_script or any(
        _ratio(spelling, each) >= (ALIKE_LETTERS if spelling[0] == each[0] else VERY_ALIKE)
        for each in same_script
    )


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@lru_cache(maxsize=16384)
def may_be_one(one: str, other: str) -> bool:
    """Say whether two cities could be one after all: a spelling that no list has linked.

    What has no letters that can be read off (Han) could be anything.
    """
    if one == other or not (is_spelled(one) and is_spelled(other)):
        return True
    if _ratio(one, other) < LIKE_LETTERS:
        return False
    alike = _ratio(skeleton(one), skeleton(other))
    return alike >= (PERHAPS if one[0] == other[0] else VERY_ALIKE)


def is_spelled(city: str) -> bool:
    """Say whether a city's name can be read off: Latin letters, as `link_cities` returns them."""
    return city.isascii() and city.islower() and len(city) > 2


def in_normal_form(literal: str) -> str:
    """Return a spelling as cities are linked by it."""
    return normalise(literal.strip("*=")).text.strip()
