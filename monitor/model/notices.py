"""What the one who keeps the watch running is told: troubles, their ends, and what was proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that does not work, told once when it begins and once when it is over.

    `key` is unique among all troubles and the same for as long as it lasts (`silent:daily`).
    `headline` names it in a few words, `why` says what was seen, `cure` what a person can do.
    `since` is when it began, as far as that is known.
    """

    key: str
    headline: str
    why: str
    cure: str = ""
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Turned:
    """What turned between two reports on one scope: troubles that began, and those that ended."""

    begun: tuple[Trouble, ...] = ()
    ended: tuple[Trouble, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OwedNotice:
    """A notice owed to one subscriber; `id` is the idempotency key that every retry carries."""

    id: str
    subscriber: str
    channel: str
    headline: str
    lines: tuple[str, ...]
    created_at: datetime
    attempts: int = 0
    first_attempt_at: datetime | None = None
    next_try_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that was given up and of which nobody was told yet; `kind` as in the outbox."""

    id: str
    kind: str
    subscriber: str
    channel: str
    why: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivering:
    """Whether messages get out: the first try of the oldest that waits, and the last success."""

    waits_since: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StoppedChannel:
    """A channel whose receiver wants no more messages (410); `settings` tells when it changed."""

    subscriber: str
    channel: str
    settings: str
    at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class Proof:
    """When something last showed that it works (`canary`, `backup`), and what broke since.

    `proved_at` is None before the first time; `problem` is None while it works.
    """

    name: str
    tried_at: datetime
    proved_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceDay:
    """One UTC day of a source: pages by outcome, and the texts read: how many, how long, in what.

    `repeated` counts texts that said the same as another one of the same crawl.
    """

    day: str
    outcomes: Mapping[str, int]
    texts: int = 0
    characters: int = 0
    languages: Mapping[str, int] | None = None
    repeated: int = 0
