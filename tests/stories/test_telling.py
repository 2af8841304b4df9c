"""What is held back from anybody is counted once, with why, and the sums agree (FAULTS P9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from monitor.alerts.route import TOLD_ALREADY
from monitor.jobs.digests import read_watch_state
from monitor.jobs.status import read_status
from monitor.match.matcher import Matcher
from monitor.model import AlertState, ChangeKind, Delivery, FolderChannel, Level, Subscriber
from monitor.telling import name_reason
from tests.jobs.building import Place, open_place
from tests.stories.desk import Newsroom, days
from tests.stories.test_commit import OTHER, TEXT, TITLE

HARBOURS = "The minister spoke about harbours. " * 8
MENTION = "In passing he named the overseas Chinese police station on Quay Street in Dublin."
FOLDER = FolderChannel(path="out")


def subscriber(name: str, **wishes: object) -> Subscriber:
    return replace(Subscriber(name=name, channel=FOLDER, time_zone="UTC"), **wishes)  # type: ignore[arg-type]


SUBSCRIBERS = (
    subscriber("everything"),
    subscriber("asleep till evening", quiet_hours=(time(10), time(20)), digest_at=time(7)),
    subscriber("asleep till the digest", quiet_hours=(time(10), time(20)), digest_at=time(21)),
    subscriber("reads digests", alerts=False),
    subscriber("wants no seconds", muted_changes=(ChangeKind.INDEPENDENT_REPORT,)),
    subscriber("no reports at once", levels=(Level.MENTION,)),
    subscriber("in Peru", countries=("PE",)),
    subscriber("reads Danish", languages=("da",)),
    subscriber("other topics", topics=("joint-patrols",)),
    subscriber("no digest", alerts=False, digest=False),
)

NOWHERE = "alerts at once are turned off, and the digest does not take it"
LEFT = "alerts left to the digest: "
EXPECTED = {
    "everything": {},
    "asleep till evening": {"alerts held until quiet hours end": 2},
    "asleep till the digest": {LEFT + "quiet hours": 2},
    "reads digests": {LEFT + "alerts at once are turned off": 2},
    "wants no seconds": {LEFT + "alerts of this kind (independent report) are turned off": 1},
    "no reports at once": {LEFT + "reports are not among the levels that alert at once": 2},
    "in Peru": {"alerts not sent: about other countries": 2},
    "reads Danish": {"alerts not sent: in another language": 2},
    "other topics": {"alerts not sent: about other topics": 2},
    "no digest": {f"alerts not sent: {NOWHERE}": 2},
}  # fmt: skip


def waiting(place: Place) -> tuple[Delivery, ...]:
    return place.storage.outbox.read_waiting(states=(AlertState.OWED,))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path / "var", *SUBSCRIBERS) as opened:
        yield opened


@pytest.fixture
def newsroom(place: Place, matcher: Matcher, tmp_path: Path) -> Newsroom:
    return Newsroom(place.storage, place.clock, matcher, tmp_path / "news", subscribers=SUBSCRIBERS)


def tell_two_and_a_copy(newsroom: Newsroom) -> None:
    newsroom.tell(TITLE, TEXT)
    newsroom.tell("Ireland shuts Chinese police office", OTHER, outlet="weekly")
    newsroom.tell("Chinese outpost in Dublin must close", TEXT, outlet="monthly")


def test_each_change_is_sent_or_counted_once_for_each_subscriber(newsroom: Newsroom) -> None:
    tell_two_and_a_copy(newsroom)
    storage, now = newsroom.storage, newsroom.clock.now()
    runs = storage.runs
    rows = storage.outbox.read_waiting(states=(AlertState.OWED,))
    owed = Counter(row.subscriber for row in rows)
    at_once = Counter(row.subscriber for row in rows if (row.next_try_at or now) <= now)
    copies = {"copies of a report": 1}
    for each in SUBSCRIBERS:
        held = runs.suppressed_between(None, now, subscriber=each.name)
        assert held == copies | EXPECTED[each.name], each.name
        assert at_once[each.name] + sum(held.values()) == 2 + 1, each.name
    assert owed.total() > at_once.total(), "what is held until quiet hours end is owed, too"
    everything = runs.suppressed_between(None, now)
    assert sum(everything.values()) + at_once.total() == 2 * len(SUBSCRIBERS) + 1


def test_status_and_digests_say_the_same_counts_for_the_day(
    newsroom: Newsroom, place: Place
) -> None:
    tell_two_and_a_copy(newsroom)
    now = newsroom.clock.now()
    (day,) = (day for day in read_status(place.watch).days if day.suppressed)
    assert day.day == now.date()
    told: Counter[str] = Counter()
    for each in SUBSCRIBERS:
        told.update(read_watch_state(place.watch, each, until=now).suppressed)
    copies = told.pop("copies of a report")
    assert copies == len(SUBSCRIBERS), "every digest says what concerns the whole watch"
    assert dict(day.suppressed) == told | {"copies of a report": 1}


def test_what_a_digest_counts_ends_where_the_next_one_begins(
    newsroom: Newsroom, place: Place
) -> None:
    newsroom.tell(TITLE, TEXT)
    cut = newsroom.clock.now()
    newsroom.tell("Ireland shuts Chinese police office", OTHER, outlet="weekly")
    end = newsroom.clock.now()
    runs = place.storage.runs
    for each in SUBSCRIBERS:
        parts = Counter(runs.suppressed_between(None, cut, subscriber=each.name))
        parts.update(runs.suppressed_between(cut, end, subscriber=each.name))
        assert parts == runs.suppressed_between(None, end, subscriber=each.name)


def test_weak_join_alerts_and_is_not_counted_as_held_back(newsroom: Newsroom) -> None:
    """DESIGN, Stories: a join on weak evidence suppresses nothing."""
    newsroom.tell(TITLE, TEXT)
    probably = newsroom.tell(
        "Ireland and its Chinese police station",
        "Irish gardaí know of one overseas police station of China, a spokesman said."
        " He named no address and no suspects.",
        outlet="weekly",
        published=days(2),
    )
    assert probably.change is ChangeKind.FIRST_REPORT
    now = newsroom.clock.now()
    assert newsroom.storage.runs.suppressed_between(None, now, subscriber="everything") == {}


def test_backfill_alerts_nobody_is_counted_and_its_first_live_report_alerts(
    newsroom: Newsroom,
) -> None:
    newsroom.tell(TITLE, TEXT, historic=True)
    runs, now = newsroom.storage.runs, newsroom.clock.now()
    assert newsroom.storage.outbox.count().owed == 0
    held = runs.suppressed_between(None, now, subscriber="everything")
    assert held == {"alerts not sent: found by a backfill, so it is no news": 1}
    live = newsroom.tell("Ireland shuts Chinese police office", OTHER, outlet="weekly")
    assert live.change is ChangeKind.FIRST_REPORT
    later = newsroom.clock.now() + timedelta(minutes=1)
    assert runs.suppressed_between(now, later, subscriber="everything") == {}


def test_report_on_what_was_mentioned_is_told_to_readers_of_mentions_too(
    place: Place, matcher: Matcher, tmp_path: Path
) -> None:
    """Who was told by a mention has not been told of a report; who was, is told once."""
    readers = (subscriber("both", levels=(Level.REPORT, Level.MENTION)), subscriber("reports"))
    newsroom = Newsroom(place.storage, place.clock, matcher, tmp_path, subscribers=readers)
    url = "https://daily.example/live"
    mention = HARBOURS + MENTION
    first = newsroom.tell("Minister speaks about harbours", mention, url=url)
    told = [row.subscriber for row in waiting(place)]
    assert (first.change, told) == (ChangeKind.FIRST_REPORT, ["both"])
    newsroom.tell("Minister speaks about harbours", mention + TEXT, url=url)
    assert [row.subscriber for row in waiting(place)] == ["both", "both", "reports"]


def test_first_report_of_a_told_story_is_counted_as_told(newsroom: Newsroom) -> None:
    """An article that becomes a report in a story that others have reported tells nobody again."""
    url = "https://weekly.example/live"
    newsroom.tell(TITLE, TEXT)
    weekly = {"outlet": "weekly", "url": url}
    newsroom.tell("Minister speaks about harbours", HARBOURS + MENTION, **weekly)
    now = newsroom.clock.now()
    grown = newsroom.tell("Ireland shuts Chinese police office", OTHER, **weekly)
    assert grown.change is ChangeKind.FIRST_REPORT
    later = newsroom.clock.now() + timedelta(minutes=1)
    held = newsroom.storage.runs.suppressed_between(now, later, subscriber="everything")
    assert held == {TOLD_ALREADY.held_back: 1}


@pytest.mark.parametrize(
    ("reason", "counted"),
    [
        ("a copy of https://daily.example/1", "copies of a report"),
        ("it tells what 3 reports have told", "it tells what other reports have told"),
        ("it only mentions what the story tells", "it only mentions what the story tells"),
    ],
)
def test_counted_reason_does_not_vary_with_the_article(reason: str, counted: str) -> None:
    assert name_reason(reason) == counted
