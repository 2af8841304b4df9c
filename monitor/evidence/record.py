"""The record of the chain: its hashes once more, in a file beside the database, only ever longer.

A chain shows by itself what was changed or taken out in its middle; only something apart from it
shows that its end was cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from monitor.model import EvidenceLink

TAIL = 4096  # bytes; a line has about 100


def append(path: Path, links: Iterable[EvidenceLink]) -> None:
    """Add the links that are not recorded yet, and wait until they are on the disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        _cut_unfinished(file.fileno())
        last = last_number(path)
        lines = [_write_line(link) for link in links if link.seq > last]
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())


def _write_line(link: EvidenceLink) -> bytes:
    return json.dumps({"seq": link.seq, "hash": link.hash}).encode() + b"\n"


def _cut_unfinished(descriptor: int) -> None:
    """Cut what a killed process, a full disk or a power cut left of the last lines.

    A last line without its end; and lines from the first NUL on, which is what a disk holds where
    a sector was promised and not written. What is cut is recorded again from the chain itself.
    """
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, TAIL, max(0, size - TAIL))
    whole = _whole_lines(tail)
    if whole < len(tail):
        os.ftruncate(descriptor, size - len(tail) + whole)


def _whole_lines(tail: bytes) -> int:
    """Return how many bytes of `tail` are whole lines, up to the first NUL."""
    torn = tail.find(b"\0")
    return tail.rfind(b"\n", 0, torn if torn >= 0 else len(tail)) + 1


def last_number(path: Path) -> int:
    """Return the number in the last whole line, 0 where there is none."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    lines = tail[: _whole_lines(tail)].split(b"\n")
    numbers = [line[0] for line in map(read_line, lines) if line is not None]
    return numbers[-1] if numbers else 0


def read_line(line: bytes) -> tuple[int, str] | None:
    """Return number and hash of a line, or None for one that is not ours."""
    try:
        values = json.loads(line)
        return int(values["seq"]), str(values["hash"])
    except (ValueError, KeyError, TypeError):
        return None


def read(path: Path) -> Iterator[tuple[int, str] | None]:
    """Yield number and hash of every whole line; None for each that cannot be read."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield read_line(line)
