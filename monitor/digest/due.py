"""Which digests are due: exactly one for each subscriber, period and local date: pure."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model.delivery import Subscriber
from monitor.model.digest import DigestPeriod, DueDigest

# After a longer sleep the newest of the missed dates still get their digest, the first of them with
# everything in it; more mails that say "nothing ran" would help nobody.
CATCH_UP = 3
NAMESPACE = uuid.UUID("0d9e2f6a-30a5-4b57-8f0c-8d9f7a1f5b52")


def due_digests(
    subscribers: Sequence[Subscriber],
    now: datetime,
    sent: Mapping[str, Collection[date]],
) -> tuple[DueDigest, ...]:
    """Return every digest whose moment has come and that was not made yet, oldest first.

    `sent` holds for each subscriber the local dates that have a digest in the outbox already,
    whatever became of it; a subscriber without any begins with today's.
    A moment that the clocks leap over comes with the leap; one that comes twice counts the first
    time. Dates in the future (a clock that went back) neither block nor repeat anything.
    """
    due: list[DueDigest] = []
    for subscriber in subscribers:
        if subscriber.digest:
            due.extend(_due_for(subscriber, now, frozenset(sent.get(subscriber.name, ()))))
    return tuple(sorted(due, key=lambda digest: (digest.due_at, digest.subscriber)))


def digest_id(subscriber: str, period: DigestPeriod, local_date: date) -> str:
    """Return the id of a digest: the same for the same subscriber, period and local date."""
    return str(uuid.uuid5(NAMESPACE, f"{local_date.isoformat()}\n{period}\n{subscriber}"))


def digest_moment(subscriber: Subscriber, local_date: date) -> datetime:
    """Return the moment of the digest of `local_date`, aware."""
    zone = ZoneInfo(subscriber.time_zone)
    wall = datetime.combine(local_date, subscriber.digest_at, tzinfo=zone)
    return wall.astimezone(ZoneInfo("UTC"))


def _due_for(subscriber: Subscriber, now: datetime, sent: frozenset[date]) -> list[DueDigest]:
    today = now.astimezone(ZoneInfo(subscriber.time_zone)).date()
    past = [day for day in sent if day <= today]
    step = 7 if subscriber.digest_every == "week" else 1
    oldest = today - timedelta(days=step * CATCH_UP - 1)
    begin = max(max(past) + timedelta(days=1), oldest) if past else today
    days = [begin + timedelta(days=n) for n in range((today - begin).days + 1)]
    return [
        DueDigest(
            id=digest_id(subscriber.name, subscriber.digest_every, day),
            subscriber=subscriber.name,
            period=subscriber.digest_every,
            local_date=day,
            due_at=moment,
            late=day < today,
        )
        for day in days
        if day not in sent and _is_digest_day(subscriber, day)
        if (moment := digest_moment(subscriber, day)) <= now
    ]


def _is_digest_day(subscriber: Subscriber, day: date) -> bool:
    return subscriber.digest_every == "day" or day.weekday() == subscriber.digest_weekday
