"""Processes and their children, as the system lists them; without domain knowledge."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path


def find_family(pid: int) -> list[int]:
    """Return a process and all its descendants, whichever session they moved to."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    family, todo = [], [pid]
    while todo:
        each = todo.pop()
        family.append(each)
        todo += children.get(each, [])
    return family


def kill_all(pids: Iterable[int]) -> None:
    """Send SIGKILL to each that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
