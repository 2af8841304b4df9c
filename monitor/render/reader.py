"""What a message says about its reader: why they get it, and how to get no more of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.model.delivery import EmailChannel, Subscriber
from monitor.render.clean import is_web_link, one_line
from monitor.render.names import country_name, language_name
from monitor.render.view import topic_title

PRODUCT = "Stationwatch"


def unsubscribe_url(subscriber: Subscriber) -> str | None:
    """Return the address to unsubscribe at, if one is configured."""
    channel = subscriber.channel
    url = channel.unsubscribe_url if isinstance(channel, EmailChannel) else None
    return url if url and is_web_link(url) else None


def reader_line(subscriber: Subscriber, topics: Mapping[str, str]) -> str:
    """Return why this reader gets the message, and in which zone its times are."""
    about = _some(subscriber.topics, lambda topic: topic_title(topic, topics), "all topics")
    where = _some(subscriber.countries, country_name, "all countries")
    tongue = _some(subscriber.languages, language_name, "all languages")
    name = one_line(subscriber.name, longest=80)
    return (
        f"Sent to “{name}”, who follows {about}, in {where}, in {tongue}."
        f" Times are in {subscriber.time_zone}."
    )


def _some(values: Sequence[str], say: object, everything: str) -> str:
    assert callable(say)
    return ", ".join(str(say(value)) for value in values) or everything
