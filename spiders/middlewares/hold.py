"""Leave a host alone that asked for it, or that does not answer (FAULTS C4, P5)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from monitor.feeds.pace import read_retry_after
from spiders.dialing import NameNotFound
from spiders.errors import BrowserFailed, HostHeld
from spiders.headers import header_value
from spiders.leases import asked_to_wait
from spiders.wire import NoAnswer, OutOfTime, WireAnswer

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

SILENT_AFTER = 3
"""So many requests in a row without an answer, and the rest of the batch is not tried."""

SILENT_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Until when, by the monotonic clock, a host is not asked, and why."""

    until: float
    reason: str


class HostHolds:
    """Which hosts are left alone: pure but for the clock that is passed in."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._holds: dict[str, Hold] = {}
        self._silent: dict[str, int] = {}

    def check(self, host: str) -> None:
        """Raise HostHeld when `host` is left alone."""
        hold = self._holds.get(host)
        if hold is None:
            return
        left = hold.until - self._monotonic()
        if left <= 0:
            del self._holds[host]
            return
        raise HostHeld(hold.reason, retry_after=math.ceil(left))

    def note_answer(self, host: str, status: int, retry_after: int | None) -> None:
        """Note an answer; a 429, or a 503 that says how long, holds the host."""
        self._silent.pop(host, None)
        seconds = asked_to_wait(status, retry_after)
        if seconds is not None:
            said = "429" if status == 429 else "503 and asked to wait"
            self._hold(host, seconds, f"the site answered {said}")

    def note_silence(self, host: str) -> None:
        """Note that no answer came; the third time in a row holds the host."""
        self._silent[host] = self._silent.get(host, 0) + 1
        if self._silent[host] >= SILENT_AFTER:
            self._hold(host, SILENT_SECONDS, f"the site did not answer {SILENT_AFTER} times")

    def _hold(self, host: str, seconds: int, reason: str) -> None:
        self._holds[host] = Hold(until=self._monotonic() + seconds, reason=reason)


class HoldMiddleware:
    """Ask no host that is held, and notice who is to be."""

    def __init__(self, crawler: Crawler) -> None:
        self._holds = HostHolds()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware for `crawler`."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise HostHeld for a host that is left alone."""
        self._holds.check(host_of(request))

    def process_response(self, request: Request, response: Response) -> Response:
        """Note how the host answered."""
        wire: WireAnswer = request.meta["wire"]
        asked = header_value(wire.headers, "retry-after") or None
        wait = read_retry_after(asked, now=datetime.now(UTC))
        self._holds.note_answer(host_of(request), response.status, wait)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note that the host did not answer."""
        if isinstance(exception, NoAnswer | OutOfTime | NameNotFound | BrowserFailed):
            self._holds.note_silence(host_of(request))


def host_of(request: Request) -> str:
    """Return the host that `request` goes to."""
    return urlsplit(request.url).hostname or ""
