"""The usual gap is a source's own; weekends of its own do not count; few gaps are not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.silence import deadline, is_known, simulate, watch
from monitor.health.rhythm import after_counted, counted, learn_rhythm, when_silent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def office(weeks: int = 10, *, days: tuple[int, ...] = (0, 1, 2, 3, 4)) -> list[datetime]:
    """Something new every full hour from 9 to 17 on some days of each week."""
    return [
        MONDAY + timedelta(weeks=week, days=day, hours=hour)
        for week in range(weeks)
        for day in days
        for hour in range(9, 18)
    ]


def test_usual_gap_is_the_95th_percentile_not_the_mean() -> None:
    times = office(days=tuple(range(7)))
    rhythm = learn_rhythm(times, now=times[-1])
    assert rhythm.usual == 16 * HOUR
    assert rhythm.gaps == len(times) - 1


def test_weekend_of_an_office_does_not_count() -> None:
    times = office()
    rhythm = learn_rhythm(times, now=times[-1])
    friday = times[-1]
    assert when_silent(rhythm, friday) > friday + timedelta(days=3)
    tuesday = friday - timedelta(days=3)
    assert when_silent(rhythm, tuesday) == tuesday + 3 * rhythm.usual


def test_weekend_that_lies_on_two_days_of_utc_does_not_count() -> None:
    times = [moment - timedelta(hours=9) for moment in office()]
    rhythm = learn_rhythm(times, now=times[-1])
    assert when_silent(rhythm, times[-1]) > times[-1] + timedelta(days=3)


def test_frequent_source_is_told_after_24_hours() -> None:
    """FAULTS P3: the greater of 24 h and three usual gaps."""
    times = [MONDAY + n * timedelta(minutes=20) for n in range(3000)]
    rhythm = learn_rhythm(times, now=times[-1])
    assert when_silent(rhythm, times[-1]) == times[-1] + timedelta(hours=24)


def test_weekly_is_given_three_weeks() -> None:
    times = [MONDAY + timedelta(weeks=week, hours=8) for week in range(12)]
    rhythm = learn_rhythm(times, now=times[-1])
    assert when_silent(rhythm, times[-1]) == times[-1] + timedelta(weeks=3)


def test_new_source_is_not_judged_by_its_first_hours() -> None:
    times = [MONDAY + n * timedelta(minutes=5) for n in range(100)]
    rhythm = learn_rhythm(times, now=times[-1])
    assert when_silent(rhythm, times[-1]) > times[-1] + timedelta(days=7)


def test_source_without_any_new_entry_is_told_in_the_end() -> None:
    rhythm = learn_rhythm([], now=MONDAY)
    assert rhythm.gaps == 0
    assert MONDAY + timedelta(days=60) > when_silent(rhythm, MONDAY) > MONDAY + timedelta(days=7)


def test_times_of_a_clock_that_was_ahead_are_left_out() -> None:
    """FAULTS B3."""
    times = office(days=tuple(range(7)))
    ahead = [*times, times[-1] + timedelta(days=3650)]
    now = times[-1] + HOUR
    assert learn_rhythm(ahead, now=now) == learn_rhythm(times, now=now)


@pytest.mark.parametrize("hours", [1, 30, 100, 300, 1000])
def test_counted_time_and_its_moment_agree(hours: int) -> None:
    times = office()
    rhythm = learn_rhythm(times, now=times[-1])
    at = after_counted(rhythm, times[-1], hours * HOUR)
    assert counted(rhythm.quiet, times[-1], at) == hours * HOUR


def test_dead_sources_are_found_in_time_and_the_living_left_in_peace() -> None:
    """FAULTS P3: the small form of benchmarks/silence.py."""
    sources = simulate(50, 90, seed=7)
    for source in sources:
        watch(source, 90)
    end = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=90)
    due = [each for each in sources if each.died_at and is_known(each) and deadline(each) <= end]
    assert len(due) >= 5
    assert all(each.found_at and each.found_at <= deadline(each) for each in due)
    assert sum(each.false for each in sources) <= 3
