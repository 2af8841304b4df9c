"""The last resort when rendering fails: the alert goes out plain rather than not at all.

It uses nothing that could fail on a text: no template, no names, no marks. The JSON copies fields
and is the same as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.model.delivery import Message, MessageKind, OwedAlert
from monitor.model.digest import Digest
from monitor.render.payload import alert_payload, digest_payload
from monitor.text.counting import plural

APOLOGY = "This message could not be set in type; here is what it holds, as plain text."


def plain_alert(alerts: Sequence[OwedAlert], *, subscriber: str, message_id: str) -> Message:
    """Return `alerts` as titles, links and reasons."""
    lines = [APOLOGY, ""]
    for alert in alerts:
        lines += [
            printable(alert.title),
            printable(alert.url),
            printable(", ".join(match.topic for match in alert.matches)),
            f"alert {alert.id}",
            "",
        ]
    return _message(
        message_id,
        "alert" if len(alerts) == 1 else "storm",
        subscriber,
        subject=f"{len(alerts)} new report" + ("s" if len(alerts) > 1 else ""),
        lines=lines,
        created_at=max(alert.created_at for alert in alerts),
        payload=alert_payload(alerts, message_id=message_id),
        alerts=tuple(alert.id for alert in alerts),
    )


def plain_digest(digest: Digest) -> Message:
    """Return `digest` as titles and links."""
    stories = plural(len(digest.stories), "story", "stories")
    lines = [APOLOGY, "", f"{stories}, {plural(len(digest.mentions), 'mention')}", ""]
    for story in (*digest.stories, *digest.mentions):
        lines += [
            printable(story.title),
            printable(story.url),
            "",
        ]
    return _message(
        digest.id,
        "digest",
        digest.subscriber,
        subject=f"Digest of {digest.local_date.isoformat()}",
        lines=lines,
        created_at=digest.created_at,
        payload=digest_payload(digest),
    )


def _message(  # one field each, and no more to say
    message_id: str,
    kind: MessageKind,
    subscriber: str,
    *,
    subject: str,
    lines: Sequence[str],
    created_at: datetime,
    payload: dict[str, Any],
    alerts: tuple[str, ...] = (),
) -> Message:
    return Message(
        id=message_id,
        kind=kind,
        subscriber=subscriber,
        subject=subject,
        text="\n".join(lines),
        created_at=created_at,
        payload=payload,
        alerts=alerts,
    )


def printable(text: str) -> str:
    """Return `text` on one line, whatever is not printable written as `[U+0000]`, cut at 2,000."""
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text[:2000])
