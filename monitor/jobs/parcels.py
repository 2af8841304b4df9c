"""What is owed now as messages, by receiver and in order: claimed, gathered, rendered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerts.gather import SPAN, decide_gather
from monitor.health.receivers import FALLBACK
from monitor.jobs.digests import make_digest
from monitor.jobs.notices import find_stopped
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import (
    Message,
    OwedAlert,
    OwedDigest,
    OwedNotice,
    StoppedChannel,
    Subscriber,
)
from monitor.render.alert import render_alert
from monitor.render.digest import render_digest
from monitor.render.notice import render_notice

log = get_logger("deliver")

LEASE = 300.0
"""Seconds after which a claimed message that was never marked is owed again."""

CLAIM = 5000  # a storm of 10,000 is gathered in two claims
STOPPED_WAIT = timedelta(hours=1)
"""How long a message to a channel that was stopped waits before it is looked at again."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One message on its way, with the outbox rows that it stands for."""

    message: Message
    rows: tuple[str, ...]
    attempts: int
    first_attempt_at: datetime | None


@dataclass(kw_only=True)
class Collected:
    """What was claimed: messages by subscriber, in order; what waits, and what nobody can get.

    `held` counts alerts that wait to be gathered, or for a channel that was stopped; `homeless` are
    rows of the outbox with the reason why they can go to nobody.
    """

    queues: dict[str, list[Parcel]] = field(default_factory=dict)
    held: int = 0
    homeless: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


def collect(watch: Watch) -> Collected:
    """Claim what is due and return the messages by subscriber, in order.

    Notices come first: what they tell of concerns the rest.
    """
    now, outbox = watch.clock.now(), watch.storage.outbox
    found = _Collecting(watch)  # resumes channels whose settings changed, so that they are claimed
    notices = outbox.claim_notices(now, lease_seconds=LEASE)
    alerts = outbox.claim_alerts(now, lease_seconds=LEASE, limit=CLAIM)
    digests = outbox.claim_digests(now, lease_seconds=LEASE)
    for notice in notices:
        found.add_notice(notice)
    for (name, _), owed in _by_receiver(alerts).items():
        found.add_alerts(name, owed)
    for digest in digests:
        found.add_digest(digest)
    return found.collected


class _Collecting:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._subscribers = receivers_of(watch)
        self._stopped = find_stopped(watch)
        self.collected = Collected()

    def add_notice(self, owed: OwedNotice) -> None:
        subscriber = self._find(owed.subscriber, [owed.id])
        if subscriber is not None:
            self._add(subscriber, notice_parcel(subscriber, owed))

    def add_digest(self, owed: OwedDigest) -> None:
        subscriber = self._find(owed.subscriber, [owed.id])
        if subscriber is not None:
            self._add(subscriber, digest_parcel(self._watch, subscriber, owed))

    def add_alerts(self, name: str, owed: Sequence[OwedAlert]) -> None:
        subscriber = self._find(name, [alert.id for alert in owed])
        if subscriber is None:
            return
        for parcel in self._gather(subscriber, owed):
            self._add(subscriber, parcel)

    def _add(self, subscriber: Subscriber, parcel: Parcel) -> None:
        self.collected.queues.setdefault(subscriber.name, []).append(parcel)

    def _find(self, name: str, rows: Sequence[str]) -> Subscriber | None:
        """Return who gets these rows, or None when they wait or have nobody to go to."""
        subscriber = self._subscribers.get(name)
        if subscriber is None:
            reason = f"no subscriber {name!r} any more"
            self.collected.homeless.append((tuple(rows), reason))
            return None
        stopped: StoppedChannel | None = self._stopped.get(name)
        if stopped is not None:
            self._watch.storage.outbox.hold(rows, self._watch.clock.now() + STOPPED_WAIT)
            self.collected.held += len(rows)
            return None
        return subscriber

    def _gather(self, subscriber: Subscriber, owed: Sequence[OwedAlert]) -> list[Parcel]:
        watch = self._watch
        outbox, now = watch.storage.outbox, watch.clock.now()
        sent = outbox.find_sent_times(subscriber.name, subscriber.channel.kind, now - SPAN)
        gathering = decide_gather(owed, sent=sent, now=now)
        if gathering.held and gathering.hold_until is not None:
            outbox.hold([alert.id for alert in gathering.held], gathering.hold_until)
            self.collected.held += len(gathering.held)
            log.info("alerts are held", subscriber=subscriber.name, reason=gathering.reason)
        with watch.storage.transaction():  # before sending: a retry is the same message (FAULTS A1)
            for bundle in gathering.bundles:
                outbox.keep_gathering([alert.id for alert in bundle.alerts], bundle.id)
        parcels = []
        for bundle in gathering.bundles:
            rows = tuple(alert.id for alert in bundle.alerts)
            message = render_alert(
                bundle.alerts, subscriber, topics=watch.topic_titles, message_id=bundle.id
            )
            parcels.append(
                Parcel(
                    message=message,
                    rows=rows,
                    attempts=max(alert.attempts for alert in bundle.alerts),
                    first_attempt_at=min(
                        (a.first_attempt_at for a in bundle.alerts if a.first_attempt_at),
                        default=None,
                    ),
                )
            )
        return parcels


def receivers_of(watch: Watch) -> dict[str, Subscriber]:
    """Return whoever may be sent something, by name: the subscribers, and the folder."""
    return {each.name: each for each in (*watch.subscribers, FALLBACK)}


def _by_receiver(alerts: Iterable[OwedAlert]) -> dict[tuple[str, str], list[OwedAlert]]:
    receivers: dict[tuple[str, str], list[OwedAlert]] = {}
    for alert in alerts:
        receivers.setdefault((alert.subscriber, alert.channel), []).append(alert)
    return receivers


def digest_parcel(watch: Watch, subscriber: Subscriber, owed: OwedDigest) -> Parcel:
    """Return a digest as the message that is sent."""
    digest = make_digest(watch, subscriber, owed.digest)
    return Parcel(
        message=render_digest(digest, subscriber),
        rows=(owed.id,),
        attempts=owed.attempts,
        first_attempt_at=owed.first_attempt_at,
    )


def notice_parcel(subscriber: Subscriber, owed: OwedNotice) -> Parcel:
    """Return a notice as the message that is sent; its time is when it was made."""
    return Parcel(
        message=render_notice(
            "alarm",
            subscriber,
            message_id=owed.id,
            headline=owed.headline,
            lines=owed.lines,
            now=owed.created_at,
        ),
        rows=(owed.id,),
        attempts=owed.attempts,
        first_attempt_at=owed.first_attempt_at,
    )
