"""Whether two articles tell of one place: host countries, and the cities of headline and lead."""

from __future__ import annotations

from dataclasses import replace

from monitor.model.grouping import StoryFeatures, TermCounts
from monitor.stories.cities import is_spelled, may_be_one
from monitor.stories.evidence import NO_COUNTS, Counts, Piece, join_words, rarity

CITY_IN_FOCUS, CITY, MOST_FOR_CITIES = 1.2, 0.5, 2.4
SAME_COUNTRY, SOME_COUNTRY, OTHER_COUNTRY = 2.0, 1.3, -3.0
OTHER_TITLE_COUNTRY, OTHER_TITLE_CITY, OTHER_CITY = -2.0, -2.4, -0.5
NAMED_BESIDE = 0.75  # of that where one of the texts names the other's city in passing
MANY_CITIES = 3
OTHER_CITIES = "other cities"
LIST = 0.12
# In one language the words tell more, and a country says only what they say, too.
COUNTRY_WITH_WORDS = 0.75
# What is left of it where nearly all that is stored is of one country.
COMMON_COUNTRY = 0.45


def judge_places(one: StoryFeatures, other: StoryFeatures, counts: Counts) -> list[Piece]:
    """Judge cities and host countries; another city of one country is another event, rather."""
    pieces: list[Piece] = []
    hosts = set(one.countries) | set(other.countries)
    elsewhere = _judge_elsewhere(one, other, hosts)
    focus = _in(one.focus, hosts) & _in(other.focus, hosts)
    cities = (_in(one.cities, hosts) & _in(other.cities, hosts)) - focus
    # a report of a second city names the first one, too: "a week after Lyon"
    if (focus or cities) and not any(piece.because == OTHER_CITIES for piece in elsewhere):
        # of a text that goes through many cities, each says less
        most = max(len(_in(one.focus, hosts)), len(_in(other.focus, hosts)))
        few = min(1.0, max(0.0, 2.0 - most / MANY_CITIES))
        odds = min(MOST_FOR_CITIES, few * CITY_IN_FOCUS * len(focus) + CITY * len(cities))
        pieces.append(Piece(name="cities", odds=odds, because="the same cities"))
    if one.countries and other.countries:
        known = counts.get("countries", NO_COUNTS)
        piece = _judge_countries(one.countries, other.countries, known)
        if one.pool == other.pool and piece.odds > 0:
            piece = replace(piece, odds=piece.odds * COUNTRY_WITH_WORDS)
        pieces.append(piece)
    return pieces + elsewhere


def _judge_elsewhere(one: StoryFeatures, other: StoryFeatures, hosts: set[str]) -> list[Piece]:
    """Judge whether headline and lead of two texts stand in different places."""
    pieces: list[Piece] = []
    mine, theirs = set(one.title_countries), set(other.title_countries)
    if mine and theirs and not mine & theirs:
        because = f"headlines on {join_words(sorted(mine))} and on {join_words(sorted(theirs))}"
        pieces.append(Piece(name="elsewhere", odds=OTHER_TITLE_COUNTRY, because=because))
    for here, there, odds in (
        (one.title_cities, other.title_cities, OTHER_TITLE_CITY),
        (one.title_cities or one.focus, other.title_cities or other.focus, OTHER_CITY),
    ):
        cities, others = _in(here, hosts), _in(there, hosts)
        if not _are_elsewhere(cities, others):
            continue
        told = bool(cities & _in(other.focus, hosts)), bool(others & _in(one.focus, hosts))
        if all(told):
            break  # one tour of several cities
        share = NAMED_BESIDE if any(told) else 1.0
        pieces.append(Piece(name="elsewhere", odds=odds * share, because=OTHER_CITIES))
        break
    return pieces


def _in(cities: tuple[tuple[str, str], ...], codes: set[str]) -> set[tuple[str, str]]:
    return {city for city in cities if city[0] in codes}


def _are_elsewhere(mine: set[tuple[str, str]], theirs: set[tuple[str, str]]) -> bool:
    """Say whether two sets of cities have none in common; Han spellings are not comparable."""
    if not any(is_spelled(city) for _, city in mine):
        return False
    if not any(is_spelled(city) for _, city in theirs):
        return False
    return not any(
        code == its and may_be_one(city, other) for code, city in mine for its, other in theirs
    )


def _judge_countries(one: tuple[str, ...], other: tuple[str, ...], known: TermCounts) -> Piece:
    both = [code for code in one if code in other]
    # of a list of twelve countries the first says little
    rare = COMMON_COUNTRY + (1.0 - COMMON_COUNTRY) * rarity(one[0], known)
    sure = rare / (1.0 + LIST * (max(len(one), len(other)) - 1))
    if one[0] == other[0]:
        return Piece(name="countries", odds=SAME_COUNTRY * sure, because=f"both in {one[0]}")
    if both:
        share = len(both) / max(len(one), len(other))
        odds = SOME_COUNTRY * share
        return Piece(name="countries", odds=odds, because=f"both name {join_words(both)}")
    return Piece(
        name="countries",
        odds=OTHER_COUNTRY,
        because=f"in {join_words(one)} and in {join_words(other)}",
    )
