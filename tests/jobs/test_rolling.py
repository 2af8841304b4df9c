"""Who joins a crawl that goes on: each source at its own pace, however many others are due."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.feeds.schedule import decide_next_look
from monitor.jobs.fetching import Way
from monitor.jobs.rolling import MOST_AT_ONCE, MOST_PAGES, PENDING_SECONDS, Roll
from monitor.model import Look, RunKind, Source, SourceRhythm, SourceState
from tests.jobs.building import Place, open_place
from tests.storage.building import NOON, make_entry, make_look, make_offer, make_source

MANY = 1000
WAY = Way(egress="direct")
DRAINING = 20


@dataclass
class Crawling:
    """Crawls of a simulated press, one after the other: so many looks end in each second.

    `dead` never answer, and hold their place for a minute.  Where `pages_a_second` is given each
    look brings a page, and the source is under way until that is done.
    """

    place: Place
    a_second: int
    dead: frozenset[str] = frozenset()
    states: dict[str, SourceState] = field(default_factory=dict)
    looks: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    under_way: dict[str, float] = field(default_factory=dict)
    most: int = 0
    pages_a_second: float | None = None
    fetching: dict[str, float] = field(default_factory=dict)

    def run(self, seconds: float) -> None:
        ends = self.place.clock.monotonic() + seconds
        while self.place.clock.monotonic() < ends:
            self.roll()

    def roll(self) -> None:
        """One crawl, and the seconds for which it waits for what is under way at its end."""
        roll = Roll(self.place.watch, WAY, self.states, alone=True, over=lambda: False)
        joined: deque[Source] = deque()
        while (
            given := roll.give(self.under_way | self.fetching, looking=self.under_way)
        ) is not None:
            joined.extend(given.due)
            now = self.place.clock.monotonic()
            self.under_way |= {source.id: now for source in given.due}
            self.most = max(self.most, len(self.under_way))
            self.second(joined)
        for _ in range(DRAINING):
            self.second(joined)
        self.under_way.clear()
        self.fetching.clear()

    def second(self, joined: deque[Source]) -> None:
        self.place.clock.move(seconds=1)
        ended = 0
        if self.place.clock.monotonic() % (1 / (self.pages_a_second or 1)) < 1 and self.fetching:
            del self.fetching[next(iter(self.fetching))]
        for _ in range(len(joined)):
            source = joined.popleft()
            if source.id in self.dead:
                if self.place.clock.monotonic() - self.under_way[source.id] >= 60:
                    self.end(source, status=None)
                else:
                    joined.append(source)
            elif ended < self.a_second:
                ended += 1
                self.looks[source.id].append(self.place.clock.monotonic())
                self.end(source, status=304)
            else:
                joined.appendleft(source)
                return

    def end(self, source: Source, *, status: int | None) -> None:
        now = self.place.clock.now()
        state = self.states[source.id]
        problem = None if status else "no answer"
        look = Look(
            source_id=source.id,
            looked_at=now,
            status=status,
            not_modified=status == 304,
            problem=problem,
        )
        following = decide_next_look(source, state.rhythm, look, new=0, now=now, chance=0.5)
        self.states[source.id] = replace(state, rhythm=following.rhythm)
        del self.under_way[source.id]
        if self.pages_a_second is not None:
            self.fetching[source.id] = self.place.clock.monotonic()

    def waits(self, source_id: str) -> list[float]:
        """Return the seconds from look to look, and from the last one until now."""
        moments = [*self.looks[source_id], self.place.clock.monotonic()]
        return [later - sooner for sooner, later in pairwise(moments)]


def make_sources() -> tuple[Source, ...]:
    """Return sources of every quarter of an hour, and ten of every minute at the list's end."""
    slow = [make_source(f"slow-{number}", every=900) for number in range(MANY)]
    return (*slow, *(make_source(f"quick-{number}", every=60) for number in range(10)))


def known(source: Source, *, overdue: float) -> SourceState:
    """Return a source's state when its look has been due for so many seconds."""
    assert source.every is not None
    looked_at = NOON - timedelta(seconds=overdue + source.every)
    rhythm = SourceRhythm(
        url=source.url,
        looked_at=looked_at,
        answered_at=looked_at,
        next_look_at=looked_at + timedelta(seconds=source.every),
    )
    return SourceState(source_id=source.id, added_at=looked_at, rhythm=rhythm)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", sources=make_sources()) as opened:
        yield opened


