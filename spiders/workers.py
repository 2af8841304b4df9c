"""Supervised workers for hostile bytes: a worker that is killed costs one page (FAULTS A12, C14).

    WorkerHost   starts the zygote that workers are forked from; one for the whole service
    WorkerPool   so many workers, work in, futures out; in a crawl child or in a plain command

A worker has a limit on time (from outside), on memory and on processor time.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast, overload

import spiders
from monitor.errors import (
    ExtractionError,
    FeedError,
    FrameError,
    StationwatchError,
    WorkerLost,
)
from monitor.feeds.reading import FeedReading
from monitor.log import get_logger
from monitor.model import Prepared
from spiders.archive import ListReading
from spiders.work import (
    Answer,
    Failed,
    FeedWork,
    ListWork,
    PageWork,
    Work,
    WorkerSetup,
    pack_work,
    receive_parts,
    send_parts,
    unpack_answer,
)
from spiders.work_queue import WorkQueue

log = get_logger("spiders")

ROOT = Path(spiders.__file__).resolve().parents[1]
START_SECONDS = 120.0
"""Loading takes 3 to 6 s on an idle machine; more means that something is wrong."""

SEND_SECONDS = 10.0
MOST_WORKS = 2_000
"""After so many a worker makes room for a fresh one, so that what leaks in C is given back."""

ENDS = {
    None: "nobody knows how",
    -signal.SIGKILL: "killed, as the system does when memory runs out",
    -signal.SIGXCPU: "it used up its processor time",
    -signal.SIGSEGV: "it crashed",
    -signal.SIGABRT: "it crashed",
}

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What a child process inherits of the environment: it may hold secrets, which it needs none of."""


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a child process: no secrets, and this copy of the program."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    # One thread for each library of numbers: whatever forks must have no other.
    kept |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    # Bodies of some hundred kilobytes come and go: give each back to the system, and let the
    # threads share their heaps (mallopt(3)); memory stays at 2/3 of what it is without.
    kept |= {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"} | dict(extra or {})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a piece of work may use: seconds by the wall clock and as many of processor time.

    `memory` and `feed_memory` are bytes of address space on top of what a fresh worker has: some
    440 MB with everything loaded, so that a fixed limit of 1 GB would leave little.
    """

    feed_seconds: float = 30.0
    page_seconds: float = 60.0
    memory: int = 768 * 1024 * 1024
    feed_memory: int = 512 * 1024 * 1024

    def seconds(self, work: Work) -> float:
        """Return how long `work` may take."""
        return self.feed_seconds if isinstance(work, FeedWork) else self.page_seconds


class WorkerHost:
    """The zygote's owner; a context manager.

    Starting returns at once; the first pool waits until everything is loaded.
    """

    def __init__(self, setup: WorkerSetup) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "spiders.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._socket = ours
        self._lock = threading.Lock()
        self._version: str | None = None
        self._socket.settimeout(START_SECONDS)
        self._socket.sendall(json.dumps({"setup": asdict(setup)}).encode() + b"\n")

    @property
    def pid(self) -> int:
        """Return the process id of the zygote, whose children the workers are."""
        return self._process.pid

    @property
    def rules_version(self) -> str:
        """Return the version of the rules that the workers hold; waits until they are loaded.

        Raises StationwatchError when they could not be loaded.
        """
        with self._lock:
            if self._version is None:
                self._version = self._read_version()
            return self._version

    def _read_version(self) -> str:
        line = read_line(self._socket)
        answer = json.loads(line) if line else {"failed": "the process ended"}
        if "failed" in answer:
            raise StationwatchError(f"while starting workers: {answer['failed']}")
        return str(answer["ready"])

    @property
    def alive(self) -> bool:
        """Say whether the zygote runs; when it does not, a new host has to be made."""
        return self._process.poll() is None

    def new_client(self) -> socket.socket:
        """Return a socket over which workers can be asked for; it may be given to a child.

        Raises StationwatchError when the zygote has ended, or could not load what workers need.
        """
        _ = self.rules_version
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._socket, [b'{"client": 1}\n'], [theirs.fileno()])
                answered = read_line(self._socket)
        except OSError:
            answered = b""
        if not answered:
            ours.close()
            raise StationwatchError("while starting workers: the process they come from has ended")
        return ours

    def close(self) -> None:
        """End the zygote and every worker."""
        self._socket.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_line(sock: socket.socket) -> bytes:
    """Return one line, without reading past it; empty when the other end has closed."""
    line = bytearray()
    while not line.endswith(b"\n"):
        try:
            piece = sock.recv(1)
        except ConnectionError:
            return b""
        if not piece:
            return b""
        line += piece
    return bytes(line)


class WorkerPool:
    """So many workers; `run` never blocks, and its future fails with WorkerLost.

    Feeds and lists go before pages, so that looks go on while pages wait for the processor.
    Takes a host, or a socket that a host made (`new_client`). Safe to use from several threads and
    beside a reactor: nothing forks here.
    """

    def __init__(
        self,
        host: WorkerHost | socket.socket,
        *,
        size: int = 2,
        limits: Limits | None = None,
    ) -> None:
        self._client = host.new_client() if isinstance(host, WorkerHost) else host
        self._client.settimeout(START_SECONDS)
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._queue = WorkQueue()
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._supervise, args=(number,), daemon=True)
            for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def rules_version(self) -> str:
        """Return the version of the rules that the workers hold."""
        return str(self._ask({"version": 1}).get("version"))

    @overload
    def run(self, work: PageWork) -> Future[Prepared]: ...

    @overload
    def run(self, work: FeedWork) -> Future[FeedReading]: ...

    @overload
    def run(self, work: ListWork) -> Future[ListReading]: ...

    def run(self, work: Work) -> Future[Any]:
        """Have `work` done; the future fails with WorkerLost when it cost its worker."""
        future: Future[Any] = Future()
        if self._closing.is_set():
            future.set_exception(WorkerLost("while handing out work: the pool is closed"))
        else:
            self._queue.put(work, future)
        return future

    def close(self) -> None:
        """Kill the workers; what is waiting fails with WorkerLost."""
        self._closing.set()
        for _ in self._threads:
            self._queue.end()
        self._client.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _supervise(self, number: int) -> None:
        worker: _Worker | None = None
        while (item := self._queue.get()) is not None:
            work, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                worker = self._fresh(number, worker)
                answer = worker.do(work, self._limits)
            except (ExtractionError, FeedError) as error:
                future.set_exception(error)
            except (WorkerLost, FrameError, OSError) as error:
                reason = self._bury(number, worker, error)
                worker = None
                log.warning("worker lost", reason=reason, work=type(work).__name__)
                future.set_exception(WorkerLost(f"while working on a page or feed: {reason}"))
            else:
                future.set_result(answer)
        if worker is not None:
            worker.close()

    def _fresh(self, number: int, worker: _Worker | None) -> _Worker:
        """Return a worker that can take work: the one there is, or a new one in its place."""
        if worker is not None:
            if worker.done < MOST_WORKS and not worker.gone:
                return worker
            worker.close()
            self._ask({"kill": number})
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._ask({"fork": number}, theirs)
            except WorkerLost:
                ours.close()
                raise
        return _Worker(ours)

    def _bury(self, number: int, worker: _Worker | None, error: Exception) -> str:
        """Kill what is left of a worker and return in words what became of it."""
        if worker is None:
            return str(error)
        try:
            status = self._ask({"kill": number}).get("status")
        except WorkerLost:
            status = None
        worker.close()
        if isinstance(error, TimeoutError):
            return "it used up its time"
        return f"{error}, {ENDS.get(status, f'it ended with {status}')}"

    def _ask(self, request: dict[str, int], give: socket.socket | None = None) -> dict[str, Any]:
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            if self._closing.is_set():
                raise WorkerLost("the pool is closed")
            try:
                socket.send_fds(self._client, [line], [give.fileno()] if give else [])
                answer = read_line(self._client)
            except OSError:
                answer = b""
        if not answer:
            raise WorkerLost("the process that workers come from has ended")
        return cast("dict[str, Any]", json.loads(answer))


class _Worker:
    """One worker as its supervising thread sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.done = 0

    def do(self, work: Work, limits: Limits) -> Answer:
        """Have `work` done.

        Raises ExtractionError or FeedError when the work raised, and WorkerLost, FrameError or
        OSError (TimeoutError among them) when the worker must go.
        """
        seconds = limits.seconds(work)
        text, blob = pack_work(work)
        memory = limits.feed_memory if isinstance(work, FeedWork) else limits.memory
        limited = f"{memory} {seconds}\n".encode() + text
        send_parts(self._sock, limited, blob, timeout=SEND_SECONDS)
        parts = receive_parts(self._sock, timeout=seconds)
        self.done += 1
        if parts is None:
            raise WorkerLost("it died")
        answer = unpack_answer(*parts)
        if isinstance(answer, Failed):
            if answer.fatal:
                raise WorkerLost(answer.error)
            raise (ExtractionError if isinstance(work, PageWork) else FeedError)(answer.error)
        return answer

    @property
    def gone(self) -> bool:
        """Say whether it has closed its end while idle."""
        poll = select.poll()  # select() fails from the descriptor 1024 on
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close our end, upon which the worker ends."""
        self._sock.close()
