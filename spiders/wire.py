"""The download handler: one request over the network, bounded in time and size.

Scrapy's own handlers time each read, check no certificate, keep no header as it came and unpack
after the whole body is there; here the whole request has a deadline, the bytes are kept as they
came (evidence), and a bomb is noticed while it unpacks (FAULTS C1 to C5, C7, C8).
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import httpcore2
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers, Response

from monitor.egress import (
    Allowance,
    Lookup,
    check_url,
    host_header,
    parse_allowance,
    tls_context,
    wire_url,
)
from monitor.egress.lookup import look_up
from monitor.feeds.pace import read_retry_after
from monitor.model import Header
from spiders.browser_find import why_no_browser
from spiders.budget import SMALL, Budget
from spiders.connections import Connections
from spiders.decoding import Decoder, TooLarge, Undecodable
from spiders.dialing import GuardedDialer
from spiders.errors import BrowserMissing
from spiders.headers import header_value
from spiders.leases import Leases
from spiders.pinning import PinnedDialer
from spiders.proxying import ProxyDialer, parse_proxy
from spiders.settings import FetchSettings

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class OutOfTime(Exception):
    """A request was not whole by its deadline."""


class NoAnswer(Exception):
    """The connection failed or broke before an answer had come."""


class NotWanted(Exception):
    """The answer is of a media type that holds no text."""


@dataclass(kw_only=True)
class Asked:
    """What a request may cost; goes with it through its redirects, in `meta["asked"]`.

    `cut` reads an answer that is too large up to the cap, as is wanted of a feed, whose newest
    items stand first; otherwise it raises TooLarge.
    `spent` grows by the seconds that each hop took over the network, waiting for one's turn
    excepted. `unwanted` are beginnings of media types not to be read.
    `render` has a web page opened in a browser.
    """

    seconds: float
    cap: int
    cut: bool = False
    unwanted: tuple[str, ...] = ()
    render: bool = False
    spent: float = 0.0
    hops: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class WireAnswer:
    """An answer as it came; in `meta["wire"]` of the request.

    `body` is None where no content coding was undone: then it is what the response holds.
    `truncated` says that it ended early, `cut` that it was larger than the cap.
    `certificate` says why the certificate was accepted by its pinned key alone.
    """

    headers: tuple[Header, ...]
    body: bytes | None
    truncated: bool
    cut: bool = False
    certificate: str | None = None


class WireHandler(BaseDownloadHandler):
    """Download over HTTP/1.1, TLS checked, address checked, nothing followed."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        fetch: FetchSettings = crawler.settings["STATIONWATCH_FETCH"]
        self._allow = parse_allowance(fetch.allow_private)
        self._no_browser = why_no_browser(fetch.browser) if fetch.render else None
        self._places = asyncio.Semaphore(fetch.concurrent_requests)
        self._dialer = PinnedDialer(choose_dialer(fetch, self._allow), fetch.pins)
        self._connections = Connections(dialer=self._dialer, tls=tls_context(fetch.ca_file))
        self._leases = Leases(fetch.leases, gives_way=fetch.gives_way)

    async def download_request(self, request: Request) -> Response:
        """Fetch `request` within what is left of its time."""
        asked: Asked = request.meta["asked"]
        if asked.render and self._no_browser is not None:
            raise BrowserMissing(self._no_browser)
        host = urlsplit(request.url).hostname or ""
        async with (
            self._leases.hold(host, lambda: pause_after(request, self.crawler)),
            self._places,
        ):
            response = await self._download(request, asked)
        said = header_value(request.meta["wire"].headers, "retry-after") or None
        self._leases.note(host, response.status, read_retry_after(said, now=datetime.now(UTC)))
        return response

    async def _download(self, request: Request, asked: Asked) -> Response:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, asked.seconds - asked.spent)) as limit:
                return await self._ask(request, asked, limit)
        except TimeoutError:
            raise OutOfTime(f"no whole answer in {asked.seconds:.0f} s") from None
        finally:
            asked.spent += time.monotonic() - begun

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()
        self._leases.close()

    async def _ask(self, request: Request, asked: Asked, limit: asyncio.Timeout) -> Response:
        begun = time.monotonic()
        target = check_url(request.url, self._allow)
        headers = [(b"Host", host_header(target).encode())]
        headers += [(name, value) for name, values in request.headers.items() for value in values]
        url = wire_url(request.url, target)
        try:
            async with self._connections.ask(url, headers) as answer:
                request.meta["download_latency"] = time.monotonic() - begun
                return await self._read(request, answer, limit)
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
        ) as error:
            raise NoAnswer(describe(error)) from error

    async def _read(
        self, request: Request, answer: httpcore2.Response, limit: asyncio.Timeout
    ) -> Response:
        asked: Asked = request.meta["asked"]
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers
        )
        check_promise(headers, answer.status, asked)
        decoder = Decoder(header_value(headers, "content-encoding"), cap=asked.cap)
        body = await self._collect(answer, decoder, asked, limit)
        request.meta["wire"] = WireAnswer(
            headers=headers,
            body=bytes(body.wire) if decoder.active else None,
            truncated=body.truncated,
            cut=body.cut,
            certificate=self._dialer.accepted.get(urlsplit(request.url).hostname or ""),
        )
        return Response(
            url=request.url,
            status=answer.status,
            headers=Headers(answer.headers),
            body=bytes(body.plain if decoder.active else body.wire),
        )

    async def _collect(
        self,
        answer: httpcore2.Response,
        decoder: Decoder,
        asked: Asked,
        limit: asyncio.Timeout,
    ) -> _Body:
        body = _Body()
        try:
            async with AsyncExitStack() as stack:
                async for chunk in answer.aiter_stream():
                    await self._take(chunk, decoder, body, asked, limit, stack)
        except (httpcore2.RemoteProtocolError, httpcore2.ReadError):
            if not body.wire:
                raise
            body.truncated = True
        except Undecodable:
            if not body.plain:
                raise
            body.truncated = True  # what came before the break can be read
        except TooLarge:
            if not asked.cut:
                raise
            body.cut = True
        finally:
            self._budget.arrive(-body.counted)
        return body

    async def _take(
        self,
        chunk: bytes,
        decoder: Decoder,
        body: _Body,
        asked: Asked,
        limit: asyncio.Timeout,
        stack: AsyncExitStack,
    ) -> None:
        """Add `chunk` to `body`; wait where too much is under way, which moves the deadline.

        A small list goes on: pages in hand wait for the processor, and must not hold up looks.
        """
        budget = self._budget
        budget.arrive(body.take(chunk, decoder, asked.cap))
        if budget.full and not (asked.cut and body.counted <= SMALL):
            asked.spent -= await wait_for(budget.wait(), limit)
        if body.counted > SMALL and not body.has_turn:
            asked.spent -= await wait_for(stack.enter_async_context(budget.turns), limit)
            body.has_turn = True

    @property
    def _budget(self) -> Budget:
        budget: Budget = cast("Any", self.crawler.spider).budget
        return budget


