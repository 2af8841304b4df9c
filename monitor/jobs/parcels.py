"""What is owed now as messages, by receiver and in order: claimed, gathered, rendered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerts.gather import SPAN, decide_gather
from monitor.alerts.retry import is_due
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
    """One message on its way, with the outbox rows that it stands for.

    `early_until` is when it was to be tried next, where that lies ahead: it is tried before,
    because something else is due to the same receiver and would otherwise overtake it (FAULTS E8).
    """

    message: Message
    rows: tuple[str, ...]
    attempts: int
    first_attempt_at: datetime | None
    early_until: datetime | None = None


@dataclass(kw_only=True)
class Collected:
    """What was claimed: messages by subscriber, in order; what waits, and what nobody can get.

    `held` counts alerts that wait to be gathered, or for a channel that was stopped; `homeless` are
    rows of the outbox with the reason why they can go to nobody.
    """

    queues: dict[str, list[Parcel]] = field(default_factory=dict)
    held: int = 0
    homeless: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


def collect(watch: Watch, *, but: Collection[str] = ()) -> Collected:
    """Claim what is due and return the messages by subscriber, in order.

    Notices come first: what they tell of concerns the rest. `but` are subscribers to whom something
    is on its way.
    """
    now, outbox = watch.clock.now(), watch.storage.outbox
    found = _Collecting(watch)  # resumes channels whose settings changed, so that they are claimed
    notices = outbox.claim_notices(now, lease_seconds=LEASE, but=but)
    alerts = outbox.claim_alerts(now, lease_seconds=LEASE, limit=CLAIM, but=but)
    digests = outbox.claim_digests(now, lease_seconds=LEASE, but=but)
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
            message = render_owed_notice(subscriber, owed)
            self._add(subscriber, self._parcel(message, [owed]))

    def add_digest(self, owed: OwedDigest) -> None:
        subscriber = self._find(owed.subscriber, [owed.id])
        if subscriber is not None:
            digest = make_digest(self._watch, subscriber, owed.digest)
            self._add(subscriber, self._parcel(render_digest(digest, subscriber), [owed]))

    def _parcel(
        self, message: Message, owed: Sequence[OwedAlert | OwedDigest | OwedNotice]
    ) -> Parcel:
        """Return rows of the outbox as one message; a gathering is as old as its oldest alert."""
        now = self._watch.clock.now()
        waits = min((each.next_try_at for each in owed if each.next_try_at), default=None)
        return Parcel(
            message=message,
            rows=tuple(each.id for each in owed),
            attempts=max(each.attempts for each in owed),
            first_attempt_at=min(
                (each.first_attempt_at for each in owed if each.first_attempt_at), default=None
            ),
            early_until=waits if waits is not None and not is_due(waits, now) else None,
        )

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
        return [
            self._parcel(
                render_alert(
                    bundle.alerts, subscriber, topics=watch.topic_titles, message_id=bundle.id
                ),
                bundle.alerts,
            )
            for bundle in gathering.bundles
        ]


def receivers_of(watch: Watch) -> dict[str, Subscriber]:
    """Return whoever may be sent something, by name: the subscribers, and the folder."""
    return {each.name: each for each in (*watch.subscribers, FALLBACK)}


def _by_receiver(alerts: Iterable[OwedAlert]) -> dict[tuple[str, str], list[OwedAlert]]:
    receivers: dict[tuple[str, str], list[OwedAlert]] = {}
    for alert in alerts:
        receivers.setdefault((alert.subscriber, alert.channel), []).append(alert)
    return receivers


def render_owed_notice(subscriber: Subscriber, owed: OwedNotice) -> Message:
    """Return a notice as the message that is sent; its time is when it was made."""
    return render_notice(
        "alarm",
        subscriber,
        message_id=owed.id,
        headline=owed.headline,
        lines=owed.lines,
        now=owed.created_at,
    )
