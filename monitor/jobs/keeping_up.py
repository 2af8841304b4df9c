"""Notice when the watch cannot keep up: sources that wait for their look though it is due.

Nothing fails then, and nothing falls silent by the measure of its own past; reports only come late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.feeds.schedule import find_due
from monitor.jobs.notices import report
from monitor.jobs.watch import Watch
from monitor.model import Source, SourceState, Trouble
from monitor.text.counting import plural

LATE_SECONDS = 3600.0
"""An hour: as long as what an outage of a day left takes to be fetched."""

LONGEST_STEP = 600.0
"""Of the time between two checks, so much counts: the rest is a laptop asleep."""


@dataclass
class PaceBook:
    """Since which look each source waits for the next, and for how many seconds it was seen to."""

    checked_at: float | None = None
    waiting: dict[str, tuple[datetime | None, float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Late:
    """A source that has waited for its look for too many seconds."""

    source: Source
    seconds: float


def check_pace(watch: Watch, book: PaceBook) -> None:
    """Tell the keeper of sources that wait for their look for an hour, and when none does."""
    late = find_late(
        watch.sources,
        watch.storage.sources.read_states(),
        book,
        now=watch.clock.now(),
        monotonic=watch.clock.monotonic(),
    )
    report(watch, "pace", find_pace_trouble(late, of=len(watch.sources)))


def find_late(
    sources: Iterable[Source],
    states: Mapping[str, SourceState],
    book: PaceBook,
    *,
    now: datetime,
    monotonic: float,
) -> list[Late]:
    """Return the sources that were due all the time for an hour, longest first, and keep `book`."""
    step = 0.0 if book.checked_at is None else min(monotonic - book.checked_at, LONGEST_STEP)
    before, book.waiting, book.checked_at = book.waiting, {}, monotonic
    late = []
    for source in sources:
        state = states.get(source.id)
        if find_due(source, state.rhythm if state else None, now) is None:
            continue
        last = state.looked_at if state else None
        seen = before.get(source.id)
        waited = seen[1] + step if seen is not None and seen[0] == last else 0.0
        book.waiting[source.id] = (last, waited)
        if waited > LATE_SECONDS:
            late.append(Late(source=source, seconds=waited))
    return sorted(late, key=lambda each: each.seconds, reverse=True)


def find_pace_trouble(late: list[Late], *, of: int) -> list[Trouble]:
    """Return what the keeper is told of sources that wait, or nothing where none does."""
    if not late:
        return []
    first = late[0]
    return [
        Trouble(
            key="pace",
            headline="sources are looked at too late",
            why=f"{len(late)} of {plural(of, 'source')} had a look due more than an hour ago;"
            f" longest waits {first.source.outlet!r}, for {first.seconds / 3600:.1f} hours",
            cure="The machine or its network does not keep up: see what else keeps it busy, give"
            " sources a longer `every` in sources.yaml, or remove some.",
        )
    ]
