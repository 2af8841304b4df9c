"""What is one article and what is only alike."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories.copies import (
    EACH_KEPT,
    Fact,
    Readings,
    Written,
    compare_texts,
    read_written,
)
from tests.storage.building import NOON
from tests.stories.grouping import OWN

TEXT = (
    "The council of Port Halden voted on Monday to close the office on Quay Street that had been"
    " opened by a foreign police force. Seven of nine members were in favour. The mayor, Ana Lind,"
    " said that no permit had ever been asked for, and that the locks would be changed this week."
    " The association that rents the rooms will go to court. Its chairman said that volunteers had"
    " helped 120 residents with forms. Neighbours remember a sign in two languages."
)
SENTENCES = [sentence + "." for sentence in TEXT.rstrip(".").split(". ")]


def written(text: str, *, title: str = "", days: float = 0) -> Written:
    return Written(title=title, text=text, language="en", moment=NOON + timedelta(days=days))


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        " ".join(SENTENCES[:2]),
        "PORT HALDEN (Agency) - " + TEXT + "\nSubscribe to our newsletter\nMore in Politics",
        TEXT.replace("voted on Monday to close", "decided to shut"),
        TEXT.upper(),
        "Cookies help us. We and our partners store data.\n" + " ".join(SENTENCES[:3]),
    ],
    ids=["reprint", "truncated", "boilerplate", "edited", "capitals", "furniture and cut"],
)
def test_copy_is_recognised(copy: str) -> None:
    assert compare_texts(written(TEXT), written(copy)).is_copy
    assert compare_texts(written(copy), written(TEXT)).is_copy


@pytest.mark.parametrize(
    ("other", "fact"),
    [
        (TEXT.replace("Port Halden", "Saint Orla"), Fact.NAME),
        (TEXT.replace("120 residents", "340 residents"), Fact.NUMBER),
    ],
    ids=["another town", "another number"],
)
def test_contradicting_fact_makes_it_another_article(other: str, fact: Fact) -> None:
    compared = compare_texts(written(TEXT), written(other))
    assert not compared.is_copy
    assert fact in {each.fact for each in compared.contradictions}


def test_same_words_a_year_later_are_another_occasion() -> None:
    later = TEXT.replace("Seven of nine", "Eight of nine")
    assert compare_texts(written(TEXT), written(later, days=2)).is_copy
    compared = compare_texts(written(TEXT), written(later, days=365))
    assert [each.fact for each in compared.contradictions] == [Fact.OCCASION]


def test_same_furniture_alone_is_no_copy() -> None:
    """C: boilerplate of one site is most of a short text."""
    furniture = (
        "We and our partners store and access information on a device, such as cookies, and process"
        " personal data for the purposes named below. You may change your mind at any time. "
    )
    one = "A bridge in the north was closed after an inspection found cracks in two pillars. "
    two = "The football club has sold its captain for a sum that nobody would name on Friday. "
    assert not compare_texts(
        written(one + "\n" + furniture[:160]), written(two + "\n" + furniture[:160])
    ).is_copy


@given(st.permutations(SENTENCES), st.integers(min_value=2, max_value=len(SENTENCES)))
def test_comparing_is_the_same_both_ways(order: list[str], size: int) -> None:
    other = " ".join(order[:size])
    one, two = (
        compare_texts(written(TEXT), written(other)),
        compare_texts(written(other), written(TEXT)),
    )
    assert one.is_copy == two.is_copy
    assert one.containment == two.containment


def test_own_texts_of_different_groups_are_no_copies() -> None:
    """o17 to o21 repeat texts of other groups on purpose."""
    groups = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    items = [
        Written(
            title=item["title"],
            text=item["text"],
            language=item["lang"],
            moment=datetime.fromisoformat(item["date"]),
        )
        for group in groups
        if group["kind"] != "near_duplicate"
        for item in group["items"]
    ]
    copies = [
        (one.title, other.title)
        for one, other in itertools.combinations(items, 2)
        if one.language == other.language and compare_texts(one, other).is_copy
    ]
    assert copies == []


def test_text_is_read_once() -> None:
    assert read_written(written(TEXT)) is read_written(written(TEXT))
    assert read_written(written(TEXT)) is not read_written(written(TEXT + "."))


def test_what_is_kept_of_texts_has_bounds() -> None:
    """A page can hold a million characters, and the service runs for months."""
    readings = Readings(most=10 * (EACH_KEPT + 100))
    first = readings.read(written("word " * 20))
    for number in range(9):
        readings.read(written(f"{number:100}"))
    assert readings.read(written("word " * 20)) is first  # and now asked for last
    for number in range(9, 18):
        readings.read(written(f"{number:100}"))
    assert len(readings) == 10
    assert readings.read(written("word " * 20)) is first
    readings.read(written("long " * 100_000))
    assert len(readings) == 0
    assert readings.read(written("word " * 20)) is not first
    for _ in range(100):
        readings.read(written(""))
    assert len(readings) == 2
