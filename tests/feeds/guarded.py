"""Reads bodies under limits, watched: a program of its own for `test_hostile_feeds`.

Standard input holds a line of JSON for each body: name, kind, file. Standard output gets one for
each: name, entries, what was opened, and what ended it (nothing, `time`, `memory`).
Each body has SECONDS of processor time and MEGABYTES more than the program had at its start.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

SECONDS = 2
MEGABYTES = 256
URL = "https://herald.example/feeds/all.xml"

opened: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what the parser opens; Python's own modules and data are not meant."""
    if event == "open":
        name = os.fsdecode(arguments[0]) if not isinstance(arguments[0], int) else ""
        if name and not name.startswith((sys.prefix, sys.base_prefix)):
            opened.append(name)
    elif event.startswith(("socket.", "urllib.", "subprocess.", "os.exec", "os.posix_spawn")):
        opened.append(event)


def stop(_number: int, _frame: Any) -> None:
    raise TimeoutError


def limit_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))


def limit_memory() -> None:
    size = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    limit = size + MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def judge(name: str, kind: Any, body: bytes) -> dict[str, Any]:
    from monitor.feeds.read import read_entries

    ended = None
    entries = -1
    opened.clear()
    limit_time()
    try:
        if name == "guard: time":
            while True:
                pass
        if name == "guard: memory":
            bytearray(10**9)
        if name == "guard: file":
            Path("/etc/hostname").read_bytes()
        entries = len(read_entries(body, kind=kind, url=URL).entries)
    except TimeoutError:
        ended = "time"
    except MemoryError:
        ended = "memory"
    return {"name": name, "entries": entries, "opened": list(opened), "ended": ended}


def main() -> None:
    import feedparser  # noqa: F401
    from babel import Locale

    from monitor.feeds.read import read_entries

    Locale.parse("hr")
    for kind in ("feed", "section"):
        read_entries(b"<html><a href=/x>caf\xe9</a>", kind=kind, url=URL)  # type: ignore[arg-type]
    signal.signal(signal.SIGXCPU, stop)
    sys.addaudithook(watch)
    limit_memory()
    for line in sys.stdin:
        name, kind, path = json.loads(line)
        verdict = judge(name, kind, Path(path).read_bytes())
        sys.stdout.write(json.dumps(verdict) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
