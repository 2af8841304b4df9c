"""Keep the data in order: a backup every night, what is too old forgotten, room watched."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from monitor.errors import StationwatchError
from monitor.jobs.backups import Backup, prune_backups, write_backup
from monitor.jobs.notices import report
from monitor.jobs.purge import finish_purge, sweep_purged
from monitor.jobs.second_backup import SecondBackup, judge_second
from monitor.jobs.watch import Watch
from monitor.log import get_logger, prune_logs
from monitor.model import StorageHealth, Trouble
from storage.files import BACKUPS

log = get_logger("upkeep")

BACKUP_EVERY = timedelta(hours=24)
BACKUP_AGAIN = timedelta(hours=1)
BACKUP_LATE = timedelta(hours=49)
PRUNE_EVERY = timedelta(hours=24)
LONGEST_PAUSE = timedelta(days=7)
KEEP_NOTICES = timedelta(days=365)
KEEP_ENTRIES = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """How many rows and files of each class of data were forgotten."""

    texts: int
    looks: int
    pages: int
    entries: int
    notices: int
    backups: int
    logs: int

    def as_counts(self) -> dict[str, int]:
        """Return the figures by name."""
        return asdict(self)


def prune(watch: Watch) -> Pruned:
    """Forget what is older than the settings want kept, and give the room back.

    What was flagged, its evidence, the digests and the counts of the ledger stay.
    """
    now, keep, storage = watch.clock.now(), watch.settings.data, watch.storage
    done = Pruned(
        texts=storage.texts.prune(now - timedelta(days=keep.keep_texts)),
        looks=storage.sources.prune_looks(now - timedelta(days=keep.keep_looks)),
        pages=storage.pages.prune(now - timedelta(days=keep.keep_pages)),
        entries=storage.entries.prune(now - KEEP_ENTRIES),
        notices=storage.notices.prune(now - KEEP_NOTICES),
        backups=prune_backups(watch.data / BACKUPS, before=now - timedelta(days=keep.keep_backups)),
        logs=prune_logs(
            watch.data / "logs", before=(now - timedelta(days=keep.keep_logs)).timestamp()
        ),
    )
    sweep_purged(storage, watch.evidence, watch.data)
    finish_purge(storage, at=now)
    storage.source_days.prune(now - timedelta(days=keep.keep_looks))
    storage.shrink()
    storage.checkpoint()
    wrong = storage.runs.check_ledger()
    storage.proofs.keep("ledger", at=now, problem="; ".join(wrong[:3]) or None)
    storage.proofs.keep("prune", at=now)
    return done


class Upkeep:
    """What the service does for its data; the backup is written in a thread of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="backup")
        self._backup: Future[Backup] | None = None
        self._second = SecondBackup()

    def close(self, watch: Watch) -> None:
        """Wait for a backup that is being written, and keep how it went; never raises for that.

        A copy in the second folder is not waited for.
        """
        self._pool.shutdown(wait=True, cancel_futures=True)
        try:
            self._follow(watch)
            self._second.close(watch)
        except Exception:
            log.exception("how the last backup went could not be kept")

    def back_up(self, watch: Watch) -> None:
        """Begin the nightly backup when it is time to, and keep how the last one went.

        Called every few seconds, since a service may end soon after its backup is made.
        """
        self._second.turn(watch)
        if self._backup is not None:
            self._follow(watch)
        elif is_backup_due(watch, watch.clock.now()):
            self._backup = self._pool.submit(write_backup, watch.data, watch.clock)

    def _follow(self, watch: Watch) -> None:
        """Keep how a backup went that has ended."""
        if self._backup is None or not self._backup.done():
            return
        done, self._backup = self._backup, None
        if done.cancelled():
            return
        error = done.exception()
        if error is not None and not isinstance(error, StationwatchError):
            raise error
        problem = str(error) if error else done.result().problem
        watch.storage.proofs.keep("backup", at=watch.clock.now(), problem=problem)
        log.info("backup", problem=problem)

    def prune(self, watch: Watch) -> None:
        """Prune once a day; the first time after a leap of the clock, only a day later.

        A clock that is ten years ahead for an hour would have all that is kept for a while
        forgotten (FAULTS B3); one that is right, after a long pause, says the same a day later.
        """
        if not is_due(watch, "prune", PRUNE_EVERY):
            return
        last, now = watch.storage.proofs.find("prune"), watch.clock.now()
        if last is not None and now - last.tried_at > LONGEST_PAUSE:
            log.warning("nothing is pruned until tomorrow: the last time was long ago")
            watch.storage.proofs.keep("prune", at=now)
            return
        log.info("pruned", **prune(watch).as_counts())


def is_backup_due(watch: Watch, now: datetime) -> bool:
    """Say whether a backup is due: a day after the last good one, an hour after a failed one."""
    proof = watch.storage.proofs.find("backup")
    if proof is None or proof.tried_at > now:
        return True
    return now - proof.tried_at >= (BACKUP_AGAIN if proof.problem else BACKUP_EVERY)


def is_due(watch: Watch, name: str, every: timedelta) -> bool:
    """Say whether something was last done at least `every` ago, or in the future (FAULTS B3)."""
    proof, now = watch.storage.proofs.find(name), watch.clock.now()
    return proof is None or proof.tried_at > now or now - proof.tried_at >= every


def check_storage(
    watch: Watch, measure: Callable[[], StorageHealth] | None = None
) -> tuple[Trouble, ...]:
    """Tell of a disk that fills, a WAL that grows, rights, and a backup that fails (A5, A9, H3)."""
    health = (measure or watch.storage.health)()
    named = {
        "disk": ("the disk is nearly full", health.disk_problem),
        "wal": ("the write-ahead log grows", health.wal_problem),
        "rights": ("others may read the data", health.rights_problem),
        "backup": ("there is no new backup", judge_backup(watch)),
        "second-backup": ("there is no new backup in the second folder", judge_second(watch)),
        "ledger": ("the ledger's sums do not agree", judge_ledger(watch)),
    }
    troubles = tuple(
        Trouble(key=f"storage:{key}", headline=headline, why=problem)
        for key, (headline, problem) in named.items()
        if problem
    )
    report(watch, "storage", troubles)
    return troubles


def judge_ledger(watch: Watch) -> str | None:
    """Return what the last daily check of the ledger found, or None (P9)."""
    proof = watch.storage.proofs.find("ledger")
    return None if proof is None else proof.problem


def judge_backup(watch: Watch) -> str | None:
    """Return what is wrong with the nightly backup, or None."""
    proof, now = watch.storage.proofs.find("backup"), watch.clock.now()
    if proof is None or (proof.problem is None and now - proof.tried_at < BACKUP_LATE):
        return None
    return proof.problem or f"the last one was made on {proof.tried_at:%Y-%m-%d %H:%M} UTC"
