"""When to try a pending entry's page again, and when to stop; decided from plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.pace import LONGEST_WAIT
from monitor.model import Outcome

PASSING = (60, 300, 1800, 7200, 21_600, 43_200)  # no answer, 429, 5xx, cut off: about a day in all
NOT_YET = (600, 3600)  # a feed often names a page some minutes before it is there
BLOCKED = (3600, 21_600)  # a bot wall may open; more tries only harden it
BLOCKING = frozenset({401, 402, 403, 407, 451})
FINAL = frozenset({410, 414})


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Fetch the page again, not before `at`."""

    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class GiveUp:
    """Fetch no more; `blocked` says that the page is there but not for us.

    What the feed says of a blocked page is all that can be matched.
    """

    reason: str
    blocked: bool = False
    outcome: Outcome = Outcome.FETCH_FAILED


def decide_page_retry(
    attempts: int,
    status: int | None,
    *,
    retry_after: int | None,
    now: datetime,
    chance: float = 0.0,
) -> Retry | GiveUp:
    """Return what follows the failed fetch number `attempts` (from 1) that answered `status`.

    `status` is None when no whole answer came. `retry_after` is in seconds and only ever makes the
    wait longer, at most a day. `chance` is a random number from 0 to 1 for the jitter.
    """
    answer = "no answer" if status is None else f"status {status}"
    waits = _choose_waits(status)
    if attempts > len(waits):
        tries = f"{answer} after {attempts} {'try' if attempts == 1 else 'tries'}"
        return GiveUp(reason=tries, blocked=status in BLOCKING)
    wait = max(waits[max(attempts, 1) - 1], min(retry_after or 0, LONGEST_WAIT))
    return Retry(at=now + timedelta(seconds=wait * (1 + 0.1 * chance)), reason=answer)


def _choose_waits(status: int | None) -> tuple[int, ...]:
    if status in FINAL:
        return ()
    if status in BLOCKING:
        return BLOCKED
    if status is None or status in {408, 425, 429} or status >= 500 or status < 400:
        return PASSING
    return NOT_YET
