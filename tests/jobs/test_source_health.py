"""A dead, frozen, blocked or changed source is named, once, and once when that is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.feeds.schedule import decide_next_look
from monitor.jobs.source_health import HealthBook, check_sources
from monitor.model import HealthState, Look, Outcome, RunKind, SourceHealth
from tests.jobs.building import FOLDER, Place, open_place
from tests.storage.building import make_entry, make_offer, make_page, make_source

DAILY, WEEKLY = make_source("daily"), make_source("weekly")
LOOK = timedelta(hours=1)


class Paper:
    """A source that is looked at every hour, and publishes as a test wants."""

    def __init__(self, place: Place, source_id: str = "daily") -> None:
        self.place = place
        self.source = next(each for each in place.watch.sources if each.id == source_id)
        self.run = place.storage.runs.begin(RunKind.POLL).id
        self.count = 0
        self.book = HealthBook()
        self.entries = [make_entry(f"{source_id}-0")]

    def look(self, *, new: int = 0, **answer: object) -> None:
        self.place.clock.move(seconds=LOOK.total_seconds())
        for _ in range(new):
            self.count += 1
            self.entries = [make_entry(f"{self.source.id}-{self.count}"), *self.entries][:20]
        look = Look(
            source_id=self.source.id,
            looked_at=self.place.clock.now(),
            status=200,
            entries=tuple(self.entries),
        )
        look = replace(look, **answer)  # type: ignore[arg-type]
        if look.not_modified or look.status != 200 or look.problem:
            look = replace(look, entries=())
        storage = self.place.storage
        state = storage.sources.get_state(self.source.id)
        offers = [make_offer(entry) for entry in look.entries]
        offered = storage.sources.offer(look, offers, run_id=self.run)
        following = decide_next_look(
            self.source, state.rhythm, look, new=offered.new, now=look.looked_at, chance=0
        )
        storage.sources.keep_rhythm(self.source.id, following.rhythm)

    def days(self, count: float, *, every: int = 4, **answer: object) -> None:
        """Go on for days, with something new every so many hours (0: never)."""
        with self.place.storage.transaction():  # one wait for the disk
            for hour in range(round(count * 24)):
                self.look(new=1 if every and hour % every == 0 else 0, **answer)

    def judge(self) -> SourceHealth:
        found = check_sources(self.place.watch, self.book)
        return next(each for each in found if each.source_id == self.source.id)

    def pages(self, outcome: Outcome, count: int, **page: object) -> None:
        for _ in range(count):
            self.count += 1
            self.place.storage.pages.add(
                make_page(
                    self.run,
                    f"page-{self.count}",
                    source_id=self.source.id,
                    outcome=outcome,
                    fetched_at=self.place.clock.now(),
                    **page,
                )
            )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", FOLDER, sources=(DAILY, WEEKLY)) as opened:
        yield opened


@pytest.fixture
def paper(place: Place) -> Paper:
    paper = Paper(place)
    paper.days(20)
    return paper


def told(place: Place) -> list[str]:
    now = place.clock.now()
    found = place.storage.outbox.claim_notices(now)
    for notice in found:
        place.storage.outbox.mark_delivered(notice.id, at=now, response="ok")
    return [notice.headline for notice in found]


def test_living_source_is_fine(paper: Paper) -> None:
    health = paper.judge()
    assert health.state is HealthState.FINE
    assert health.usual_gap == timedelta(hours=4)


def test_frozen_feed_is_told_after_24_hours_once_and_once_when_it_goes_on(paper: Paper) -> None:
    """FAULTS P3, C15: a feed that answers with the same entries for ever."""
    states, headlines = [], []
    for _ in range(40):
        paper.look()
        states.append(paper.judge().state)
        headlines += told(paper.place)
    assert states.index(HealthState.SILENT) in range(19, 26)
    assert HealthState.SLOW in states
    assert headlines == ["Daily (daily) has gone silent"]
    assert "same 20 entries, frozen" in paper.judge().why
    paper.look(new=1)
    assert paper.judge().state is HealthState.FINE
    assert told(paper.place) == ["over: Daily (daily) has gone silent"]


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ({"status": 500, "problem": "the server answered 500"}, HealthState.FAILING, "500"),
        ({"status": None, "problem": "no answer in 30 s"}, HealthState.FAILING, "no answer"),
        ({"status": 403, "problem": "the server answered 403"}, HealthState.BLOCKED, "403"),
        ({"problem": "a web page, no feed"}, HealthState.FAILING, "no feed"),
        ({"not_modified": True, "status": 304}, HealthState.SILENT, "not modified"),
        ({"entries": ()}, HealthState.SILENT, "empty list"),
    ],
    ids=["500", "hang", "403", "parked domain", "304 for ever", "empty list"],
)
def test_source_that_dies_in_any_way_is_told_within_the_promise(
    paper: Paper, answer: dict[str, object], state: HealthState, said: str
) -> None:
    """FAULTS P3, C15: the greater of 24 h and three usual gaps; said why."""
    hours = 0
    while not (headlines := told(paper.place)):
        paper.look(**answer)
        health = paper.judge()
        hours += 1
        assert hours <= 26
    assert len(headlines) == 1
    assert health.state is state
    assert said in health.why
    assert health.cure


def test_304_after_a_failure_does_not_turn_a_source_green(paper: Paper) -> None:
    paper.days(2, status=500, problem="the server answered 500")
    assert paper.judge().state is HealthState.FAILING
    told(paper.place)
    for _ in range(5):
        paper.look(not_modified=True, status=304)
        assert paper.judge().state is HealthState.FAILING
    assert told(paper.place) == []
    paper.look(new=1)
    assert paper.judge().state is HealthState.FINE
    assert told(paper.place) == ["over: Daily (daily) cannot be read"]


def test_passing_failure_before_304s_is_no_alarm(paper: Paper) -> None:
    paper.look(status=500, problem="the server answered 500")
    paper.look(not_modified=True, status=304)
    health = paper.judge()
    assert (health.state, health.alarm) == (HealthState.SLOW, False)


def test_gone_source_is_told_at_once(paper: Paper) -> None:
    """FAULTS C6."""
    paper.look(status=410, problem="the server answered 410")
    health = paper.judge()
    assert (health.state, health.alarm) == (HealthState.FAILING, True)
    assert "410" in health.why


def test_lasting_redirect_is_told_with_the_new_address(paper: Paper) -> None:
    """FAULTS C6: proposed, not adopted."""
    for _ in range(3):
        paper.look(new=1, moved_to="https://daily.example/new-feed")
    health = paper.judge()
    assert health.state is HealthState.MOVED
    assert "https://daily.example/new-feed" in health.why


def test_broken_layout_is_named_while_the_feed_goes_on(paper: Paper) -> None:
    """FAULTS C15: a wall with status 200."""
    for _ in range(5):
        paper.pages(Outcome.NO_MATCH, 8)
        paper.place.clock.move(days=1)
    paper.look(new=1)
    assert paper.judge().state is HealthState.FINE
    paper.pages(Outcome.EXTRACTION_FAILED, 8, reason="the page shows a consent wall")
    paper.book.days_at = None
    health = paper.judge()
    assert health.state is HealthState.CHANGED
    assert "consent wall" in health.why
    assert told(paper.place) == ["Daily (daily) is changed"]


def test_blocked_pages_are_named_while_the_feed_goes_on(paper: Paper) -> None:
    paper.pages(Outcome.FETCH_FAILED, 8, status=403)
    health = paper.judge()
    assert health.state is HealthState.BLOCKED
    assert "refused 8 of its pages" in health.why


def test_outage_of_the_watch_itself_is_no_silence(paper: Paper) -> None:
    """What was not looked at is not silent."""
    paper.place.clock.move(days=5)
    assert paper.judge().state is HealthState.FINE


def test_clock_ten_years_ahead_and_back_alarms_for_nothing(paper: Paper) -> None:
    """FAULTS B3."""
    paper.place.clock.move(days=3650)
    paper.look(new=1)
    paper.place.clock.move(days=-3650)
    paper.look(new=1)
    assert paper.judge().state in {HealthState.FINE, HealthState.SLOW}
    assert told(paper.place) == []


def test_network_that_is_down_is_one_trouble(tmp_path: Path) -> None:
    many = tuple(make_source(f"paper-{n}") for n in range(8))
    with open_place(tmp_path / "var", FOLDER, sources=many) as place:
        papers = [Paper(place, source.id) for source in many]
        for paper in papers:
            paper.look(new=1)
        for paper in papers:
            paper.look(status=None, problem="no answer")
        check_sources(place.watch)
        assert told(place) == ["most sources cannot be read"]
        for paper in papers:
            paper.look(new=1)
        check_sources(place.watch)
        assert told(place) == ["over: most sources cannot be read"]
