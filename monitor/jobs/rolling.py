"""A crawl that goes on: sources join it when their time comes, while others are still under way.

    every second   sources that are due, and pending entries   ─▶ the child
    5 minutes      no more join; what is under way has 20 s, then it is left for the next crawl

A crawl that ends before the next begins lets everybody wait for the slowest host: with 500 sources
every fifteen minutes polls took 35 to 55 s, and what came due meanwhile had to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from monitor.feeds.schedule import Due, find_due
from monitor.jobs.fetching import Way, by_way
from monitor.jobs.watch import Watch
from monitor.model import PendingEntry, Source, SourceState

ROLL_SECONDS = 300.0
"""So long sources join a crawl: a new child costs a second of processor time, and jobs that must
not run beside a crawl (a changed configuration, the canary, pruning) wait for its end."""

SHORT_ROLL_SECONDS = 60.0
"""The same where sources go different ways out, since a child goes one way."""

DRAIN_SECONDS = 20.0
IDLE_SECONDS = 10.0
"""A child that has had nothing to do for so long ends; it would keep its 70 MB."""

SHORT_IDLE_SECONDS = 2.0
"""The same where sources go different ways out: the others wait for it."""

PENDING_SECONDS = 10.0
MOST_AT_ONCE = 160
"""Sources that are looked at, and as many whose pending pages are fetched; most of them have a
place in the child: in the queue there nobody can pass, and each second it is filled up again."""

MOST_PAGES = 2000
"""Pages on their way at once; with more, what a look offers stays pending until there is room, so
that looks go on while pages wait for the processor."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What joins a crawl: sources to look at, and pending entries of others by source."""

    due: Sequence[Source] = ()
    pending: Mapping[str, tuple[Source, list[PendingEntry]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether there is anything."""
        return bool(self.due or self.pending)


class Roll:
    """What joins the crawl of one way out, second by second.

    `states` is kept up to date by the crawl: the database is read once.  `alone` says that there is
    no other way, whose sources wait for the end of this crawl; `over` ends it early.
    """

    def __init__(
        self,
        watch: Watch,
        way: Way,
        states: Mapping[str, SourceState],
        *,
        alone: bool,
        over: Callable[[], bool],
    ) -> None:
        self._watch, self._states, self._over = watch, states, over
        seconds = ROLL_SECONDS if alone else SHORT_ROLL_SECONDS
        self._idle = IDLE_SECONDS if alone else SHORT_IDLE_SECONDS
        network = watch.settings.network
        self._sources = {
            source.id: source for source in by_way(watch.sources, network).get(way, ())
        }
        now = watch.clock.monotonic()
        self._until, self._busy_at, self._pending_at = now + seconds, now, float("-inf")
        self.answered: Collection[str] = ()

    def give(
        self, under_way: Collection[str], *, looking: Collection[str] = (), pages: int = 0
    ) -> Given | None:
        """Return what joins now, beside the sources `under_way`; None when no more will.

        Of those `looking` have not said yet what they offer; `pages` are being fetched or prepared.
        """
        now = self._watch.clock.monotonic()
        if self._over() or now >= self._until:
            return None
        due = take_in_turn(self._find_due(under_way), max(0, MOST_AT_ONCE - len(looking)))
        busy = {source.id for source in due}.union(under_way)
        fetching = len(under_way) - len(looking)
        given = Given(due=due, pending=self._find_pending(busy, MOST_AT_ONCE - fetching, pages))
        if given or under_way:
            self._busy_at = now
        return None if now - self._busy_at >= self._idle else given

    def _find_due(self, under_way: Collection[str]) -> list[tuple[Due, Source]]:
        moment = self._watch.clock.now()
        found = []
        for key, source in self._sources.items():
            state = self._states.get(key)
            due = find_due(source, state.rhythm if state else None, moment)
            if due is not None and key not in under_way:
                found.append((due, source))
        return found

    def _find_pending(
        self, busy: Collection[str], room: int, pages: int
    ) -> dict[str, tuple[Source, list[PendingEntry]]]:
        now = self._watch.clock.monotonic()
        if now - self._pending_at < PENDING_SECONDS or room <= 0 or pages >= MOST_PAGES:
            return {}
        self._pending_at = now
        entries = self._watch.storage.entries.find_pending(
            self._watch.clock.now(),
            sources=self._sources.keys() - set(busy),
            limit=MOST_PAGES - pages,
        )
        groups: dict[str, tuple[Source, list[PendingEntry]]] = {}
        for entry in entries:
            if entry.id not in self.answered and (entry.source_id in groups or len(groups) < room):
                source = self._sources[entry.source_id]
                groups.setdefault(source.id, (source, []))[1].append(entry)
        return groups


def take_in_turn(found: Sequence[tuple[Due, Source]], room: int) -> list[Source]:
    """Return so many of the sources that are due: the quickest, and who is longest due, by turns.

    A source of every minute then waits for no queue of thousands, and however many of those there
    are, half of the places are for who has waited longest: nobody waits for ever.
    """
    if len(found) <= room:
        return [source for _, source in found]
    quickest = sorted(found, key=lambda pair: pair[0].pace)
    longest = sorted(found, key=lambda pair: pair[0].late, reverse=True)
    taken: dict[str, Source] = {}
    for pair in chain.from_iterable(zip(quickest, longest, strict=True)):
        taken.setdefault(pair[1].id, pair[1])
        if len(taken) == room:
            break
    return list(taken.values())


def ways_of(watch: Watch) -> list[Way]:
    """Return every way out that a source of the watch takes."""
    return list(by_way((each for each in watch.sources if each.enabled), watch.settings.network))
