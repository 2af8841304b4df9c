"""The service: everything at its time, in one thread that writes, until it is told to stop.

    every 10 s    look at the sources that are due, fetch, commit
    every 2 s     hand over what is owed
    every 15 s    make the digests whose moment has come, notice changed configuration files

APScheduler runs each job in this thread, one after the other: jobs never overlap, and a run that
was missed (a laptop asleep, a long crawl) comes late and once.  While a crawl waits for the press,
the short jobs go on beside it (`Service.meanwhile`).
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Protocol

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from monitor.errors import StationwatchError
from monitor.jobs.deliver import Deliverer
from monitor.jobs.digests import begin_due
from monitor.jobs.poll import due_by_rhythm, poll
from monitor.jobs.watch import Watch
from monitor.log import get_logger

log = get_logger("service")

SHORT_SECONDS = 2.0
DIGEST_SECONDS = 15.0
LOOK_SECONDS = 10.0


class Live(Protocol):
    """The configured watch, which a changed file may replace."""

    @property
    def watch(self) -> Watch:
        """Return the watch in force."""
        ...

    def reload(self) -> tuple[str, ...] | None:
        """Take changed files; None when nothing changed, else the problems (none: taken)."""
        ...


class Service:
    """One running service.

    `heartbeat` is called now and then; the jobs of other files are added with `add`.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._stopping = False
        self._last_short = 0.0
        self._stack = ExitStack()
        self._deliverer = self._stack.enter_context(Deliverer(live.watch))
        self._scheduler = BlockingScheduler(
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone="UTC",
        )
        self.failures: dict[str, str] = {}

    @property
    def watch(self) -> Watch:
        """Return the watch in force."""
        return self._live.watch

    def add(self, name: str, job: Callable[[], object], *, seconds: float) -> None:
        """Run `job` every `seconds`, first at once; a failure is logged and the others go on."""
        self._scheduler.add_job(
            partial(self._guarded, name, job),
            "interval",
            seconds=seconds,
            id=name,
            next_run_time=self.watch.clock.now(),
        )

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, then end what is under way and return within 30 s."""
        self.watch.storage.outbox.sync_subscribers([each.name for each in self.watch.subscribers])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._ask_reload)
        self.add("deliver", self._deliverer_tick, seconds=SHORT_SECONDS)
        self.add("digests", self._make_digests, seconds=DIGEST_SECONDS)
        self.add("reload", self._reload, seconds=DIGEST_SECONDS)
        self.add("look", self._look, seconds=LOOK_SECONDS)
        log.warning("service started", sources=len(self.watch.sources))
        try:
            self._scheduler.start()
        finally:
            self._deliverer.drain()
            self._stack.close()
            log.warning("service ended")

    def meanwhile(self) -> None:
        """Go on with the short jobs while a crawl waits; called several times a second."""
        now = time.monotonic()
        if now - self._last_short >= SHORT_SECONDS:
            self._last_short = now
            self._guarded("deliver", self._deliverer_tick)
            self._guarded("digests", self._make_digests)

    @property
    def stopping(self) -> bool:
        """Say whether the service was told to stop; a crawl then ends early."""
        return self._stopping

    def _look(self) -> None:
        states = self.watch.storage.sources.read_states()
        due = any(
            due_by_rhythm(source, states.get(source.id), self.watch)
            for source in self.watch.sources
        )
        if due or self.watch.storage.entries.count_pending(self.watch.clock.now()):
            polled = poll(self.watch, meanwhile=self.meanwhile, stop=lambda: self._stopping)
            log.info("polled", run=polled.run.id, outcomes=dict(polled.run.outcomes))
            for problem in polled.problems:
                log.warning("poll has a problem", problem=problem)

    def _deliverer_tick(self) -> None:
        self._deliverer.tick()
        done = self._deliverer.take_counts()
        for problem in done.problems:
            log.warning("delivery has a problem", problem=problem)

    def _make_digests(self) -> None:
        for row in begin_due(self.watch):
            log.info("digest made", subscriber=row.subscriber, day=str(row.local_date))

    def _reload(self) -> None:
        problems = self._live.reload()
        if problems is None:
            return
        if problems:
            for problem in problems:
                log.error(
                    "configuration is not in order; the last good one goes on", problem=problem
                )
            return
        log.warning("configuration reloaded", sources=len(self.watch.sources))
        self._deliverer.drain()
        self._stack.close()
        self._deliverer = self._stack.enter_context(Deliverer(self.watch))
        self.watch.storage.outbox.sync_subscribers([each.name for each in self.watch.subscribers])

    def _guarded(self, name: str, job: Callable[[], object]) -> None:
        """Run one job; whatever it raises is logged and told, and the other jobs go on."""
        if self._stopping:
            return
        try:
            job()
        except StationwatchError as error:
            self._note(name, str(error))
        except Exception as error:
            log.exception("job broke", job=name)
            self._note(name, f"broke inside Stationwatch: {error!r}")
        else:
            self.failures.pop(name, None)

    def _note(self, name: str, why: str) -> None:
        if self.failures.get(name) != why:
            log.error("job failed", job=name, problem=why)
        self.failures[name] = why

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._scheduler.shutdown(wait=False)

    def _ask_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._scheduler.modify_job("reload", next_run_time=self.watch.clock.now())
