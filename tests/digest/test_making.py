"""A digest made from what was committed, and given out by the commands in every form."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config.keywords import read_keywords
from monitor.errors import UsageError
from monitor.jobs.digests import begin_now, local_today, make_digest, preview_digest
from monitor.jobs.handed import send_digest
from monitor.match.matcher import Matcher
from monitor.model import Digest
from monitor.render.digest import render_digest
from tests.e2e.real_input import SETTINGS, stationwatch, write_place
from tests.e2e.real_input import Place as Program
from tests.jobs.building import FOLDER, Place, open_place
from tests.stories.desk import Newsroom, days

TITLE = "Dublin orders Chinese police station on Quay Street to close"
TEXT = (
    "The Irish government has told the Chinese embassy to close an overseas police station on Quay"
    " Street in Dublin, officials said on Tuesday. The office had been opened without permission by"
    " the police of Fuzhou, the Department of Foreign Affairs found.\n"
    "The association that rents the rooms said volunteers had only helped 40 residents to renew"
    " their driving licences. A sign over the door was taken down on Monday evening."
)
LISBON = (
    "Portugal's prosecutors have opened an inquiry into three overseas police stations of China in"
    " Lisbon, Porto and Madeira, after a complaint by a member of parliament. The embassy denies"
    " that there are any."
)


@dataclass
class Day:
    """A watch with reporters who file into it."""

    place: Place
    newsroom: Newsroom

    def close(self) -> Digest:
        """Make the digest of the local day and begin the next one."""
        watch = self.place.watch
        made = make_digest(watch, FOLDER, begin_now(watch, FOLDER, local_today(watch, FOLDER)))
        self.place.clock.move(seconds=86_400)
        return made


@pytest.fixture(scope="module")
def matcher(root: Path) -> Matcher:
    return Matcher.load(read_keywords(root / "keywords.yaml"))


@pytest.fixture
def day(tmp_path: Path, matcher: Matcher) -> Iterator[Day]:
    with open_place(tmp_path / "var", FOLDER) as place:
        newsroom = Newsroom(place.storage, place.clock, matcher, tmp_path, subscribers=(FOLDER,))
        yield Day(place, newsroom)


def titles(digest: Digest) -> list[str]:
    return [story.title for story in digest.stories]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_day_is_told_once_and_the_next_day_only_what_is_new(day: Day) -> None:
    day.newsroom.tell(TITLE, TEXT)
    assert titles(day.close()) == [TITLE]
    day.newsroom.tell("Portugal looks into Chinese stations", LISBON, published=days(1))
    assert titles(day.close()) == ["Portugal looks into Chinese stations"]
    assert titles(day.close()) == []


def test_what_was_held_back_is_in_the_digest_with_its_reason(day: Day) -> None:
    day.newsroom.tell(TITLE, TEXT)
    copy = day.newsroom.tell("Reprint", f"(Advertisement)\n{TEXT}", outlet="weekly")
    assert copy.change is None
    day.newsroom.tell("Floods in Bavaria", "Rain has flooded cellars in Passau.")
    made = day.close()
    assert sum(made.watch.suppressed.values()) == 1
    text = flat(render_digest(made, FOLDER).text)
    assert next(iter(made.watch.suppressed)) in text
    assert "2 articles, 1 independent report, first: " in text


def test_nothing_found_is_a_digest_that_says_so(day: Day) -> None:
    made = day.close()
    assert not made.stories
    assert "Nothing was found today" in render_digest(made, FOLDER).text


def test_picture_counts_the_reports_of_thirty_days_by_topic(day: Day) -> None:
    day.newsroom.tell(TITLE, TEXT)
    first = day.place.clock.now().date()
    day.close()
    day.newsroom.tell("Portugal looks into Chinese stations", LISBON, published=days(1))
    made = day.close()
    counted = [each for each in made.watch.history if each.topic == "overseas-stations"]
    assert [each.reports for each in counted] == [1, 1]
    assert counted[0].day == first
    assert "2 reports in 30 days" in flat(render_digest(made, FOLDER).text)


def test_preview_is_the_digest_and_makes_none(day: Day) -> None:
    day.newsroom.tell(TITLE, TEXT)
    assert titles(preview_digest(day.place.watch, FOLDER, None)) == [TITLE]
    assert titles(preview_digest(day.place.watch, FOLDER, None)) == [TITLE]
    assert titles(day.close()) == [TITLE]


@pytest.fixture
def program(day: Day, tmp_path: Path) -> Program:
    """The same watch as its commands see it."""
    written = write_place(
        tmp_path / "files",
        sources="version: 1\nreplace: true\nsources: []\n",
        settings=SETTINGS.replace('"desk"', '"me"').replace('digest = "off"', 'digest = "daily"'),
    )
    return Program(config=written.config, data=tmp_path / "var")


def test_day_before_the_watch_began_has_no_digest(day: Day) -> None:
    """It showed the state and the stories of today under the date of yesterday."""
    began = local_today(day.place.watch, FOLDER)
    before = began - timedelta(days=1)
    with pytest.raises(UsageError, match=f"the watch began on {began.day} {began:%B %Y}; there is"):
        preview_digest(day.place.watch, FOLDER, before)
    with pytest.raises(UsageError, match="the watch began on"):
        send_digest(day.place.watch, {"subscriber": FOLDER.name, "day": before.isoformat()})
    assert preview_digest(day.place.watch, FOLDER, began).local_date == began


def test_commands_give_digest_and_export_in_every_form(
    day: Day, program: Program, tmp_path: Path
) -> None:
    day.newsroom.tell("=cmd|' /C calc'!A0 " + TITLE, TEXT)
    day.newsroom.tell("Reprint", f"(Advertisement)\n{TEXT}", outlet="weekly")
    page = tmp_path / "digest.html"
    said = json.loads(stationwatch(program, "digest", "--json", "--preview", str(page)))
    assert said["data"]["period"] == "day"
    assert "Quay Street" in page.read_text("utf-8")
    assert "http-equiv" in page.read_text("utf-8")

    table = stationwatch(program, "export").removeprefix("\ufeff")  # what Excel wants first
    rows = list(csv.DictReader(table.splitlines()))
    topics = {row["topic"] for row in rows}
    assert len({row["outlet"] for row in rows}) == 2
    assert "overseas-stations" in topics
    assert rows[0]["title"].startswith("'=cmd")
    wanted = ("published", "countries", "language", "score", "passage", "url", "story_id")
    assert all(rows[0][name] for name in wanted)
    assert len({row["story_id"] for row in rows}) == 1

    book = tmp_path / "reports.xlsx"
    stationwatch(program, "export", "--format", "xlsx", "--output", str(book))
    with zipfile.ZipFile(book) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    assert stationwatch(program, "export", "--format", "jsonl", "--to", "2000-01-01") == ""
