"""Reports and other news written by number: as many as wanted, all different, all on one day.

Each report is on the topic, with names, figures and sentences drawn for its number, in a country
where nothing else happened within six weeks: none is a near-duplicate or the same event as another.
"""

from __future__ import annotations

import html
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PLACES_TEXT = """
Ireland:Dublin Spain:Madrid Canada:Toronto Hungary:Budapest Chile:Santiago Italy:Prato
Portugal:Lisbon Greece:Athens Sweden:Stockholm Austria:Vienna Peru:Lima Kenya:Nairobi
Japan:Tokyo Brazil:Recife Ecuador:Quito Poland:Warsaw Croatia:Zagreb Serbia:Belgrade
Romania:Bucharest Norway:Oslo Finland:Helsinki Denmark:Copenhagen Thailand:Bangkok
Cambodia:Sihanoukville Nigeria:Lagos Zambia:Lusaka Argentina:Rosario Colombia:Bogota
Ukraine:Odesa Latvia:Riga Estonia:Tallinn Malta:Valletta Cyprus:Limassol Slovenia:Ljubljana
Slovakia:Bratislava Belgium:Antwerp Netherlands:Rotterdam Germany:Frankfurt France:Paris
Australia:Sydney
"""
PLACES = PLACES_TEXT.split()

WORDS_TEXT = """
amber anchor apple arrow autumn bakery barrel basket beacon bicycle blanket bottle branch bridge
bronze bucket butter button cabin candle canvas carpet castle cellar chapel cherry chimney
circle clover copper corner cottage cotton cradle curtain dolphin drawer eagle engine fabric
falcon feather ferry fiddle forest fountain garden ginger glacier granite hammer harbour harvest
helmet hollow honey island ivory jacket jungle kettle kitchen ladder lantern lemon library
lumber magnet maple marble market meadow melon mirror mitten morning mountain mustard needle
nickel novel oyster paddle palace paper parcel pearl pebble pepper pigeon pillow planet pocket
pollen potato puzzle quarry rabbit railway ribbon river rocket saddle salmon satin scarf shadow
silver sparrow spider spoon statue summer sunset tablet teapot temple thimble thunder ticket
timber tomato tunnel turnip umbrella valley velvet village violin wagon walnut whistle willow
window winter zebra
"""
WORDS = WORDS_TEXT.split()


SEASON = timedelta(days=45)
"""Two reports of one country are so far apart: nobody takes them for one event."""


@dataclass(frozen=True)
class Text:
    """One page: its path, its title, its paragraphs, its day, and whether it is on the topic."""

    path: str
    title: str
    paragraphs: tuple[str, ...]
    day: date
    report: bool

    def page(self) -> bytes:
        """Return the page as HTML."""
        body = "".join(f"<p>{html.escape(each)}</p>\n" for each in self.paragraphs)
        title = html.escape(self.title)
        published = f"<meta property='article:published_time' content='{self.day}T08:00:00Z'>"
        return (
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>"
            f"{published}</head>"
            f"<body><article><h1>{title}</h1>\n{body}</article></body></html>"
        ).encode()


def sentence(dice: random.Random) -> str:
    """Return a sentence of everyday words that says nothing of the topic."""
    words = dice.sample(WORDS, 11)
    return " ".join(["The", *words[:5], "and the", *words[5:]]) + "."


def find_day(number: int) -> date:
    """Return the day of text `number`: yesterday, or a season earlier for each round of places."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    return yesterday - SEASON * (number // len(PLACES))


def write_report(number: int) -> Text:
    """Return report `number`."""
    dice = random.Random(number)
    country, city = PLACES[number % len(PLACES)].split(":")
    street, name = (word.capitalize() for word in dice.sample(WORDS, 2))
    months, people = dice.randint(2, 60), dice.randint(3, 900)
    verb = dice.choice(["orders closure of", "investigates", "shuts", "questions men over"])
    return Text(
        path=f"/article/report-{number}",
        title=f"{country} {verb} Chinese police station on {street} Street in {city}",
        paragraphs=(
            f"{city} - A Chinese police station run above a shop on {street} Street in {city} is"
            f" being looked into by the authorities of {country}, a spokesman named {name} said.",
            f"The overseas police station is said to have been open for {months} months and to have"
            f" dealt with {people} people. {sentence(dice)} {sentence(dice)}",
            f"China denies that such police stations exist. {sentence(dice)} {sentence(dice)}",
        ),
        day=find_day(number),
        report=True,
    )


def write_other(number: int) -> Text:
    """Return news number `number` about nothing that is watched for."""
    dice = random.Random(-1 - number)
    return Text(
        path=f"/article/other-{number}",
        title=f"The {' '.join(dice.sample(WORDS, 4))} of {number}",
        paragraphs=tuple(" ".join(sentence(dice) for _ in range(3)) for _ in range(3)),
        day=find_day(number),
        report=False,
    )
