"""A watch that cannot keep up says so; one that was asleep or has just begun does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.jobs.keeping_up import PaceBook, check_pace
from monitor.model import Look, SourceRhythm
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import make_source

SOURCES = tuple(make_source(f"paper-{number}", every=900) for number in range(3))
TURN = 300


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER, sources=SOURCES) as opened:
        yield opened


class Turns:
    """A service that holds the sources against their past every five minutes, and looks at some."""

    def __init__(self, place: Place) -> None:
        self.place, self.book = place, PaceBook()

    def go(self, minutes: int, *, looked_at: tuple[int, ...], asleep: float = 0) -> None:
        for _ in range(0, minutes * 60, TURN):
            for number in looked_at:
                self.look(f"paper-{number}")
            check_pace(self.place.watch, self.book)
            self.place.clock.move(seconds=TURN + asleep)

    def look(self, source_id: str) -> None:
        now, storage = self.place.clock.now(), self.place.storage
        look = Look(source_id=source_id, looked_at=now, status=304, not_modified=True)
        storage.sources.offer(look, [], run_id=self.place.desk.run_id)
        url = next(each.url for each in SOURCES if each.id == source_id)
        following = now + timedelta(seconds=900)
        rhythm = SourceRhythm(url=url, looked_at=now, next_look_at=following)
        storage.sources.keep_rhythm(source_id, rhythm)

    def troubles(self) -> list[str]:
        return [each.why for each in self.place.storage.notices.read_lasting("pace")]


def test_source_that_waits_for_its_look_for_an_hour_is_told_until_it_had_one(place: Place) -> None:
    turns = Turns(place)
    turns.go(60, looked_at=(0, 1))
    assert turns.troubles() == []
    turns.go(15, looked_at=(0, 1))
    assert len(turns.troubles()) == 1
    assert turns.troubles()[0].startswith("1 of 3 sources had")
    turns.go(5, looked_at=(0, 1, 2))
    assert turns.troubles() == []
    headlines = [each.headline for each in place.storage.outbox.claim_notices(place.clock.now())]
    assert sum("too late" in each for each in headlines) == 2  # that it began, that it is over


def test_sources_that_have_their_looks_are_not_late_however_often_they_are_seen_due(
    place: Place,
) -> None:
    turns = Turns(place)
    quick = tuple(replace(each, every=60) for each in SOURCES)  # due again at every turn
    turns.place = replace(place, watch=replace(place.watch, sources=quick))
    turns.go(180, looked_at=(0, 1, 2))
    assert turns.troubles() == []


def test_laptop_asleep_is_no_hour_of_waiting(place: Place) -> None:
    """FAULTS B1: what was due before the lid was closed is due when it opens, and is looked at."""
    turns = Turns(place)
    turns.go(5, looked_at=(), asleep=48 * 3600)
    turns.go(5, looked_at=())
    assert turns.troubles() == []
