"""Who hears of a change, when, and why: pure.

topic ─ country ─ language      is it theirs?                         no → not
level ─ kind ─ at once at all   worth an alert at once?               no → digest
quiet hours                     may it ring now?                      no → digest, or when they end
otherwise                                                             → send
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.model.delivery import Subscriber
from monitor.model.matches import Level, Match
from monitor.model.stories import Change, Story

# With the next digest this soon after quiet hours end, one message in the morning is enough.
DIGEST_SOON = timedelta(hours=2)


class Verdict(StrEnum):
    """What becomes of a change for one subscriber."""

    SEND = "send"
    DIGEST = "digest"
    NOT = "not"


@dataclass(frozen=True, kw_only=True)
class Route:
    """The verdict with its reason, a sentence for a person.

    `held_back` is what it is counted as where it is not sent at once (FAULTS P9), without what
    varies from one change to the next; None where it is.
    `send_at` is set with SEND only, and lies after now where quiet hours hold the alert back.
    The digest lists what is sent at once as well, so that a day can be read in one piece.
    """

    verdict: Verdict
    reason: str
    held_back: str | None = None
    send_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ArticleFacts:
    """What routing needs to know of the article that made the change.

    `countries` are the host countries the matcher found, else the story's are used.
    `silent_topics` alert nobody who does not name them (`alert: false` in keywords.yaml).
    """

    language: str | None
    countries: tuple[str, ...] = ()
    historic: bool = False
    silent_topics: frozenset[str] = frozenset()


def decide_route(
    change: Change,
    story: Story,
    matches: Sequence[Match],
    *,
    facts: ArticleFacts,
    subscriber: Subscriber,
    now: datetime,
) -> Route:
    """Return what becomes of `change` for `subscriber`, with the reason.

    What is not known (a country, a language) never keeps anything back: silence is what an
    adversary wants.
    """
    if facts.historic:
        return _not("found by a backfill, so it is no news")
    wanted = [match for match in matches if _wants_topic(subscriber, match.topic)]
    if not wanted:
        topics = ", ".join(match.topic for match in matches) or "none"
        return _not("about other topics", topics)
    place = _other_place(facts, story, subscriber)
    if place is not None:
        return _not(*place)
    loud = [match for match in wanted if _may_alert(match, facts, subscriber)]
    held = _why_not_at_once(change, wanted, loud, subscriber)
    if held is not None:
        return _held(held, subscriber, mention=_is_mention(wanted))
    return _at_once(subscriber, now)


def _wants_topic(subscriber: Subscriber, topic: str) -> bool:
    return not subscriber.topics or topic in subscriber.topics


def _other_place(
    facts: ArticleFacts, story: Story, subscriber: Subscriber
) -> tuple[str, str] | None:
    """Return why country or language keep it back, with which; or None."""
    countries = facts.countries or story.countries
    if subscriber.countries and countries:
        wanted = {code.upper() for code in subscriber.countries}
        if not wanted & {code.upper() for code in countries}:
            return "about other countries", ", ".join(countries)
    if subscriber.languages and facts.language:
        primary = facts.language.split("-")[0].lower()
        if primary not in {tag.split("-")[0].lower() for tag in subscriber.languages}:
            return "in another language", facts.language
    return None


def _may_alert(match: Match, facts: ArticleFacts, subscriber: Subscriber) -> bool:
    if match.level not in subscriber.levels:
        return False
    return match.topic not in facts.silent_topics or match.topic in subscriber.topics


def _is_mention(matches: Sequence[Match]) -> bool:
    return all(match.level is Level.MENTION for match in matches)


def _why_not_at_once(
    change: Change, wanted: Sequence[Match], loud: Sequence[Match], subscriber: Subscriber
) -> str | None:
    if not subscriber.alerts:
        return "alerts at once are turned off"
    if not loud:
        if _is_mention(wanted):
            return "only mentioned"
        if all(match.level not in subscriber.levels for match in wanted):
            return "reports are not among the levels that alert at once"
        return "this topic does not alert at once unless it is asked for by name"
    if change.kind in subscriber.muted_changes:
        return f"alerts of this kind ({change.kind}) are turned off"
    return None


def _held(why: str, subscriber: Subscriber, *, mention: bool) -> Route:
    if subscriber.digest and (subscriber.digest_mentions or not mention):
        return Route(
            verdict=Verdict.DIGEST,
            reason=f"not sent: {why}, in the digest",
            held_back=f"alerts left to the digest: {why}",
        )
    return _not(f"{why}, and the digest does not take it")


def _at_once(subscriber: Subscriber, now: datetime) -> Route:
    ends = quiet_until(subscriber, now)
    if ends is None:
        return Route(verdict=Verdict.SEND, reason="sent at once", send_at=now)
    clock = ends.astimezone(ZoneInfo(subscriber.time_zone)).strftime("%H:%M")
    if subscriber.digest and ends <= next_digest(subscriber, now) <= ends + DIGEST_SOON:
        return Route(
            verdict=Verdict.DIGEST,
            reason=f"not sent: quiet hours until {clock}, in the digest",
            held_back="alerts left to the digest: quiet hours",
        )
    return Route(
        verdict=Verdict.SEND,
        reason=f"held: quiet hours until {clock}, sent then",
        held_back="alerts held until quiet hours end",
        send_at=ends,
    )


def quiet_until(subscriber: Subscriber, now: datetime) -> datetime | None:
    """Return when the quiet hours that hold at `now` end, or None outside of them.

    A time that the clocks leap over ends at the leap; one that comes twice ends the first time.
    """
    if subscriber.quiet_hours is None:
        return None
    begins, ends = subscriber.quiet_hours
    local = now.astimezone(ZoneInfo(subscriber.time_zone))
    clock = local.time()
    spans_midnight = begins > ends
    inside = clock >= begins or clock < ends if spans_midnight else begins <= clock < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if spans_midnight and clock >= begins else 0)
    until = datetime.combine(day, ends, tzinfo=local.tzinfo).astimezone(now.tzinfo)
    return max(until, now)


def next_digest(subscriber: Subscriber, now: datetime) -> datetime:
    """Return the next moment of the subscriber's digest at or after `now`."""
    zone = ZoneInfo(subscriber.time_zone)
    day = now.astimezone(zone).date()
    while True:
        at = datetime.combine(day, subscriber.digest_at, tzinfo=zone).astimezone(now.tzinfo)
        weekly = subscriber.digest_every == "week"
        if at >= now and not (weekly and day.weekday() != subscriber.digest_weekday):
            return at
        day += timedelta(days=1)


def _not(why: str, which: str = "") -> Route:
    return Route(
        verdict=Verdict.NOT,
        reason=f"not sent: {why} ({which})" if which else f"not sent: {why}",
        held_back=f"alerts not sent: {why}",
    )


TOLD_ALREADY = _not("told of the story already")
