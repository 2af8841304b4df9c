"""The usual gap of a source, learned from its own past, and how long a silence may last: pure.

A stretch of the week in which a source hardly ever publishes (the weekend of a ministry, the Sunday
of a paper, wherever on earth it lies) does not count when a silence is measured.  Nights need no
such care: they are in the gaps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
WEEK_HOURS = 168

PERCENTILE = 0.95
"""FAULTS P3: the usual gap is the 95th percentile of the source's own gaps."""

GAPS_ALARM = 3
LEAST_SILENCE = timedelta(hours=24)

LEAST_ACTIVE = 9
LEAST_DAYS = timedelta(days=15)
"""From fewer days with anything new, or less than two weekends, a percentile says nothing yet."""

KNOWN_A_WEEK = timedelta(days=3)
UNKNOWN_GAP = timedelta(days=10)
UNKNOWN_FIRST_GAP = timedelta(days=14)
"""What is taken at the least for the gap of a source known for days, hardly, or not at all."""

STRETCH = 26
"""Hours: a quiet stretch is longer than the pause of what comes once a day."""

QUIET_SHARE = 0.05
LEAST_EXPECTED = 5.0
"""A stretch is quiet when it had under a twentieth of at least so many events to be expected."""

LONG_GAP = timedelta(hours=48)
"""A usual gap so long spans a weekend."""

NIGHT = 7
"""Hours at each end of a quiet stretch that are only the nights beside it, and count."""


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How a source publishes: its usual gap, and the hours of the week (UTC) that do not count.

    The hours are counted from Monday 0 h; `gaps` is how many gaps it was learned from. `calendar`
    is the usual gap with the quiet hours counted, too.
    """

    usual: timedelta
    calendar: timedelta
    gaps: int
    quiet: frozenset[int] = frozenset()


def learn_rhythm(times: Sequence[datetime], *, now: datetime) -> Rhythm:
    """Return the rhythm of a source whose looks brought new entries at `times`, oldest first.

    Times after `now` were written by a clock that was wrong and are left out (FAULTS B3).
    """
    known = [moment for moment in times if moment <= now]
    pairs = list(itertools.pairwise(known))
    if not is_known(known, now=now):
        guess = guess_gap(known)
        return Rhythm(usual=guess, calendar=guess, gaps=len(pairs))
    quiet = find_quiet(known)
    return Rhythm(
        usual=usual_gap(sorted(counted(quiet, before, after) for before, after in pairs)),
        calendar=usual_gap(sorted(after - before for before, after in pairs)),
        gaps=len(pairs),
        quiet=quiet,
    )


def is_known(times: Sequence[datetime], *, now: datetime) -> bool:
    """Say whether enough was seen of a source to speak of its 95th percentile.

    A burst is one event: days count, not entries.
    """
    active = len({moment.date() for moment in times})
    return active >= LEAST_ACTIVE and now - times[0] >= LEAST_DAYS


def guess_gap(times: Sequence[datetime]) -> timedelta:
    """Return what is taken for the usual gap while little is known, from the days with anything.

    Three times the mean is the 95th percentile where entries come at random; the mean of few gaps
    is not believed.
    """
    days = sorted({moment.date() for moment in times})
    gaps = [after - before for before, after in itertools.pairwise(days)]
    if not gaps:
        return UNKNOWN_FIRST_GAP
    mean = (days[-1] - days[0]) / len(gaps)
    least = KNOWN_A_WEEK if len(days) >= LEAST_ACTIVE else UNKNOWN_GAP
    return max(least, *gaps, 3 * mean * (1 + 1 / len(gaps)))


def usual_gap(gaps: Sequence[timedelta]) -> timedelta:
    """Return the 95th percentile of sorted gaps: of fewer than 20 the largest."""
    place = min(math.ceil(PERCENTILE * (len(gaps) + 1)), len(gaps)) - 1
    return gaps[place]


def find_quiet(times: Sequence[datetime]) -> frozenset[int]:
    """Return the hours of the week that lie in a stretch in which hardly anything ever was new."""
    events = [0] * WEEK_HOURS
    for moment in times:
        events[hour_of_week(moment)] += 1
    expected = len(times) * STRETCH / WEEK_HOURS
    if expected < LEAST_EXPECTED:
        return frozenset()
    quiet: set[int] = set()
    for first in range(WEEK_HOURS):
        stretch = [(first + n) % WEEK_HOURS for n in range(STRETCH)]
        if sum(events[hour] for hour in stretch) < QUIET_SHARE * expected:
            quiet.update(stretch)
    return frozenset(
        hour
        for hour in quiet
        if (hour - NIGHT) % WEEK_HOURS in quiet and (hour + NIGHT) % WEEK_HOURS in quiet
    )


def hour_of_week(moment: datetime) -> int:
    """Return the hour of the week of an aware UTC time, from Monday 0 h."""
    return moment.weekday() * 24 + moment.hour


def when_silent(rhythm: Rhythm, since: datetime) -> datetime:
    """Return when a silence that began at `since` is to be told: P3's deadline.

    The greater of 24 h and three usual gaps, quiet stretches left out; where the usual gap is so
    long that it spans them, three of it by the calendar may be earlier.
    """
    at = after_counted(rhythm, since, max(LEAST_SILENCE, GAPS_ALARM * rhythm.usual))
    if rhythm.calendar < LONG_GAP:
        return at
    return min(at, since + GAPS_ALARM * rhythm.calendar)


def counted(quiet: frozenset[int], since: datetime, until: datetime) -> timedelta:
    """Return how much of the time between two moments counts."""
    if not quiet or until <= since:
        return max(until - since, timedelta(0))
    weeks, left = divmod(until - since, timedelta(hours=WEEK_HOURS))
    found = weeks * (WEEK_HOURS - len(quiet)) * HOUR
    at, end = since, since + left
    while at < end:
        after = min(_next_hour(at), end)
        if hour_of_week(at) not in quiet:
            found += after - at
        at = after
    return found


def after_counted(rhythm: Rhythm, since: datetime, span: timedelta) -> datetime:
    """Return the moment when so much time that counts has passed since `since`."""
    if not rhythm.quiet or len(rhythm.quiet) == WEEK_HOURS:
        return since + span
    weeks, left = divmod(span, (WEEK_HOURS - len(rhythm.quiet)) * HOUR)
    at = since + weeks * timedelta(hours=WEEK_HOURS)
    while left > timedelta(0):
        end = _next_hour(at)
        if hour_of_week(at) in rhythm.quiet:
            at = end
            continue
        if end - at >= left:
            return at + left
        left -= end - at
        at = end
    return at


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + HOUR
