"""The spider: many sources in one crawl, each going its own way to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scrapy import Spider

from monitor.errors import FrameError
from monitor.log import get_logger
from monitor.model import Look, SiteBlocks, Source, Validators
from monitor.urls import host_of
from spiders.archive import ListForm, Listing
from spiders.archive_listing import Lister
from spiders.asking import Asker
from spiders.budget import Budget
from spiders.channel import Channel
from spiders.frames import (
    Done,
    Fetch,
    Listed,
    Looked,
    Message,
    More,
    ReadOn,
    RobotsRead,
    RobotsRecord,
    SourceDone,
    SourceTask,
    Start,
    Stop,
)
from spiders.looking import Looker
from spiders.middlewares.robots import RobotsMiddleware
from spiders.paging import PageFetcher, Wanted
from spiders.workers import WorkerPool

log = get_logger("spiders")


MOST_BYTES = 48 * 1024 * 1024
BYTES_LIMIT = 192 * 1024 * 1024
"""Of bodies at once, so that the child's memory stays flat; each lies there some three times."""


class Harvest(Spider):
    """Look at each source, ask what to fetch, fetch and prepare it.

        Looked ─▶ service ─Fetch─▶ pages ─▶ workers ─▶ PagePrepared | PageFailed ─▶ SourceDone

    One failing source never stops another.
    """

    name = "harvest"

    def __init__(self, *, begin: Start, channel: Channel, pool: WorkerPool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.budget = Budget(most=MOST_BYTES, limit=BYTES_LIMIT)
        self._begin = begin
        self._channel = channel
        self._pool = pool
        self._stopping: asyncio.Task[None] | None = None
        self._tasks: asyncio.Queue[SourceTask | None] = asyncio.Queue()
        self._replies: dict[str, asyncio.Queue[Fetch | ReadOn]] = {}
        # Places of their own: pages that wait for the processor must not hold up looks, neither
        # here nor on the wire, where a quarter of the places is left to them.
        places = begin.settings.concurrent_sources
        self._looks = asyncio.Semaphore(places)
        self._fetches = asyncio.Semaphore(max(1, places * 3 // 4))
        self._take(begin.tasks, last=not begin.more)

    async def start(self) -> AsyncIterator[Any]:
        """Do everything, and yield nothing: requests go straight through the downloader."""
        self._channel.open()
        listening = asyncio.create_task(self._listen())
        try:
            self._remember(self._begin.robots)
            await self._harvest()
            await self._send(Done())
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
        return
        yield  # what makes this an iterator

    async def _harvest(self) -> None:
        asker = Asker(self.crawler, self._begin.settings)
        fetch = self._begin.settings
        looker = Looker(asker, self._pool, fetch, self.budget)
        fetcher = PageFetcher(asker, self._pool, fetch, self.budget, self._send)
        lister = Lister(asker, self._pool, fetch, self.budget)

        async def one(task: SourceTask) -> None:
            if task.form is None:
                await self._serve(task, looker, fetcher)
                return
            async with self._looks:
                await self._list(task.source, task.form, lister)

        async with asyncio.TaskGroup() as group:
            while (task := await self._tasks.get()) is not None:
                group.create_task(one(task))

    def _take(self, tasks: Iterable[SourceTask], *, last: bool) -> None:
        for task in tasks:
            self._replies[task.source.id] = asyncio.Queue()
            self._tasks.put_nowait(task)
        if last:
            self._tasks.put_nowait(None)

    async def _serve(self, task: SourceTask, looker: Looker, fetcher: PageFetcher) -> None:
        source = task.source
        if task.look:
            async with self._looks:
                await self._send(Looked(look=await self._look(source, task.validators, looker)))
        try:
            reply = await self._read_on(source, looker)
            if reply.entries or not reply.last:
                async with self._fetches:
                    await self._fetch(source, fetcher, reply)
        except Exception:  # one source: what was not answered for is still pending
            log.exception("source failed", source=source.id)
        await self._end(source)

    async def _end(self, source: Source) -> None:
        """Have done with a source, which may come again after this."""
        self._replies.pop(source.id, None)
        await self._send(SourceDone(source_id=source.id))

    async def _list(self, source: Source, form: ListForm, lister: Lister) -> None:
        try:
            listing = await lister.read(source, form)
        except Exception as error:  # one list
            log.exception("list failed", host=host_of(source.url))  # an address holds search words
            problem = f"unexpected: {type(error).__name__}: {error!s:.200}"
            listing = Listing(url=source.url, problem=problem)
        try:
            await self._send(Listed(source_id=source.id, listing=listing))
        except FrameError as error:  # one list, not the child and all that it serves
            listing = Listing(url=source.url, problem=str(error))
            await self._send(Listed(source_id=source.id, listing=listing))
        await self._end(source)

    async def _read_on(self, source: Source, looker: Looker) -> Fetch:
        """Read pages of older entries until the service has enough; return its answer."""
        while isinstance(reply := await self._replies[source.id].get(), ReadOn):
            older = replace(source, url=reply.url)
            async with self._looks:
                await self._send(Looked(look=await self._look(older, Validators(), looker)))
        return reply

    async def _look(self, source: Source, validators: Validators, looker: Looker) -> Look:
        try:
            return await looker.look(source, validators)
        except Exception as error:  # one source
            log.exception("look failed", source=source.id)
            return Look(
                source_id=source.id,
                looked_at=datetime.now(UTC),
                validators=validators,
                problem=f"unexpected: {type(error).__name__}: {error!s:.200}",
            )

    async def _fetch(self, source: Source, fetcher: PageFetcher, reply: Fetch) -> None:
        blocks: dict[str, SiteBlocks] = {}
        until = asyncio.get_running_loop().time() + self._begin.settings.source_seconds
        while True:
            blocks.update((each.site, each) for each in reply.blocks)
            await fetcher.fetch(
                Wanted(
                    source_id=source.id,
                    entries=reply.entries,
                    blocks=blocks,
                    validators=reply.validators,
                    until=until,
                )
            )
            if reply.last:
                return
            following = await self._replies[source.id].get()
            assert isinstance(following, Fetch), "pages are fetched: nothing more is read on"
            reply = following

    async def _send(self, message: Message) -> None:
        """Send `message`, and before it every robots.txt that was read meanwhile."""
        robots = self._robots()
        news, robots.news = robots.news, []
        for record in news:
            await self._channel.send(RobotsRead(record=record))
        await self._channel.send(message)

    async def _listen(self) -> None:
        """Hand out replies; when the service wishes it or is gone, stop."""
        while True:
            message = await self._channel.receive()
            if isinstance(message, Fetch | ReadOn) and message.source_id in self._replies:
                self._remember(getattr(message, "robots", ()))
                self._replies[message.source_id].put_nowait(message)
            elif isinstance(message, More):
                self._remember(message.robots)
                self._take(message.tasks, last=message.last)
            elif isinstance(message, Stop):
                # In a task of its own: stopping cancels the harvest, which cancels this listener.
                self._stopping = asyncio.create_task(self.crawler.stop_async())
                return

    def _remember(self, records: tuple[RobotsRecord, ...]) -> None:
        for record in records:
            self._robots().remember(record)

    def _robots(self) -> RobotsMiddleware:
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        assert robots is not None
        return robots
