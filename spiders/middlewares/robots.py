"""Obey robots.txt by RFC 9309 (FAULTS C16).

    4xx, or a web page in its place     everything is allowed
    5xx, no answer, no name             everything is forbidden for the time being
    more than 500 KiB                   the first 500 KiB count
    more than five redirects            as if there were none (RFC 9309, 2.3.1.2)

Scrapy's own allows everything when robots.txt cannot be had.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request

from monitor.errors import EgressRefused
from spiders.decoding import Undecodable
from spiders.errors import HostHeld, RobotsForbids, RobotsUnreachable, TooManyRedirects
from spiders.frames import RobotsRecord
from spiders.origins import origin_of
from spiders.robots_rules import RobotsRules, product_token, read_robots
from spiders.settings import FetchSettings
from spiders.wire import Asked, WireAnswer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MOST_BYTES = 500 * 1024
"""What RFC 9309 (2.5) wants read at the least."""


class RobotsMiddleware:
    """Let through what robots.txt allows; asks each origin once, however many wait for it.

    `news` are the records read and not told to the service yet.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._fetch: FetchSettings = crawler.settings["STATIONWATCH_FETCH"]
        self.news: list[RobotsRecord] = []
        self._token = product_token(self._fetch.user_agent)
        self._known: dict[str, asyncio.Future[tuple[RobotsRecord, RobotsRules]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware for `crawler`."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise RobotsForbids or RobotsUnreachable for what may not be fetched."""
        if not self._fetch.obey_robots or request.meta.get("robots"):
            return
        origin = origin_of(request.url)
        if origin not in self._known:
            self._known[origin] = asyncio.ensure_future(self._learn(origin))
        record, rules = await asyncio.shield(self._known[origin])
        if record.verdict == "forbid":
            raise RobotsUnreachable(f"robots.txt could not be had: {record.reason}")
        if not rules.allows(request.url):
            raise RobotsForbids("robots.txt forbids it")
        if rules.delay:
            request.meta["robots_delay"] = rules.delay

    def remember(self, record: RobotsRecord) -> None:
        """Take over what an earlier crawl has read."""
        future: asyncio.Future[tuple[RobotsRecord, RobotsRules]] = asyncio.Future()
        future.set_result((record, self._read(record)))
        self._known[record.origin] = future

    def _read(self, record: RobotsRecord) -> RobotsRules:
        return read_robots(record.text, self._token)

    async def _learn(self, origin: str) -> tuple[RobotsRecord, RobotsRules]:
        try:
            record = await self._ask(origin)
        except HostHeld:
            self._known.pop(origin, None)  # it was not asked: the next one asks
            raise
        self.news.append(record)
        return record, self._read(record)

    async def _ask(self, origin: str) -> RobotsRecord:
        """Fetch robots.txt; raises EgressRefused where the origin itself may not be contacted."""
        asked = Asked(seconds=self._fetch.source_deadline, cap=MOST_BYTES, cut=True)
        request = Request(
            f"{origin}/robots.txt", dont_filter=True, meta={"robots": True, "asked": asked}
        )
        try:
            assert self._crawler.engine is not None
            response = await self._crawler.engine.download_async(request)
        except EgressRefused as error:
            if not asked.hops:
                raise
            return self._record(origin, None, "forbid", reason=str(error))
        except HostHeld:
            raise
        except (TooManyRedirects, Undecodable) as error:
            return self._record(origin, None, "allow", reason=str(error))
        except Exception as error:
            return self._record(origin, None, "forbid", reason=str(error) or type(error).__name__)
        return self._judge(origin, response)

    def _judge(self, origin: str, response: Response) -> RobotsRecord:
        if response.status >= 500:
            reason = f"it answered {response.status}"
            return self._record(origin, response.status, "forbid", reason=reason)
        if response.status >= 300:
            return self._record(
                origin, response.status, "allow", reason=f"it answered {response.status}"
            )
        assert response.request is not None
        wire: WireAnswer = response.request.meta["wire"]
        body = response.body
        if wire.cut or wire.truncated:
            body = body[: body.rfind(b"\n") + 1]  # a rule cut in half would forbid too much
        text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        if body.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
            return self._record(origin, response.status, "allow", reason="it is a web page")
        return self._record(origin, response.status, "rules", text=text.replace("\x00", ""))

    def _record(
        self, origin: str, status: int | None, verdict: Any, *, reason: str = "", text: str = ""
    ) -> RobotsRecord:
        return RobotsRecord(
            origin=origin,
            fetched_at=datetime.now(UTC),
            status=status,
            verdict=verdict,
            reason=reason,
            text=text,
        )
