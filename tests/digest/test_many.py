"""A digest of a storm: the top stories in full, the rest a line each, nothing without a count."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace

import pytest

from monitor.model import Level, OwedAlert
from monitor.render.digest import MOST_FULL, MOST_MENTIONS, MOST_SHORT, render_digest
from tests.render.samples import EN, ZH, digest, owed, subscriber

COUNTRIES = ("HU", "IT", "NL", "HR", "RS", "FR", "DE")


def many(reports: int, mentions: int = 0) -> list[OwedAlert]:
    """Return so many owed stories over seven countries, each with a title of its own."""
    return [
        owed(
            f"s{n}",
            (f"{EN[0]} ({n:03})", *EN[1:]),
            commit=1 + n % 20,
            countries=(COUNTRIES[n % 7],),
            level=Level.REPORT if n < reports else Level.MENTION,
            others=n % 4,
        )
        for n in range(reports + mentions)
    ]


@pytest.mark.parametrize("count", [6, MOST_FULL, MOST_FULL + 3, MOST_FULL + MOST_SHORT + 40])
def test_every_story_is_told_or_counted(count: int) -> None:
    made = digest(many(count))
    message = render_digest(made, subscriber())
    text = message.text.replace("*", "")
    told = [story for story in made.stories if story.title in " ".join(text.split())]
    assert len(made.stories) == count
    hidden = len(made.stories) - len(told)
    assert hidden == max(len(made.stories) - MOST_FULL - MOST_SHORT, 0)
    counted = [line for line in message.text.splitlines() if "too many for one message" in line]
    assert sum(int(line.split()[1]) for line in counted) == hidden
    assert message.text.count("Why:") == min(len(made.stories), MOST_FULL)
    assert message.html.count("too many for one message") == len(counted)


def test_storm_stays_readable_by_mail() -> None:
    message = render_digest(digest(many(300, 80)), subscriber())
    assert len(message.html.encode()) < 200_000
    assert len(message.text.encode()) < 60_000


def test_contents_stand_first_where_there_are_many() -> None:
    message = render_digest(digest(many(12)), subscriber())
    head = message.text.split("[NEW]")[0]
    assert "Hungary 2" in " ".join(head.split())
    assert "Hungary 2" not in render_digest(digest(many(2)), subscriber()).text


def test_mentions_beyond_the_list_are_counted() -> None:
    message = render_digest(digest(many(1, MOST_MENTIONS + 7)), subscriber())
    assert "and 7 more, too many for one message" in " ".join(message.text.split())


def test_json_holds_every_story() -> None:
    message = render_digest(digest(many(200)), subscriber())
    said = json.dumps(message.payload)
    assert all(f"({n:03})" in said for n in range(200))


def test_text_fits_a_terminal_of_eighty_columns() -> None:
    long = (f"{EN[0]}, and this headline goes on for much longer than a line has room", *EN[1:])
    made = digest([owed("a", long, others=4), owed("z", ZH, language="zh", commit=11, others=2)])
    for line in render_digest(made, subscriber()).text.splitlines():
        width = sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in line)
        assert width <= 80 or "https://" in line, line


def test_countries_with_top_stories_stand_before_those_with_lines_only() -> None:
    quiet = [owed(f"q{n}", (f"{EN[0]} (q{n})", *EN[1:]), countries=("AT",)) for n in range(30)]
    loud = [
        owed(f"l{n}", (f"{EN[0]} (l{n})", *EN[1:]), countries=("HU",), others=3)
        for n in range(MOST_FULL)
    ]
    text = render_digest(digest([*quiet, *loud]), subscriber()).text
    hungary = text.index("\nOverseas police stations: Hungary\n")
    assert hungary < text.index("\nOverseas police stations: Austria\n")
    assert text.rindex("Why:") < text.index("\nOverseas police stations: Austria\n")


def test_reasons_beyond_three_are_counted_and_kept_in_json() -> None:
    alert = owed("a", EN)
    [found] = alert.matches
    hits = tuple(replace(found.hits[0], rule=f"reason {n}") for n in range(7))
    message = render_digest(
        digest([replace(alert, matches=(replace(found, hits=hits),))]), subscriber()
    )
    text = " ".join(message.text.split())
    assert "reason 0; reason 1; reason 2; and 4 other reasons (score" in text
    assert "reason 6" in json.dumps(message.payload)
