"""Messages of the program's own: a test, or an alarm for the person who keeps it running."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from monitor.model.delivery import Message, Subscriber
from monitor.render.clean import header, one_line
from monitor.render.html import render_html
from monitor.render.payload import notice_payload
from monitor.render.reader import PRODUCT
from monitor.render.text import wrap


def render_notice(
    kind: Literal["test", "alarm"],
    subscriber: Subscriber,
    *,
    message_id: str,
    headline: str,
    lines: Sequence[str],
    now: datetime,
) -> Message:
    """Return a message that says `headline` and `lines`, a sentence or paragraph each."""
    head = one_line(headline)
    said = [one_line(line, longest=2000) for line in lines]
    reader = f"Sent to “{one_line(subscriber.name, longest=80)}” by {PRODUCT} itself."
    text = [head, "=" * min(len(head), 76)]
    for line in said:
        text += ["", *wrap(line)]
    return Message(
        id=message_id,
        kind=kind,
        subscriber=subscriber.name,
        subject=header(f"{PRODUCT}: {head}"),
        text="\n".join((*text, "", "--", reader)) + "\n",
        html=render_html(
            "notice.html",
            {
                "page_title": head,
                "kicker": PRODUCT,
                "headline": head,
                "lines": said,
                "alarm": kind == "alarm",
                "reader_line": reader,
                "unsubscribe": None,
            },
        ),
        payload=notice_payload(kind, message_id=message_id, at=now, headline=head, lines=said),
        neutral_subject="Test message" if kind == "test" else "Please look",
        created_at=now,
    )


def render_test(subscriber: Subscriber, *, message_id: str, now: datetime) -> Message:
    """Return the message that `stationwatch check --live` sends."""
    return render_notice(
        "test",
        subscriber,
        message_id=message_id,
        headline="this channel works",
        lines=(
            "This is a test, and nothing has been found.",
            "Alerts and digests for you will arrive the same way.",
        ),
        now=now,
    )
