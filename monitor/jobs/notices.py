"""Tell the one who keeps the watch running: once when a trouble begins, once when it is over.

trouble ─ told already? ─ notice ─ outbox ─▶ everybody with alarms, but for whom it concerns
                                      └────▶ the folder data/outgoing, when there is nobody else
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby

from pydantic_core import to_json

from monitor.health.receivers import FALLBACK, choose_receivers
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import Channel, DeadLetter, StoppedChannel, Subscriber, Trouble

log = get_logger("notices")

MOST_LINES = 40
"""Troubles that one notice names; it says how many more there are."""

DEAD_PAUSE = timedelta(hours=1)
"""After telling of one receiver's dead letters, those that follow are gathered for so long."""

KIND_WORDS = {"alert": "alert", "digest": "digest", "alarm": "notice"}


def report(
    watch: Watch, scope: str, troubles: Iterable[Trouble], *, but: frozenset[str] = frozenset()
) -> None:
    """Make `troubles` the ones that last in `scope`, and tell what began and what ended by it.

    All that begins at once is one notice, and so is all that ends. `but` are subscribers who are
    not told, because it is their channel that fails. One transaction: told once, also when the
    program dies in the middle.
    """
    with watch.storage.transaction():
        turned = watch.storage.notices.report(scope, troubles)
        for trouble in turned.begun:
            log.warning("trouble", key=trouble.key, why=trouble.why)
        for trouble in turned.ended:
            log.warning("trouble is over", key=trouble.key)
        _owe(watch, "begun", turned.begun, but)
        _owe(watch, "over", turned.ended, but)


def begin(watch: Watch, scope: str, trouble: Trouble, *, but: frozenset[str]) -> None:
    """Tell of one trouble, if it was not lasting already; `end` tells that it is over."""
    with watch.storage.transaction():
        if watch.storage.notices.begin(scope, trouble):
            log.warning("trouble", key=trouble.key, why=trouble.why)
            _owe(watch, "begun", (trouble,), but)


def end(watch: Watch, trouble: Trouble, *, but: frozenset[str] = frozenset()) -> None:
    """Tell that one trouble is over, if it lasted."""
    with watch.storage.transaction():
        if watch.storage.notices.end(trouble.key):
            log.warning("trouble is over", key=trouble.key)
            _owe(watch, "over", (trouble,), but)


def tell(
    watch: Watch,
    key: str,
    *,
    headline: str,
    lines: Sequence[str],
    but: frozenset[str] = frozenset(),
) -> str | None:
    """Owe one notice, once for `key`; return its id, or None where it was told already."""
    receivers = choose_receivers(watch.subscribers, but=but)
    return watch.storage.notices.add(
        key,
        headline=headline,
        lines=lines,
        receivers=[(each.name, each.channel.kind) for each in receivers],
    )


def _owe(watch: Watch, verb: str, troubles: Sequence[Trouble], but: frozenset[str]) -> None:
    if not troubles:
        return
    stamps = sorted(f"{one.key}#{watch.storage.notices.count_times(one.key)}" for one in troubles)
    digest = hashlib.sha256("\n".join(stamps).encode()).hexdigest()
    tell(
        watch,
        f"{verb}:{digest}",
        headline=_headline(verb, troubles),
        lines=_lines(verb, troubles),
        but=but,
    )


def _headline(verb: str, troubles: Sequence[Trouble]) -> str:
    first = troubles[0].headline
    if len(troubles) == 1:
        return first if verb == "begun" else f"over: {first}"
    more = len(troubles) - 1
    return f"{first}, and {more} more" if verb == "begun" else f"over: {first}, and {more} more"


def _lines(verb: str, troubles: Sequence[Trouble]) -> list[str]:
    lines = [_line(verb, trouble) for trouble in troubles[:MOST_LINES]]
    if len(troubles) > MOST_LINES:
        lines.append(f"And {len(troubles) - MOST_LINES} more: see 'stationwatch status'.")
    return lines


def _line(verb: str, trouble: Trouble) -> str:
    if verb == "over":
        return f"{trouble.headline}: that is over."
    since = f" (since {trouble.since:%Y-%m-%d %H:%M} UTC)" if trouble.since else ""
    cure = f" {trouble.cure}" if trouble.cure else ""
    return f"{trouble.headline}: {trouble.why}{since}.{cure}"


def tell_dead_letters(watch: Watch) -> int:
    """Tell of messages that were given up, over other channels than theirs (FAULTS P2, E1).

    The first of a receiver is told at once, those that follow within the hour together. A notice
    that was given up itself is told in the folder only, or two dead channels would tell of each
    other for ever. Returns how many messages were told.
    """
    told = 0
    letters = sorted(watch.storage.notices.find_untold_dead(), key=_by_receiver)
    for (subscriber, alarm), group in groupby(letters, key=_by_receiver):
        told += _tell_dead(watch, subscriber, list(group), alarm=alarm)
    return told


