"""Backups: the database every night, the texts and the kept bytes beside it; and putting one back.

backups/
  stationwatch-20261121.db   a night's copy of the database, read back
  texts.db                   the newest copy of the texts of pages that matched nothing
  evidence/                  the kept bytes, each file once, checked by its own name

A backup into a folder of another disk has the same files, with the database as `stationwatch.db`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.clock import Clock
from monitor.errors import EvidenceError, StorageError
from monitor.evidence.copying import copy_evidence
from monitor.evidence.store import EvidenceStore
from monitor.jobs.purge import purge_again
from monitor.log import get_logger
from monitor.text.counting import plural
from storage.database import Storage
from storage.files import BACKUPS, DATABASE, TEXTS, size_of

log = get_logger("backup")

BACKUP_NAME = "stationwatch-%Y%m%d.db"
EVIDENCE = "evidence"
SPARE = 1024 * 1024 * 1024
"""Bytes that stay free: a copy of the texts that would take more is left out, and said."""


Told = Callable[[str, int, int | None], None]
"""Called with the part that is being copied, how much of it is, and how much there is, if known."""


def ignore_parts(_part: str, _done: int, _total: int | None) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What one backup wrote; `problem` says what of it could not be."""

    database: Path
    texts: bool
    files: int
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What putting a backup back did; `said` are sentences for a person."""

    aside: Path | None
    said: tuple[str, ...] = ()


def write_backup(
    data: Path, clock: Clock, target: Path | None = None, *, progress: Told = ignore_parts
) -> Backup:
    """Write a verified copy of everything into tonight's place, or into a folder; return it.

    Where `target` names a file, only the database is copied. Opens a reader of its own, so that it
    can run in a thread beside the service. What is copied already and still whole is not copied
    again. Raises StorageError when the database could not be copied; what else fails is said.
    """
    if target is not None and not (target.is_dir() or target.suffix == ""):
        with Storage.open_reader(data, clock) as storage:
            storage.backup(target)
        return Backup(database=target, texts=False, files=0)
    folder = target or data / BACKUPS
    database = folder / (DATABASE if target else clock.now().strftime(BACKUP_NAME))
    problems: list[str] = []
    with Storage.open_reader(data, clock) as storage:
        storage.backup(database)
        progress("the texts", 0, None)
        texts = _copy_texts(storage, data, folder, problems)
    files = 0
    try:
        files = copy_evidence(
            data / EVIDENCE,
            folder / EVIDENCE,
            progress=lambda done, total: progress("kept files", done, total),
        )
    except EvidenceError as error:
        problems.append(str(error))
    return Backup(database=database, texts=texts, files=files, problem="; ".join(problems) or None)


def _copy_texts(storage: Storage, data: Path, folder: Path, problems: list[str]) -> bool:
    size = size_of(data / TEXTS)
    if size and shutil.disk_usage(folder).free < size + SPARE:
        problems.append(
            f"the texts of pages that matched nothing ({size // 2**20} MB) were not copied, since"
            " the disk has no room for them: back up into a folder of another disk"
        )
        return False
    try:
        return storage.texts.backup(folder / TEXTS)
    except StorageError as error:
        problems.append(str(error))
        return False


def restore_backup(data: Path, clock: Clock, backup: Path) -> Restored:
    """Put a backup (a database, or the newest of a folder) in force, and say what came of it.

    what was sent since ─ carried over      what was removed since ─ removed again
    kept bytes and texts ─ put back where they are missing

    The database before is put aside. The record of the chain of evidence begins anew, since the
    restored chain is shorter than it was. Refuses while the service runs, and a damaged backup,
    with nothing changed.
    """
    database = backup
    if backup.is_dir():
        nightly = None if (backup / DATABASE).exists() else find_newest(backup)
        database = nightly or backup / DATABASE
    beside = database.parent
    texts = beside / TEXTS if (beside / TEXTS).is_file() and beside != data else None
    said: list[str] = []

    def finish(storage: Storage, aside: Path | None) -> None:
        evidence = EvidenceStore(data / EVIDENCE)
        evidence.begin_record_anew(clock.now().strftime("%Y%m%dT%H%M%S"))
        if (beside / EVIDENCE).is_dir() and beside != data:
            files = copy_evidence(beside / EVIDENCE, data / EVIDENCE)
            if files:
                said.append(f"{files} kept files that were missing were put back")
        if aside is not None:
            said.extend(_carry_over(storage, aside))
        said.extend(purge_again(storage, evidence, data))
        evidence.record_links(storage.evidence.read_links(after=evidence.last_recorded()))

    aside = Storage.restore(data, database, clock, texts, finish=finish)
    return Restored(aside=aside, said=tuple(said))


def _carry_over(storage: Storage, aside: Path) -> list[str]:
    try:
        known = storage.carry_over(aside)
    except StorageError as error:
        log.warning("nothing carried over", problem=str(error))
        return [
            "the database before cannot be read, so it is not known what was sent since the backup:"
            " reports of that time may be told again, in the next digest, too"
        ]
    said = [f"not sent again: {plural(known, 'message')} sent since the backup"] if known else []
    if storage.digests.count_told():
        said.append(
            "what digests told since the backup is marked where the next one tells it again"
        )
    return said


def find_newest(folder: Path) -> Path | None:
    """Return the newest nightly copy of the database in a folder, or None."""
    return max((path for _, path in _find_nightly(folder)), default=None)


def _find_nightly(folder: Path) -> list[tuple[datetime, Path]]:
    """Return the nightly copies of the database with their nights, the oldest first."""
    known: list[tuple[datetime, Path]] = []
    for path in folder.glob("stationwatch-*.db"):
        try:
            made = datetime.strptime(path.name, BACKUP_NAME).replace(tzinfo=UTC)
        except ValueError:
            continue  # a file that a person named
        known.append((made, path))
    return sorted(known)


def prune_backups(folder: Path, *, before: datetime) -> int:
    """Remove nightly backups made before a time, but never the newest; return how many.

    What a killed process left half-written goes when it is as old.
    """
    for path in folder.glob(".*.unfinished"):
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    old = [path for made, path in _find_nightly(folder)[:-1] if made < before]
    for path in old:
        path.unlink()
    return len(old)