def test_source_of_a_minute_is_looked_at_each_minute_beside_thousands(place: Place) -> None:
    """After an hour's outage all of them are due; the last of the list wait for no queue."""
    crawling = Crawling(place, a_second=5)
    crawling.states = {each.id: known(each, overdue=3600) for each in place.watch.sources}
    crawling.run(640)
    quick = [wait for n in range(10) for wait in crawling.waits(f"quick-{n}")]
    assert len(quick) >= 60
    # the pace, a 25th for jitter, the queue in the child, and the end of a crawl
    assert max(quick) <= 60 * 1.04 + MOST_AT_ONCE / 5 + DRAINING + 2
    assert crawling.most <= MOST_AT_ONCE


def test_slow_sources_have_their_turns_beside_quick_ones(place: Place) -> None:
    """Nobody starves where looks for all do not suffice, as 900 of each minute want 15 a second."""
    sources = tuple(
        replace(each, every=60 if number < 900 else 900)
        for number, each in enumerate(place.watch.sources[:MANY])
    )
    crawling = Crawling(replace(place, watch=replace(place.watch, sources=sources)), a_second=5)
    crawling.states = {each.id: known(each, overdue=0) for each in sources}
    crawling.run(500)
    assert all(crawling.looks[each.id] for each in sources)


def test_pages_that_wait_for_the_processor_hold_up_no_look(place: Place) -> None:
    """A page in two seconds, where each of ten looks a second brings one."""
    crawling = Crawling(place, a_second=10, pages_a_second=0.5)
    crawling.states = {each.id: known(each, overdue=0) for each in place.watch.sources}
    crawling.run(150)
    assert all(crawling.looks[each.id] for each in place.watch.sources)


def test_dead_hosts_hold_up_nobody(place: Place) -> None:
    dead = frozenset(f"slow-{number}" for number in range(0, MANY, 50))
    crawling = Crawling(place, a_second=20, dead=dead)
    crawling.states = {
        each.id: known(each, overdue=-900 * number / MANY)
        for number, each in enumerate(place.watch.sources)
    }
    crawling.run(1280)
    slow = [
        wait
        for number in range(MANY)
        if f"slow-{number}" not in dead
        for wait in crawling.waits(f"slow-{number}")[:-1]
    ]
    assert len(slow) > MANY // 4
    assert min(slow) >= 900
    assert max(slow) <= 900 * 1.04 + DRAINING + 5


def test_pending_pages_take_no_more_places_than_there_are(place: Place) -> None:
    """What an outage left is fetched beside the looks, not before them."""
    states = {each.id: known(each, overdue=-60) for each in place.watch.sources}
    run = place.storage.runs.begin(RunKind.POLL).id
    for source in place.watch.sources[:400]:
        entry = make_entry(source.id)
        look = make_look(entry, source_id=source.id)
        place.storage.sources.offer(look, [make_offer(entry)], run_id=run)
    roll = Roll(place.watch, WAY, states, alone=True, over=lambda: False)
    fetching = [f"slow-{number}" for number in range(900, 1000)]
    looking = [f"quick-{number}" for number in range(10)]
    given = roll.give([*fetching, *looking], looking=looking)
    assert given is not None
    assert not given.due
    assert len(given.pending) == MOST_AT_ONCE - 100
    place.clock.move(seconds=PENDING_SECONDS)
    given = roll.give([], pages=MOST_PAGES - 7)
    assert given is not None
    assert len(given.pending) == 7
    place.clock.move(seconds=PENDING_SECONDS)
    given = roll.give(fetching, pages=MOST_PAGES)
    assert given is not None
    assert not given.pending


@pytest.mark.parametrize(("alone", "seconds"), [(True, 10), (False, 2)])
def test_crawl_without_work_ends_soon_where_other_ways_wait_for_it(
    place: Place, *, alone: bool, seconds: int
) -> None:
    states = {each.id: known(each, overdue=-30) for each in place.watch.sources}
    roll = Roll(place.watch, WAY, states, alone=alone, over=lambda: False)
    waited = 0
    while roll.give(()) is not None:
        place.clock.move(seconds=1)
        waited += 1
    assert waited == seconds
