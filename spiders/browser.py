"""Open a fetched page in a browser, for sites that are empty without JavaScript.

    WireHandler fetches the page itself: robots, redirects, caps, address checks as ever
      └─ its bytes are laid before the browser ─▶ scripts run ─▶ the document as it stands then

What scripts ask for goes through BrowserGuard. Each page has a fresh context, so that it finds no
cookie and leaves none; one page is open at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import weakref
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from scrapy import Request as ScrapyRequest
from scrapy.http import Headers, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from monitor.egress import check_url, parse_allowance
from monitor.errors import EgressRefused
from spiders.browser_allowed import why_forbidden
from spiders.browser_find import find_chromium
from spiders.browser_guard import BrowserGuard
from spiders.decoding import TooLarge
from spiders.errors import BrowserFailed
from spiders.headers import header_value
from spiders.settings import MEGABYTE, FetchSettings
from spiders.wire import Asked, WireAnswer, WireHandler, choose_dialer

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

MOST_REQUESTS = 150
MOST_CONNECTIONS = 300
MOST_BYTES = 30 * MEGABYTE
SETTLE_SECONDS = 8.0
"""For what scripts fetch; a page that never rests is read as it stands then."""
CLOSE_SECONDS = 5.0
START_SECONDS = 30.0

UNWANTED = frozenset(
    {"image", "media", "font", "texttrack", "eventsource", "websocket", "manifest", "ping", "other"}
)
"""Kinds of requests that bring no text."""

ARGUMENTS = (
    "--disable-quic",
    "--no-pings",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-notifications",
    # Nothing looks a name up but the guard, and nothing goes past it over UDP.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--no-referrers",
    "--disable-dev-shm-usage",
    "--renderer-process-limit=2",
    "--js-flags=--max-old-space-size=256",
)
WITHOUT_WEBRTC = """
for (const name of Object.getOwnPropertyNames(window))
  if (/^(webkit)?RTC/.test(name)) delete window[name];
"""
"""No switch keeps Chromium from greeting the local network (mDNS) for a page that uses WebRTC."""

CONTEXT: dict[str, Any] = {
    "accept_downloads": False,
    "service_workers": "block",
    "timezone_id": "UTC",
    "locale": "en-US",
}
RENDERED = "X-Stationwatch-Rendered"
"""A header of our own in the evidence: its body is what the browser made of the page."""


class BrowserHandler(WireHandler):
    """Download as ever; open in the browser what `asked.render` wants opened."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._renderer = Renderer.of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch `request`, and where it holds a web page, return that as scripts leave it."""
        response = await super().download_request(request)
        asked: Asked = request.meta["asked"]
        wire: WireAnswer = request.meta["wire"]
        if not asked.render or response.status != 200 or not is_web_page(wire):
            return response
        begun = asyncio.get_running_loop().time()
        try:
            async with self._renderer.turn:
                body = await self._renderer.open(request.url, response, asked)
        finally:
            asked.spent += asyncio.get_running_loop().time() - begun
        cut = wire.cut or is_cut(len(body), asked)
        request.meta["wire"] = replace(wire, headers=mark_rendered(wire), body=None, cut=cut)
        return response.replace(body=body[: asked.cap])

    async def close(self) -> None:
        """Close the connections and the browser."""
        await super().close()
        await self._renderer.close()


def is_web_page(wire: WireAnswer) -> bool:
    """Say whether an answer is what a browser would show as a page."""
    declared = header_value(wire.headers, "content-type").lower()
    return "html" in declared or not declared


def is_cut(size: int, asked: Asked) -> bool:
    """Say whether a document must be cut; raises TooLarge where only a whole one is of use."""
    if size > asked.cap and not asked.cut:
        raise TooLarge(f"its scripts made {size} bytes of it, more than {asked.cap}")
    return size > asked.cap


def mark_rendered(wire: WireAnswer) -> tuple[tuple[str, str], ...]:
    """Return the headers of a page whose body is no longer the one that came with them."""
    gone = {"content-encoding", "content-length", "transfer-encoding", "content-type"}
    kept = tuple(pair for pair in wire.headers if pair[0].lower() not in gone)
    said = "the body is the document as it stood after its scripts had run, not the bytes received"
    return (*kept, ("Content-Type", "text/html; charset=utf-8"), (RENDERED, said))


