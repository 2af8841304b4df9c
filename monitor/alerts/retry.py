"""When a message that was not taken is tried again, and when that ends: pure.

Webhooks follow the table of the Standard Webhooks specification 1.0.0 ("Deliverability and
reliability"): 10 tries over 75 h 35 min 5 s. Mail follows RFC 5321, 4.5.4.1, with quick first tries
for greylisting. Files on this machine follow mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.errors import DeliveryFailed

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

# The specification's delays after the first, second … ninth try.
WEBHOOK_DELAYS = (
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
# 1 and 5 minutes get through greylisting (RFC 6647: usually 1 to 15 min); then about doubling.
MAIL_DELAYS = (
    1 * MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    1 * HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
)
GIVE_UP_AFTER = 75 * HOUR
# A machine that slept through the 75 h still gives a receiver as many tries as it would have had.
LEAST_TRIES = 5
LONGEST_ASKED = 24 * HOUR  # a Retry-After beyond a day is a mistake or malice (FAULTS C4)
JITTER = 0.1  # up to a tenth later, never sooner, so that the 75 h are always reached
LONGEST_WAIT = LONGEST_ASKED * (1 + JITTER)


@dataclass(frozen=True, kw_only=True)
class RetryAt:
    """Try again at `at`."""

    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Dead:
    """Never try again; with `disable`, the channel itself is to be switched off."""

    reason: str
    disable: bool = False


def decide_retry(
    failure: DeliveryFailed,
    *,
    channel: Literal["webhook", "email", "chat", "folder", "atom"] | str,
    attempts: int,
    first_attempt_at: datetime,
    now: datetime,
    jitter: float,
) -> RetryAt | Dead:
    """Return when to try again after `attempts` tries, the failed one included, or never.

    `jitter` is a random number from 0 to 1, drawn by the caller.
    A receiver's own wish (Retry-After) can only make it later, by a day at most.
    A clock that went back counts as no time passed; one that leapt ahead still leaves LEAST_TRIES.
    """
    if failure.permanent or failure.disable:
        return Dead(reason=f"refused for good: {failure.reason}", disable=failure.disable)
    delays = WEBHOOK_DELAYS if channel == "webhook" else MAIL_DELAYS
    elapsed = max(now - first_attempt_at, timedelta(0))
    if elapsed >= GIVE_UP_AFTER and attempts >= LEAST_TRIES:
        hours = int(elapsed / HOUR)
        return Dead(reason=f"given up after {attempts} tries in {hours} h: {failure.reason}")
    delay = delays[min(max(attempts, 1), len(delays)) - 1]
    at = now + delay * (1 + JITTER * min(max(jitter, 0.0), 1.0))
    why = f"try {attempts + 1} follows"
    if failure.retry_at is not None and failure.retry_at > at:
        at = min(failure.retry_at, now + LONGEST_ASKED)
        why = f"try {attempts + 1} follows when the receiver asked for it"
    return RetryAt(at=at, reason=f"{why}: {failure.reason}")


def is_due(next_try_at: datetime, now: datetime) -> bool:
    """Return whether a waiting message is due.

    A time further away than any wait that `decide_retry` gives was written by a clock that was
    wrong; it is due now, not in ten years (FAULTS B3).
    """
    return next_try_at <= now or next_try_at > now + LONGEST_WAIT
