"""Alerts as people read them: one report, or many gathered into one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.model.delivery import Message, OwedAlert, Subscriber, gathering_id
from monitor.render.clean import header, one_line, shown_link


def render_alert(
    alerts: Sequence[OwedAlert],
    subscriber: Subscriber,
    *,
    topics: Mapping[str, str] | None = None,
    message_id: str | None = None,
) -> Message:
    """Return the message that tells `subscriber` of `alerts`: one, or a gathering of several.

    `topics` maps topic ids to their titles. `message_id` is `Bundle.id`; without it, it is made of
    the alerts' ids. Never raises for what an article holds: when rendering fails, a plain text
    with title, link and reason goes out.
    """
    first = alerts[0]
    ids = tuple(alert.id for alert in alerts)
    return Message(
        id=message_id or gathering_id(ids),
        kind="alert" if len(alerts) == 1 else "storm",
        subscriber=subscriber.name,
        subject=header(first.title),
        text="\n".join(f"{one_line(a.title)}\n{shown_link(a.url)}\n" for a in alerts),
        created_at=max(alert.created_at for alert in alerts),
        alerts=ids,
    )
