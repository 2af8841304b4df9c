"""Whether everything works, so that the dead man's switch may be held down: pure.

The heartbeat stops as soon as one part is broken, and somebody outside learns of it (FAULTS P4,
E10). What is only late is given half an hour, so that all is known within the hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LATE = 30 * 60.0
"""Seconds without a success after which a job counts as broken."""

UNDELIVERED = timedelta(minutes=30)
LEAST_FREE = 64 * 1024 * 1024
"""Bytes: with less the next hours cannot be stored."""


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """What there is to see of the watch.

    `quiet_for` are the seconds since each job last ended well. `written` says that the database was
    written just now. `waits_since` is the first try of the oldest message that failed and waits,
    None where none does; `delivered_at` is the last delivery. `asked` and `failing` count sources.
    """

    now: datetime
    quiet_for: Mapping[str, float] = field(default_factory=dict)
    written: bool = True
    free_bytes: int = LEAST_FREE
    waits_since: datetime | None = None
    delivered_at: datetime | None = None
    asked: int = 0
    failing: int = 0


def find_broken(vitals: Vitals) -> tuple[str, ...]:
    """Return what is broken, in words for the log; nothing means that the heart may beat."""
    broken = [
        f"the job {name!r} has not ended well for {seconds / 60:.0f} min"
        for name, seconds in vitals.quiet_for.items()
        if seconds > LATE
    ]
    if not vitals.written:
        broken.append("the database cannot be written")
    if vitals.free_bytes < LEAST_FREE:
        broken.append("the disk is full")
    if vitals.asked and vitals.failing >= vitals.asked:
        broken.append(f"none of the {vitals.asked} sources can be read")
    if _is_undelivered(vitals):
        broken.append("nothing that is owed can be delivered")
    return tuple(broken)


def _is_undelivered(vitals: Vitals) -> bool:
    """Say whether messages have been tried for long, and none has been delivered meanwhile."""
    waits, delivered = vitals.waits_since, vitals.delivered_at
    if waits is None or vitals.now - waits < UNDELIVERED:
        return False
    return delivered is None or vitals.now - delivered >= UNDELIVERED
