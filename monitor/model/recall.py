"""What a search elsewhere finds of a topic, beside what the sources found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became here of a report that was seen elsewhere."""

    FLAGGED = "flagged here"
    NOT_FLAGGED = "read here and not flagged"
    NOT_OFFERED = "not offered by your source"
    NO_SOURCE = "no source of yours"


@dataclass(frozen=True, kw_only=True)
class FoundElsewhere:
    """One report that a search found; `outlet` is whom the search names, or the site."""

    url: str
    title: str
    topic: str
    published: datetime | None = None
    outlet: str = ""
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class RecallGap:
    """A report seen elsewhere and not flagged here, and what to do.

    `source_id` is the source that would have had it, None where no source watches that site.
    """

    url: str
    title: str
    topic: str
    outlet: str
    published: datetime | None
    fate: Fate
    source_id: str | None
    cure: str


@dataclass(frozen=True, kw_only=True)
class RecallReport:
    """What one check came to; `flagged` + `gaps` + `unclear` + `beside` are `found`.

    `unclear` are links that do not say whose they are; `beside` are those whose headline the rules
    do not take for a report. `problems` are searches that gave no answer: with one of them, the
    check proves less.
    """

    at: datetime
    asked: str
    found: int = 0
    flagged: int = 0
    beside: int = 0
    unclear: int = 0
    gaps: tuple[RecallGap, ...] = ()
    problems: tuple[str, ...] = ()
