"""Hand over what is owed: claim, render, send, mark.

    outbox ─claim─▶ by subscriber and channel ─gather─▶ render ─send (in threads)─▶ mark

Sending happens in threads, one message at a time to a subscriber, so that a slow receiver holds up
nobody else (P5); the database is touched by the calling thread only.
A message that was sent but not marked when the program died is sent again with the same id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerts.retry import Dead, decide_retry
from monitor.alerts.sender import Sender
from monitor.errors import DeliveryFailed, StationwatchError, StorageError
from monitor.jobs.notices import (
    channel_works,
    needs_person,
    stop_channel,
    tell_dead_letters,
)
from monitor.jobs.parcels import Parcel, collect, receivers_of
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import Subscriber

log = get_logger("deliver")

DEADLINE = 30.0
"""Seconds for one delivery, the whole of it (FAULTS P5)."""

LONGEST_PUT_OFF = timedelta(minutes=5)
THREADS = 8


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What became of what was owed: messages by end, and alerts held back to be gathered."""

    delivered: int = 0
    retried: int = 0
    dead: int = 0
    held: int = 0
    problems: tuple[str, ...] = ()

    def as_counts(self) -> dict[str, int]:
        """Return the figures by name."""
        return {
            "delivered": self.delivered,
            "to retry": self.retried,
            "dead": self.dead,
            "held": self.held,
        }


Sent = tuple[Parcel, str | DeliveryFailed]


@dataclass
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def deliver(watch: Watch) -> Delivered:
    """Send everything that is owed now; returns when each message was delivered or put off."""
    with Deliverer(watch) as deliverer:
        return deliverer.finish()


class Deliverer:
    """Hands messages over beside other work: `tick` never waits for a receiver.

    Nothing more is claimed for a subscriber to whom something is under way, so that a message is
    never in two hands; a slow receiver holds up no other (FAULTS P5).
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._subscribers = receivers_of(watch)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="deliver")
        self._waiting: dict[str, list[Parcel]] = {}
        self._claimed_at: dict[str, datetime] = {}
        self._running: dict[Future[Sent], str] = {}
        self._tally = _Tally()

    def __enter__(self) -> Deliverer:
        return self

    def __exit__(self, *_error: object) -> None:
        """Wait for what is under way, at most its deadline; what was not sent is owed again."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def tick(self) -> bool:
        """Mark what has an end, begin what can begin; say whether anything is under way.

        What cannot be marked (the disk is full) is marked by a later tick, and not sent again.
        """
        problem: StorageError | None = None
        for done in [future for future in self._running if future.done()]:
            try:
                self._end(done)
            except StorageError as error:
                problem = error  # the other receivers go on
        self._claim()
        if problem is not None:
            raise problem
        return bool(self._running)

    def finish(self) -> Delivered:
        """Send everything that is owed now and return what became of it."""
        while self.tick():
            wait(self._running, return_when=FIRST_COMPLETED)
        return self.take_counts()

    def drain(self) -> Delivered:
        """End what is under way, begin nothing more; what waits is given back (FAULTS A11)."""
        now = self._watch.clock.now()
        for name, parcels in self._waiting.items():
            self._give_back(name, parcels, now)
        while self._running:
            for done in wait(self._running, return_when=FIRST_COMPLETED).done:
                self._end(done)
        return self.take_counts()

    def take_counts(self) -> Delivered:
        """Return what became of messages since the last call."""
        tally, self._tally = self._tally, _Tally()
        return Delivered(
            delivered=tally.counts["delivered"],
            retried=tally.counts["retried"],
            dead=tally.counts["dead"],
            held=tally.counts["held"],
            problems=tuple(tally.problems),
        )

    def _claim(self) -> None:
        now = self._watch.clock.now()
        tell_dead_letters(self._watch)
        collected = collect(self._watch, but=frozenset(self._running.values()))
        self._tally.counts["held"] += collected.held
        for rows, reason in collected.homeless:
            _bury(self._watch, rows, reason, self._tally)
        self._waiting.update(collected.queues)
        for name in collected.queues:
            self._claimed_at[name] = now
            self._start_next(name)

    def _start_next(self, name: str) -> None:
        """Begin the next message to a subscriber: one at a time to each."""
        if self._waiting[name]:
            parcel = self._waiting[name].pop(0)
            future = self._pool.submit(
                _send, self._watch.make_sender, self._subscribers[name], parcel
            )
            self._running[future] = name

    def _end(self, done: Future[Sent]) -> None:
        """Mark one message, and decide what becomes of those behind it (FAULTS E8).

        After a failure that may pass they wait a little with it, so that the order is kept; not
        long, so that one message that never passes stops no other. One that is tried early only
        asks whether its receiver is back: if not, what is due is tried for itself. When something
        is taken, whatever waits for its next try is due, and goes before what is newer.
        """
        name, now = self._running[done], self._watch.clock.now()
        parcel, answer = done.result()
        subscriber, waiting = self._subscribers[name], self._waiting[name]
        put_off = _mark(self._watch, subscriber, parcel, answer, self._tally)
        del self._running[done]
        if put_off is None:
            if self._watch.storage.outbox.make_due(
                name, subscriber.channel.kind, tried_before=self._claimed_at[name]
            ):
                self._give_back(name, waiting, now)
        elif parcel.early_until is None or _is_stopped(answer):
            self._give_back(name, waiting, put_off)
        self._start_next(name)

    def _give_back(self, name: str, parcels: list[Parcel], until: datetime) -> None:
        rows = [row for parcel in parcels for row in parcel.rows]
        if rows:
            self._watch.storage.outbox.put_off(rows, until)
            self._tally.counts["held"] += len(parcels)
            log.info("messages wait behind a failed one", subscriber=name, messages=len(parcels))
        parcels.clear()