@dataclass
class Opened:
    """The page that is open: what is laid before the browser, and what it has asked for."""

    url: str
    response: Response
    headers: dict[str, str]
    asked: int = 0
    given: bool = False


class Renderer:
    """One browser for a crawl, started when it is first wanted."""

    _all: ClassVar[weakref.WeakKeyDictionary[Crawler, Renderer]] = weakref.WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        self._fetch: FetchSettings = crawler.settings["STATIONWATCH_FETCH"]
        self._allow = parse_allowance(self._fetch.allow_private)
        self._crawler = crawler
        self._guard: BrowserGuard | None = None
        self._inner: ScrapyPlaywrightDownloadHandler | None = None
        self.turn = asyncio.Semaphore(1)

    @classmethod
    def of(cls, crawler: Crawler) -> Renderer:
        """Return the renderer of a crawl; Scrapy makes a handler for each scheme."""
        if crawler not in cls._all:
            cls._all[crawler] = cls(crawler)
        return cls._all[crawler]

    async def open(self, url: str, response: Response, asked: Asked) -> bytes:
        """Return the document at `url` as its scripts leave it; raises BrowserFailed.

        After a failure the browser is started anew: what made it hang or crash is gone with it.
        """
        name = str(uuid4())
        left = max(1.0, asked.seconds - asked.spent)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._start()
        except Exception as error:
            await self._end()
            why = await asyncio.to_thread(why_forbidden, sandboxed=has_sandbox())
            why = why or first_line(error)
            raise BrowserFailed(f"the browser could not be started: {why}") from error
        try:
            async with asyncio.timeout(left):
                return await self._open(url, response, name, min(SETTLE_SECONDS, left / 2))
        except TimeoutError:
            await self._end()
            raise BrowserFailed(
                f"the browser was not done with it in {asked.seconds:.0f} s"
            ) from None
        except Exception as error:  # whatever goes wrong in a browser costs this page only
            await self._end()
            raise BrowserFailed(f"the browser failed: {first_line(error)}") from error
        finally:
            await self._forget(name)

    async def _open(self, url: str, response: Response, name: str, rest: float) -> bytes:
        inner, guard = await self._start()
        allotment = guard.allot(connections=MOST_CONNECTIONS, size=MOST_BYTES)
        opened = Opened(url=url, response=response, headers=document_headers(response))

        async def begin(page: Page, _request: Any) -> None:
            page.on("popup", lambda popup: asyncio.ensure_future(quietly(popup.close())))
            page.on("dialog", lambda dialog: asyncio.ensure_future(quietly(dialog.dismiss())))
            await page.add_init_script(WITHOUT_WEBRTC)
            await page.route("**/*", lambda route: self._route(route, opened))

        async def settle(page: Page) -> None:
            with contextlib.suppress(PlaywrightError):
                await page.wait_for_load_state("domcontentloaded", timeout=rest * 1000)
                await page.wait_for_load_state("networkidle", timeout=rest * 1000)
            allotment.connections = 0
            await guard.cut()

        request = ScrapyRequest(
            url,
            headers={"User-Agent": self._fetch.user_agent},
            meta={
                "playwright": True,
                "playwright_context": name,
                "playwright_context_kwargs": {**CONTEXT, "user_agent": self._fetch.user_agent},
                "playwright_page_goto_kwargs": {"wait_until": "commit"},
                "playwright_page_init_callback": begin,
                "settle": settle,
            },
        )
        shown = await inner.download_request(request)
        return await_bytes(shown)

    async def _route(self, route: Route, opened: Opened) -> None:
        """Give the page itself, let through what brings text, and refuse the rest."""
        request = route.request
        with contextlib.suppress(PlaywrightError):  # the page may be gone meanwhile
            if request.is_navigation_request() and not opened.given:
                opened.given = True
                await route.fulfill(status=200, headers=opened.headers, body=opened.response.body)
                return
            opened.asked += 1
            if request.is_navigation_request() and request.frame.parent_frame is None:
                await route.fulfill(status=204)  # "stay": what leads away is read as it stands
                return
            if not self._may_go(route, opened):
                await route.abort("blockedbyclient")
                return
            headers = {**request.headers, "accept-language": "*"}
            headers.pop("cookie", None)
            await route.continue_(headers=headers)

    def _may_go(self, route: Route, opened: Opened) -> bool:
        request = route.request
        if request.resource_type in UNWANTED or request.method not in ("GET", "POST"):
            return False
        if opened.asked > MOST_REQUESTS:
            return False
        try:
            check_url(request.url, self._allow)
        except EgressRefused:
            return False
        return True

    async def _start(self) -> tuple[ScrapyPlaywrightDownloadHandler, BrowserGuard]:
        if self._inner is not None and self._guard is not None:
            return self._inner, self._guard
        dialer = choose_dialer(self._fetch, self._allow)
        self._guard = BrowserGuard(dialer, self._allow, pinned=self._fetch.pins)
        await self._guard.start()
        settings = self._crawler.settings.copy()
        settings.frozen = False
        settings.setdict(
            {
                "PLAYWRIGHT_LAUNCH_OPTIONS": self._launch_options(self._guard),
                "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
                "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": self._fetch.page_deadline * 1000,
                "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
            },
            priority="cmdline",
        )
        inner = _Inner(_CrawlerWith(self._crawler, settings))
        inner.config.target_closed_max_retries = 0  # a page that crashes once does so again
        self._inner = inner
        # What it does when an engine starts, and with the first page; here, since a start is not
        # to be counted among the seconds of a page.
        await inner._maybe_launch_in_thread()  # noqa: SLF001
        await inner._maybe_launch_browser()  # noqa: SLF001
        return inner, self._guard

    def _launch_options(self, guard: BrowserGuard) -> dict[str, Any]:
        return {
            "executable_path": find_chromium(self._fetch.browser),
            "headless": True,
            "args": list(ARGUMENTS),
            "chromium_sandbox": has_sandbox(),
            "proxy": {
                "server": guard.address,
                "username": guard.username,
                "password": guard.password,
                "bypass": "<-loopback>",
            },
            "timeout": 20_000,
        }

    async def _forget(self, name: str) -> None:
        """Close the page's context, and with it whatever it stored."""
        if self._inner is None:
            return
        wrapper = self._inner.context_wrappers.get(name)
        if wrapper is not None:
            await quietly(wrapper.context.close())

    async def _end(self) -> None:
        """End the browser, however it is; the next page starts another."""
        inner, self._inner = self._inner, None
        guard, self._guard = self._guard, None
        if inner is not None:
            await quietly(inner.close())
        if guard is not None:
            await guard.close()

    async def close(self) -> None:
        """End the browser and its guard."""
        await self._end()


