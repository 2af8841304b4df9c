"""Make the digests that are due, and fill one with what is owed and how the watch stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.route import ArticleFacts, Verdict, decide_route
from monitor.digest.build import build_digest
from monitor.digest.due import CATCH_UP, digest_id, digest_moment, due_digests
from monitor.errors import UsageError
from monitor.jobs.recall_report import find_seen_elsewhere
from monitor.jobs.source_health import find_failing, find_silent
from monitor.jobs.watch import Watch
from monitor.model import (
    AlertState,
    Change,
    DayCount,
    Digest,
    DigestRow,
    DueDigest,
    FailedDelivery,
    OwedAlert,
    RunKind,
    Subscriber,
    WatchState,
)

HISTORY_DAYS = 30
MOST_FAILED = 1000


def begin_due(watch: Watch) -> tuple[DigestRow, ...]:
    """Put every digest whose moment has come into the outbox, once each."""
    sent = {each.name: _dates_made(watch, each) for each in watch.subscribers}
    due = due_digests(watch.subscribers, watch.clock.now(), sent)
    channels = {subscriber.name: subscriber.channel.kind for subscriber in watch.subscribers}
    return tuple(
        watch.storage.digests.begin(each, channel=channels[each.subscriber]) for each in due
    )


def begin_now(watch: Watch, subscriber: Subscriber, local_date: date) -> DigestRow:
    """Put the digest of `local_date` into the outbox now, though its moment has not come."""
    due = due_on(subscriber, local_date)
    return watch.storage.digests.begin(due, channel=subscriber.channel.kind)


def due_on(subscriber: Subscriber, local_date: date) -> DueDigest:
    """Return the digest of a local date, due or not."""
    return DueDigest(
        id=digest_id(subscriber.name, subscriber.digest_every, local_date),
        subscriber=subscriber.name,
        period=subscriber.digest_every,
        local_date=local_date,
        due_at=digest_moment(subscriber, local_date),
    )


def local_today(watch: Watch, subscriber: Subscriber) -> date:
    """Return the date that it is now where the subscriber lives."""
    return watch.clock.now().astimezone(ZoneInfo(subscriber.time_zone)).date()


def preview_digest(watch: Watch, subscriber: Subscriber, local_date: date | None) -> Digest:
    """Return the digest of `local_date` as it was made, or as it would be made now."""
    wanted = local_date or local_today(watch, subscriber)
    row = watch.storage.digests.find(
        subscriber.name, period=subscriber.digest_every, local_date=wanted
    )
    if row is None:
        check_began(watch, subscriber, wanted)
        row = watch.storage.digests.preview(due_on(subscriber, wanted))
    return make_digest(watch, subscriber, row)


def check_began(watch: Watch, subscriber: Subscriber, local_date: date) -> None:
    """Refuse with UsageError a day before the first run of the watch: nothing is known of it."""
    first = watch.storage.runs.find_first(RunKind.POLL)
    began = first and first.started_at.astimezone(ZoneInfo(subscriber.time_zone)).date()
    if began and local_date < began:
        raise UsageError(
            f"while making the digest of {local_date}: the watch began on {began.day}"
            f" {began:%B %Y}; there is no digest of this day"
        )


def make_digest(watch: Watch, subscriber: Subscriber, row: DigestRow) -> Digest:
    """Return everything that `row` covers for `subscriber`, and the state of the watch.

    The window is one of commits, so nothing falls between two digests and nothing comes twice,
    whatever the clock did; the figures of the watch are those since the digest before.
    """
    owed = tuple(_owed(watch, subscriber, row))
    return build_digest(
        DueDigest(
            id=row.id,
            subscriber=row.subscriber,
            period=row.period,
            local_date=row.local_date,
            due_at=digest_moment(subscriber, row.local_date),
        ),
        subscriber,
        owed,
        after_commit=row.after_commit,
        to_commit=row.to_commit,
        watch=read_watch_state(watch, subscriber, until=row.created_at),
        now=row.created_at,
        topics=watch.topic_titles,
    )


def _owed(watch: Watch, subscriber: Subscriber, row: DigestRow) -> Iterator[OwedAlert]:
    before = watch.storage.digests.read_told(subscriber.name)
    for change in watch.storage.stories.changes_between(row.after_commit, row.to_commit):
        told = _tell(watch, subscriber, change)
        if told is not None:
            yield replace(told, told_in_digest_of=before.get(change.id))


def _tell(watch: Watch, subscriber: Subscriber, change: Change) -> OwedAlert | None:
    """Return the change with its story and article, or None where it is not the subscriber's."""
    flagged = watch.storage.matches.get_told(change)
    story = watch.storage.stories.get(change.story_id)
    route = decide_route(
        change,
        story,
        flagged.matches,
        facts=ArticleFacts(
            language=flagged.stored.article.language,
            countries=flagged.countries,
            historic=flagged.stored.historic,
            silent_topics=watch.silent_topics,
        ),
        subscriber=subscriber,
        now=change.at,
    )
    if route.verdict is Verdict.NOT:
        return None
    return OwedAlert(
        id=change.id,
        subscriber=subscriber.name,
        channel=subscriber.channel.kind,
        change=change,
        story=story,
        article_id=change.article_id,
        matches=flagged.matches,
        title=flagged.stored.article.title,
        text=flagged.stored.article.text,
        url=flagged.stored.article.url,
        created_at=change.at,
        body_sha256=flagged.stored.body_sha256,
    )


