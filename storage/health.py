"""How the database stands: room on the disk, size of the WAL, damage, an SQLite with the bug."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from monitor.errors import StorageCorrupt
from monitor.model import StorageHealth
from storage.connection import Connection
from storage.files import TEXTS, find_public, size_of
from storage.schema import migrations

# A WAL this long means a reader that never ends, or a checkpoint that fails (FAULTS A9).
LONGEST_WAL = 256 * 1024 * 1024
# A day of 100,000 pages takes about 300 MB with its texts; warn about a day before the end.
LEAST_FREE = 512 * 1024 * 1024
# "Dangers of WAL": before this, a checkpoint beside a commit of another connection may corrupt.
WAL_RESET_FIXED = (3, 51, 3)
MOST_PROBLEMS = 20


def measure(connection: Connection, folder: Path) -> StorageHealth:
    """Return sizes, versions and problems; reads no table but that of the migrations."""
    wal = max(
        size_of(connection.path.with_name(connection.path.name + "-wal")),
        size_of(folder / f"{TEXTS}-wal"),
    )
    free = shutil.disk_usage(folder).free
    return StorageHealth(
        database_bytes=size_of(connection.path),
        texts_bytes=size_of(folder / TEXTS),
        wal_bytes=wal,
        free_bytes=free,
        sqlite_version=sqlite3.sqlite_version,
        schema=len(migrations.applied(connection, migrations.MAIN)),
        mended=connection.mended,
        disk_problem=judge_disk(free),
        wal_problem=judge_wal(wal),
        sqlite_problem=judge_sqlite(sqlite3.sqlite_version_info),
        rights_problem=judge_rights(folder),
    )


def judge_disk(free: int) -> str | None:
    """Return the one warning before the disk is full (FAULTS A5), or None."""
    if free >= LEAST_FREE:
        return None
    return (
        f"only {free // 2**20} MB are free on the disk; make room (stationwatch prune) "
        "before nothing can be stored any more"
    )


def judge_wal(size: int) -> str | None:
    """Return what a long WAL means, or None."""
    if size <= LONGEST_WAL:
        return None
    return (
        f"the write-ahead log has grown to {size // 2**20} MB, so some program keeps reading; "
        "end long exports and restart the service"
    )


def judge_sqlite(version: tuple[int, ...]) -> str | None:
    """Return the warning for an SQLite with the WAL-reset bug (FAULTS A8), or None.

    One process writes and checkpoints here, which keeps clear of it; a newer one is better still.
    """
    if version >= WAL_RESET_FIXED:
        return None
    shown = ".".join(map(str, version[:3]))
    return (
        "the database is safe as long as only Stationwatch writes to it:"
        f" SQLite {shown} has a fault when two programs do (mended in 3.51.3)"
    )


def judge_rights(folder: Path) -> str | None:
    """Return what others on this machine may read, or None."""
    public = find_public(folder)
    if not public:
        return None
    return f"others on this machine may use {str(public[0])!r}; chmod -R go= it"


def quick_check(connection: Connection) -> tuple[str, ...]:
    """Return the damage that SQLite finds in the structure of the file."""
    try:
        rows = connection.read_rows(f"PRAGMA quick_check({MOST_PROBLEMS})")
    except StorageCorrupt as error:
        return (str(error.__cause__),)
    return tuple(row[0] for row in rows if row[0] != "ok")


def check(connection: Connection) -> tuple[str, ...]:
    """Return the damage found in the file, its indexes, the search index and the foreign keys."""
    try:
        rows = connection.read_rows(f"PRAGMA integrity_check({MOST_PROBLEMS})")
        loose = connection.read_rows("PRAGMA foreign_key_check")
    except StorageCorrupt as error:
        return (str(error.__cause__),)
    damage = [row[0] for row in rows if row[0] != "ok"]
    damage += [f"a row of {row[0]} refers to a row of {row[2]} that is not there" for row in loose]
    return tuple(damage[:MOST_PROBLEMS])