class _Inner(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # it ships no types
    """Scrapy's handler for a browser, waiting for a page in our way.

    Its own waits for the event `load`, which never comes where a script leads away from its page.
    """

    async def _apply_page_methods(self, page: Page, request: Request, _spider: Any) -> None:
        await request.meta["settle"](page)


class _CrawlerWith:
    """A crawler with settings of its own, for the handler that drives the browser."""

    def __init__(self, crawler: Crawler, settings: Any) -> None:
        self._crawler = crawler
        self.settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crawler, name)


def has_sandbox() -> bool:
    """Say whether Chromium is to have its sandbox; it has none for root."""
    return os.geteuid() != 0


async def quietly(doing: Awaitable[object]) -> None:
    """Wait for a browser to end something, but not for long, and whatever comes of it."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_SECONDS):
            await doing


def document_headers(response: Response) -> dict[str, str]:
    """Return the headers that the browser is given with the page: its type, and its own rules."""
    kept = {}
    for name in ("Content-Type", "Content-Security-Policy"):
        value = Headers(response.headers).get(name)
        if value is not None:
            kept[name] = value.decode("latin-1")
    return {"Content-Type": "text/html", **kept, "Referrer-Policy": "no-referrer"}


def await_bytes(shown: Response) -> bytes:
    """Return the document in UTF-8, which its header then declares."""
    text = getattr(shown, "text", None)
    return text.encode("utf-8", "replace") if isinstance(text, str) else shown.body


def first_line(error: BaseException) -> str:
    """Return what an error says in one line."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
