"""What a failed request comes to: an outcome, or another try later; pure."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.errors import EgressRefused, ExtractionError, FeedError, WorkerLost
from monitor.model import Outcome
from spiders.budget import TooMuchAtOnce
from spiders.decoding import TooLarge, Undecodable
from spiders.dialing import NameNotFound
from spiders.errors import (
    BrowserFailed,
    BrowserMissing,
    HostHeld,
    NoCapture,
    RobotsForbids,
    RobotsUnreachable,
    TooManyRedirects,
)
from spiders.pinning import KeyNotPinned
from spiders.wire import NoAnswer, NotWanted, OutOfTime

PASSING = frozenset({401, 402, 403, 407, 408, 425, 429, 451})
"""Client errors that may pass, or that call for what the feed says instead; the service decides."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why there is no page. Without an `outcome` it is to be tried again.

    `asked` is False when the page itself was not asked for.
    """

    reason: str
    outcome: Outcome | None = None
    status: int | None = None
    retry_after: int | None = None
    asked: bool = True


OUTCOMES: dict[type[Exception], Outcome] = {
    EgressRefused: Outcome.REFUSED,
    TooLarge: Outcome.TOO_LARGE,
    NotWanted: Outcome.NOT_AN_ARTICLE,
    RobotsForbids: Outcome.ROBOTS,
    TooManyRedirects: Outcome.FETCH_FAILED,
    NoCapture: Outcome.FETCH_FAILED,
    Undecodable: Outcome.FETCH_FAILED,
    WorkerLost: Outcome.WORKER_LOST,
    ExtractionError: Outcome.EXTRACTION_FAILED,
    FeedError: Outcome.EXTRACTION_FAILED,
}

PASSING_ERRORS = (
    RobotsUnreachable,
    HostHeld,
    NoAnswer,
    OutOfTime,
    NameNotFound,
    TooMuchAtOnce,
    KeyNotPinned,
    BrowserFailed,
)


def decide_failure(error: Exception) -> Failure | None:
    """Return what `error` comes to; None when it is none of those that are expected."""
    reason = str(error) or type(error).__name__
    outcome = OUTCOMES.get(type(error))
    if outcome is not None:
        return Failure(reason=reason, outcome=outcome)
    if isinstance(error, PASSING_ERRORS):
        wait = error.retry_after if isinstance(error, HostHeld) else None
        unasked = isinstance(error, HostHeld | RobotsUnreachable | BrowserMissing)
        return Failure(reason=reason, retry_after=wait, asked=not unasked)
    return None


def decide_status(status: int, retry_after: int | None) -> Failure | None:
    """Return what a status comes to; None when the answer holds a page."""
    if 200 <= status < 300:
        return None
    reason = f"the site answered {status}"
    if status == 304:
        return Failure(reason=reason, outcome=Outcome.UNCHANGED, status=status)
    if status in PASSING or status >= 500:
        return Failure(reason=reason, status=status, retry_after=retry_after)
    return Failure(reason=reason, outcome=Outcome.FETCH_FAILED, status=status)
