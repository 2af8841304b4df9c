"""Find dead sources in time without crying wolf: what a simulated quarter of a year shows.

200 simulated sources with the rhythms of the press run for 90 days: agencies around the clock,
papers with nights and weekends, offices that close on Friday, weeklies that publish everything on
one morning, organisations with a burst now and then, rare blogs. Some die on a random day. They are
looked at every half hour, and what the looks bring is all that the watch learns from.

"In time" is FAULTS P3: within the greater of 24 h and three usual gaps (the 95th percentile of the
source's true gaps); where that is under two days, over the weekdays on which it publishes at all.

A source that published on fewer than nine days before it died has no 95th percentile to speak of,
and is counted apart.

python -m benchmarks.silence [--sources 200] [--days 90] [--seeds 5]
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.health import rhythm
from monitor.health.rhythm import Rhythm, learn_rhythm, when_silent

START = datetime(2026, 1, 5, tzinfo=UTC)
LOOK = timedelta(minutes=30)
LEARN_EVERY = timedelta(days=1)
MEMORY = timedelta(days=90)
OFFICE = tuple(range(5))
ALL_WEEK = tuple(range(7))


@dataclass(frozen=True)
class Kind:
    """How one kind of source publishes: entries a day by weekday, hours, entries in a burst."""

    name: str
    weekdays: tuple[int, ...]
    hours: tuple[int, int]
    events_a_day: float
    burst: tuple[int, int] = (1, 1)
    weekend: float = 1.0


KINDS = (
    (Kind("agency", ALL_WEEK, (0, 24), 60), 20),
    (Kind("daily paper", ALL_WEEK, (5, 23), 25, weekend=0.5), 45),
    (Kind("daily paper, closed on Sundays", tuple(range(6)), (6, 20), 12), 20),
    (Kind("ministry", OFFICE, (8, 18), 5), 25),
    (Kind("small ministry", OFFICE, (8, 17), 1.2, burst=(1, 4)), 20),
    (Kind("morning bulletin", ALL_WEEK, (5, 7), 1.5), 10),
    (Kind("weekly", (3,), (6, 11), 10), 15),
    (Kind("organisation", OFFICE, (9, 18), 0.45, burst=(1, 5)), 20),
    (Kind("diaspora blog", ALL_WEEK, (7, 24), 0.6, burst=(1, 3)), 15),
    (Kind("rare blog", ALL_WEEK, (7, 24), 0.12), 10),
)


@dataclass
class Simulated:
    """One source: when it published, when it died (None: it lives), when the alarm came."""

    kind: Kind
    published: list[datetime]
    died_at: datetime | None
    offset: int
    alarms: list[datetime] = field(default_factory=list)
    false: int = 0
    found_at: datetime | None = None

    @property
    def last(self) -> datetime:
        """Return when it published last."""
        return self.published[-1]


def publish(kind: Kind, dice: random.Random, days: int, offset: int) -> list[datetime]:
    """Return when a source of this kind publishes: a Poisson process within its hours."""
    rate = kind.events_a_day * dice.uniform(0.6, 1.6)
    found: list[datetime] = []
    for day in range(days):
        if day % 7 not in kind.weekdays:
            continue
        expected = rate * (kind.weekend if day % 7 >= 5 else 1.0)
        for _ in range(poisson(expected, dice)):
            hour = dice.uniform(*kind.hours)
            first = START + timedelta(days=day, hours=hour - offset)
            for _ in range(dice.randint(*kind.burst)):
                found.append(first)
                first += timedelta(minutes=dice.expovariate(1 / 20))
    return sorted(found)


def poisson(mean: float, dice: random.Random) -> int:
    count, left = 0, dice.expovariate(1)
    while left < mean:
        count += 1
        left += dice.expovariate(1)
    return count


def simulate(sources: int, days: int, seed: int) -> list[Simulated]:
    """Return the sources, a fifth of which die between the 30th day and the 20th before the end."""
    dice = random.Random(seed)
    share = sources / sum(count for _, count in KINDS)
    found = []
    for kind, count in KINDS:
        for _ in range(max(1, round(count * share))):
            offset = dice.randrange(-8, 9)  # where on earth it is
            published = publish(kind, dice, days, offset)
            died = None
            if dice.random() < 0.2:
                died = START + timedelta(days=dice.uniform(min(30, days / 3), days - 20))
                published = [moment for moment in published if moment <= died] or published[:1]
            found.append(Simulated(kind, published, died, offset))
    return found


def seen_at(published: list[datetime]) -> list[datetime]:
    """Return when looks brought something new."""
    looks = dict.fromkeys(-(-(moment - START) // LOOK) for moment in published)
    return [START + LOOK * number for number in looks]


Learn = Callable[[list[datetime], datetime], Rhythm]


def watch(source: Simulated, days: int) -> None:
    """Follow one source: learn every day what was seen, alarm once for each silence."""
    end = START + timedelta(days=days)
    seen = seen_at(source.published)
    if not seen:
        return
    learned = learn_rhythm([], now=START)
    learned_at = START - LEARN_EVERY
    # what was learned is renewed once a day
    for place, last in enumerate(seen):
        until = seen[place + 1] if place + 1 < len(seen) else end
        at = last
        while at < until:
            if at - learned_at >= LEARN_EVERY:
                known = [moment for moment in seen[1 : place + 1] if moment >= at - MEMORY]
                learned, learned_at = learn_rhythm(known, now=at), at
            due = when_silent(learned, last)
            # the rhythm may be learned anew during a silence
            step = min(until, learned_at + LEARN_EVERY)
            if due <= step and due < until:
                note(source, max(due, at), final=place + 1 == len(seen))
                break
            at = step


def note(source: Simulated, at: datetime, *, final: bool) -> None:
    source.alarms.append(at)
    if source.died_at is not None and final:
        source.found_at = source.found_at or at
    else:
        source.false += 1


def is_known(source: Simulated) -> bool:
    """Say whether enough of its gaps were seen to speak of a 95th percentile."""
    seen = seen_at(source.published)[1:]
    return bool(seen) and rhythm.is_known(seen, now=seen[-1])


def deadline(source: Simulated) -> datetime:
    """Return when the silence of a dead source must be known at the latest (P3)."""
    seen = seen_at(source.published)
    gaps = sorted(b - a for a, b in itertools.pairwise(seen[1:]))
    usual = (
        gaps[min(math.ceil(0.95 * (len(gaps) + 1)), len(gaps)) - 1] if gaps else timedelta(days=10)
    )
    left = max(timedelta(hours=24), 3 * usual)
    at, step = seen[-1], timedelta(minutes=30)
    # local days, since a source's Sunday may lie on two days of UTC
    open_days = source.kind.weekdays if usual < timedelta(hours=48) else ALL_WEEK
    while left > timedelta(0):
        at += step
        if (at + timedelta(hours=source.offset)).weekday() in open_days:
            left -= step
    return at + LOOK


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for seed in range(options.seeds):
        run(options.sources, options.days, seed)


def run(count: int, days: int, seed: int) -> None:
    sources = simulate(count, days, seed)
    for source in sources:
        watch(source, days)
    end = START + timedelta(days=days)
    dead = [each for each in sources if each.died_at is not None]
    due = [each for each in dead if is_known(each) and deadline(each) <= end]
    hardly = sum(not is_known(each) for each in dead)
    late = [each for each in due if each.found_at is None or each.found_at > deadline(each)]
    waits = [(each.found_at - each.last).total_seconds() / 3600 for each in due if each.found_at]
    print(
        f"seed {seed}: {len(sources)} sources, {len(dead)} died ({hardly} hardly known),"
        f" {len(due)} due within the {days} days,"
        f" {len(due) - len(late)} found in time, {len(late)} late;"
        f" {sum(each.false for each in sources)} false alarms;"
        f" silence known after {statistics.median(waits):.0f} h (median),"
        f" {max(waits):.0f} h at most"
    )
    for each in late:
        found = f"{(each.found_at - each.last)}" if each.found_at else "never"
        print(f"  late: {each.kind.name}: found after {found}, due {deadline(each) - each.last}")
    by_kind: Counter[str] = Counter()
    for each in sources:
        by_kind[each.kind.name] += each.false
    print("  false alarms by kind:", {name: n for name, n in by_kind.items() if n} or "none")


if __name__ == "__main__":
    main()
