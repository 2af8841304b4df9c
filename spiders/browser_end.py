"""End what a browser leaves when the process that started it is killed.

A browser ends by itself when that process goes, but in its own time, which on a busy machine is
seconds; until then it writes into its folder, and still asks for what its page wants.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PATIENCE = 5.0
"""Seconds at most until every process has gone; the system needs a moment after SIGKILL."""
PAUSE = 0.02


def end_processes_of(folder: str, *, patience: float = PATIENCE) -> bool:
    """Kill each process that has `folder` as its home or names it, and wait until none is left.

    Returns whether that was so within `patience` seconds. Where the system shows no processes as
    files (proc(5)), nothing is done: they end by themselves.
    """
    ends = time.monotonic() + patience
    while left := list(find_processes_of(folder)):
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() >= ends:
            return False
        time.sleep(PAUSE)
    return True


def find_processes_of(folder: str) -> Iterator[int]:
    """Yield the processes, but this one, whose command or environment names `folder`."""
    name = os.fsencode(folder)
    for path in Path("/proc").glob("[0-9]*"):
        if int(path.name) != os.getpid() and any(name in words for words in read_words(path)):
            yield int(path.name)


def read_words(process: Path) -> Iterator[bytes]:
    """Yield a process's command and environment, as far as they may be read."""
    for file in ("cmdline", "environ"):
        with suppress(OSError):
            yield (process / file).read_bytes()
