"""How a source stands, in states that a person understands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class HealthState(StrEnum):
    """How a source stands."""

    FINE = "fine"
    SLOW = "slow"  # nothing new for longer than usual; no alarm yet
    SILENT = "silent"  # nothing new for so long that something is probably wrong
    FAILING = "failing"  # cannot be read
    BLOCKED = "blocked"  # answers, but not us
    CHANGED = "changed"  # answers with something else than before
    MOVED = "moved"  # says that it has another address


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """How one source stands: why, since when, and what to do.

    `usual_gap` is between looks that bring new entries, None while it is not known. `alarm` says
    that the one who keeps the watch running is told.
    """

    source_id: str
    outlet: str
    state: HealthState
    why: str = ""
    cure: str = ""
    since: datetime | None = None
    usual_gap: timedelta | None = None
    alarm: bool = False
