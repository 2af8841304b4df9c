"""A digest as people read it: text, HTML and JSON."""

from __future__ import annotations

from monitor.model.delivery import Message, Subscriber
from monitor.model.digest import Digest


def render_digest(digest: Digest, subscriber: Subscriber) -> Message:
    """Return the message that carries `digest`, also when nothing was found, and then says so."""
    return Message(
        id=digest.id,
        kind="digest",
        subscriber=subscriber.name,
        subject=f"Digest {digest.local_date.isoformat()}",
        text=f"{len(digest.stories)} stories\n",
        created_at=digest.created_at,
    )
