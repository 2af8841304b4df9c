"""One writer: a lock file that says who holds the database."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from monitor.clock import Clock, format_time
from monitor.errors import StorageBusy

NAME = "writer.lock"

_held: set[int] = set()


def _leave_to_parent() -> None:
    """Close the lock in a forked child: a worker that outlives the service must not hold it."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds the database for writing, since when.

    `command` is the program and its first word only: later ones may hold addresses.
    `clean` says that it closed the database properly.
    """

    pid: int
    host: str
    command: str
    since: str
    clean: bool = False

    def __str__(self) -> str:
        since = f"{self.since[:16].replace('T', ' ')} UTC"
        return f"process {self.pid} on {self.host} ({self.command}, since {since})"


class WriterLock:
    """The right to write, held until `release` or the end of the process."""

    def __init__(self, descriptor: int, holder: Holder, *, clean_before: bool) -> None:
        self._descriptor = descriptor
        self._holder = holder
        self.clean_before = clean_before

    @classmethod
    def take(cls, folder: Path, clock: Clock) -> WriterLock:
        """Take the lock of `folder`, or raise StorageBusy with the holder's identity.

        The file is never removed, so that two processes never lock two files of one name.
        """
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _lock(descriptor):
            other = _read(descriptor)
            os.close(descriptor)
            raise StorageBusy(
                f"while opening {str(folder)!r} for writing: {other or 'another process'} holds "
                "it; stop that one, or wait until it ends"
            )
        before = _read(descriptor)
        holder = Holder(
            pid=os.getpid(),
            host=socket.gethostname(),
            command=_describe_command(),
            since=format_time(clock.now()),
        )
        lock = cls(descriptor, holder, clean_before=before is None or before.clean)
        _held.add(descriptor)
        lock._write(holder)
        return lock

    def release(self, *, clean: bool) -> None:
        """Give the lock back; `clean` tells the next holder that nothing needs looking after."""
        if self._descriptor not in _held:
            return
        if clean:
            self._write(Holder(**{**asdict(self._holder), "clean": True}))
        _held.discard(self._descriptor)
        os.close(self._descriptor)

    def _write(self, holder: Holder) -> None:
        # a full disk must not keep anybody from starting: the lock holds without its words
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(asdict(holder)).encode(), 0)
        except OSError:
            return


def find_holder(folder: Path) -> Holder | None:
    """Return who holds `folder` for writing now, or None when nobody does."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock for good, and say whether that worked; `find_holder` may be in the way for a moment."""
    for _ in range(10):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False


def _read(descriptor: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (OSError, ValueError, TypeError):
        return None


def _describe_command() -> str:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    name = Path(sys.argv[0]).name
    # `python -m monitor` names the file that it began with
    return " ".join(["stationwatch" if name == "__main__.py" else name, *words[:1]])[:80]
