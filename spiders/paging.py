"""Fetch the pages of one source and have them prepared, each to its one answer."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.errors import FrameError
from monitor.feeds.pace import read_retry_after
from monitor.log import get_logger
from monitor.model import Outcome, Page, PendingEntry, Prepared, SiteBlocks, Validators
from monitor.urls import site_of
from spiders.archive_replay import uncover
from spiders.asking import Answer, Asker
from spiders.budget import Budget
from spiders.failures import Failure, decide_failure, decide_status
from spiders.frames import Message, PageFailed, PagePrepared
from spiders.settings import FetchSettings
from spiders.wire import Asked
from spiders.work import PageWork
from spiders.workers import WorkerPool

log = get_logger("spiders")

UNWANTED = (
    "image/", "video/", "audio/", "font/", "application/pdf", "application/zip",
    "application/gzip", "application/octet-stream", "application/msword",
    "application/vnd.", "application/x-",
)  # fmt: skip
"""Beginnings of media types that hold no article; `application/xhtml+xml` and JSON are not."""

HOSTS_AT_ONCE = 4
"""Of one source; a host is asked for one page at a time in any case."""


OUT_OF_TURN = Failure(reason="left for the next crawl: the source's time is over", asked=False)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be fetched of one source, and what is known of it.

    After `until`, by the loop's clock, nothing more is asked for.
    """

    source_id: str
    entries: tuple[PendingEntry, ...]
    blocks: Mapping[str, SiteBlocks]
    validators: Mapping[str, Validators]
    until: float


class PageFetcher:
    """Fetch and prepare pages in one crawl, as fast as the workers and the service take them."""

    def __init__(
        self,
        asker: Asker,
        pool: WorkerPool,
        fetch: FetchSettings,
        budget: Budget,
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self._asker = asker
        self._pool = pool
        self._fetch = fetch
        self._send = send
        self._budget = budget

    async def fetch(self, wanted: Wanted) -> None:
        """Answer for every entry: PagePrepared or PageFailed. Hosts go on beside each other."""
        by_host: dict[str, list[PendingEntry]] = defaultdict(list)
        for entry in wanted.entries:
            by_host[host_of(entry.entry.url)].append(entry)
        places = asyncio.Semaphore(HOSTS_AT_ONCE)

        async def one_host(entries: Iterable[PendingEntry]) -> None:
            async with places:
                await self._fetch_in_turn(entries, wanted)

        async with asyncio.TaskGroup() as group:
            for entries in by_host.values():
                group.create_task(one_host(entries))

    async def _fetch_in_turn(self, entries: Iterable[PendingEntry], wanted: Wanted) -> None:
        """Fetch one page while the one before is prepared."""
        preparing: asyncio.Task[None] | None = None
        for entry in entries:
            answer = await self._ask(entry, wanted)
            if preparing is not None:
                await preparing
            preparing = asyncio.create_task(self._finish(entry, answer, wanted))
        if preparing is not None:
            await preparing

    async def _ask(self, entry: PendingEntry, wanted: Wanted) -> Answer | Failure:
        if asyncio.get_running_loop().time() > wanted.until:
            return OUT_OF_TURN
        asked = Asked(
            seconds=self._fetch.page_deadline,
            cap=self._fetch.max_page_bytes,
            unwanted=UNWANTED,
            render=self._fetch.render,
        )
        try:
            answer = await self._asker.ask(
                entry.entry.url, asked, validators=wanted.validators.get(entry.id)
            )
        except Exception as error:  # one page
            return explain(error, entry.entry.url)
        wait = read_retry_after(answer.header("retry-after"), now=answer.at)
        return decide_status(answer.status, wait) or answer

    async def _finish(self, entry: PendingEntry, answer: Answer | Failure, wanted: Wanted) -> None:
        size = len(answer.body) + len(answer.wire_body) if isinstance(answer, Answer) else 0
        with self._budget.hold(size):
            await self._tell(entry, await self._end(entry, answer, wanted))

    async def _end(self, entry: PendingEntry, answer: Answer | Failure, wanted: Wanted) -> Message:
        if isinstance(answer, Failure):
            return page_failed(entry, answer)
        try:
            return await self._prepare(entry, answer, wanted)
        except Exception as error:  # one page
            return page_failed(entry, explain(error, entry.entry.url))

    async def _tell(self, entry: PendingEntry, message: Message) -> None:
        try:
            await self._send(message)
        except FrameError as error:
            failure = Failure(reason=str(error), outcome=Outcome.EXTRACTION_FAILED)
            await self._send(page_failed(entry, failure))

    async def _prepare(self, entry: PendingEntry, answer: Answer, wanted: Wanted) -> PagePrepared:
        page = Page(
            url=answer.url,
            final_url=answer.final_url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            wire_body=answer.wire_body,
            fetched_at=answer.at,
            charset=find_charset(answer.header("content-type") or ""),
            truncated=answer.truncated,
        )
        blocks = wanted.blocks.get(site_of(answer.final_url)) or wanted.blocks.get("")
        work = PageWork(page=page, entry=entry.entry, blocks=blocks)
        if self._fetch.replay:
            work = PageWork(page=uncover(page))
        prepared = await asyncio.wrap_future(self._pool.run(work))
        flagged = is_flagged(prepared)
        return PagePrepared(
            source_id=entry.source_id,
            entry_id=entry.id,
            prepared=prepared,
            validators=answer.validators,
            truncated=answer.truncated,
            size=len(answer.wire_body),
            body=answer.wire_body if flagged else None,
            headers=answer.headers if flagged else (),
        )


def is_flagged(prepared: Prepared) -> bool:
    """Say whether the page matches a topic: then its bytes are evidence."""
    return prepared.analysis is not None and bool(prepared.analysis.matches)


def explain(error: Exception, url: str) -> Failure:
    """Return what `error` comes to; one that nobody expected is logged and tried again."""
    failure = decide_failure(error)
    if failure is None:
        log.error("page not fetched", url=url, exc_info=error)
        failure = Failure(reason=f"unexpected: {type(error).__name__}: {error!s:.200}")
    return failure


def page_failed(entry: PendingEntry, failure: Failure) -> PageFailed:
    """Return the message for a page that could not be had."""
    return PageFailed(
        source_id=entry.source_id,
        entry_id=entry.id,
        url=entry.entry.url,
        reason=failure.reason,
        outcome=failure.outcome,
        retry=failure.outcome is None,
        status=failure.status,
        retry_after=failure.retry_after,
        asked=failure.asked,
    )


def find_charset(content_type: str) -> str | None:
    """Return the charset that a Content-Type declares, as written there."""
    found = re.search(r"charset\s*=\s*[\"']?([^\s\"';,]{1,40})", content_type, re.IGNORECASE)
    return found[1] if found else None


def host_of(url: str) -> str:
    """Return the host of `url`, or nothing when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
