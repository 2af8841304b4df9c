"""B1, B2, B3: exactly one digest for each subscriber, period and local date."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest.due import CATCH_UP, digest_id, digest_moment, due_digests
from monitor.model.delivery import Subscriber
from tests.render.samples import NOW, subscriber

# Half-hour change (Lord Howe), none (Tokyo), south (Santiago), Ramadan changes (Casablanca).
ZONES = (
    "Europe/Zagreb",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Tokyo",
)


def transitions(zone: str) -> Iterator[datetime]:
    """Every change of offset from 2024 to 2030, to the hour."""
    place = ZoneInfo(zone)
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    before = moment.astimezone(place).utcoffset()
    while moment.year <= 2030:
        moment += timedelta(hours=1)
        after = moment.astimezone(place).utcoffset()
        if after != before:
            yield moment
            before = after


def test_the_zones_have_the_transitions_that_are_meant() -> None:
    counts = {zone: len(list(transitions(zone))) for zone in ZONES}
    assert counts["Europe/Zagreb"] == counts["America/New_York"] == 14
    assert counts["Australia/Lord_Howe"] == 14
    assert counts["Asia/Tokyo"] == 0
    assert counts["Africa/Casablanca"] >= 12


class Outbox:
    """What storage keeps: the dates that have a digest, each once."""

    def __init__(self) -> None:
        self.made: list[tuple[str, date]] = []

    def tick(self, reader: Subscriber, now: datetime) -> int:
        sent = {reader.name: {day for _, day in self.made}}
        due = due_digests([reader], now, sent)
        for digest in due:
            assert digest.due_at <= now
            self.made.append((digest.id, digest.local_date))
        return len(due)

    def dates(self) -> list[date]:
        return [day for _, day in self.made]


@pytest.mark.parametrize("at", [time(0, 0), time(1, 30), time(2, 0), time(2, 30), time(3, 0)])
@pytest.mark.parametrize("zone", ZONES)
def test_every_transition_has_one_digest_for_each_date(zone: str, at: time) -> None:
    reader = subscriber(time_zone=zone, digest_at=at)
    for change in transitions(zone):
        outbox = Outbox()
        now = change - timedelta(hours=50)
        while now < change + timedelta(hours=50):
            outbox.tick(reader, now)
            now += timedelta(minutes=10)
        place = ZoneInfo(zone)
        today = (change - timedelta(hours=50)).astimezone(place).date()
        wanted = [today + timedelta(days=n) for n in range(7)]
        last = now - timedelta(minutes=10)
        # The wall clock passes (date, at) for every date up to where the ticks end.
        wanted = [day for day in wanted if (day, at) <= wall(last, place)]
        assert outbox.dates() == wanted, (zone, change)


def wall(moment: datetime, place: ZoneInfo) -> tuple[date, time]:
    local = moment.astimezone(place)
    return local.date(), local.time()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    zone=st.sampled_from(ZONES),
    at=st.times(),
    start=st.dates(date(2024, 1, 2), date(2030, 12, 1)),
)
def test_whatever_the_clock_does_no_date_has_two(
    seed: int, zone: str, at: time, start: date
) -> None:
    """Ticks early and late, sleeps of days, clocks that go back and leap ahead by years."""
    chance = random.Random(seed)
    reader = subscriber(time_zone=zone, digest_at=at)
    outbox = Outbox()
    true = datetime.combine(start, time(), tzinfo=UTC)
    end = true + timedelta(days=20)
    while true < end:
        true += timedelta(minutes=chance.choice([1, 5, 20, 60, 300, 60 * 50]))
        wrong = chance.random()
        shown = true
        if wrong < 0.03:
            shown = true + timedelta(days=3650)
        elif wrong < 0.06:
            shown = datetime(1970, 1, 2, tzinfo=UTC)
        elif wrong < 0.12:
            shown = true + timedelta(hours=chance.choice([-1, 1]))
        outbox.tick(reader, shown)
    assert not outbox.dates() or max(Counter(outbox.dates()).values()) == 1
    assert len({key for key, _ in outbox.made}) == len(outbox.made)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    zone=st.sampled_from(ZONES),
    at=st.times(),
    start=st.dates(date(2024, 1, 2), date(2030, 12, 1)),
)
def test_with_sleeps_of_up_to_two_days_every_date_has_one(
    seed: int, zone: str, at: time, start: date
) -> None:
    chance = random.Random(seed)
    reader = subscriber(time_zone=zone, digest_at=at)
    outbox = Outbox()
    now = datetime.combine(start, time(), tzinfo=UTC)
    outbox.made.append(("before", now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)))
    for _ in range(200):
        now += timedelta(minutes=chance.choice([1, 10, 60, 300, 47 * 60]))
        outbox.tick(reader, now)
    dates = outbox.dates()
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
    assert now - digest_moment(reader, dates[-1]) <= timedelta(hours=25)


def test_digest_in_the_leap_comes_with_the_leap_and_not_twice_when_it_goes_back() -> None:
    """MEASURED: a scheduler fired at 02:30 twice on 2026-10-25 in Zagreb."""
    reader = subscriber(time_zone="Europe/Zagreb", digest_at=time(2, 30))
    spring = digest_moment(reader, date(2027, 3, 28))
    assert spring == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    autumn = digest_moment(reader, date(2026, 10, 25))
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_long_sleep_ends_with_the_newest_dates_and_says_late() -> None:
    reader = subscriber()
    due = due_digests([reader], NOW, {reader.name: [date(2026, 10, 1)]})
    assert [digest.local_date for digest in due] == [
        date(2026, 11, 19),
        date(2026, 11, 20),
        date(2026, 11, 21),
    ]
    assert len(due) == CATCH_UP
    assert [digest.late for digest in due] == [True, True, False]


def test_new_subscriber_begins_with_today() -> None:
    reader = subscriber()
    assert [digest.local_date for digest in due_digests([reader], NOW, {})] == [date(2026, 11, 21)]
    assert due_digests([reader], NOW - timedelta(minutes=1), {}) == ()


def test_subscriber_without_a_digest_has_none() -> None:
    assert due_digests([subscriber(digest=False)], NOW, {}) == ()


def test_dates_in_the_future_neither_block_nor_repeat() -> None:
    """B3: a clock stood ten years ahead and made a digest there."""
    reader = subscriber()
    sent = {reader.name: [date(2026, 11, 20), date(2036, 11, 21)]}
    assert [digest.local_date for digest in due_digests([reader], NOW, sent)] == [
        date(2026, 11, 21)
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_weekly_digest_comes_once_a_week_on_its_day(zone: str) -> None:
    reader = subscriber(
        time_zone=zone, digest_every="week", digest_weekday=6, digest_at=time(2, 30)
    )
    outbox = Outbox()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while now.year == 2026:
        outbox.tick(reader, now)
        now += timedelta(minutes=47)
    dates = outbox.dates()
    assert all(day.weekday() == 6 for day in dates)
    assert [b - a for a, b in itertools.pairwise(dates)] == [timedelta(days=7)] * (len(dates) - 1)
    assert len(dates) in (51, 52)


def test_missed_weekly_digest_is_made_late() -> None:
    reader = subscriber(digest_every="week", digest_weekday=0)
    due = due_digests([reader], NOW, {reader.name: [date(2026, 11, 9)]})
    assert [(digest.local_date, digest.late) for digest in due] == [(date(2026, 11, 16), True)]


def test_change_of_zone_makes_no_second_digest_for_a_date() -> None:
    outbox = Outbox()
    outbox.tick(subscriber(time_zone="Asia/Tokyo"), NOW)
    assert outbox.tick(subscriber(time_zone="America/New_York"), NOW + timedelta(hours=12)) == 0


def test_id_is_the_same_for_the_same_date_only() -> None:
    day = date(2026, 11, 21)
    ids = {
        digest_id("a", "day", day),
        digest_id("a", "week", day),
        digest_id("b", "day", day),
        digest_id("a", "day", day + timedelta(days=1)),
    }
    assert len(ids) == 4
    assert digest_id("a", "day", day) in ids
