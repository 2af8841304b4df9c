"""One poll, crawl, backfill or rematch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model.pages import Outcome


class RunKind(StrEnum):
    """What a run did."""

    POLL = "poll"
    BACKFILL = "backfill"
    REMATCH = "rematch"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run with its counts; the outcomes add up to the pages that ended in it."""

    id: str
    kind: RunKind
    started_at: datetime
    ended_at: datetime | None = None
    sources_asked: int = 0
    sources_failed: int = 0
    entries_offered: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)
