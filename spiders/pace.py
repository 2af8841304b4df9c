"""How fast a host is asked: AutoThrottle, never faster than its robots.txt asks for."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.extensions.throttle import AutoThrottle

from spiders.settings import FetchSettings

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class Pace(AutoThrottle):
    """Keep the delay of each host's slot between what is asked for and what is sane.

    AutoThrottle takes the time of an answer as the delay that follows, so that a site under load
    is asked less often.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        fetch: FetchSettings = crawler.settings["STATIONWATCH_FETCH"]
        self._longest = fetch.longest_delay
        self._asked: dict[str, float] = {}
        crawler.signals.connect(self._note_delay, signal=signals.request_reached_downloader)

    def _note_delay(self, request: Request) -> None:
        """Apply a Crawl-delay before the request leaves, not only after the first answer."""
        wanted = request.meta.get("robots_delay")
        key = request.meta.get("download_slot")
        if wanted is None or key is None:
            return
        self._asked[key] = min(wanted, self._longest)
        slots: dict[str, Any] = self.crawler.engine.downloader.slots
        if key in slots:
            slots[key].delay = max(slots[key].delay, self._asked[key])

    def _adjust_delay(self, slot: Any, latency: float, response: Any) -> None:
        super()._adjust_delay(slot, latency, response)
        # The pause is counted from the end of an answer: counted from when a request was due, it
        # was up to 140 ms too short for the host, since connecting takes its time in a full crawl.
        slot.lastseen = monotonic()
        slots: dict[str, Any] = self.crawler.engine.downloader.slots
        for key, wanted in self._asked.items():
            if key in slots and slots[key] is slot:
                slot.delay = max(slot.delay, wanted)
