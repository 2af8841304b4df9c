"""A host is asked by one program at a time: leases between the service and what runs beside it.

    place of the host in one file ─ lock ─ pause since the last answer ─ request ─ note, unlock

The lock is the kernel's, on bytes of an open file (`F_OFD_SETLK`): a program that dies gives it
back.  Beside each lock stands when the last answer ended, how long the host is then left alone, and
who waits.  The file names no host: its place is a hash of the name.
The live watch goes first.  A backfill (`gives_way`) asks only when no live request waits, and ends
a request that keeps one waiting; one that has waited for long gets a turn.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import math
import os
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.log import get_logger
from spiders.errors import HostHeld

log = get_logger("spiders")

NAME = "hosts.lease"
PLACES = 1 << 16
"""Two hosts of one place wait for each other, which harms nobody: of 5,000, some 190 pairs."""

SIZE = 64
FLOCK = struct.Struct("hhqqi4x")
"""`struct flock` (fcntl(2)): type, from where, start, length, and a process, which must be 0."""

MOMENT = struct.Struct("d")
ANSWERED, PAUSE, HELD, LIVE_WAITS, STARVES = range(0, 5 * MOMENT.size, MOMENT.size)
"""In seconds by the monotonic clock, which all programs of a machine share."""

POLL = 0.1
FRESH = 0.5
"""Who waits says so again and again: what is older was said by one who has gone."""

COURTESY = 3.0
"""Seconds for which a backfill's request goes on while a live one waits."""

STARVED = 30.0
"""Seconds after which a backfill that waits gets a turn; a live request lets it by for `TURN`."""

TURN = 2.0
FROZEN = 90.0
"""Longer than any request: who holds a lease for so long was stopped, and is passed over."""

LONGEST_PAUSE = 120.0
TOO_MANY = 300
"""Seconds for a 429 that does not say how long."""

GAVE_WAY = "it gave way to the live watch"
ASKED_TO_WAIT = "the site asked to be left alone"


def lease_file(data: Path) -> str:
    """Return where the leases of a data folder are."""
    return str(data / NAME)


def asked_to_wait(status: int, retry_after: int | None) -> int | None:
    """Return for how many seconds an answer wants its host left alone, or None."""
    if status == 429:
        return retry_after or TOO_MANY
    return retry_after if status == 503 and retry_after else None


def place_of(host: str) -> int:
    """Return where in the file the lease of a host stands; the first place is the file's own."""
    digest = hashlib.sha256(host.lower().encode()).digest()
    return (int.from_bytes(digest[:4], "big") % PLACES + 1) * SIZE


@dataclass(kw_only=True)
class _Waiting:
    """One that waits: since when, since when another one holds the lease, whom it lets by."""

    begun: float
    blocked: float | None = None
    lets_by_until: float | None = None


