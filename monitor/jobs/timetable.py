"""APScheduler, for jobs that must go on when the clock goes back.

A job's next run is a moment of the clock.  When that is set back by an hour, APScheduler sleeps for
an hour; when it was ten years ahead for a moment, for ten years.  Here such a jump makes every job
due at once.
After a jump forward it lists every run that was missed, only to make one of them in the end: of a
job every two seconds and ten years that is all the memory there is.  So missed runs are one from
the beginning (FAULTS B1, B3).
"""

from __future__ import annotations

from datetime import timedelta

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import STATE_STOPPED
from apscheduler.schedulers.blocking import BlockingScheduler

from monitor.clock import Clock
from monitor.log import get_logger

log = get_logger("service")

LONGEST_SLEEP = 5.0
"""Seconds after which the clock is looked at again, whatever it said before."""

JUMP = timedelta(seconds=5)
"""More than any drift that is mended by and by between two looks at the clock."""


class Timetable(BlockingScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Runs jobs at their times in the thread that starts it, one after the other."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(
            executors={"default": DebugExecutor()},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone="UTC",
        )
        self._clock = clock
        self._seen = (clock.now(), clock.monotonic())

    def _main_loop(self) -> None:
        seconds: float | None = 0.0
        while self.state != STATE_STOPPED:
            self.pause(LONGEST_SLEEP if seconds is None else min(seconds, LONGEST_SLEEP))
            self._notice_jump()
            seconds = self._process_jobs()

    def pause(self, seconds: float) -> None:
        """Wait until a job is due or something has changed."""
        self._event.wait(seconds)
        self._event.clear()

    def _notice_jump(self) -> None:
        """Make every job due when the clock has gone back, and missed runs one run each."""
        now, count = self._clock.now(), self._clock.monotonic()
        before, counted = self._seen
        self._seen = (now, count)
        gone = before + timedelta(seconds=count - counted) - now
        if gone > JUMP:
            log.warning("the clock was set back", seconds=round(gone.total_seconds()))
        for job in self.get_jobs():
            if gone > JUMP or job.next_run_time < now - JUMP:
                job.modify(next_run_time=now)
