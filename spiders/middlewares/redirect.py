"""Follow redirects: five at most, to http and https only, every hop checked like a first request.

Scrapy's own keeps the first host's slot for the hops that follow, so that the second host would be
asked without its own pace; and it hands a redirect to `file:` on as a page.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from w3lib.url import safe_url_string

from monitor.egress import check_url, parse_allowance
from monitor.urls import same_site
from spiders.errors import NoCapture, TooManyRedirects
from spiders.headers import header_value
from spiders.settings import FetchSettings
from spiders.wire import Asked, WireAnswer

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MOST_HOPS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})


class RedirectMiddleware:
    """Turn a redirect into the next request."""

    def __init__(self, fetch: FetchSettings) -> None:
        self._allow = parse_allowance(fetch.allow_private)
        self._replay = fetch.replay

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware for `crawler`."""
        return cls(crawler.settings["STATIONWATCH_FETCH"])

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the next request, or the response when it is no redirect.

        Raises EgressRefused for a target that may not be contacted, NoCapture for one that leads
        from an archive to elsewhere, TooManyRedirects.
        """
        wire: WireAnswer = request.meta["wire"]
        location = header_value(wire.headers, "location").strip()
        if response.status not in REDIRECTS or not location:
            return response
        asked: Asked = request.meta["asked"]
        url = next_url(request.url, location)
        asked.hops.append((response.status, request.url))
        if self._replay and not request.meta.get("robots") and not same_site(url, request.url):
            # What was captured may be a redirect: the live page behind it is no capture, and its
            # site may have a way out of its own.
            raise NoCapture("the archive leads away from itself")
        check_url(url, self._allow)
        if len(asked.hops) > MOST_HOPS:
            raise TooManyRedirects(f"more than {MOST_HOPS} redirects")
        if url in {hop for _, hop in asked.hops}:
            raise TooManyRedirects("the redirects go in a circle")
        following = request.replace(url=url)
        following.meta.pop("download_slot", None)  # the next host has a pace of its own
        return following


def next_url(url: str, location: str) -> str:
    """Return where `location`, as it came, leads from `url`; the fragment is left out."""
    with contextlib.suppress(UnicodeDecodeError):  # some send the path in UTF-8, unescaped
        location = location.encode("latin-1").decode("utf-8")
    return urljoin(url, safe_url_string(location)).partition("#")[0]


def moved_to(hops: list[tuple[int, str]], final_url: str) -> str | None:
    """Return where a URL has moved for good: as far as the permanent redirects reach.

    What follows a temporary redirect is not part of it.
    """
    permanent = 0
    while permanent < len(hops) and hops[permanent][0] in PERMANENT:
        permanent += 1
    if permanent == 0:
        return None
    return hops[permanent][1] if permanent < len(hops) else final_url