def _send(
    make_sender: Callable[[Subscriber], Sender], subscriber: Subscriber, parcel: Parcel
) -> Sent:
    """Send one message; every failure becomes a value, so that none stops the others."""
    try:
        receipt = make_sender(subscriber).send(parcel.message, deadline=DEADLINE)
    except DeliveryFailed as failure:
        return parcel, failure
    except StationwatchError as error:
        return parcel, DeliveryFailed(str(error))
    except Exception as error:
        log.exception("delivery broke", subscriber=subscriber.name)
        return parcel, DeliveryFailed(f"broke inside Stationwatch: {error!r}")
    return parcel, receipt.response


def _mark(
    watch: Watch,
    subscriber: Subscriber,
    parcel: Parcel,
    answer: str | DeliveryFailed,
    tally: _Tally,
) -> datetime | None:
    """Write down what became of a message; return until when the ones behind it should wait."""
    outbox, now = watch.storage.outbox, watch.clock.now()
    if isinstance(answer, str):
        with watch.storage.transaction():
            for row in parcel.rows:
                outbox.mark_delivered(row, at=now, response=answer)
            channel_works(watch, subscriber)
        tally.counts["delivered"] += 1
        return None
    decision = decide_retry(
        answer,
        channel=subscriber.channel.kind,
        attempts=parcel.attempts + 1,
        first_attempt_at=parcel.first_attempt_at or now,
        now=now,
        jitter=watch.chance(),
    )
    if answer.needs_person:
        needs_person(watch, subscriber, answer.reason)
    if isinstance(decision, Dead):
        _bury(watch, parcel.rows, decision.reason, tally, who=subscriber.name)
        if decision.disable:
            stop_channel(watch, subscriber, decision.reason)
            return now + LONGEST_PUT_OFF
        return None
    early, again = parcel.early_until is not None, parcel.early_until or decision.at
    with watch.storage.transaction():
        for row in parcel.rows:
            outbox.mark_retry(row, at=now, response=answer.reason, next_try_at=again, early=early)
    tally.counts["retried"] += 1
    tally.problems.append(f"{subscriber.name}: {answer.reason}; it is tried again {_say(again)}")
    log.warning("delivery failed", subscriber=subscriber.name, reason=decision.reason)
    return min(again, now + LONGEST_PUT_OFF)


def _is_stopped(answer: str | DeliveryFailed) -> bool:
    """Return whether the receiver wants no more messages at all."""
    return isinstance(answer, DeliveryFailed) and answer.disable


def _say(moment: datetime) -> str:
    return f"from {moment:%H:%M} UTC on"


def _bury(watch: Watch, rows: Sequence[str], reason: str, tally: _Tally, *, who: str = "") -> None:
    now = watch.clock.now()
    with watch.storage.transaction():
        for row in rows:
            watch.storage.outbox.mark_dead(row, at=now, response=reason)
    tally.counts["dead"] += 1
    tally.problems.append(f"{who}: {reason}" if who else reason)
    log.error("a message will not be delivered", reason=reason)
