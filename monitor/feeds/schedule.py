"""When to look at a source again; decided from plain values, never from the network."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.feeds.pace import LONGEST_WAIT
from monitor.model import Look, Source, SourceKind, SourceRhythm

FIRST_WAIT = 900.0  # before a rhythm is known
SHORTEST_WAIT: dict[SourceKind, float] = {
    "feed": 300.0,
    "sitemap": 600.0,
    "section": 600.0,
    "search": 1800.0,  # each look tells its company again what is watched
}
LONGEST_OWN_WAIT = 3600.0  # so late may a report be found on a source that hardly publishes
LONGEST_FRESH = 7200.0  # so far is a TTL or max-age believed; many are a framework's default
MOST_WHILE_FRESH = 3.0  # new entries in the time for which a source says that there are none
LONGEST_BACKOFF = 6 * 3600.0  # four looks a day at least, so that P3's 24 h are more than one look
MEMORY = 6 * 3600.0  # a night makes a source slow and a morning quick, within a few looks
MOVED_AFTER = 3  # the same permanent redirect so often in a row (FAULTS C6)
JITTER = 0.1  # so that sources met in one look do not stay together for ever
SET_JITTER = 0.04  # of a pace that a person set: 15 minutes are 15:00 to 15:36
PARTING = 0.5  # of a set pace, once, after a first look or an outage: see `_find_spread`


class Notice(StrEnum):
    """What a person must be told of, said in the look that makes it so and not again."""

    GONE = "gone"  # 410: not looked at any more
    MOVED = "moved"  # a lasting permanent redirect: adopt the new address


@dataclass(frozen=True, kw_only=True)
class NextLook:
    """When to look again, why then, and the rhythm to keep.

    `at` is None when looking stops; `rhythm.stopped` then says why.
    """

    at: datetime | None
    reason: str
    rhythm: SourceRhythm
    notice: Notice | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A look that is due: for how many seconds it has been, and how many lie between two looks."""

    late: float
    pace: float


def is_due(source: Source, rhythm: SourceRhythm | None, now: datetime) -> bool:
    """Say whether `source` is to be looked at now."""
    return find_due(source, rhythm, now) is not None


def find_due(source: Source, rhythm: SourceRhythm | None, now: datetime) -> Due | None:
    """Return how due `source` is, or None when it is not; one that is disabled never is.

    A source never looked at is due, as is one whose address was changed in `sources.yaml`; a
    changed `every` counts from the last look on.
    A last look that lies in the future means that the clock was wrong then: due (FAULTS B3).
    """
    pace = _longest_wait(source)
    known = rhythm if rhythm is not None and rhythm.url == source.url else None
    if not source.enabled or (known is not None and known.stopped is not None):
        return None
    if known is None or known.next_look_at is None:
        return Due(late=math.inf, pace=pace)
    late = (now - known.next_look_at).total_seconds()
    if known.looked_at is not None:
        waits = (known.next_look_at - known.looked_at).total_seconds()
        if known.looked_at > now:
            late = math.inf
        elif waits > pace and not known.failures:
            late += waits - pace
        pace = min(waits, pace)
    return Due(late=late, pace=pace) if late >= 0 else None


def _longest_wait(source: Source) -> float:
    """Return the longest wait that `source` can have while it does not fail."""
    if source.every is None:
        return LONGEST_FRESH * (1 + JITTER)
    return source.every * (1 + SET_JITTER)


def decide_next_look(
    source: Source,
    rhythm: SourceRhythm | None,
    look: Look,
    *,
    new: int,
    now: datetime,
    chance: float,
) -> NextLook:
    """Return when to look at `source` again after `look`, of whose entries `new` were new.

    `chance` is a random number from 0 to 1 for the jitter, which only ever waits longer, but for
    the wait at a set pace after a first look or an outage.
    The longest of these counts: `every` where a person set it, otherwise the source's own rhythm
    and what it says of itself (`fresh_for`), unless its rhythm belies that; linear backoff while it
    fails; `Retry-After`.
    """
    before = rhythm if rhythm is not None and rhythm.url == source.url else None
    before = before or SourceRhythm(url=source.url)
    if look.status == 410:
        stopped = "the server answered 410 (gone): give the source another address or remove it"
        after = replace(before, looked_at=now, next_look_at=None, stopped=stopped)
        return NextLook(at=None, reason=stopped, rhythm=after, notice=Notice.GONE)
    after = _learn(before, look, new=new, now=now)
    wait, reason = _decide_wait(source, before, after, look, new=new)
    spread = _find_spread(source, before, after, now=now)
    at = now + timedelta(seconds=wait * (1 + spread * min(max(chance, 0.0), 1.0)))
    moved = after.moved_times == MOVED_AFTER and before.moved_times < MOVED_AFTER
    return NextLook(
        at=at,
        reason=reason,
        rhythm=replace(after, next_look_at=at),
        notice=Notice.MOVED if moved else None,
    )