async def wait_for(room: Awaitable[object], limit: asyncio.Timeout) -> float:
    """Wait and return for how long; it is not the site's fault, so its deadline moves."""
    begun = time.monotonic()
    when = limit.when()
    limit.reschedule(None)
    await room
    waited = time.monotonic() - begun
    limit.reschedule(None if when is None else when + waited)
    return waited


@dataclass(kw_only=True)
class _Body:
    """What has come of a body; `counted` are the bytes that the budget knows of."""

    wire: bytearray = field(default_factory=bytearray)
    plain: bytearray = field(default_factory=bytearray)
    counted: int = 0
    has_turn: bool = False
    truncated: bool = False
    cut: bool = False

    def take(self, chunk: bytes, decoder: Decoder, cap: int) -> int:
        """Add `chunk` and return by how many bytes the body has grown; raises TooLarge."""
        before = len(self.wire) + len(self.plain)
        self.wire += chunk[: cap - len(self.wire)]
        if decoder.active:
            for piece in decoder.feed(chunk):
                self.plain += piece
        if len(self.wire) == cap:
            raise TooLarge(f"more than {cap} bytes came")
        grown = len(self.wire) + len(self.plain) - before
        self.counted += grown
        return grown


def check_promise(headers: tuple[Header, ...], status: int, asked: Asked) -> None:
    """Raise NotWanted for an answer that holds no text, TooLarge for one that announces too much.

    The length that is announced is believed in this one way only.
    """
    declared = header_value(headers, "content-type").strip().lower()
    if status == 200 and asked.unwanted and declared.startswith(asked.unwanted):
        raise NotWanted(f"the answer is {declared.split(';')[0][:60]}")
    length = header_value(headers, "content-length")
    if not asked.cut and length.isascii() and length.isdigit() and int(length[:15]) > asked.cap:
        raise TooLarge(f"{length[:15]} bytes are announced, more than {asked.cap}")


def pause_after(request: Request, crawler: Crawler) -> float:
    """Return the seconds for which the host of `request` is left alone after its answer."""
    assert crawler.engine is not None
    slot = crawler.engine.downloader.slots.get(request.meta.get("download_slot") or "")
    took: float = request.meta.get("download_latency", 0.0)
    return max(slot.delay, took) if slot is not None else took


def choose_dialer(fetch: FetchSettings, allow: Allowance) -> httpcore2.AsyncNetworkBackend:
    """Return what connects: through the proxy and never past it, or directly."""
    if fetch.proxy is not None:
        return ProxyDialer(parse_proxy(fetch.proxy))
    return GuardedDialer(
        allow, lookup=load_lookup(fetch.lookup), lookup_seconds=fetch.lookup_deadline
    )


def load_lookup(name: str | None) -> Lookup:
    """Return the function that resolves names."""
    if name is None:
        return look_up
    module, _, attribute = name.partition(":")
    lookup: Lookup = getattr(importlib.import_module(module), attribute)
    return lookup


def describe(error: BaseException) -> str:
    """Return the innermost reason of a network error, in words."""
    cause: BaseException | None = error
    text = ""
    while cause is not None:
        text = str(cause) or text
        cause = cause.__cause__ or cause.__context__
    return text or type(error).__name__
