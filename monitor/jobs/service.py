"""The service: everything at its time, in one thread that writes, until it is told to stop.

    every 10 s    look at the sources that are due, fetch, commit
    every 2 s     hand over what is owed, take what commands hand over
    every second  a slice of the long job that a command handed over (rematch)
    every second  half a second's worth of what a backfill found, where there is any
    every 15 s    make the digests whose moment has come, notice changed files, let the heart beat
    every 5 s     begin the backup when it is due, keep how it went
    every minute  room on the disk, the canary, jobs that fail
    every 5 min   hold every source against its own past, and notice looks that come too late

APScheduler runs each job in this thread, one after the other: jobs never overlap, and a run that
was missed (a laptop asleep, a long crawl) comes late and once.  While a crawl waits for the press,
the short jobs go on beside it (`Service.meanwhile`).
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Protocol

from apscheduler.jobstores.base import JobLookupError

from monitor.errors import StationwatchError
from monitor.jobs.backfill_parcels import ParcelTaker
from monitor.jobs.canary import check_canary
from monitor.jobs.deliver import Delivered, Deliverer
from monitor.jobs.digests import begin_due
from monitor.jobs.handed import HANDLERS
from monitor.jobs.heartbeat import Heartbeat
from monitor.jobs.keeping_up import PaceBook, check_pace
from monitor.jobs.metrics import Metrics
from monitor.jobs.notices import forget_subscribers, report
from monitor.jobs.poll import due_by_rhythm, poll_on
from monitor.jobs.recall import check_recall
from monitor.jobs.source_health import HealthBook, check_sources
from monitor.jobs.spool import Spool
from monitor.jobs.timetable import Timetable
from monitor.jobs.upkeep import Upkeep, check_storage
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import Trouble

log = get_logger("service")

SHORT_SECONDS = 2.0
PARCEL_SECONDS = 1.0
LONG_SECONDS = 1.0
DIGEST_SECONDS = 15.0
BACKUP_SECONDS = 5.0
LOOK_SECONDS = 10.0
MINUTE = 60.0
HEALTH_SECONDS = 300.0

BROKEN_AFTER = 60.0
"""Seconds for which a job must fail before it is told: a busy moment mends itself."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A job that fails, since when (monotonic) and why."""

    since: float
    why: str


class Live(Protocol):
    """The configured watch, which a changed file may replace."""

    @property
    def watch(self) -> Watch:
        """Return the watch in force."""
        ...

    def reload(self, *, asked: bool = False) -> tuple[str, ...] | None:
        """Take changed files; None when nothing changed, else the problems (none: taken)."""
        ...