def failed(look: Look) -> bool:
    """Say whether a look yielded nothing that could be read; a salvaged feed has not failed."""
    if look.not_modified:
        return False
    if look.status is None or look.status >= 400:
        return True
    return look.problem is not None and not look.entries


def _learn(before: SourceRhythm, look: Look, *, new: int, now: datetime) -> SourceRhythm:
    moved_times = 0
    if look.moved_to is not None:
        moved_times = before.moved_times + 1 if look.moved_to == before.moved_to else 1
    after = replace(before, looked_at=now, moved_to=look.moved_to, moved_times=moved_times)
    if failed(look):
        return replace(after, failures=before.failures + 1)
    return replace(after, failures=0, answered_at=now, rate=_learn_rate(before, new=new, now=now))


def _learn_rate(before: SourceRhythm, *, new: int, now: datetime) -> float | None:
    """Return new entries a second, older looks fading with the time constant MEMORY."""
    if before.answered_at is None:
        return None  # everything is new in a first look, which says nothing of the pace
    elapsed = (now - before.answered_at).total_seconds()
    if elapsed <= 0:  # the clock went back
        return before.rate
    seen = new / elapsed
    if before.rate is None:
        return seen
    weight = 1 - math.exp(-elapsed / MEMORY)
    return before.rate + weight * (seen - before.rate)


def _decide_wait(
    source: Source, before: SourceRhythm, after: SourceRhythm, look: Look, *, new: int
) -> tuple[float, str]:
    waits: list[tuple[float, str]] = []
    if source.every is not None:
        waits.append((source.every, "set by `every` in sources.yaml"))
    elif not after.failures:
        waits.append(_decide_own_wait(source, before, after, look, new=new))
    if after.failures:
        step = min(FIRST_WAIT, source.every or FIRST_WAIT)
        backoff = min(step * after.failures, LONGEST_BACKOFF)
        waits.append((backoff, f"failed {after.failures} times in a row"))
    if source.every is None and _is_credible(look.fresh_for, after.rate):
        waits.append(
            (min(look.fresh_for or 0, LONGEST_FRESH), "the source calls itself fresh so long")
        )
    if look.retry_after is not None:
        waits.append((min(max(look.retry_after, 0), LONGEST_WAIT), "the server asked to wait"))
    return max(waits, key=lambda wait: wait[0])


def _find_spread(
    source: Source, before: SourceRhythm, after: SourceRhythm, *, now: datetime
) -> float:
    """Return by how much of itself a wait may be longer or, where that is negative, shorter.

    Thousands of sources that begin together, or were all due when an outage ended, would be looked
    at all at once each quarter of an hour for days: the small jitter of a set pace parts them
    slowly.  So they are parted once, by a wait that is shorter.
    """
    if source.every is None:
        return JITTER
    together = before.next_look_at is None or now - before.next_look_at > timedelta(
        seconds=max(source.every, FIRST_WAIT)
    )
    return -PARTING if together and not after.failures else SET_JITTER


def _is_credible(fresh_for: int | None, rate: float | None) -> bool:
    """Say whether a source may be fresh for so long: not if it usually brings more meanwhile."""
    return fresh_for is not None and (rate is None or rate * fresh_for <= MOST_WHILE_FRESH)


def _decide_own_wait(
    source: Source, before: SourceRhythm, after: SourceRhythm, look: Look, *, new: int
) -> tuple[float, str]:
    """Return the wait until about one new entry is there, within bounds."""
    shortest = SHORTEST_WAIT[source.kind]
    if after.rate is None:
        return FIRST_WAIT, "its rhythm is not known yet"
    offered = len(look.entries)
    if before.answered_at is not None and offered > 1 and new >= offered:
        return shortest, "every entry was new: some may have passed unseen"
    wait = min(LONGEST_OWN_WAIT, 1 / after.rate if after.rate > 0 else LONGEST_OWN_WAIT)
    if offered and new / offered > 0.5:
        wait /= 2  # the window turns over fast: look while old entries still overlap
    return max(wait, shortest), f"its own rhythm: {new} of {offered} entries were new"
