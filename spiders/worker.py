"""One worker: takes work, answers, and is killed by its limits rather than by its goodness."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.feeds.reading import FeedReading
from spiders.archive_reading import read_list
from spiders.work import (
    LARGEST_BLOB,
    Answer,
    Failed,
    ListWork,
    PageWork,
    Work,
    pack_answer,
    receive_parts,
    send_parts,
    unpack_work,
)

LARGEST_FILE = 64 * 1024 * 1024
"""A worker writes no file of its own; some libraries do, for a moment, while they load."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What workers do, with which rules."""

    preparer: Any
    read: Callable[..., FeedReading]
    rules_version: str

    def do(self, work: Work) -> Answer:
        """Do one piece of work."""
        if isinstance(work, PageWork):
            prepared: Answer = self.preparer.prepare(work.page, work.entry, work.blocks)
            return prepared
        if isinstance(work, ListWork):
            return read_list(
                work.body,
                form=work.form,
                url=work.url,
                now=work.now,
                headers=work.headers,
                links=work.links,
                language=work.language,
            )
        return self.read(
            work.body,
            kind=work.kind,
            url=work.url,
            headers=work.headers,
            links=work.links,
            language=work.language,
        )


def work_until_closed(sock: socket.socket, job: Job) -> None:
    """Do what comes over `sock` until it closes."""
    sys.addaudithook(forbid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    base = address_space()
    while parts := receive_parts(sock, timeout=None, largest=LARGEST_BLOB):
        text, blob = parts
        limits, _, rest = text.partition(b"\n")
        memory, seconds = limits.split()
        set_limits(base + int(memory), float(seconds))
        answer = do_safely(job, rest, blob)
        try:
            packed = pack_answer(answer)
        except (ValueError, MemoryError) as error:
            packed = pack_answer(Failed(error=f"the answer cannot be written: {error!r:.200}"))
        send_parts(sock, *packed, timeout=None)
        if isinstance(answer, Failed) and answer.fatal:
            return


FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
    "urllib.Request", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork",
    "os.forkpty", "os.remove", "os.rename", "os.mkdir", "os.kill", "ctypes.dlopen",
)  # fmt: skip


def forbid(event: str, _arguments: tuple[Any, ...]) -> None:
    """Refuse what no reading of a page needs: an audit hook (PEP 578).

    Keeps a library from following a link in a page by mistake; it does not hold machine code.
    """
    if event in FORBIDDEN:
        raise PermissionError(f"a worker may not do {event}")


def do_safely(job: Job, text: bytes, blob: bytes) -> Answer:
    """Return the answer, or a Failed that says what was raised."""
    try:
        return job.do(unpack_work(text, blob))
    except MemoryError:
        return Failed(error="out of memory", fatal=True)
    except RecursionError:
        return Failed(error="nested too deeply")
    except Exception as error:  # one page: the worker goes on with the next
        return Failed(error=f"{type(error).__name__}: {error!s:.300}")


def address_space() -> int:
    """Return how many bytes of address space the process has; 0 where the system does not say."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def set_limits(memory: int, seconds: float) -> None:
    """Cap the address space, and the processor time from now on.

    SIGXCPU kills without a word; the wall-clock deadline is the pool's, from outside.
    """
    if address_space():
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    budget = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (budget, hard))