class Service:
    """One running service.

    Further jobs are added with `add`; `spool` knows what commands may hand over.
    """

    def __init__(self, live: Live, spool: Spool | None = None) -> None:
        self._live = live
        self._spool = spool or Spool(HANDLERS)
        self._stopping = self._reload_asked = False
        self._stack = ExitStack()
        self._deliverer = self._stack.enter_context(Deliverer(live.watch))
        self._heartbeat, self._upkeep, self._book = Heartbeat(), Upkeep(), HealthBook()
        self._metrics, self._pace = Metrics(), PaceBook()
        self._parcels = ParcelTaker()
        self._short: dict[str, tuple[Callable[[], object], float]] = {}
        self._ran: dict[str, float] = {}
        self._well: dict[str, float] = {}
        self._scheduler = Timetable(live.watch.clock)
        self.failures: dict[str, Failure] = {}

    @property
    def watch(self) -> Watch:
        """Return the watch in force."""
        return self._live.watch

    def add(
        self, name: str, job: Callable[[], object], *, seconds: float, short: bool = False
    ) -> None:
        """Run `job` every `seconds`, first at once; a failure is told and the others go on.

        A `short` one also goes on while a crawl waits for the press.
        """
        if short:
            self._short[name] = (job, seconds)
        self._well[name] = self.watch.clock.monotonic()
        self._scheduler.add_job(
            partial(self._guarded, name, job),
            "interval",
            seconds=seconds,
            id=name,
            next_run_time=self.watch.clock.now(),
        )

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, then end what is under way and return within 30 s."""
        self._take_subscribers()
        self._spool.sweep(self.watch.data)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._ask_reload)
        self._add_jobs()
        log.warning("service started", sources=len(self.watch.sources))
        try:
            self._scheduler.start()
        except JobLookupError:
            # a signal in the middle of a turn takes the scheduler's jobs away under its hands
            if not self._stopping:
                raise
        finally:
            self._heartbeat.close()
            self._metrics.close()
            self._spool.close()
            self._deliverer.drain()
            self._stack.close()
            self._upkeep.close(self.watch)
            self._parcels.close()
            log.warning("service ended")

    def _add_jobs(self) -> None:
        self.add("deliver", self._deliverer_tick, seconds=SHORT_SECONDS, short=True)
        self.add("spool", self._work_spool, seconds=SHORT_SECONDS, short=True)
        self.add("long", self._go_on, seconds=LONG_SECONDS, short=True)
        self.add("backfill", self._take_parcels, seconds=PARCEL_SECONDS, short=True)
        self.add("digests", self._make_digests, seconds=DIGEST_SECONDS, short=True)
        self.add("reload", self._reload, seconds=DIGEST_SECONDS)
        self.add("look", self._look, seconds=LOOK_SECONDS)
        self.add("sources", self._check_sources, seconds=HEALTH_SECONDS, short=True)
        self.add("pace", self._check_pace, seconds=HEALTH_SECONDS, short=True)
        self.add("canary", lambda: check_canary(self.watch), seconds=MINUTE)
        self.add("storage", lambda: check_storage(self.watch), seconds=MINUTE, short=True)
        self.add("backup", self._back_up, seconds=BACKUP_SECONDS, short=True)
        self.add("recall", lambda: check_recall(self.watch), seconds=60 * MINUTE)
        self.add("prune", lambda: self._upkeep.prune(self.watch), seconds=10 * MINUTE)
        self.add("jobs", self._check_jobs, seconds=MINUTE, short=True)
        self.add("heartbeat", self._beat, seconds=DIGEST_SECONDS, short=True)
        self.add("metrics", self._show_figures, seconds=DIGEST_SECONDS, short=True)

    def meanwhile(self) -> None:
        """Go on with the short jobs while a crawl waits; called several times a second."""
        now = self.watch.clock.monotonic()
        for name in self._well.keys() - self._short.keys() - self.failures.keys():
            self._well[name] = now  # they wait for the press, and are not stuck
        for name, (job, seconds) in self._short.items():
            if now - self._ran.get(name, float("-inf")) >= seconds:
                self._guarded(name, job)

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
            polled = poll_on(
                self.watch,
                meanwhile=self.meanwhile,
                stop=lambda: self._stopping,
                over=lambda: self._reload_asked,
            )
            log.info("polled", run=polled.run.id, outcomes=dict(polled.run.outcomes))
            for problem in polled.problems:
                log.warning("poll has a problem", problem=problem)

    def _deliverer_tick(self) -> None:
        self._deliverer.tick()
        _log_problems(self._deliverer.take_counts())

    def _make_digests(self) -> None:
        for row in begin_due(self.watch):
            log.info("digest made", subscriber=row.subscriber, day=str(row.local_date))

    def _work_spool(self) -> None:
        """Take what commands hand over; they send and remove what may be on its way just now."""
        if self._spool.has_work(self.watch.data):
            _log_problems(self._deliverer.drain())
            self._spool.work(self.watch)

    def _take_parcels(self) -> None:
        self._parcels.take(self.watch)

    def _back_up(self) -> None:
        self._upkeep.back_up(self.watch)

    def _go_on(self) -> None:
        """Do a slice of a long job from the spool; others come and go between."""
        self._spool.go_on(self.watch)

    def _check_sources(self) -> None:
        check_sources(self.watch, self._book)

    def _check_pace(self) -> None:
        check_pace(self.watch, self._pace)

    def _beat(self) -> None:
        self._heartbeat.beat(self.watch, self._quiet_for())

    def _show_figures(self) -> None:
        self._metrics.update(self.watch, self._quiet_for())

    def _quiet_for(self) -> dict[str, float]:
        """Return the seconds since each job last ended well."""
        now = self.watch.clock.monotonic()
        return {name: now - at for name, at in self._well.items()}

    def _check_jobs(self) -> None:
        """Tell of jobs that fail for longer than a moment."""
        now = self.watch.clock.monotonic()
        failing = [
            Trouble(
                key=f"job:{name}",
                headline=f"the service's job {name!r} fails",
                why=failure.why,
                cure="The other jobs go on; the log tells more.",
            )
            for name, failure in self.failures.items()
            if now - failure.since >= BROKEN_AFTER
        ]
        report(self.watch, "jobs", failing)

    def _take_subscribers(self) -> None:
        names = [each.name for each in self.watch.subscribers]
        self.watch.storage.outbox.sync_subscribers(names)
        forget_subscribers(self.watch)

    def _reload(self) -> None:
        asked, self._reload_asked = self._reload_asked, False
        problems = self._live.reload(asked=asked)
        if problems is None:
            return
        for problem in problems:
            log.error("configuration is not in order; the last good one goes on", problem=problem)
        report(self.watch, "config", [_config_trouble(problems)] if problems else [])
        if problems:
            return
        log.warning("configuration reloaded", sources=len(self.watch.sources))
        self._deliverer.drain()
        self._stack.close()
        self._deliverer = self._stack.enter_context(Deliverer(self.watch))
        self._book = HealthBook()
        self._take_subscribers()

    def _guarded(self, name: str, job: Callable[[], object]) -> None:
        """Run one job; whatever it raises is logged and told, and the other jobs go on."""
        if self._stopping:
            return
        self._ran[name] = self.watch.clock.monotonic()
        try:
            job()
        except StationwatchError as error:
            self._note(name, str(error))
        except Exception as error:
            log.exception("job broke", job=name)
            self._note(name, f"broke inside Stationwatch: {error!r}")
        else:
            self._well[name] = self.watch.clock.monotonic()
            self.failures.pop(name, None)

    def _note(self, name: str, why: str) -> None:
        before = self.failures.get(name)
        if before is None or before.why != why:
            log.error("job failed", job=name, problem=why)
        since = before.since if before is not None else self.watch.clock.monotonic()
        self.failures[name] = Failure(since=since, why=why)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._scheduler.shutdown(wait=False)

    def _ask_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reload_asked = True
        self._scheduler.modify_job("reload", next_run_time=self.watch.clock.now())


def _log_problems(done: Delivered) -> None:
    for problem in done.problems:
        log.warning("delivery has a problem", problem=problem)


def _config_trouble(problems: Sequence[str]) -> Trouble:
    return Trouble(
        key="config",
        headline="the configuration is not in order",
        why="; ".join(problems[:5]),
        cure="The last good one goes on; 'stationwatch check' tells every mistake.",
    )
