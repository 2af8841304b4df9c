"""Alerts and digests as JSON; the shapes are promised in `monitor/alerts/schema/`.

Texts are the original's, not the shown ones: offsets count in them. JSON escapes whatever is
hidden. What would make a message huge is cut, and the cut is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from monitor.clock import format_time
from monitor.model.delivery import OwedAlert
from monitor.model.digest import Digest
from monitor.model.matches import Match, Passage
from monitor.render.story import count_articles, count_publishers

VERSION = 1
MOST_PASSAGES = 10
LONGEST_PASSAGE = 2_000
LONGEST_TITLE = 1_000


def alert_payload(alerts: Sequence[OwedAlert], *, message_id: str) -> dict[str, Any]:
    """Return the JSON of one or several alerts; a gathering differs only in its `type`."""
    newest = max(alert.created_at for alert in alerts)
    return {
        "type": "alert.report" if len(alerts) == 1 else "alert.gathered",
        "version": VERSION,
        "id": message_id,
        "timestamp": format_time(newest),
        "data": {"count": len(alerts), "alerts": [_alert(alert) for alert in alerts]},
    }


def digest_payload(digest: Digest) -> dict[str, Any]:
    """Return the JSON of a digest: the value itself, with its figures."""
    return {
        "type": f"digest.{digest.period}",
        "version": VERSION,
        "id": digest.id,
        "timestamp": format_time(digest.created_at),
        "data": to_json(digest),
    }


def notice_payload(
    kind: str, *, message_id: str, at: datetime, headline: str, lines: Sequence[str]
) -> dict[str, Any]:
    """Return the JSON of a test message or an alarm."""
    return {
        "type": {"test": "test.message", "alarm": "alarm.raised"}[kind],
        "version": VERSION,
        "id": message_id,
        "timestamp": format_time(at),
        "data": {"headline": headline, "lines": list(lines)},
    }


def to_json(value: Any) -> Any:
    """Return a frozen value as JSON-ready data: times as RFC 3339, days as ISO 8601."""
    match value:
        case Enum():
            plain = value.value
        case datetime():
            plain = format_time(value)
        case date():
            plain = value.isoformat()
        case Mapping():
            plain = {str(to_json(key)): to_json(item) for key, item in value.items()}
        case list() | tuple():
            plain = [to_json(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            plain = {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
        case _:
            plain = value
    return plain


def _alert(alert: OwedAlert) -> dict[str, Any]:
    story = alert.story
    own = next((a for a in story.articles if a.article_id == alert.article_id), None)
    return {
        "id": alert.id,
        "change": {
            "id": alert.change.id,
            "kind": str(alert.change.kind),
            "at": format_time(alert.change.at),
            "commit": alert.change.commit,
        },
        "story": {
            "id": story.id,
            "title": story.title[:LONGEST_TITLE],
            "topics": list(story.topics),
            "countries": list(story.countries),
            "level": str(story.level),
            "first_seen": format_time(story.first_seen),
            "articles": count_articles(story.articles),
            "publishers": max(count_publishers(story.articles), 1),
        },
        "article": {
            "id": alert.article_id,
            "title": alert.title[:LONGEST_TITLE],
            "url": alert.url,
            "outlet": own.outlet if own else None,
            "outlet_country": own.country if own else None,
            "language": own.language if own else None,
            "published": format_time(own.published) if own and own.published else None,
            "body_sha256": alert.body_sha256,
        },
        "matches": [_match(match) for match in alert.matches],
    }


def _match(match: Match) -> dict[str, Any]:
    passages = match.passages
    return {
        "topic": match.topic,
        "level": str(match.level),
        "score": match.score,
        "report_at": match.report_at,
        "mention_at": match.mention_at,
        "tags": list(match.tags),
        "rules": [
            {"rule": hit.rule, "score": hit.score, "zone": hit.zone, "distance": hit.distance}
            for hit in match.hits
        ],
        "passages": [_passage(passage) for passage in passages[:MOST_PASSAGES]],
        "passages_left_out": max(len(passages) - MOST_PASSAGES, 0),
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "field": passage.field,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text[:LONGEST_PASSAGE],
        "rule": passage.rule,
        "terms": [
            {
                "concept": term.concept,
                "listed": term.listed,
                "written": term.written[:LONGEST_PASSAGE],
                "start": term.start,
                "end": term.end,
            }
            for term in passage.terms
        ],
    }