def _by_receiver(letter: DeadLetter) -> tuple[str, bool]:
    return letter.subscriber, letter.kind == "alarm"


def _tell_dead(watch: Watch, subscriber: str, letters: list[DeadLetter], *, alarm: bool) -> int:
    now, name = watch.clock.now(), f"dead letters of {subscriber}"
    if subscriber == FALLBACK.name:
        log.error("not even the folder could be written", reason=letters[0].why)
        return 0
    before = watch.storage.proofs.find(name)
    if not alarm and before is not None and timedelta(0) <= now - before.tried_at < DEAD_PAUSE:
        return 0
    everybody = frozenset(each.name for each in watch.subscribers)
    count = "A message" if len(letters) == 1 else f"{len(letters)} messages"
    with watch.storage.transaction():
        notice = tell(
            watch,
            f"dead:{letters[0].id}:{now:%Y%m%dT%H%M%S}",
            headline=f"{count} to {subscriber!r} could not be delivered",
            lines=_dead_lines(letters),
            but=everybody if alarm else frozenset({subscriber}),
        )
        if notice is not None:
            watch.storage.notices.mark_told([each.id for each in letters], notice)
        if not alarm:
            watch.storage.proofs.keep(name, at=now)
    return len(letters)


def _dead_lines(letters: Sequence[DeadLetter]) -> list[str]:
    lines = [
        f"The {KIND_WORDS.get(each.kind, each.kind)} {each.id} over {each.channel} was given up"
        f" on {each.at:%Y-%m-%d %H:%M} UTC: {each.why}"
        for each in letters[:MOST_LINES]
    ]
    if len(letters) > MOST_LINES:
        lines.append(f"And {len(letters) - MOST_LINES} more.")
    lines.append(
        "When the cause is mended, 'stationwatch deliveries retry ID' sends one again;"
        " 'stationwatch deliveries --failed' lists them."
    )
    return lines


def needs_person(watch: Watch, subscriber: Subscriber, reason: str) -> None:
    """Tell at once that only a person can mend a channel: a refused login, say (FAULTS E4)."""
    begin(watch, "channels", channel_trouble(subscriber, reason), but=frozenset({subscriber.name}))


def channel_works(watch: Watch, subscriber: Subscriber) -> None:
    """Tell that a channel that needed a person works again, if it did."""
    end(watch, channel_trouble(subscriber, ""))


def channel_trouble(subscriber: Subscriber, reason: str) -> Trouble:
    """Return the trouble of a channel that needs a person."""
    return Trouble(
        key=f"channel:{subscriber.name}",
        headline=f"the {subscriber.channel.kind} channel of {subscriber.name!r} needs you",
        why=reason,
        cure="Mend it in settings.toml and try it with 'stationwatch check --live';"
        " what is owed is tried again meanwhile.",
    )


def stop_channel(watch: Watch, subscriber: Subscriber, reason: str) -> None:
    """Stop sending to a receiver that wants no more (a webhook's 410), and tell of it."""
    name, kind = subscriber.name, subscriber.channel.kind
    with watch.storage.transaction():
        watch.storage.notices.stop_channel(
            StoppedChannel(
                subscriber=name,
                channel=kind,
                settings=settings_stamp(subscriber.channel),
                at=watch.clock.now(),
                why=reason,
            )
        )
        begin(watch, "stopped", stopped_trouble(subscriber, reason), but=frozenset({name}))


def stopped_trouble(subscriber: Subscriber, reason: str) -> Trouble:
    """Return the trouble of a channel that was stopped."""
    return Trouble(
        key=f"stopped:{subscriber.name}",
        headline=f"the {subscriber.channel.kind} channel of {subscriber.name!r} is switched off",
        why=reason,
        cure="Give it another address or secret in settings.toml; what is owed waits until then.",
    )


def find_stopped(watch: Watch) -> dict[str, StoppedChannel]:
    """Return the channels that stay stopped; one whose settings changed since is resumed."""
    stopped = watch.storage.notices.read_stopped()
    for subscriber in watch.subscribers:
        before = stopped.get(subscriber.name)
        if before is not None and before.settings != settings_stamp(subscriber.channel):
            watch.storage.notices.resume_channel(subscriber.name)
            end(watch, stopped_trouble(subscriber, before.why))
            del stopped[subscriber.name]
    return stopped


def forget_subscribers(watch: Watch) -> None:
    """End the troubles of channels whose subscriber is no more; nobody needs to be told."""
    names = {each.name for each in watch.subscribers}
    for scope in ("channels", "stopped"):
        for trouble in watch.storage.notices.read_lasting(scope):
            if trouble.key.partition(":")[2] not in names:
                watch.storage.notices.end(trouble.key)


def settings_stamp(channel: Channel) -> str:
    """Return what tells two settings of a channel apart, a changed secret included."""
    return hashlib.sha256(to_json(channel)).hexdigest()
