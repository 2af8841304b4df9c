"""Ask for one URL through everything that a request passes, and know what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy import Request

from monitor.egress import check_url, parse_allowance
from monitor.model import Header, Validators
from spiders.headers import header_value
from spiders.middlewares.redirect import moved_to
from spiders.settings import FetchSettings
from spiders.wire import Asked, WireAnswer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came: the final URL, the bytes, and the way there."""

    url: str
    final_url: str
    status: int
    headers: tuple[Header, ...]
    body: bytes
    wire_body: bytes
    truncated: bool
    at: datetime
    cut: bool = False
    moved_to: str | None = None
    certificate: str | None = None
    validators: Validators = field(default_factory=Validators)

    def header(self, name: str) -> str | None:
        """Return a header's value, or None without one; `name` in lower case."""
        return header_value(self.headers, name) or None


class Asker:
    """Ask for URLs in one crawl."""

    def __init__(self, crawler: Crawler, fetch: FetchSettings) -> None:
        self._crawler = crawler
        self._allow = parse_allowance(fetch.allow_private)

    async def ask(self, url: str, asked: Asked, *, validators: Validators | None = None) -> Answer:
        """Return the answer to a GET of `url`, redirects followed.

            hold → robots → headers → slot of the host → network → redirect? → again

        Raises what `spiders.failures` knows.
        """
        check_url(url, self._allow)  # before Scrapy reads it, and perhaps reads it otherwise
        request = Request(
            url,
            dont_filter=True,
            headers=conditional(validators or Validators()),
            meta={"asked": asked},
        )
        assert self._crawler.engine is not None
        response = await self._crawler.engine.download_async(request)
        return read_answer(url, response, asked)


def conditional(validators: Validators) -> dict[str, str]:
    """Return the headers of a conditional GET (RFC 9110, 13.1)."""
    headers = {}
    if validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def read_answer(url: str, response: Response, asked: Asked) -> Answer:
    """Return what came, in our own words."""
    assert response.request is not None
    wire: WireAnswer = response.request.meta["wire"]
    return Answer(
        url=url,
        final_url=response.url,
        status=response.status,
        headers=wire.headers,
        body=response.body,
        wire_body=response.body if wire.body is None else wire.body,
        truncated=wire.truncated,
        cut=wire.cut,
        at=datetime.now(UTC),
        moved_to=moved_to(asked.hops, response.url),
        certificate=wire.certificate,
        validators=Validators(
            etag=bounded(header_value(wire.headers, "etag")),
            last_modified=bounded(header_value(wire.headers, "last-modified")),
        ),
    )


def bounded(value: str) -> str | None:
    """Return a validator that can be sent back, or None: empty, absurdly long or no header text."""
    return value if 0 < len(value) <= 1000 and value.isprintable() else None
