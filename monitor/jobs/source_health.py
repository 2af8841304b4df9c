"""Judge every source against its own past, keep what was found, and tell what needs a person.

looks, pages, texts ─ rhythm (learned once a day) ─ judge ─ kept ─▶ status, digest
                                                      └─ alarms ─▶ notices
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.health.rhythm import Rhythm, learn_rhythm
from monitor.health.source import SourceFacts, judge_source
from monitor.jobs.notices import report
from monitor.jobs.watch import Watch
from monitor.model import (
    HealthState,
    Source,
    SourceDay,
    SourceHealth,
    SourceState,
    SourceTrouble,
    Trouble,
)

MEMORY = timedelta(days=90)
LEARN_AGAIN = timedelta(days=1)
LEARN_AT_ONCE = 500
"""Rhythms learned in one turn, a few milliseconds each, so that other jobs are not held up."""

DAYS_BACK = timedelta(days=30)
DAYS_AGAIN = timedelta(hours=1)
REFUSED_BACK = timedelta(days=3)

LEAST_FOR_ALL = 5
ALL_SHARE = 0.5
"""When half of at least so many sources fail at once, the fault is the network's or ours."""

BAD = frozenset({HealthState.FAILING, HealthState.BLOCKED})
QUIET = frozenset({HealthState.SILENT, HealthState.CHANGED, HealthState.MOVED})


@dataclass
class HealthBook:
    """What a service remembers between two turns, so that it need not be read each time."""

    rhythms: dict[str, tuple[datetime, Rhythm, datetime | None]] = field(default_factory=dict)
    days: Mapping[str, Sequence[SourceDay]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    days_at: datetime | None = None


def check_sources(watch: Watch, book: HealthBook | None = None) -> tuple[SourceHealth, ...]:
    """Judge the enabled sources, keep how they stand, and tell what began and what is over.

    One whose rhythm there was no time to learn yet stands as it stood.
    """
    book = book or HealthBook()
    now = watch.clock.now()
    states = watch.storage.sources.read_states()
    before = watch.storage.source_days.read_health()
    _read_days(watch, book, now)
    found: dict[str, SourceHealth] = {}
    left = LEARN_AT_ONCE
    for source in watch.sources:
        state = states.get(source.id)
        if not source.enabled or state is None:
            continue
        if not _is_learned(book, source, now):
            if not left:
                if source.id in before:
                    found[source.id] = before[source.id]
                continue
            left -= 1
            _learn(watch, book, source, now)
        facts = _gather(watch, book, source, state, told=before.get(source.id))
        found[source.id] = judge_source(facts, now=now)
    watch.storage.source_days.keep_health(
        each for key, each in found.items() if before.get(key) != each
    )
    lasting = {each.key for each in watch.storage.notices.read_lasting("sources")}
    report(watch, "sources", find_troubles(tuple(found.values()), lasting))
    return tuple(found.values())


def _read_days(watch: Watch, book: HealthBook, now: datetime) -> None:
    if book.days_at is not None and timedelta(0) <= now - book.days_at < DAYS_AGAIN:
        return
    storage = watch.storage.source_days
    book.days = storage.read_days(now - DAYS_BACK)
    book.refused = storage.count_refused(now - REFUSED_BACK)
    book.reasons = storage.find_reasons(now - REFUSED_BACK)
    book.days_at = now


def _is_learned(book: HealthBook, source: Source, now: datetime) -> bool:
    known = book.rhythms.get(source.id)
    return known is not None and timedelta(0) <= now - known[0] < LEARN_AGAIN


def _learn(watch: Watch, book: HealthBook, source: Source, now: datetime) -> None:
    times = watch.storage.source_days.read_new_entry_times(source.id, now - MEMORY)
    past = [moment for moment in times if moment <= now]
    book.rhythms[source.id] = (now, learn_rhythm(past, now=now), past[-1] if past else None)


def _gather(
    watch: Watch,
    book: HealthBook,
    source: Source,
    state: SourceState,
    *,
    told: SourceHealth | None,
) -> SourceFacts:
    _, rhythm, last_known = book.rhythms[source.id]
    last_new = state.new_entry_at
    if last_new is not None and last_new > watch.clock.now():
        last_new = last_known
    return SourceFacts(
        source=source,
        state=state,
        rhythm=rhythm,
        last_new=last_new,
        last_answer=watch.storage.source_days.find_last_answer(source.id),
        days=book.days.get(source.id, ()),
        refused=book.refused.get(source.id, 0),
        reason=book.reasons.get(source.id, ""),
        told=told.state if told is not None and told.alarm else None,
        told_since=told.since if told is not None else None,
    )


def find_troubles(
    found: Sequence[SourceHealth], lasting: Collection[str] = ()
) -> tuple[Trouble, ...]:
    """Return what the one who keeps the watch running is told of the sources.

    When most of them fail at once that is one trouble, of the network or of this machine; those
    that failed before (`lasting`) stay told.
    """
    bad = [each for each in found if each.state in BAD]
    troubles = [_trouble(each) for each in found if each.alarm]
    if len(bad) < LEAST_FOR_ALL or len(bad) < ALL_SHARE * len(found):
        return tuple(troubles)
    own = {_key(each) for each in bad}
    kept = [each for each in troubles if each.key not in own or each.key in lasting]
    return (_all_fail(bad, found), *kept)


def _all_fail(bad: Sequence[SourceHealth], found: Sequence[SourceHealth]) -> Trouble:
    reasons = sorted({each.why.split(" (")[0] for each in bad})
    return Trouble(
        key="source:all",
        headline="most sources cannot be read",
        why=f"{len(bad)} of {len(found)}: {'; '.join(reasons[:3])}",
        cure="Look whether this machine has a network and its names are resolved.",
    )


def _key(health: SourceHealth) -> str:
    """Return what is told once: not each turn from failing to blocked and back."""
    state = HealthState.FAILING if health.state in BAD else health.state
    return f"source:{state.value}:{health.source_id}"


def _trouble(health: SourceHealth) -> Trouble:
    words = {HealthState.FAILING: "cannot be read", HealthState.SILENT: "has gone silent"}
    return Trouble(
        key=_key(health),
        headline=f"{health.outlet} ({health.source_id})"
        f" {words.get(health.state, f'is {health.state.value}')}",
        why=health.why,
        cure=health.cure,
        since=health.since,
    )


def find_failing(found: Mapping[str, SourceHealth]) -> tuple[SourceTrouble, ...]:
    """Return the sources that cannot be read, the longest failing first."""
    return _as_troubles(found, BAD)


def find_silent(found: Mapping[str, SourceHealth]) -> tuple[SourceTrouble, ...]:
    """Return the sources that answer, and of which a person should know, the longest first."""
    return _as_troubles(found, QUIET)


def _as_troubles(
    found: Mapping[str, SourceHealth], states: frozenset[HealthState]
) -> tuple[SourceTrouble, ...]:
    troubles = [
        SourceTrouble(name=each.outlet, why=f"{each.state.value}: {each.why}", since=each.since)
        for each in found.values()
        if each.state in states
    ]
    return tuple(sorted(troubles, key=lambda one: (one.since is None, one.since, one.name)))
