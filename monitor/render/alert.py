"""Alerts as people read them: one report, or many gathered into one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from monitor.log import get_logger
from monitor.model.delivery import Message, OwedAlert, Subscriber, gathering_id
from monitor.render.clean import header, one_line
from monitor.render.html import render_html
from monitor.render.payload import alert_payload
from monitor.render.plain import plain_alert
from monitor.render.reader import PRODUCT, reader_line, unsubscribe_url
from monitor.render.story import tell_story
from monitor.render.text import heading, short_lines, story_lines
from monitor.render.view import StoryView, view_story
from monitor.text.counting import plural

log = get_logger("render")

# A gathering tells the first in full; a mail client cuts what is longer than about 100 kB.
FULL_IN_STORM = 5


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
    with title, link and reason goes out. Refuses no alerts at all with ValueError.
    """
    if not alerts:
        raise ValueError("while rendering an alert: there is none")
    key = message_id or gathering_id(alert.id for alert in alerts)
    try:
        return _render(alerts, subscriber, topics=topics or {}, key=key)
    except Exception:
        log.exception("alert goes out plain", message=key)
        return plain_alert(alerts, subscriber=subscriber.name, message_id=key)


def _render(
    alerts: Sequence[OwedAlert], subscriber: Subscriber, *, topics: Mapping[str, str], key: str
) -> Message:
    views = [_view(alert, subscriber, topics) for alert in alerts]
    if len(alerts) == 1:
        subject, text, html = _one(views[0], subscriber, topics)
    else:
        subject, text, html = _many(views, subscriber, topics)
    return Message(
        id=key,
        kind="alert" if len(alerts) == 1 else "storm",
        subscriber=subscriber.name,
        subject=header(subject),
        text=text,
        html=html,
        payload=alert_payload(alerts, message_id=key),
        created_at=max(alert.created_at for alert in alerts),
        neutral_subject="New message" if len(alerts) == 1 else f"{len(alerts)} new messages",
        references=(alerts[0].story.id,) if len(alerts) == 1 else (),
        unsubscribe_url=unsubscribe_url(subscriber),
        alerts=tuple(alert.id for alert in alerts),
    )


def _view(alert: OwedAlert, subscriber: Subscriber, topics: Mapping[str, str]) -> StoryView:
    story = tell_story((alert,), topics=subscriber.topics)
    return view_story(story, zone=subscriber.time_zone, now=alert.created_at, topics=topics)


def _one(
    view: StoryView, subscriber: Subscriber, topics: Mapping[str, str]
) -> tuple[str, str, str]:
    title = "".join(piece for piece, _ in view.title)
    subject = f"{view.badge}: {title} ({view.countries})"
    kicker = f"{PRODUCT} · {view.news}"
    lines = [f"{view.topic}: {view.news}", "", *story_lines(view)]
    context = {
        **_frame(subscriber, topics),
        "page_title": one_line(subject),
        "kicker": kicker,
        "story": view,
    }
    return subject, _with_foot(lines, context), render_html("alert.html", context)


def _many(
    views: Sequence[StoryView], subscriber: Subscriber, topics: Mapping[str, str]
) -> tuple[str, str, str]:
    what = "alert" if any(view.label != "New" for view in views) else "report"
    headline = f"{plural(len(views), what)} within a short time"
    lead = (
        "They are gathered in this one message so that nothing is lost and nothing drowns:"
        f" all {len(views)} are listed."
    )
    groups = _groups(views)
    lines = [headline, "", lead]
    for group in groups:
        lines += heading(f"{group['topic']}: {group['country']} ({group['count']})", "-")
        for view in group["full"]:
            lines += [*story_lines(view, with_heading=False), ""]
        for view in group["short"]:
            lines += short_lines(view, labelled=True)
    context = {
        **_frame(subscriber, topics),
        "page_title": headline,
        "kicker": PRODUCT,
        "headline": headline,
        "lead": lead,
        "groups": groups,
    }
    return headline, _with_foot(lines, context), render_html("storm.html", context)


def _groups(views: Sequence[StoryView]) -> list[dict[str, Any]]:
    """Return the stories by topic and country; the first of all are told in full."""

    def place(view: StoryView) -> tuple[str, str]:
        return (view.topic, view.countries)

    left = FULL_IN_STORM
    groups: list[dict[str, Any]] = []
    for (topic, country), members in groupby(sorted(views, key=place), key=place):
        stories = list(members)
        full, short = stories[:left], stories[left:]
        left -= len(full)
        groups.append(
            {
                "topic": topic,
                "country": country,
                "first_of_topic": not groups or groups[-1]["topic"] != topic,
                "count": len(stories),
                "full": full,
                "short": short,
            }
        )
    return groups


def _frame(subscriber: Subscriber, topics: Mapping[str, str]) -> dict[str, Any]:
    return {
        "reader_line": reader_line(subscriber, topics),
        "unsubscribe": unsubscribe_url(subscriber),
    }


def _with_foot(lines: Sequence[str], context: Mapping[str, Any]) -> str:
    foot = ["", "--", context["reader_line"]]
    if context["unsubscribe"]:
        foot.append(f"To get no more of these messages: {context['unsubscribe']}")
    return "\n".join((*lines, *foot)) + "\n"
