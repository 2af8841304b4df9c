"""When a source is looked at again (FAULTS B3, C4, C6)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.schedule import (
    LONGEST_BACKOFF,
    LONGEST_OWN_WAIT,
    NextLook,
    Notice,
    decide_next_look,
    failed,
    is_due,
)
from monitor.model import Entry, Look, Source, SourceRhythm

NOW = datetime(2024, 3, 15, 12, tzinfo=UTC)
SOURCE = Source(id="herald", kind="feed", url="https://herald.example/rss", outlet="Herald")
ENTRIES = tuple(Entry(url=f"https://herald.example/{number}") for number in range(20))


def look(**fields: Any) -> Look:
    fields = {"status": 200, "entries": ENTRIES, **fields}
    return Look(source_id="herald", looked_at=NOW, **fields)


def decide(
    answer: Look,
    rhythm: SourceRhythm | None = None,
    *,
    source: Source = SOURCE,
    new: int = 0,
    now: datetime = NOW,
    chance: float = 0.0,
) -> NextLook:
    return decide_next_look(source, rhythm, answer, new=new, now=now, chance=chance)


def wait_of(following: NextLook, now: datetime = NOW) -> float:
    assert following.at is not None
    assert following.rhythm.next_look_at == following.at
    return (following.at - now).total_seconds()


def known(**fields: Any) -> SourceRhythm:
    fields = {"rate": 10 / 86_400, "looked_at": NOW - timedelta(hours=1), **fields}
    return SourceRhythm(url=SOURCE.url, answered_at=NOW - timedelta(hours=1), **fields)


def test_source_that_was_never_looked_at_is_due() -> None:
    assert is_due(SOURCE, None, NOW)


def test_disabled_source_is_never_due() -> None:
    assert not is_due(replace(SOURCE, enabled=False), None, NOW)


def test_source_is_due_at_its_time_and_not_before() -> None:
    rhythm = known(next_look_at=NOW)
    assert is_due(SOURCE, rhythm, NOW)
    assert not is_due(SOURCE, rhythm, NOW - timedelta(seconds=1))


def test_source_with_another_address_is_due_and_begins_anew() -> None:
    rhythm = replace(
        known(next_look_at=NOW + timedelta(hours=1), stopped="gone"), url="https://old/"
    )
    assert is_due(SOURCE, rhythm, NOW)
    after = decide(look(), rhythm).rhythm
    assert (after.url, after.rate, after.stopped) == (SOURCE.url, None, None)


def test_last_look_in_the_future_means_that_the_clock_was_wrong() -> None:
    """B3: a clock ten years ahead, set right, must not silence a source for ten years."""
    ahead = NOW + timedelta(days=3650)
    rhythm = decide(look(), None, now=ahead).rhythm
    assert is_due(SOURCE, rhythm, NOW)


@pytest.mark.parametrize(
    ("before", "now"),
    [("6 hours", "a minute"), ("31 days", "its own rhythm"), ("its own rhythm", "a minute")],
)
def test_changed_pace_counts_from_the_last_look_on(before: str, now: str) -> None:
    """Who sets a minute where six hours stood is not to wait for six hours."""
    seconds = {"a minute": 60, "6 hours": 21_600, "31 days": 31 * 86_400, "its own rhythm": None}
    rhythm = decide(look(), known(rate=0.0), source=replace(SOURCE, every=seconds[before])).rhythm
    source = replace(SOURCE, every=seconds[now])
    longest = timedelta(seconds=seconds[now] or 7200) * 1.11
    assert is_due(source, rhythm, NOW + longest)
    assert not is_due(source, rhythm, NOW + longest * 0.5)


def test_changed_pace_does_not_end_a_wait_that_the_server_asked_for() -> None:
    """C4."""
    asked = look(status=429, entries=(), problem="429", retry_after=7200)
    rhythm = decide(asked, known(), source=replace(SOURCE, every=60)).rhythm
    assert not is_due(replace(SOURCE, every=60), rhythm, NOW + timedelta(hours=1))
    assert is_due(replace(SOURCE, every=60), rhythm, NOW + timedelta(hours=2.1))


def test_clock_that_went_back_does_not_spoil_the_rhythm() -> None:
    rhythm = known()
    after = decide(look(), rhythm, new=5, now=NOW - timedelta(days=1)).rhythm
    assert after.rate == rhythm.rate


def test_first_look_teaches_no_rhythm() -> None:
    following = decide(look(), None, new=20)
    assert following.rhythm.rate is None
    assert 300 <= wait_of(following) <= 1800


def test_source_that_brings_nothing_is_looked_at_once_an_hour() -> None:
    rhythm = known(rate=0.0)
    assert wait_of(decide(look(), rhythm)) == LONGEST_OWN_WAIT


def test_source_that_brings_much_is_looked_at_often() -> None:
    rhythm = replace(known(rate=1 / 60), answered_at=NOW - timedelta(minutes=5))
    assert wait_of(decide(look(), rhythm, new=5)) == 300


def test_look_of_new_entries_only_brings_the_next_one_soon() -> None:
    following = decide(look(), known(), new=20)
    assert wait_of(following) == 300
    assert "unseen" in following.reason


def test_window_that_turns_over_fast_is_looked_at_twice_as_often() -> None:
    rhythm = replace(known(rate=1 / 1800), answered_at=NOW - timedelta(hours=3))
    calm = decide(look(), rhythm, new=6)
    full = decide(look(entries=ENTRIES[:10]), rhythm, new=6)
    assert wait_of(full) == pytest.approx(wait_of(calm) / 2)


def test_jitter_only_waits_longer() -> None:
    waits = [wait_of(decide(look(), known(rate=0.0), chance=chance)) for chance in (0, 0.5, 1)]
    assert waits == sorted(waits)
    assert waits[0] == LONGEST_OWN_WAIT
    assert waits[2] <= LONGEST_OWN_WAIT * 1.1


@pytest.mark.parametrize("every", [60, 900, 7200])
@pytest.mark.parametrize("rate", [None, 0.0, 1.0])
@pytest.mark.parametrize("new", [0, 1, 20])
def test_every_is_the_pace_whatever_the_source_publishes(
    every: int, rate: float | None, new: int
) -> None:
    """A source that publishes once a day is looked at as often as the person who set it wants."""
    source = replace(SOURCE, every=every)
    assert wait_of(decide(look(), known(rate=rate), source=source, new=new)) == every
    assert wait_of(decide(look(status=304, entries=()), known(rate=rate), source=source)) == every


def test_jitter_of_a_set_pace_is_small_and_only_waits_longer() -> None:
    source, rhythm = replace(SOURCE, every=900), known(next_look_at=NOW)
    waits = [wait_of(decide(look(), rhythm, source=source, chance=each)) for each in (0, 0.5, 1)]
    assert waits == [900, 918, 936]


@pytest.mark.parametrize(
    "before", [None, known(next_look_at=NOW - timedelta(minutes=16))], ids=["first", "outage"]
)
def test_sources_that_are_due_together_are_parted_once(before: SourceRhythm | None) -> None:
    source = replace(SOURCE, every=900)
    chances = (0, 0.5, 1)
    following = [decide(look(), before, source=source, chance=each) for each in chances]
    assert [wait_of(each) for each in following] == [900, 675, 450]
    later = NOW + timedelta(seconds=700)
    again = [decide(look(), each.rhythm, source=source, now=later, chance=1) for each in following]
    assert [wait_of(each, later) for each in again] == [936] * 3
    broken = look(status=500, entries=(), problem="500")
    assert wait_of(decide(broken, before, source=source, chance=1)) == 936


def test_failing_source_of_a_set_pace_backs_off_in_its_own_steps() -> None:
    """One hiccup of a source looked at each minute is no quarter of an hour of silence."""
    broken = look(status=500, entries=(), problem="500")
    quick, slow = replace(SOURCE, every=60), replace(SOURCE, every=7200)
    assert [wait_of(decide(broken, known(failures=n), source=quick)) for n in (0, 1, 9)] == [
        60,
        120,
        600,
    ]
    assert wait_of(decide(broken, known(failures=10_000), source=quick)) == 6 * 3600
    assert [wait_of(decide(broken, known(failures=n), source=slow)) for n in (0, 7, 11)] == [
        7200,
        7200,
        10_800,
    ]


def test_source_that_calls_itself_fresh_is_believed_within_bounds() -> None:
    assert wait_of(decide(look(fresh_for=5400), known(rate=0.0))) == 5400
    assert wait_of(decide(look(fresh_for=31_536_000), known(rate=0.0))) == 7200


def test_source_that_belies_its_freshness_is_not_believed() -> None:
    rhythm = known(rate=1 / 600)
    assert wait_of(decide(look(fresh_for=7200), rhythm, new=6)) < 1000


def test_every_of_a_person_stands_above_what_the_source_says() -> None:
    source = replace(SOURCE, every=60)
    assert wait_of(decide(look(fresh_for=7200), known(rate=0.0), source=source)) == 60


@pytest.mark.parametrize(("asked", "waited"), [(5400, 5400), (10**9, 86_400), (-5, 900), (0, 900)])
def test_wish_of_the_server_is_obeyed_up_to_a_day(asked: int, waited: int) -> None:
    """C4."""
    answer = look(status=503, entries=(), problem="503", retry_after=asked)
    assert wait_of(decide(answer, known())) == waited


def test_failures_wait_longer_each_time_up_to_a_bound_and_never_end() -> None:
    rhythm: SourceRhythm | None = None
    waits = []
    now = NOW
    for _ in range(60):
        following = decide(look(status=None, entries=(), problem="no answer"), rhythm, now=now)
        waits.append(wait_of(following, now))
        assert following.at is not None
        rhythm, now = following.rhythm, following.at
    assert waits[:3] == [900, 1800, 2700]
    assert waits[-1] == LONGEST_BACKOFF
    assert LONGEST_BACKOFF <= 86_400 / 4, "P3 needs several looks a day"
    assert rhythm is not None
    assert rhythm.failures == 60
    well = decide(look(), rhythm, now=now)
    assert (well.rhythm.failures, wait_of(well, now) <= LONGEST_OWN_WAIT) == (0, True)


@pytest.mark.parametrize(
    ("answer", "is_failure"),
    [
        (look(), False),
        (look(status=304, entries=(), not_modified=True), False),
        (look(entries=()), False),
        (look(problem="broken, yet saved", salvaged=True), False),
        (look(entries=(), problem="a log-in page"), True),
        (look(status=None, entries=(), problem="no answer"), True),
        (look(status=404, entries=()), True),
        (look(status=500, entries=()), True),
    ],
)
def test_look_has_failed_when_nothing_could_be_read(answer: Look, is_failure: bool) -> None:
    assert failed(answer) is is_failure
    assert (decide(answer, known()).rhythm.failures == 1) is is_failure


def test_unmodified_source_is_alive_and_brings_nothing() -> None:
    """C6."""
    after = decide(look(status=304, entries=(), not_modified=True), known()).rhythm
    assert after.answered_at == NOW
    assert after.rate is not None
    assert after.rate < 10 / 86_400


def test_source_that_is_gone_is_not_looked_at_again_and_said() -> None:
    """C6."""
    following = decide(look(status=410, entries=()), known())
    assert (following.at, following.notice) == (None, Notice.GONE)
    assert "410" in following.reason
    assert not is_due(SOURCE, following.rhythm, NOW + timedelta(days=99))


def test_lasting_redirect_is_said_once_after_three_looks() -> None:
    """C6."""
    rhythm: SourceRhythm | None = None
    notices = []
    for _ in range(5):
        following = decide(look(moved_to="https://new.example/rss"), rhythm)
        rhythm = following.rhythm
        notices.append(following.notice)
    assert notices == [None, None, Notice.MOVED, None, None]


def test_redirect_that_changes_or_pauses_is_not_lasting() -> None:
    rhythm: SourceRhythm | None = None
    for target in ("a", "b", "a", None, "a", "a"):
        moved = None if target is None else f"https://{target}.example/rss"
        following = decide(look(moved_to=moved), rhythm)
        rhythm = following.rhythm
        assert following.notice is None


@given(
    st.none() | st.floats(0, 10),
    st.integers(0, 100_000),
    st.none() | st.sampled_from([200, 304, 404, 429, 500, 503]),
    st.none() | st.integers(-(10**12), 10**12),
    st.none() | st.integers(0, 10**9),
    st.none() | st.integers(1, 10**6),
    st.floats(0, 1),
    st.integers(0, 10_000),
)
def test_next_look_is_always_within_bounds(
    rate: float | None,
    new: int,
    status: int | None,
    retry_after: int | None,
    fresh_for: int | None,
    every: int | None,
    chance: float,
    failures: int,
) -> None:
    source = replace(SOURCE, every=every)
    answer = look(status=status, retry_after=retry_after, fresh_for=fresh_for)
    following = decide(
        answer,
        known(rate=rate, failures=failures, next_look_at=NOW),
        source=source,
        new=new,
        chance=chance,
    )
    waited = wait_of(following)
    assert (every or 300) <= waited <= max(86_400, every or 0) * 1.1 + 1
    assert following.reason


def simulate(per_hour: Any, *, days: int, window: int) -> tuple[int, int, list[float]]:
    """Return looks, entries that passed unseen, and the delay of each that was seen.

    `per_hour` gives how many entries an hour of a day brings; the feed shows the last `window`.
    """
    chance = random.Random(5)
    published = sorted(
        NOW + timedelta(hours=hour, seconds=chance.uniform(0, 3600))
        for hour in range(days * 24)
        for _ in range(per_hour(hour % 24))
    )
    rhythm: SourceRhythm | None = None
    seen = 0
    looks = 0
    unseen = 0
    delays: list[float] = []
    now = NOW
    while now < NOW + timedelta(days=days):
        there = sum(moment <= now for moment in published)
        fresh = min(there - seen, window)
        unseen += there - seen - fresh
        delays += [(now - moment).total_seconds() for moment in published[there - fresh : there]]
        answer = look(entries=ENTRIES[: min(window, there)])
        following = decide(answer, rhythm, new=fresh, now=now, chance=chance.random())
        assert following.at is not None
        rhythm, now, seen, looks = following.rhythm, following.at, there, looks + 1
    return looks, unseen, delays


def test_slow_source_is_not_asked_in_vain_all_day() -> None:
    looks, unseen, delays = simulate(lambda hour: int(hour == 9), days=20, window=20)
    assert unseen == 0
    assert looks / 20 <= 30
    assert max(delays) <= 4000


def test_busy_source_is_seen_whole_and_soon() -> None:
    looks, unseen, delays = simulate(lambda hour: 12 if 6 <= hour < 23 else 1, days=6, window=20)
    assert unseen == 0
    assert sorted(delays)[len(delays) // 2] <= 400
    assert looks / 6 <= 290


def test_burst_after_a_quiet_night_is_seen_whole() -> None:
    _, unseen, delays = simulate(lambda hour: 30 if hour == 8 else 0, days=10, window=30)
    assert unseen <= 0.01 * len(delays)
