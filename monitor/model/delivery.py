"""Who hears of what, over which channel, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Literal

from monitor.model.matches import Match
from monitor.model.stories import Change, ChangeKind, Story

MessageKind = Literal["alert", "storm", "digest", "test", "alarm"]
GATHERINGS = uuid.UUID("6b0a2c5e-6d0f-4f0e-9a53-0f6c9e1c7d11")


def gathering_id(alerts: Iterable[str]) -> str:
    """Return the id of a message that holds exactly the alerts with these ids, in any order.

    One alert by itself keeps its own id.
    """
    ids = sorted(alerts)
    return ids[0] if len(ids) == 1 else str(uuid.uuid5(GATHERINGS, "\n".join(ids)))


@dataclass(frozen=True, kw_only=True)
class FolderChannel:
    """An `.eml` and a `.json` file for each message in a folder; `path` is relative to the data."""

    path: str = "outgoing"
    kind: Literal["folder"] = "folder"


@dataclass(frozen=True, kw_only=True)
class EmailChannel:
    """SMTP; `security` is never `none` but on loopback.

    `to` is one address, or several separated by commas: each gets a mail of its own, and none sees
    another. `timeout` is the deadline in seconds for the whole conversation, not for each read.
    `neutral_subject` keeps topic, title and country out of the subject line.
    `unsubscribe_url` is offered for one click (RFC 8058).
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
    unsubscribe_url: str | None = None
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


@dataclass(frozen=True, kw_only=True)
class ChatChannel:
    """A chat or push service, by its Apprise URL, which holds the secret (`ntfys://host/topic`)."""

    url: str
    timeout: float = 30.0
    allow_private: tuple[str, ...] = ()
    ca_file: str | None = None
    kind: Literal["chat"] = "chat"

    def __repr__(self) -> str:
        """Return the channel with the kind of service only."""
        return f"ChatChannel(service={self.url.partition(':')[0]!r})"


@dataclass(frozen=True, kw_only=True)
class AtomChannel:
    """An Atom feed file of stories; `path` is relative to the data; the newest `entries` stay."""

    path: str = "feed/stories.atom"
    entries: int = 200
    kind: Literal["atom"] = "atom"


Channel = FolderChannel | EmailChannel | WebhookChannel | ChatChannel | AtomChannel


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Who hears of what.

    Empty `topics`, `countries` or `languages` mean all. `time_zone` is an IANA name; `digest_at` is
    local. With `alerts` off, everything waits for the digest.
    `levels` are those that alert at once; a mention that is not among them is in the digest, unless
    `digest_mentions` is off.
    `quiet_hours` is (from, to) in local time and may span midnight; alerts wait until it ends.
    `muted_changes` never alert at once (a `CORRECTION`, say); the digest still tells of them.
    `alarms` are notices about the watch itself: a source gone silent, a message given up.
    `digest_every` a week is sent on `digest_weekday` (Monday is 0).
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
    digest_every: Literal["day", "week"] = "day"
    digest_weekday: int = 0
    digest_mentions: bool = True
    quiet_hours: tuple[time, time] | None = None
    muted_changes: tuple[ChangeKind, ...] = ()
    alarms: bool = False


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
    `first_attempt_at` is when the first of those was begun, `next_try_at` when the next was to be.
    `gathered_in` is the id of the message that gathered it with others in an earlier attempt; the
    same ones then stay together, so that the retry is the same message with the same id.
    `told_in_digest_of` is the date of a digest that told it before a backup was put back.
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
    gathered_in: str | None = None
    first_attempt_at: datetime | None = None
    next_try_at: datetime | None = None
    told_in_digest_of: date | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is handed to a channel: rendered, clean and complete.

    `id` is the idempotency key: the alert's or digest's own, or that of a gathering.
    `subject` holds no line break or control character; `neutral_subject` tells nothing.
    `html` is None when only the plain fallback could be made.
    `payload` is JSON-ready and follows `monitor/alerts/schema/`.
    `alerts` are the ids of the alerts inside (none for a test).
    `references` are the ids of the stories it belongs to: the thread of a mail.
    """

    id: str
    kind: MessageKind
    subscriber: str
    subject: str
    text: str
    created_at: datetime
    html: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    neutral_subject: str = "New message"
    references: tuple[str, ...] = ()
    unsubscribe_url: str | None = None
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a receiver said when it took a message."""

    response: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt to hand an alert or a digest over."""

    id: str
    message_id: str
    message_kind: MessageKind
    subscriber: str
    channel: str
    attempt: int
    at: datetime
    state: AlertState
    response: str
    next_try_at: datetime | None = None
