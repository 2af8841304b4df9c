"""Copies of the database: written beside the writer, read back, put in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Migrations

from monitor.clock import Clock
from monitor.errors import StorageCorrupt, StorageError
from storage.connection import Connection, explained
from storage.files import DATABASE, RESTORING, TEXTS, sync_file, sync_folder
from storage.health import check
from storage.schema import migrations


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Which of our databases a file is."""

    application_id: int
    migrations: Migrations
    name: str


MAIN_KIND = Kind(
    application_id=migrations.APPLICATION_ID, migrations=migrations.MAIN, name=DATABASE
)
TEXTS_KIND = Kind(
    application_id=migrations.TEXTS_APPLICATION_ID, migrations=migrations.TEXTS, name=TEXTS
)


def write(source: Connection, path: Path, *, kind: Kind = MAIN_KIND) -> None:
    """Copy the database of `source` to `path`: a file of its own, checked, then renamed."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600, exist_ok=False)
        _copy(source, unfinished)
        read_back(unfinished, kind=kind)
        sync_file(unfinished)
        unfinished.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"while writing the backup {str(path)!r}: {os.strerror(error.errno or 0).lower()}; "
            "the one before stands as it was"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what has to be said
            unfinished.unlink(missing_ok=True)


def _copy(source: Connection, path: Path) -> None:
    """Copy in one step, which holds one state of the source and stops no writer."""
    with explained(path, "writing the backup"):
        target = sqlite3.connect(path, isolation_level=None)
        try:
            source.raw.backup(target, pages=-1)
            # one file, without a WAL beside it
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()


def read_back(path: Path, *, kind: Kind = MAIN_KIND) -> None:
    """Read a whole copy; raises StorageError when it is damaged, too new, or not ours."""
    migrations.check_ours(path, kind.application_id)
    copy = Connection.open_reader(path)
    try:
        migrations.check_known(copy, kind.migrations)
        problems = check(copy)
    finally:
        copy.close()
    if problems:
        raise StorageCorrupt(
            f"while reading back {str(path)!r}: {problems[0]}; take another backup, and check the "
            "disk and the database itself (stationwatch status)"
        )


def put_back(folder: Path, backup: Path, clock: Clock, *, kind: Kind = MAIN_KIND) -> Path | None:
    """Put `backup` in the place of a database in `folder`, and the old one aside.

        copy → check → marker → old WAL aside → old database aside → rename

    An old WAL beside a restored database would be replayed into it, so it goes first; the marker
    says until `end_restore` that the folder is between two states, and what the old database is
    called: put back again after a kill, it is that one which is returned.
    """
    if not backup.is_file():
        raise StorageError(f"while restoring: there is no backup {str(backup)!r}; check the path")
    path = folder / kind.name
    unfinished = folder / f"{kind.name}.restored"
    try:
        shutil.copyfile(backup, unfinished)
        unfinished.chmod(0o600)
        read_back(unfinished, kind=kind)
    except StorageCorrupt as error:
        unfinished.unlink(missing_ok=True)
        raise StorageCorrupt(
            f"while restoring: the backup {str(backup)!r} is damaged, and nothing was changed; "
            "take another backup (the folder 'backups' of the data has one a night)"
        ) from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_file(unfinished)
    old = _put_aside(path, _mark(path, clock), clock)
    unfinished.rename(path)
    sync_folder(folder)
    return old


def end_restore(folder: Path) -> None:
    """Let the databases in a folder be opened again: all is done that belongs to a restore."""
    (folder / RESTORING).unlink(missing_ok=True)
    sync_folder(folder)


def _mark(path: Path, clock: Clock) -> Path:
    """Say on the disk that the folder is between two states; return what the old one is called."""
    marker = path.with_name(RESTORING)
    for name in marker.read_text(encoding="utf-8").splitlines() if marker.exists() else ():
        if name.startswith(f"{path.name}.before-"):
            return path.with_name(name)  # an interrupted restore had begun to put it there
    kept = _find_name(path, clock)
    marker.touch(mode=0o600)
    with marker.open("a", encoding="utf-8") as file:
        file.write(f"{kept.name}\n")
    sync_file(marker)
    sync_folder(path.parent)
    return kept


def _find_name(path: Path, clock: Clock) -> Path:
    stamp = clock.now().strftime("%Y%m%dT%H%M%S%f")
    while (kept := path.with_name(f"{path.name}.before-{stamp}")).exists():
        stamp += "0"
    return kept


def _put_aside(path: Path, kept: Path, clock: Clock) -> Path | None:
    """Rename the old database to `kept`; what an interrupted restore put in its place goes too."""
    aside = _find_name(path, clock) if kept.exists() else kept
    # the WAL keeps the name that belongs to the old database, so that both can be opened again
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return kept if kept.exists() else None
