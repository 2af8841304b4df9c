"""One alert as a message, and its HTML, for the tests."""

from __future__ import annotations

from typing import Any

from monitor.model.delivery import Message, Subscriber
from monitor.render.alert import render_alert
from tests.render.samples import TOPICS, owed, subscriber


def one(reader: Subscriber | None = None, **changes: Any) -> Message:
    return render_alert([owed("one", **changes)], reader or subscriber(), topics=TOPICS)


def html_of(message: Message) -> str:
    assert message.html is not None
    return message.html
