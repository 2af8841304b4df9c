"""Who hears of what, over which channel, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Literal

from monitor.model.matches import Match
from monitor.model.stories import Change, Story


@dataclass(frozen=True, kw_only=True)
class FolderChannel:
    """An `.eml` and a `.json` file for each message in a folder; `path` is relative to the data."""

    path: str = "outgoing"
    kind: Literal["folder"] = "folder"


@dataclass(frozen=True, kw_only=True)
class EmailChannel:
    """SMTP; `security` is never `none` but on loopback.

    `timeout` is the deadline in seconds for the whole conversation, not for each read.
    """

    to: str
    sender: str
    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    timeout: float = 30.0
    neutral_subject: bool = False
    kind: Literal["email"] = "email"

    def __repr__(self) -> str:
        """Return the channel without its password."""
        return f"EmailChannel(to={self.to!r}, host={self.host!r}, port={self.port!r})"


@dataclass(frozen=True, kw_only=True)
class WebhookChannel:
    """JSON over HTTPS, signed after Standard Webhooks; each of `secrets` signs (rotation)."""

    url: str
    secrets: tuple[str, ...]
    ca_file: str | None = None
    timeout: float = 30.0
    allow_private: tuple[str, ...] = ()
    kind: Literal["webhook"] = "webhook"

    def __repr__(self) -> str:
        """Return the channel without its secrets; a URL may hold one too, so only its host."""
        host = self.url.split("/")[2] if "//" in self.url else "?"
        return f"WebhookChannel(host={host!r})"


Channel = FolderChannel | EmailChannel | WebhookChannel


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Who hears of what.

    Empty `topics`, `countries` or `languages` mean all. `time_zone` is an IANA name; `digest_at` is
    local. With `alerts` off, everything waits for the digest.
    """

    name: str
    channel: Channel
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("report",)
    alerts: bool = True
    digest: bool = True
    digest_at: time = time(7, 0)
    time_zone: str = "UTC"


class AlertState(StrEnum):
    """Where an alert or digest stands in the outbox."""

    OWED = "owed"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True)
class OwedAlert:
    """One change of a story owed to one subscriber, with all that is needed to say it.

    `id` is the idempotency key that every retry carries; `attempts` counts those made before.
    """

    id: str
    subscriber: str
    channel: str
    change: Change
    story: Story
    article_id: str
    matches: tuple[Match, ...]
    title: str
    text: str
    url: str
    created_at: datetime
    attempts: int = 0
    body_sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a receiver said when it took a message."""

    response: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt to hand an alert or a digest over."""

    id: str
    message_id: str
    message_kind: Literal["alert", "digest"]
    subscriber: str
    channel: str
    attempt: int
    at: datetime
    state: AlertState
    response: str
    next_try_at: datetime | None = None
