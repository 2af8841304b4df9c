"""Which spellings are one city, and what two places in two headlines tell."""

from __future__ import annotations

import pytest

from monitor.features import load_gazetteer
from monitor.model import Analysis, Article
from monitor.stories.cities import link_cities, may_be_one
from monitor.stories.compare import compare
from monitor.stories.features import make_features
from monitor.text.serbian import to_cyrillic
from tests.stories.building import make_story_features


@pytest.mark.parametrize(
    ("language", "text", "city"),
    [
        ("ru", "Суд в Варшаве начался", "warsaw"),
        ("hu", "Bécsben és Bukarestben", "vienna"),
        ("zh", "在罗安达开展联合巡逻", "luanda"),
        ("ar", "في الدار البيضاء", "casablanca"),
        ("th", "ตำรวจในกรุงเทพ", "bangkok"),
        ("ko", "바르샤바 지방법원에서", "warsaw"),
        ("sr", "patrole u Beogradu", "belgrade"),
        ("el", "στη Βαρσοβία", "warsaw"),
    ],
)
def test_city_has_one_name_in_every_language(language: str, text: str, city: str) -> None:
    found = {place.city for place in load_gazetteer().find(text, [language])}
    assert city in found


def test_serbian_is_read_in_both_alphabets() -> None:
    """What is listed of Serbian is listed in Latin letters."""
    latin = "Policija je u Beogradu uhapsila Lu Vejmina. Pretres je trajao do 14. marta."
    one, other = (
        make_features(
            Article(url="u", canonical_url="u", title="", text=text, language="sr"),
            Analysis(language="sr"),
            load_gazetteer(),
            seen_at=None,
        )
        for text in (latin, to_cyrillic(latin))
    )
    assert one.cities == other.cities == (("RS", "belgrade"),)
    assert one.lead_kinds == other.lead_kinds != ()
    assert one.names == other.names


def test_cities_of_one_country_stay_apart() -> None:
    names = [("DE", "berlin", ""), ("DE", "frankfurt", ""), ("FR", "lyon", ""), ("FR", "lille", "")]
    assert len(set(link_cities(names).values())) == 4


def test_spellings_of_one_city_are_linked_across_scripts() -> None:
    names = [("HR", "zadar", ""), ("HR", "задар", ""), ("HR", "ζανταρ", "")]
    assert set(link_cities(names).values()) == {"zadar"}


@pytest.mark.parametrize(
    ("one", "other", "perhaps"),
    [
        ("venezia", "venedig", True),
        ("antwerpen", "anvers", True),
        ("lyon", "里昂", True),
        ("pattaya", "phuket", False),
        ("berlin", "frankfurt", False),
        ("leeds", "cardiff", False),
    ],
)
def test_cities_no_list_has_linked_may_still_be_one(one: str, other: str, perhaps: bool) -> None:
    assert may_be_one(one, other) is perhaps


def test_second_city_that_recalls_the_first_is_another_event() -> None:
    first = make_story_features(title_cities=[("IT", "firenze")], focus=[("IT", "firenze")])
    second = make_story_features(
        title_cities=[("IT", "catania")], focus=[("IT", "catania"), ("IT", "firenze")]
    )
    likeness = compare(first, second, {})
    assert likeness.of("elsewhere") < 0
    assert likeness.of("cities") == 0


def test_one_tour_of_two_cities_is_no_sign_of_two_events() -> None:
    both = [("IT", "roma"), ("IT", "milano")]
    one = make_story_features(title_cities=both[:1], focus=both)
    other = make_story_features(title_cities=both[1:], focus=both)
    assert compare(one, other, {}).of("elsewhere") == 0


def test_text_that_goes_through_many_cities_shares_none_of_them() -> None:
    many = [("IT", name) for name in ("roma", "milano", "prato", "napoli", "torino", "bari")]
    one = make_story_features(focus=[("IT", "prato")], title_cities=[("IT", "prato")])
    background = make_story_features(focus=many)
    assert compare(one, background, {}).of("cities") == 0
