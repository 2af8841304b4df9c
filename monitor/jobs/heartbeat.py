"""The dead man's switch: call an address outside for as long as everything works."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from monitor.egress.post import post
from monitor.errors import StationwatchError
from monitor.health.heartbeat import Vitals, find_broken
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from monitor.model import HeartbeatSettings

log = get_logger("heartbeat")

DEADLINE = 20.0
ASKED_WITHIN = timedelta(hours=24)


def read_vitals(watch: Watch, quiet_for: Mapping[str, float]) -> Vitals:
    """Return what there is to see of the watch; writes to the database to see whether it can."""
    storage, now = watch.storage, watch.clock.now()
    try:
        storage.proofs.keep("heartbeat", at=now)
        written = True
    except StationwatchError as error:
        log.error("the database cannot be written", problem=str(error))
        written = False
    states = storage.sources.read_states()
    asked = [
        states[source.id]
        for source in watch.sources
        if source.enabled and source.id in states and states[source.id].looked_at is not None
    ]
    delivering = storage.notices.read_delivering()
    return Vitals(
        now=now,
        quiet_for=quiet_for,
        written=written,
        free_bytes=shutil.disk_usage(watch.data).free,
        waits_since=delivering.waits_since,
        delivered_at=delivering.delivered_at,
        asked=len(asked),
        failing=sum(state.failures > 0 for state in asked),
    )


class Heartbeat:
    """Calls in a thread of its own, so that a slow receiver holds up nothing."""

    def __init__(self, call: Callable[[HeartbeatSettings], int] | None = None) -> None:
        self._call = call or send_beat
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heartbeat")
        self._under_way: Future[int] | None = None
        self._last = float("-inf")
        self.broken: tuple[str, ...] = ()

    def close(self) -> None:
        """End the thread, without waiting for a receiver."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def beat(self, watch: Watch, quiet_for: Mapping[str, float]) -> bool:
        """Call when it is time to and everything works; say whether a call was begun."""
        self._take_answer()
        settings = watch.settings.heartbeat
        now = watch.clock.monotonic()
        if settings is None or now - self._last < settings.every or self._under_way is not None:
            return False
        broken = find_broken(read_vitals(watch, quiet_for))
        if broken != self.broken:
            log.warning("heartbeat", broken=list(broken) or "nothing")
        self.broken = broken
        if broken:
            return False
        self._last = now
        self._under_way = self._pool.submit(self._call, settings)
        return True

    def _take_answer(self) -> None:
        if self._under_way is None or not self._under_way.done():
            return
        done, self._under_way = self._under_way, None
        error = done.exception()
        if error is not None or not 200 <= done.result() < 300:
            # no alarm: whoever waits for the call raises it
            log.warning(
                "the heartbeat was not taken",
                problem=type(error).__name__ if error else f"status {done.result()}",
            )


def send_beat(settings: HeartbeatSettings) -> int:
    """Call the address once and return the status; nothing is said but that it lives."""
    reply = post(
        settings.url,
        content=b"",
        headers={"Content-Length": "0"},
        timeout=DEADLINE,
        allow_private=settings.allow_private,
        ca_file=settings.ca_file,
    )
    return reply.status
