"""Parcels: what a backfill gathered, left for the one process that writes the main database.

    backfill/work ─ closed, renamed ─▶ backfill/parcels/ID ─▶ who writes: rows ─ stories ─ removed

A parcel is the backfill's own database, whole.  Who writes takes it over bit by bit: the service
between its other jobs, or the backfill itself where no service runs.  Killed anywhere, it goes on.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

from monitor.clock import SystemClock
from monitor.errors import StorageBusy, StorageCorrupt, StorageError
from monitor.jobs.backfill_forming import ARCHIVE, form
from monitor.jobs.backfill_side import find_parcels
from monitor.jobs.watch import Watch
from monitor.log import get_logger
from storage.database import Storage
from storage.lock import find_holder

log = get_logger("backfill")

BIT_SECONDS = 0.5
"""So long the service takes over at a time, once a second: alerts and looks wait no longer."""

WAIT = 0.5
ABSENT = 15.0
"""Seconds for which a service may be away, restarted perhaps, before the backfill writes itself."""


def take_parcel(watch: Watch, folder: Path) -> Iterator[None]:
    """Take over one parcel, a bit for each turn; nothing is open between two turns but itself."""
    known = watch.storage.parcels.find(folder.name)
    if known is None or not known.done:
        with closing(open_parcel(watch, folder)) as other:
            parcel = watch.storage.parcels.begin(folder.name, other.parcels)
            for _ in watch.storage.parcels.take(parcel, other.parcels):
                yield
        watch.storage.sources.sync((*watch.sources, ARCHIVE))
        for _ in form(watch, parcel.run_id):
            yield
        watch.storage.parcels.end(parcel.id)
        log.info("backfill taken over", parcel=parcel.id, run=parcel.run_id, found=parcel.found)
    shutil.rmtree(folder)


def open_parcel(watch: Watch, folder: Path) -> Storage:
    """Open a parcel, which an older version of this program may have left; raises StorageError."""
    try:
        return Storage.open_writer(folder, watch.clock)
    except StorageCorrupt as error:
        raise StorageError(
            f"while taking over what a backfill found: {error.args[0].partition(';')[0]}; remove"
            f" the folder {str(folder)!r} and run that backfill again"
        ) from error


class ParcelTaker:
    """Takes over what backfills left, for some time at each call; to be closed."""

    def __init__(self) -> None:
        self._watch: Watch | None = None
        self._turns: Iterator[None] | None = None

    def take(self, watch: Watch, *, seconds: float = BIT_SECONDS) -> bool:
        """Take over for so long, and say whether there is more.

        What fails is tried from its beginning at the next call; nothing comes twice.
        """
        if watch is not self._watch:
            self.close()
            self._watch = watch
        until = watch.clock.monotonic() + seconds
        try:
            while self._turn(watch):
                if watch.clock.monotonic() >= until:
                    return True
        except BaseException:
            self.close()
            raise
        return False

    def _turn(self, watch: Watch) -> bool:
        if self._turns is None:
            parcels = find_parcels(watch.data)
            if not parcels:
                return False
            self._turns = take_parcel(watch, parcels[0])
        if next(self._turns, self) is self:
            self._turns = None
        return True

    def close(self) -> None:
        """Leave a parcel that is half taken as it is."""
        turns, self._turns = self._turns, None
        if turns is not None and hasattr(turns, "close"):
            turns.close()


def hand_over(
    data: Path,
    open_main: Callable[[], AbstractContextManager[Watch]],
    tell: Callable[[str, int, int], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Have every parcel taken over, by the service or by ourselves, and return when all are.

    Raises what opening the main database raises, but for StorageBusy: then another one writes.
    """
    absent = ABSENT if find_holder(data) is None else 0.0
    while find_parcels(data):
        if find_holder(data) is None and absent >= ABSENT:
            try:
                with open_main() as watch, closing(ParcelTaker()) as taker:
                    while taker.take(watch):
                        tell_parcels(watch.storage, tell)
                    continue
            except StorageBusy:
                absent = 0.0
        absent = absent + WAIT if find_holder(data) is None else 0.0
        sleep(WAIT)
        with Storage.open_reader(data, SystemClock()) as storage:
            tell_parcels(storage, tell)


def tell_parcels(storage: Storage, tell: Callable[[str, int, int], None]) -> None:
    """Say how many of the flagged pages of a parcel are in stories."""
    parcel = storage.parcels.find_open()
    if parcel is None:
        holder = find_holder(storage.folder)
        tell(f"waiting for {holder} to take it over" if holder else "waiting", 0, 1)
    else:
        waiting = storage.coverage.count_found() if parcel.copied else parcel.found
        tell("flagged pages in stories", max(0, parcel.found - waiting), parcel.found)
