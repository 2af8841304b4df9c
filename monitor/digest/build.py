"""What stands in a digest: the owed changes grouped into stories, topics and countries: pure.

owed changes ─ window of commits ─ one story each ─ reports by topic and country, mentions apart
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model.delivery import OwedAlert, Subscriber
from monitor.model.digest import Digest, DigestGroup, DigestStory, DueDigest, WatchState
from monitor.model.matches import Level
from monitor.render.story import tell_story

STATUS_ORDER = {"new": 0, "grown": 1, "corrected": 2}


def build_digest(
    due: DueDigest,
    subscriber: Subscriber,
    owed: Sequence[OwedAlert],
    *,
    after_commit: int,
    to_commit: int,
    watch: WatchState,
    now: datetime,
    topics: Mapping[str, str] | None = None,
) -> Digest:
    """Return the digest of everything in `owed` whose change lies in the window of commits.

    `owed` are the changes routed to this subscriber, those sent at once included, mentions too.
    The window is `after_commit` < commit <= `to_commit`; times play no part (FAULTS B2, B3).
    Several changes of one story are told as one. `topics` maps topic ids to titles, in the order in
    which topics are shown.
    Refuses a window turned round (`to_commit < after_commit`) with ValueError.
    """
    if to_commit < after_commit:
        raise ValueError(
            f"while building a digest: the window {after_commit} to {to_commit} is turned round"
        )
    titles = dict(topics or {})
    stories = [
        tell_story(changes, topics=subscriber.topics)
        for changes in _by_story(owed, after_commit, to_commit).values()
    ]
    reports = [story for story in stories if story.level is Level.REPORT]
    mentions = [story for story in stories if story.level is not Level.REPORT]
    return Digest(
        id=due.id,
        subscriber=subscriber.name,
        period=due.period,
        local_date=due.local_date,
        time_zone=subscriber.time_zone,
        after_commit=after_commit,
        to_commit=to_commit,
        groups=_group(reports, titles, subscriber.countries),
        mentions=tuple(sorted(mentions, key=_rank)) if subscriber.digest_mentions else (),
        watch=watch,
        created_at=now,
        topic_titles={
            topic: title
            for topic, title in titles.items()
            if not subscriber.topics or topic in subscriber.topics
        },
    )


def _by_story(
    owed: Sequence[OwedAlert], after_commit: int, to_commit: int
) -> dict[str, list[OwedAlert]]:
    """Return the changes in the window by story; one owed over two channels counts once."""
    stories: dict[str, dict[str, OwedAlert]] = {}
    for alert in owed:
        if after_commit < alert.change.commit <= to_commit:
            stories.setdefault(alert.story.id, {}).setdefault(alert.change.id, alert)
    return {story: list(changes.values()) for story, changes in stories.items()}


def _group(
    stories: Sequence[DigestStory], titles: Mapping[str, str], countries: Sequence[str]
) -> tuple[DigestGroup, ...]:
    """Return the groups: topics in the order of `titles`, then the countries with most to tell."""
    order = {topic: place for place, topic in enumerate(titles)}
    groups: dict[tuple[str, str | None], list[DigestStory]] = {}
    for story in stories:
        groups.setdefault((story.topic, _country(story, countries)), []).append(story)

    def rank(key: tuple[str, str | None]) -> tuple[int, str, bool, int, str]:
        topic, country = key
        told = all(story.told_in_digest_of is not None for story in groups[key])
        return (order.get(topic, len(order)), topic, told, -len(groups[key]), country or "~")

    return tuple(
        DigestGroup(
            topic=topic,
            topic_title=titles.get(topic, topic),
            country=country,
            stories=tuple(sorted(groups[topic, country], key=_rank)),
        )
        for topic, country in sorted(groups, key=rank)
    )


def _country(story: DigestStory, wanted: Sequence[str]) -> str | None:
    """Return the country a story is listed under: the first one the reader follows, if any."""
    followed = [code for code in story.countries if code in wanted]
    return next(iter(followed or story.countries), None)


def _rank(story: DigestStory) -> tuple[bool, int, int, float, datetime, str]:
    """Return the place of a story: new before grown, then by publishers and score.

    What another digest told before a backup was put back comes last.
    """
    return (
        story.told_in_digest_of is not None,
        STATUS_ORDER[story.status],
        -story.publishers,
        -story.score,
        story.first_seen,
        story.story_id,
    )
