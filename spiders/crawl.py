"""The service's side of a crawl: one child process for a batch of sources, and its messages.

    tasks ──Start──▶ child ──Looked──▶ who offers and stores ──Fetch──▶ child
                           ──PagePrepared | PageFailed──▶ who commits
                           ──SourceDone … Done──▶ end

The child holds no database and decides nothing about what is fetched: a child that is killed has
changed nothing, and what it left unfinished is still pending.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from monitor.egress import parse_allowance
from monitor.errors import FrameError
from monitor.log import get_logger
from monitor.model import PendingEntry, SiteBlocks, Validators
from spiders.browser_end import end_processes_of
from spiders.frames import (
    Done,
    Fetch,
    FrameSplitter,
    FromChild,
    Listed,
    Looked,
    Message,
    More,
    PageFailed,
    PagePrepared,
    ReadOn,
    RobotsRead,
    RobotsRecord,
    SourceDone,
    SourceTask,
    Start,
    read_from_child,
    write_frame,
)
from spiders.proxying import parse_proxy
from spiders.robots_memory import RobotsMemory
from spiders.settings import FetchSettings
from spiders.workers import WorkerHost, child_environment

log = get_logger("spiders")

GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL; a child that listens ends in half a second."""
BETWEEN_SECONDS = 1.0
ENTRIES_A_FRAME = 500
READ_BYTES = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The child is gone without having said Done; what it had not answered for is listed.

    Nothing else is needed: what was pending still is.
    """

    reason: str
    sources: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


Said = Looked | Listed | PagePrepared | PageFailed | SourceDone | RobotsRead | Done | Lost


class CrawlChild:
    """One crawl of a batch of sources in a process of its own; a context manager.

    Iterating blocks and yields every message; the last one is Done or Lost. Each Looked (and each
    task with `look` off) wants one `fetch` call, which may be empty. All of this in one thread;
    `stop` may be called from any.

    `deadline` is in seconds for the whole crawl: then SIGTERM, then SIGKILL.
    `meanwhile` is called several times a second while the child is waited for.
    With `between`, the crawl goes on until `finish` is called: `between` is called every second
    when no frame is half sent, and may call `add`, `fetch` and `finish`.
    Raises ValueError for settings that cannot be read, before anything is started.
    Raises FrameError, after killing the child, when it says what is not in the protocol.
    """

    def __init__(
        self,
        tasks: Iterable[SourceTask],
        *,
        workers: WorkerHost,
        settings: FetchSettings | None = None,
        rules_version: str = "",
        deadline: float = 900.0,
        robots: RobotsMemory | None = None,
        meanwhile: Callable[[], None] | None = None,
        between: Callable[[], None] | None = None,
    ) -> None:
        self._tasks = tuple(tasks)
        self._settings = settings or FetchSettings()
        check_settings(self._settings)
        self._rules_version = rules_version
        self._meanwhile = meanwhile
        self._between = between
        self._between_at = 0.0
        self._robots = robots or RobotsMemory()
        self._workers = workers
        self._ends = time.monotonic() + deadline
        self._deadline = deadline
        self._sources = dict.fromkeys(task.source.id for task in self._tasks)
        self._looking = {task.source.id for task in self._tasks if task.look}
        self._entries: dict[str, None] = {}
        self._told: set[str] = set()
        self._splitter = FrameSplitter()
        self._arrived: list[FromChild] = []
        self._stopping = threading.Event()
        self._reason = ""
        self._kill_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._read = self._write = -1
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def unfinished(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the ids of the sources and of the entries that the child has not answered for."""
        return tuple(self._sources), tuple(self._entries)

    @property
    def pid(self) -> int | None:
        """Return the child's process id while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self._launch()
        self._send(
            Start(
                tasks=self._tasks,
                more=self._between is not None,
                settings=self._settings,
                rules_version=self._rules_version,
                robots=self._news_of_robots(task.source.url for task in self._tasks),
            )
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill()

    def __iter__(self) -> Iterator[Said]:
        return self._messages()

    @property
    def under_way(self) -> Collection[str]:
        """Return the ids of the sources that are in the crawl now."""
        return self._sources.keys()

    @property
    def looking(self) -> Collection[str]:
        """Return the ids of those that have not said yet what they offer."""
        return self._looking

    def add(self, tasks: Iterable[SourceTask]) -> None:
        """Give the crawl further sources, none of which is under way; only from `between`."""
        further = tuple(tasks)
        if further:
            self._sources |= dict.fromkeys(task.source.id for task in further)
            self._looking.update(task.source.id for task in further if task.look)
            robots = self._news_of_robots(task.source.url for task in further)
            self._send(More(tasks=further, robots=robots))

    def finish(self) -> None:
        """Let the crawl end when it has done what it has; only from `between`, which then ends."""
        self._between = None
        self._send(More(last=True))

    def fetch(
        self,
        source_id: str,
        entries: Iterable[PendingEntry] = (),
        *,
        blocks: Iterable[SiteBlocks] = (),
        validators: Mapping[str, Validators] | None = None,
    ) -> None:
        """Say which entries of a source are to be fetched; the answer to its Looked.

        `blocks` are the snapshots of the sites they are on, `validators` are by entry id.
        """
        waiting = list(entries)
        known = dict(validators or {})
        self._entries |= dict.fromkeys(entry.id for entry in waiting)
        snapshots = tuple(blocks)
        for start in range(0, max(1, len(waiting)), ENTRIES_A_FRAME):
            part = tuple(waiting[start : start + ENTRIES_A_FRAME])
            self._send(
                Fetch(
                    source_id=source_id,
                    entries=part,
                    blocks=snapshots if start == 0 else (),
                    validators={each.id: known[each.id] for each in part if each.id in known},
                    robots=self._news_of_robots(each.entry.url for each in part),
                    last=start + ENTRIES_A_FRAME >= len(waiting),
                )
            )

    def read_on(self, source_id: str, url: str) -> None:
        """Have a page of older entries read in place of a `fetch`; a further Looked follows."""
        self._send(ReadOn(source_id=source_id, url=url))

    def stop(self, reason: str = "stopped") -> None:
        """Have the child end; what it has not answered for stays pending. Safe from any thread."""
        self._reason = self._reason or reason
        self._stopping.set()

    def run(self, handle: Callable[[Self, Said], None]) -> None:
        """Call `handle` with every message: for `asyncio.to_thread(child.run, handle)`."""
        with self:
            for message in self:
                handle(self, message)

    def _news_of_robots(self, urls: Iterable[str]) -> tuple[RobotsRecord, ...]:
        """Return what is remembered of these sites and has not been told to this child."""
        news = [each for each in self._robots.records_for(urls) if each.origin not in self._told]
        self._told.update(each.origin for each in news)
        return tuple(news)

    def _launch(self) -> None:
        to_child, self._write = os.pipe()
        self._read, from_child = os.pipe()
        client = self._workers.new_client()
        fds = [to_child, from_child, client.fileno()]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "spiders.child", *map(str, fds)],
                pass_fds=fds,
                # Names that hang are given up by the system's resolver, too (resolv.conf(5)).
                env=child_environment({"RES_OPTIONS": "timeout:3 attempts:2", **self._home()}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(to_child)
            os.close(from_child)
            client.close()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def _home(self) -> dict[str, str]:
        """Return where a browser may write: a folder that goes with the child."""
        if not self._settings.render:
            return {}
        self._scratch = tempfile.TemporaryDirectory(
            prefix="stationwatch-browser-", ignore_cleanup_errors=True
        )
        names = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
        return dict.fromkeys(names, self._scratch.name)

    def _messages(self) -> Iterator[Said]:
        while True:
            while self._arrived:
                message = self._arrived.pop(0)
                self._note(message)
                yield message
                if isinstance(message, Done):
                    self._kill()
                    return
            self._call_between()
            if not self._pump(write=False):
                break
        yield self._lost()

    def _note(self, message: FromChild) -> None:
        if isinstance(message, PagePrepared | PageFailed):
            self._entries.pop(message.entry_id, None)
        elif isinstance(message, Looked):
            self._looking.discard(message.look.source_id)
        elif isinstance(message, SourceDone):
            self._sources.pop(message.source_id, None)
            self._looking.discard(message.source_id)
        elif isinstance(message, RobotsRead):
            self._robots.remember(message.record)

    def _lost(self) -> Lost:
        assert self._process is not None
        self._kill()
        sources, entries = self.unfinished
        reason = self._reason or f"the crawl child ended with {self._process.returncode}"
        say = log.info if self._stopping.is_set() else log.warning
        say("crawl child lost", reason=reason, sources=len(sources), entries=len(entries))
        return Lost(reason=reason, sources=sources, entries=entries)

    def _send(self, message: Message) -> None:
        """Write a frame, reading meanwhile, so that neither end can wait for the other for ever."""
        data = memoryview(write_frame(message))
        while data:
            if not self._pump(write=True):
                return  # the child is gone: the next message says so
            try:
                data = data[os.write(self._write, data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                return

    def _pump(self, *, write: bool) -> bool:
        """Wait until something has come or can be written; False when nothing will come again."""
        while True:
            self._watch_time()
            if self._meanwhile is not None:
                self._meanwhile()
            ready = self._wait(write=write)
            if self._read in ready:
                return self._receive()
            if self._write in ready or (not write and self._is_between_due()):
                return True

    def _is_between_due(self) -> bool:
        return self._between is not None and time.monotonic() >= self._between_at

    def _call_between(self) -> None:
        if self._between is not None and self._is_between_due():
            self._between_at = time.monotonic() + BETWEEN_SECONDS
            self._between()

    def _wait(self, *, write: bool) -> set[int]:
        """Return which ends of the pipes are ready, after a moment at most."""
        poll = select.poll()  # select() fails from the descriptor 1024 on
        poll.register(self._read, select.POLLIN)
        if write:
            poll.register(self._write, select.POLLOUT)
        return {fd for fd, _ in poll.poll(200 if self._kill_at is None else 50)}

    def _receive(self) -> bool:
        try:
            data = os.read(self._read, READ_BYTES)
        except BlockingIOError:
            return True
        if not data:
            return False
        try:
            self._arrived.extend(read_from_child(each) for each in self._splitter.feed(data))
        except FrameError:
            self._kill()
            raise
        return True

    def _watch_time(self) -> None:
        """Ask the child to end when its time is over or somebody wishes it; then make it."""
        assert self._process is not None
        now = time.monotonic()
        if self._kill_at is not None:
            if now >= self._kill_at:
                self._process.kill()
            return
        if now >= self._ends:
            self._reason = self._reason or f"the crawl took longer than {self._deadline:.0f} s"
        elif not self._stopping.is_set():
            return
        self._process.terminate()
        self._kill_at = now + GRACE_SECONDS

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5 if not self._sources else 0)
            process.kill()
            process.wait()
        for fd in (self._read, self._write):
            if fd >= 0:
                os.close(fd)
        self._read = self._write = -1
        if self._scratch is not None:
            if not end_processes_of(self._scratch.name):
                log.warning("a browser could not be ended", folder=self._scratch.name)
            self._scratch.cleanup()


def check_settings(settings: FetchSettings) -> None:
    """Raise ValueError, with the cure, for an address or a proxy that cannot be read."""
    parse_allowance(settings.allow_private)
    if settings.proxy is not None:
        parse_proxy(settings.proxy)
