"""Run real crawls of the fake site, answering the child as the service does."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.model import Entry, Look, PendingEntry, SiteBlocks, Source, SourceKind, Validators
from spiders.crawl import CrawlChild, Lost, Said
from spiders.frames import (
    Done,
    Looked,
    PageFailed,
    PagePrepared,
    RobotsRead,
    RobotsRecord,
    SourceDone,
    SourceTask,
)
from spiders.robots_memory import RobotsMemory
from spiders.settings import FetchSettings
from spiders.workers import WorkerHost


def settings(**changes: Any) -> FetchSettings:
    """Settings for a site on loopback: no delay, short deadlines."""
    usual: dict[str, Any] = {
        "delay": 0.0,
        "allow_private": ("127.0.0.1/32",),
        "lookup": "tests.fakes.names:look_up",
        "page_deadline": 3.0,
        "source_deadline": 3.0,
        "lookup_deadline": 1.5,
        "feed_seconds": 5.0,
        "page_seconds": 5.0,
        "worker_memory": 300 * 1024 * 1024,
    }
    return FetchSettings(**(usual | changes))


def source(url: str, *, kind: SourceKind = "feed", name: str = "", **more: Any) -> Source:
    """Return a source."""
    return Source(id=name or url, kind=kind, url=url, outlet="Outlet", **more)


def look_at(
    url: str,
    *,
    kind: SourceKind = "feed",
    name: str = "",
    validators: Validators | None = None,
    **more: Any,
) -> SourceTask:
    """Return a task that looks at a source."""
    return SourceTask(
        source=source(url, kind=kind, name=name, **more), validators=validators or Validators()
    )


def only_fetch(name: str) -> SourceTask:
    """Return a task without a look, for what is pending."""
    return SourceTask(source=source("http://unused.test/", name=name), look=False)


@dataclass(kw_only=True)
class Crawled:
    """What one child said, in order and by what it was about."""

    said: list[Said] = field(default_factory=list)
    looks: dict[str, Look] = field(default_factory=dict)
    prepared: dict[str, PagePrepared] = field(default_factory=dict)
    failed: dict[str, PageFailed] = field(default_factory=dict)
    robots: dict[str, RobotsRecord] = field(default_factory=dict)
    sources_done: list[str] = field(default_factory=list)
    done: Done | None = None
    lost: Lost | None = None

    def note(self, message: Said) -> None:
        """Sort one message."""
        self.said.append(message)
        match message:
            case Looked(look=look):
                self.looks[look.source_id] = look
            case PagePrepared(prepared=prepared):
                self.prepared[prepared.url] = message
            case PageFailed(url=url):
                self.failed[url] = message
            case RobotsRead(record=record):
                self.robots[record.origin] = record
            case SourceDone(source_id=source_id):
                self.sources_done.append(source_id)
            case Done():
                self.done = message
            case Lost():
                self.lost = message


Meanwhile = Callable[[CrawlChild, Said], None]


def crawl(
    host: WorkerHost,
    tasks: Iterable[SourceTask],
    *,
    fetch: FetchSettings | None = None,
    meanwhile: Meanwhile | None = None,
    blocks: Iterable[SiteBlocks] = (),
    validators: dict[str, Validators] | None = None,
    deadline: float = 60.0,
    rules_version: str = "fake-1",
    robots: RobotsMemory | None = None,
    pending: dict[str, list[str]] | None = None,
) -> Crawled:
    """Crawl, having every entry fetched; `validators` are by URL.

    `pending` are URLs by source that are fetched without a look.
    """
    crawled = Crawled()
    child = CrawlChild(
        tasks,
        workers=host,
        settings=fetch or settings(),
        rules_version=rules_version,
        deadline=deadline,
        robots=robots,
    )
    with child:
        for source_id, urls in (pending or {}).items():
            child.fetch(source_id, [pend(source_id, Entry(url=url)) for url in urls])
        for message in child:
            crawled.note(message)
            if meanwhile is not None:
                meanwhile(child, message)
            if isinstance(message, Looked):
                offered = [pend(message.look.source_id, entry) for entry in message.look.entries]
                known = {each.id: (validators or {}).get(each.entry.url) for each in offered}
                child.fetch(
                    message.look.source_id,
                    offered,
                    blocks=blocks,
                    validators={key: value for key, value in known.items() if value},
                )
    return crawled


def pend(source_id: str, entry: Entry) -> PendingEntry:
    """Return `entry` as the storage would hand it out."""
    return PendingEntry(id=str(uuid.uuid4()), source_id=source_id, entry=entry)


def peak_memory(pid: int | None) -> int:
    """Return the most resident bytes that a process has had; 0 where the system does not say."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
