"""Archive workers side by side, supervised: one that dies costs the page that it was at.

units ─▶ thread ─▶ worker process ─ Flagged … UnitDone ─▶ bounded queue ─▶ who writes
"""

from __future__ import annotations

import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from pydantic_core import to_json

from monitor.log import get_logger
from spiders.unit_worker import HEAD
from spiders.units import Flagged, Reached, Told, Unit, UnitDone, UnitFailed, Wanted, unpack_told
from spiders.warc_records import Place
from spiders.workers import child_environment

log = get_logger("spiders")

MOST_DEATHS = 20
"""Pages of one unit that may cost a worker its life before the unit is given up."""

LARGEST_FRAME = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class PoolSetup:
    """What workers load and may use: seconds without a sign of life, and bytes of memory.

    The first start on another machine of a cluster compiles the first look: up to a minute.
    Results by other rules than `rules` are refused where they come from another machine.
    """

    keywords: str
    cache: str | None = None
    sieve: bool = True
    wanted: Wanted = field(default_factory=Wanted)
    silence: float = 60.0
    start: float = 600.0
    memory: int = 1024 * 1024 * 1024
    rules: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnitResult:
    """One unit worked through, or given up with the reason."""

    unit: Unit
    done: UnitDone | UnitFailed
    flagged: tuple[Flagged, ...] = ()


class _WorkerGone(Exception):
    """The worker died or was killed; `place` is where it was last heard of."""

    def __init__(self, reason: str, place: Place | None) -> None:
        super().__init__(reason)
        self.place = place


class UnitPool:
    """So many workers over a list of units; a context manager that is iterated over once.

    At most two results a worker wait to be taken, so that memory does not grow with the archive.
    """

    def __init__(self, units: Iterable[Unit], setup: PoolSetup, *, size: int) -> None:
        self._units = iter(units)
        self._setup = setup
        self._lock = threading.Lock()
        self._results: queue.Queue[UnitResult | BaseException | None] = queue.Queue(2 * size)
        self._closing = threading.Event()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._supervise, args=(number,), daemon=True)
            for number in range(size)
        ]
        self.pages = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for process in list(self._processes.values()):
            process.kill()
        while any(thread.is_alive() for thread in self._threads):
            try:
                self._results.get(timeout=0.05)
            except queue.Empty:
                continue

    @property
    def pids(self) -> tuple[int, ...]:
        """Return the process ids of the workers that run."""
        return tuple(process.pid for process in self._processes.values())

    def __iter__(self) -> Iterator[UnitResult]:
        """Yield results as they come; raises what went wrong beside any unit."""
        running = len(self._threads)
        while running:
            result = self._results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result

    def _next_unit(self) -> Unit | None:
        with self._lock:
            return None if self._closing.is_set() else next(self._units, None)

    def _supervise(self, number: int) -> None:
        try:
            while (unit := self._next_unit()) is not None:
                result = self.work(number, unit)
                if self._closing.is_set():
                    break
                self._results.put(result)
        except Exception as error:  # told to who iterates
            self._results.put(error)
        finally:
            self._end(number)
            self._results.put(None)

    def work(self, number: int, unit: Unit) -> UnitResult:
        """Return what a unit came to, worked through by the worker of this number; waits for it."""
        for _ in range(MOST_DEATHS):
            try:
                return self._work_once(number, unit)
            except _WorkerGone as gone:
                self._end(number)
                if self._closing.is_set():
                    break
                log.warning("archive worker lost", unit=unit.name, at=gone.place, reason=str(gone))
                if gone.place is None or gone.place in unit.skip:
                    return UnitResult(
                        unit=unit, done=UnitFailed(reason=f"{unit.name}: the worker ended: {gone}")
                    )
                unit = replace(unit, skip=(*unit.skip, gone.place))
        reason = f"{unit.name}: {MOST_DEATHS} of its pages cost a worker its life"
        return UnitResult(unit=unit, done=UnitFailed(reason=reason))

    def _work_once(self, number: int, unit: Unit) -> UnitResult:
        process = self._processes.get(number) or self._launch(number)
        place: Place | None = None
        flagged: list[Flagged] = []
        counted = 0
        try:
            assert process.stdin is not None
            process.stdin.write(to_json(asdict(unit)) + b"\n")
            process.stdin.flush()
            while True:
                told = self._receive(process, first=place is None)
                if isinstance(told, Reached):
                    place = told.place
                    self.pages += told.pages - counted
                    counted = told.pages
                elif isinstance(told, Flagged):
                    flagged.append(told)
                else:
                    return UnitResult(unit=unit, done=told, flagged=tuple(flagged))
        except (OSError, EOFError, ValueError) as error:
            raise _WorkerGone(str(error) or "it died", place) from error

    def _receive(self, process: subprocess.Popen[bytes], *, first: bool) -> Told:
        assert process.stdout is not None
        head = self._read(process, HEAD.size, self._setup.start if first else self._setup.silence)
        (length,) = HEAD.unpack(head)
        if length > LARGEST_FRAME:
            raise ValueError(f"it sent {length} bytes at once")
        return unpack_told(self._read(process, length, self._setup.silence))

    def _read(self, process: subprocess.Popen[bytes], count: int, seconds: float) -> bytes:
        """Return exactly so many bytes; raises EOFError and TimeoutError."""
        assert process.stdout is not None
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN)
        data = bytearray()
        while len(data) < count:
            if not poll.poll(seconds * 1000):
                raise TimeoutError(f"nothing was heard of it for {seconds:.0f} s")
            piece = os.read(process.stdout.fileno(), count - len(data))
            if not piece:
                raise EOFError(f"it ended with {process.wait()}")
            data += piece
        return bytes(data)

    def _launch(self, number: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "spiders.unit_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=child_environment(),
        )
        self._processes[number] = process
        setup = asdict(self._setup)
        assert process.stdin is not None
        process.stdin.write(to_json(setup) + b"\n")
        return process

    def _end(self, number: int) -> None:
        process = self._processes.pop(number, None)
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