class Leases:
    """The leases of one crawl, in one thread; without a file there are none, and nobody waits.

    Requests of one crawl to one place share its lease: their order is kept by the crawl's slots.
    """

    def __init__(
        self,
        file: str | None,
        *,
        gives_way: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gives_way = gives_way
        self._now = monotonic
        self._held: Counter[int] = Counter()
        self._own: dict[int, float] = {}
        self._fd = open_file(file)

    def close(self) -> None:
        """Give everything back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    @asynccontextmanager
    async def hold(self, host: str, pause: Callable[[], float]) -> AsyncIterator[None]:
        """Have a host to oneself; `pause` gives the seconds that it wants between two requests.

        Raises HostHeld where the host asked another program to wait, and where a request gives way.
        """
        if self._fd < 0:
            yield
            return
        place = place_of(host)
        await self._take(place, pause)
        try:
            if self._gives_way:
                async with self._giving_way(place):
                    yield
            else:
                yield
        finally:
            self._give_back(place, pause())

    def note(self, host: str, status: int, retry_after: int | None) -> None:
        """Have every program leave a host alone whose answer asked for it."""
        seconds = asked_to_wait(status, retry_after)
        if seconds is not None and self._fd >= 0:
            self._write(place_of(host), HELD, self._now() + seconds)

    async def _take(self, place: int, pause: Callable[[], float]) -> None:
        waiting = _Waiting(begun=self._now())
        while True:
            now = self._now()
            self._check_held(place, now)
            left = self._left(place, pause(), now)
            if left <= 0 and self._is_our_turn(place, now, waiting):
                if self._lock(place):
                    break
                waiting.blocked = waiting.blocked or now
                if now - waiting.blocked > FROZEN:
                    self._pass_over()
                    break
            self._say(place, now, waiting)
            await asyncio.sleep(min(left, POLL) if left > 0 else POLL)
        self._held[place] += 1
        self._note_asked(place, pause())  # now: a program that is killed has asked all the same
        self._write(place, STARVES if self._gives_way else LIVE_WAITS, 0.0)

    def _check_held(self, place: int, now: float) -> None:
        left = self._read(place, HELD) - now
        if left > 0:
            raise HostHeld(ASKED_TO_WAIT, retry_after=math.ceil(left))

    def _left(self, place: int, pause: float, now: float) -> float:
        """Return the seconds until the host may be asked again, after what another one asked."""
        answered = self._read(place, ANSWERED)
        if answered == self._own.get(place):
            return 0.0  # the crawl's own slot keeps the pause
        return answered + min(max(self._read(place, PAUSE), pause), LONGEST_PAUSE) - now

    def _is_our_turn(self, place: int, now: float, waiting: _Waiting) -> bool:
        if self._gives_way:
            return now - waiting.begun >= STARVED or not self._is_fresh(place, LIVE_WAITS, now)
        if not self._is_fresh(place, STARVES, now):
            return True
        waiting.lets_by_until = waiting.lets_by_until or now + TURN
        return now >= waiting.lets_by_until

    def _say(self, place: int, now: float, waiting: _Waiting) -> None:
        if not self._gives_way:
            self._write(place, LIVE_WAITS, now)
        elif now - waiting.begun >= STARVED:
            self._write(place, STARVES, now)

    def _pass_over(self) -> None:
        if self._gives_way:
            raise HostHeld(GAVE_WAY, retry_after=math.ceil(FROZEN))
        log.warning("a host's lease is held by a program that does not answer; passed over")

    @asynccontextmanager
    async def _giving_way(self, place: int) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        since: float | None = None
        later: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal since, later
            now = self._now()
            since = (since or now) if self._is_fresh(place, LIVE_WAITS, now) else None
            if since is not None and now - since >= COURTESY:
                limit.reschedule(loop.time())
            else:
                later = loop.call_later(FRESH, look)

        try:
            async with asyncio.timeout(None) as limit:
                later = loop.call_later(FRESH, look)
                try:
                    yield
                finally:
                    later.cancel()
        except TimeoutError:
            if not limit.expired():
                raise
            raise HostHeld(GAVE_WAY, retry_after=math.ceil(COURTESY)) from None

    def _give_back(self, place: int, pause: float) -> None:
        if self._fd < 0:
            return
        self._note_asked(place, pause)
        self._held[place] -= 1
        if not self._held[place]:
            del self._held[place]
            set_lock(self._fd, place, fcntl.F_UNLCK)

    def _note_asked(self, place: int, pause: float) -> None:
        self._own[place] = now = self._now()
        self._write(place, ANSWERED, now, pause)

    def _lock(self, place: int) -> bool:
        return bool(self._held[place]) or set_lock(self._fd, place, fcntl.F_WRLCK)

    def _is_fresh(self, place: int, field: int, now: float) -> bool:
        return 0.0 <= now - self._read(place, field) < FRESH

    def _read(self, place: int, field: int) -> float:
        data = os.pread(self._fd, MOMENT.size, place + field)
        found: float = MOMENT.unpack(data)[0] if len(data) == MOMENT.size else 0.0
        return found if math.isfinite(found) else 0.0

    def _write(self, place: int, field: int, *values: float) -> None:
        with suppress(OSError):  # a full disk: what is lost is a pause between two programs
            os.pwrite(self._fd, b"".join(map(MOMENT.pack, values)), place + field)


def open_file(file: str | None) -> int:
    """Return the open file of leases, or -1 where there can be none.

    What was written before the machine started, by a clock that began anew, is forgotten.
    """
    if file is None or not hasattr(fcntl, "F_OFD_SETLK"):
        return -1
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        boot = hashlib.sha256(Path("/proc/sys/kernel/random/boot_id").read_bytes()).digest()
        if os.pread(descriptor, len(boot), 0) != boot:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, boot, 0)
    except OSError as error:
        log.warning("hosts are asked without leases", problem=str(error))
        return -1
    return descriptor


def set_lock(descriptor: int, start: int, kind: int) -> bool:
    """Set a lock on one byte, or take it away; False where another program holds it."""
    order = FLOCK.pack(kind, os.SEEK_SET, start, 1, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, order)
    except (BlockingIOError, PermissionError):
        return False
    return True
