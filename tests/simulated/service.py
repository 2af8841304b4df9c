"""The real service on simulated time, as a process that is told by JSON lines when to go on.

    python -m tests.simulated.service DATA CONFIG SECONDS_AHEAD

What is simulated: waiting. Where the timetable would sleep, the clock is moved on instead; while
anything is done (a crawl, a delivery) time passes as it does. The clock is the one that the program
takes everywhere (`monitor.clock`); APScheduler, which takes none, is given the same; what a crawl
child says of times is moved by as much. The short jobs take a tenth of their turns.
Database, children, SMTP and HTTP are real.

Says {"at": seconds ahead} when it has come to the end of what it was told to do. Is told:
    {"go": seconds} {"set": seconds} {"die": job} {"heal": job} {"fill": bool} {"stop": true}
    {"kill_after": [module, n]}: kill itself as soon as the nth commit that `module` is in returned
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base
import apscheduler.triggers.interval

import monitor.jobs.crawl
import monitor.jobs.service
import spiders.crawl
from monitor import wiring
from monitor.jobs import rolling
from monitor.jobs.service import Service
from monitor.jobs.timetable import Timetable
from monitor.log import get_logger, set_up_logging
from spiders.frames import FromChild, Looked, PagePrepared
from storage.connection import Connection
from tests.simulated.clock import MovedClock, datetime_of
from tests.simulated.world import descendants

log = get_logger("simulated")

SENDING = 40.0
"""Seconds that a delivery may take, by the machine's clock."""


class MovedTimetable(Timetable):
    """Moves the clock on instead of sleeping, as far as it was told."""

    def __init__(self, clock: MovedClock, service: Service) -> None:
        super().__init__(clock)
        self._moved, self._service = clock, service
        self._until = clock.monotonic()

    def pause(self, seconds: float) -> None:
        if running := self._service._deliverer._running:
            wait(running, timeout=SENDING)
        if self._event.is_set():
            self._event.clear()
            return
        before = self._moved.ahead
        while self._moved.monotonic() + seconds > self._until:
            if self._moved.monotonic() < self._until:
                self._moved.move_on(self._until - self._moved.monotonic())
            say({"at": self._moved.ahead})
            self._obey(json.loads(sys.stdin.readline() or '{"stop": true}'))
            if self._event.is_set() or self._moved.ahead != before:
                return
        self._moved.move_on(seconds)

    def _obey(self, told: dict[str, Any]) -> None:
        for what, value in told.items():
            getattr(self, f"_do_{what}")(value)

    def _do_go(self, seconds: float) -> None:
        self._until = self._moved.monotonic() + seconds

    def _do_set(self, seconds: float) -> None:
        self._moved.set(seconds)

    def _do_die(self, name: str) -> None:
        def die() -> None:
            raise RuntimeError(f"the simulation lets {name} die")

        self.get_job(name).modify(func=functools.partial(self._service._guarded, name, die))

    def _do_heal(self, name: str) -> None:
        jobs: dict[str, Callable[[], object]] = {
            "digests": self._service._make_digests,
            "look": self._service._look,
        }
        job = functools.partial(self._service._guarded, name, jobs[name])
        self.get_job(name).modify(func=job)

    def _do_fill(self, full: bool) -> None:
        ballast = self._service.watch.data / "ballast"
        if full:
            room = os.statvfs(ballast.parent)
            ballast.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - 8192))
        else:
            ballast.unlink(missing_ok=True)

    def _do_kill_after(self, where: list[Any]) -> None:
        kill_after_commit(str(where[0]), int(where[1]))

    def _do_stop(self, _value: bool) -> None:
        self._service._stopping = True
        self.shutdown(wait=False)


def kill_after_commit(part: str, number: int) -> None:
    """Kill this process and its children after a commit during which `part` is on the stack."""
    left, execute = number, Connection.execute
    ending = (f"/jobs/{part}.py", f"/monitor/{part}.py")

    def kill_in_time(self: Connection, sql: str, *rest: Any) -> Any:
        nonlocal left
        done = execute(self, sql, *rest)
        if sql == "COMMIT" and any(name.endswith(ending) for name in files_under_way()):
            left -= 1
            if left == 0:
                log.error("killed after a commit", part=part)
                for pid in [*descendants(os.getpid()), os.getpid()]:
                    os.kill(pid, signal.SIGKILL)
        return done

    Connection.execute = kill_in_time  # type: ignore[method-assign]


def files_under_way() -> Iterator[str]:
    """Yield the files of the functions that are running in this thread."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def move_message(message: FromChild, clock: MovedClock) -> FromChild:
    """Return what a child said with its times moved as the service's clock is."""
    ahead = timedelta(seconds=clock.ahead)
    if isinstance(message, Looked):
        look = replace(message.look, looked_at=message.look.looked_at + ahead)
        return message.model_copy(update={"look": look})
    if isinstance(message, PagePrepared):
        prepared = replace(message.prepared, fetched_at=message.prepared.fetched_at + ahead)
        return message.model_copy(update={"prepared": prepared})
    return message


def install(clock: MovedClock) -> None:
    """Give `clock` to everything that asks for the time."""
    wiring.SystemClock = lambda: clock  # type: ignore[assignment,misc]
    moved = datetime_of(clock)
    apscheduler.schedulers.base.datetime = moved
    apscheduler.executors.base.datetime = moved
    apscheduler.triggers.interval.datetime = moved
    read, settings = spiders.crawl.read_from_child, monitor.jobs.crawl.fetch_settings
    spiders.crawl.read_from_child = lambda payload: move_message(read(payload), clock)
    lookup = "tests.simulated.names:look_up"
    monitor.jobs.crawl.fetch_settings = lambda *args, **named: replace(
        settings(*args, **named), lookup=lookup
    )
    # a tenth of the turns, so that days pass in minutes
    monitor.jobs.service.SHORT_SECONDS, monitor.jobs.service.DIGEST_SECONDS = 20.0, 60.0
    monitor.jobs.service.LOOK_SECONDS = 60.0
    # by the machine's clock, on which nothing is to be waited for
    rolling.IDLE_SECONDS, rolling.DRAIN_SECONDS = 0.5, 5.0
    spiders.crawl.BETWEEN_SECONDS = 0.2


def main() -> None:
    data, config, ahead = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    set_up_logging(level="info")
    clock = MovedClock(ahead)
    install(clock)
    configuration = wiring.read_config(config, data)
    with wiring.open_live(data, config, configuration, create=True) as live:
        service = Service(live)
        service._scheduler = MovedTimetable(clock, service)
        service.run()
    say({"ended": clock.ahead})


if __name__ == "__main__":
    main()