def read_watch_state(watch: Watch, subscriber: Subscriber, *, until: datetime) -> WatchState:
    """Return how the watch stood since the digest before, or in the last day."""
    storage = watch.storage
    since = _since(watch, subscriber, until)
    states = storage.sources.read_states()
    health = storage.source_days.read_health()
    canary = storage.proofs.find("canary")
    outcomes = storage.runs.outcomes_between(since, until)
    asked = [
        state for state in states.values() if state.looked_at and since <= state.looked_at <= until
    ]
    return WatchState(
        since=since,
        until=until,
        sources_asked=len(asked),
        sources_failed=find_failing(health),
        sources_silent=find_silent(health),
        pages=storage.runs.pages_between(since, until),
        outcomes=outcomes,
        suppressed=storage.runs.suppressed_between(since, until, subscriber=subscriber.name),
        deliveries_failed=_read_failed(watch, since),
        history=_read_history(watch, subscriber, until),
        canary_at=canary.proved_at if canary else None,
        canary_problem=canary.problem if canary else None,
        not_running=_find_idle_days(watch, subscriber, since, until),
        seen_elsewhere=find_seen_elsewhere(watch),
    )


def _find_idle_days(
    watch: Watch, subscriber: Subscriber, since: datetime, until: datetime
) -> tuple[date, ...]:
    """Return the whole local days between two moments on which nothing ran."""
    zone = ZoneInfo(subscriber.time_zone)
    hours = watch.storage.source_days.read_hours_run(since - timedelta(days=1), until)
    ran = {moment.astimezone(zone).date() for moment in hours}
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = (first + timedelta(days=n) for n in range(1, (last - first).days))
    return tuple(day for day in days if day not in ran)


def _since(watch: Watch, subscriber: Subscriber, until: datetime) -> datetime:
    days = 7 if subscriber.digest_every == "week" else 1
    before = watch.storage.digests.find_before(subscriber.name, until)
    if before is not None:
        return before.created_at
    return until - timedelta(days=days)


def _read_failed(watch: Watch, since: datetime) -> tuple[FailedDelivery, ...]:
    waiting = watch.storage.outbox.read_waiting(
        states=(AlertState.DEAD, AlertState.OWED), since=since, limit=MOST_FAILED
    )
    return tuple(
        FailedDelivery(
            what=delivery.message_kind,
            channel=f"{delivery.channel} to {delivery.subscriber}",
            why=delivery.response,
            at=delivery.at,
            dead=delivery.state is AlertState.DEAD,
        )
        for delivery in waiting
        if delivery.attempt > 0
    )


def _read_history(watch: Watch, subscriber: Subscriber, until: datetime) -> tuple[DayCount, ...]:
    """Return the reports of each local day and topic, days without any left out."""
    zone = ZoneInfo(subscriber.time_zone)
    counts: dict[tuple[date, str], int] = {}
    since = until - timedelta(days=HISTORY_DAYS)
    for seen, topic in watch.storage.matches.report_times(since):
        if subscriber.topics and topic not in subscriber.topics:
            continue
        key = (seen.astimezone(zone).date(), topic)
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        DayCount(day=day, topic=topic, reports=reports)
        for (day, topic), reports in sorted(counts.items())
    )


def _dates_made(watch: Watch, subscriber: Subscriber) -> tuple[date, ...]:
    """Return the local dates that have a digest: the newest, and those of the last days.

    After a clock that leapt ahead, the newest alone would hide the days between (FAULTS B3).
    """
    find, period = watch.storage.digests.find, subscriber.digest_every
    newest = find(subscriber.name, period=period)
    today = local_today(watch, subscriber)
    days = [today - timedelta(days=days) for days in range(CATCH_UP * 7 + 1)]
    made = [day for day in days if find(subscriber.name, period=period, local_date=day)]
    return (newest.local_date, *made) if newest else ()
