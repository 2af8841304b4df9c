"""How pages are fetched: our own settings, and what Scrapy is told, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spiders.browser_find import why_no_browser
from spiders.decoding import ACCEPTED

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """How a crawl fetches; times are in seconds, sizes in bytes after decompression.

    `user_agent` must name neither the organisation nor the subject; the name after `compatible;`,
    or else its first, is the one that a robots.txt may address.
    `page_deadline` and `source_deadline` hold for a whole request with its redirects, waiting for
    one's turn excepted (FAULTS C3, P5).
    `concurrent_requests` are on the wire at once, each to another host; high, because those that
    hang hold a place until their deadline.
    `source_seconds` is how long the pages of one source may take in one crawl, so that a slow site
    with many does not keep the batch; the rest is left for the next.
    `delay` is the least time between two requests to a host, of which one runs at a time.
    `allow_private` names private places that may be contacted (`127.0.0.1:8080`, `10.0.0.0/8`).
    `proxy` (`socks5h://127.0.0.1:9050`, `http://proxy.example:3128`) carries every request, names
    unresolved; when it is down nothing goes out (FAULTS C18).
    `pins` are, by host, the hashes of the keys that its certificate may have (SHA-256, base64).
    `render` opens pages, and section pages, in a browser; `browser` is the path of a Chromium.
    `replay` says that pages are captures of an archive: each is known by the address and the time
    of what was captured, not by those of its capture.
    `leases` is the file by which a host is asked by one program at a time; with `gives_way` those
    that have none go first (`spiders/leases.py`).
    `lookup` is a `module:function` that resolves names in place of the system, for tests.
    """

    user_agent: str = "Mozilla/5.0 (compatible; newsreader/1.0)"
    page_deadline: float = 60.0
    source_deadline: float = 30.0
    lookup_deadline: float = 10.0
    source_seconds: float = 300.0
    max_page_bytes: int = 8 * MEGABYTE
    max_source_bytes: int = 20 * MEGABYTE
    delay: float = 1.0
    longest_delay: float = 60.0
    concurrent_requests: int = 128
    concurrent_sources: int = 128
    workers: int = 2
    feed_seconds: float = 30.0
    page_seconds: float = 60.0
    worker_memory: int = 768 * MEGABYTE
    obey_robots: bool = True
    replay: bool = False
    allow_private: tuple[str, ...] = ()
    ca_file: str | None = None
    proxy: str | None = None
    pins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    render: bool = False
    browser: str | None = None
    leases: str | None = None
    gives_way: bool = False
    lookup: str | None = None


def scrapy_settings(fetch: FetchSettings) -> dict[str, Any]:
    """Return what Scrapy is told.

    The lists of components are replaced, not added to: what is not named here does not run.
    """
    opens = fetch.render and why_no_browser(fetch.browser) is None
    wire = "spiders.browser.BrowserHandler" if opens else "spiders.wire.WireHandler"
    return {
        "STATIONWATCH_FETCH": fetch,
        # Our own handler: addresses and certificates checked, deadlines on the whole request.
        # A page's `file:` or `data:` link must find nobody at home.
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {"http": wire, "https": wire},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.middlewares.hold.HoldMiddleware": 100,
            "spiders.middlewares.robots.RobotsMiddleware": 200,
            "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
            "spiders.middlewares.redirect.RedirectMiddleware": 600,
        },
        # No referrer, no depth, no statuses kept from us.
        "SPIDER_MIDDLEWARES_BASE": {},
        # Among those that do not run: the telnet console, and the remote control, which runs
        # Python for whoever holds its token.
        "EXTENSIONS_BASE": {},
        "EXTENSIONS": {"spiders.pace.Pace": 0},
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,  # would ask the public-suffix list's hosts, past any proxy
        "ROBOTSTXT_OBEY": False,  # Scrapy's own; RobotsMiddleware obeys by RFC 9309
        "DEFAULT_REQUEST_HEADERS": {
            # The least that sites expect; the language says nothing of who asks.
            "User-Agent": fetch.user_agent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "*",
            "Accept-Encoding": ACCEPTED,
        },
        "CONCURRENT_REQUESTS": 0,  # the crawl bounds itself by sources, each one page at a time
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": fetch.delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # it goes both ways, and the delay is the least
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": fetch.delay,
        "AUTOTHROTTLE_MAX_DELAY": fetch.longest_delay,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # who asks has decided already
        "RETRY_ENABLED": False,  # a failed page is tried again in another crawl, by its schedule
        "STATS_DUMP": False,
        "LOG_INSTALL_ROOT_HANDLER": False,  # the child's own log goes through structlog
    }
