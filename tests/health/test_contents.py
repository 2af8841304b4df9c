"""A broken layout, a wall with status 200, another language, a forbidden site: each is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.health.contents import find_change
from monitor.model import Outcome, SourceDay

TODAY = "2026-03-20"
USUAL = SourceDay(
    day="",
    outcomes={Outcome.NO_MATCH: 9, Outcome.EXTRACTION_FAILED: 1, Outcome.UNCHANGED: 50},
    texts=9,
    characters=27_000,
    languages={"hu": 9},
)


def history(*last: SourceDay, days: int = 14) -> list[SourceDay]:
    first = 20 - days
    known = [replace(USUAL, day=f"2026-03-{first + n:02}") for n in range(days - len(last) + 1)]
    told = [replace(d, day=f"2026-03-{20 - len(last) + n + 1:02}") for n, d in enumerate(last)]
    return known + told


UNREADABLE = SourceDay(day="", outcomes={Outcome.EXTRACTION_FAILED: 8, Outcome.NO_MATCH: 1})
WALL = replace(USUAL, repeated=8, characters=9 * 2500)
SHORT = replace(USUAL, characters=9 * 300)
ENGLISH = replace(USUAL, languages={"en": 9})
ROBOTS = SourceDay(day="", outcomes={Outcome.ROBOTS: 12})


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (UNREADABLE, "no text that can be read"),
        (WALL, "say the same"),
        (SHORT, "300 characters in the mean; before, 3000"),
        (ENGLISH, "in 'en'; before, in 'hu'"),
        (ROBOTS, "robots.txt now forbids 12 of 12"),
    ],
    ids=["layout", "consent page with status 200", "teasers", "language", "robots"],
)
def test_change_is_named_within_the_day(day: SourceDay, said: str) -> None:
    """FAULTS C15."""
    changed = find_change(history(day), today=TODAY)
    assert changed is not None
    assert said in changed.why
    assert changed.since == TODAY
    assert changed.cure


def test_reason_of_most_pages_is_told() -> None:
    wall = "the page shows a consent wall in place of the article"
    changed = find_change(history(UNREADABLE), today=TODAY, reason=wall)
    assert changed is not None
    assert wall in changed.why


def test_usual_days_are_no_change() -> None:
    assert find_change(history(USUAL), today=TODAY) is None


def test_few_pages_say_nothing() -> None:
    few = SourceDay(day="", outcomes={Outcome.EXTRACTION_FAILED: 2})
    assert find_change(history(few, days=3), today=TODAY) is None


def test_source_that_was_always_so_has_not_changed() -> None:
    days = [replace(UNREADABLE, day=f"2026-03-{n:02}") for n in range(1, 21)]
    assert find_change(days, today=TODAY) is None


def test_change_that_lasts_does_not_become_the_usual() -> None:
    lasting = history(*[UNREADABLE] * 8, days=14)
    assert find_change(lasting, today=TODAY, known_since="2026-03-13") is not None
    assert find_change(history(USUAL), today=TODAY, known_since="2026-03-13") is None


def test_days_with_few_pages_are_taken_together() -> None:
    one = SourceDay(day="", outcomes={Outcome.EXTRACTION_FAILED: 3})
    changed = find_change(history(one, one), today=TODAY)
    assert changed is not None
    assert changed.since == "2026-03-19"
