"""Which migrations there are, and bringing a database up to them; appended to, never edited."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from monitor.errors import StorageCorrupt, StorageError, StorageTooNew
from storage.connection import Connection
from storage.schema import (
    archive_lists,
    backfilled,
    coverage,
    first,
    fourth,
    held_back,
    left_out,
    parcels,
    purges,
    second,
    third,
)

# The `application_id` of SQLite's file format: no other program's file is ever taken for ours.
APPLICATION_ID = 0x53574348  # "SWCH"
TEXTS_APPLICATION_ID = 0x53575458  # "SWTX"

MAGIC = b"SQLite format 3\x00"

MAIN = Migrations("stationwatch")
TEXTS = Migrations("stationwatch-texts")


@MAIN(name="0001 first schema")
def _first(database: Database) -> None:
    for statement in first.STATEMENTS:
        database.execute(statement)


@MAIN(name="0002 evidence of stories")
def _second(database: Database) -> None:
    for statement in second.STATEMENTS:
        database.execute(statement)


@MAIN(name="0003 notices and proofs")
def _third(database: Database) -> None:
    for statement in third.STATEMENTS:
        database.execute(statement)


@MAIN(name="0004 how each source stands")
def _fourth(database: Database) -> None:
    for statement in fourth.STATEMENTS:
        database.execute(statement)


@MAIN(name="0005 what backfills covered")
def _fifth(database: Database) -> None:
    for statement in coverage.STATEMENTS:
        database.execute(statement)


@MAIN(name="0006 what a person had removed")
def _sixth(database: Database) -> None:
    for statement in purges.STATEMENTS:
        database.execute(statement)


@MAIN(name="0010 what backfills ask for")
def _tenth(database: Database) -> None:
    for statement in archive_lists.STATEMENTS:
        database.execute(statement)


@MAIN(name="0011 alerts that were held back")
def _eleventh(database: Database) -> None:
    for statement in held_back.STATEMENTS:
        database.execute(statement)


@MAIN(name="0012 what backfills hand over")
def _twelfth(database: Database) -> None:
    for statement in parcels.STATEMENTS:
        database.execute(statement)


@MAIN(name="0013 what backfills left out")
def _thirteenth(database: Database) -> None:
    for statement in left_out.STATEMENTS:
        database.execute(statement)


@MAIN(name="0014 which pages backfills read")
def _fourteenth(database: Database) -> None:
    for statement in backfilled.STATEMENTS:
        database.execute(statement)


@TEXTS(name="0001 texts of pages that matched nothing")
def _first_texts(database: Database) -> None:
    for statement in first.TEXTS:
        database.execute(statement)


def names(migrations: Migrations) -> tuple[str, ...]:
    """Return the names of all migrations of a set, in order."""
    empty = Database(sqlite3.connect(":memory:"))
    try:
        return tuple(migration.name for migration in migrations.pending(empty))
    finally:
        empty.close()


def migrate(connection: Connection, migrations: Migrations) -> tuple[str, ...]:
    """Apply what is missing, all of it or nothing, and return the names of what was applied.

    sqlite-utils begins with a plain BEGIN; inside our transaction its own become savepoints, so
    that a process killed in the middle leaves the version before (FAULTS H4).
    """
    check_known(connection, migrations)
    missing = find_missing(connection, migrations)
    if missing:
        with connection.transaction():
            database = Database(connection.raw, recursive_triggers=False, execute_plugins=False)
            migrations.apply(database)
    return missing


def applied(connection: Connection, migrations: Migrations) -> tuple[str, ...]:
    """Return the names of the migrations that a database has had, in order."""
    table = connection.find_value(
        """
        SELECT name
        FROM sqlite_master
        WHERE name = :table
        """,
        {"table": migrations.migrations_table},
    )
    if table is None:
        return ()
    rows = connection.read_rows(
        """
        SELECT name
        FROM _sqlite_migrations
        WHERE migration_set = :set
        ORDER BY id
        """,
        {"set": migrations.name},
    )
    return tuple(row["name"] for row in rows)


def find_missing(connection: Connection, migrations: Migrations) -> tuple[str, ...]:
    """Return the names of the migrations that a database has not had yet."""
    had = set(applied(connection, migrations))
    return tuple(name for name in names(migrations) if name not in had)


def check_known(connection: Connection, migrations: Migrations) -> None:
    """Refuse a database that a newer version of the program has changed (StorageTooNew)."""
    known = names(migrations)
    unknown = [name for name in applied(connection, migrations) if name not in known]
    if unknown:
        raise StorageTooNew(
            f"while opening {str(connection.path)!r}: a newer Stationwatch wrote it (it has "
            f"{unknown[-1]!r}); install that version or a later one"
        )


def check_ours(path: Path, application_id: int) -> None:
    """Refuse what is no database of ours, an empty file among it (StorageCorrupt).

    Reads the file's header ("Database File Format", 1.3) without SQLite, whose opening alone may
    write into what is another program's. Never for a database that this process has open: closing
    the file drops the locks that SQLite holds on it for the whole process ("How To Corrupt An
    SQLite Database File", 2.2), and the next program to close it takes its WAL away.
    """
    with path.open("rb") as file:
        header = file.read(72)
    if header[:16] != MAGIC or int.from_bytes(header[68:72], "big") != application_id:
        raise _not_ours(path)


def open_reader(path: Path) -> Connection:
    """Open a database for reading only; what SQLite cannot read at all is none of ours."""
    try:
        return Connection.open_reader(path)
    except StorageCorrupt as error:
        if "file is not a database" in str(error):
            raise _not_ours(path) from error
        raise


def check_opened_is_ours(connection: Connection, application_id: int) -> None:
    """Refuse the same of a database that was opened for reading only, by SQLite alone."""
    if connection.count("PRAGMA application_id") != application_id:
        raise _not_ours(connection.path)


def _not_ours(path: Path) -> StorageCorrupt:
    return StorageCorrupt(
        f"while opening {str(path)!r}: it is empty, damaged or no database of Stationwatch; "
        "put a backup back (stationwatch restore)"
    )


def check_current(connection: Connection, migrations: Migrations) -> None:
    """Refuse to read a database that has yet to be migrated by a writer (StorageError)."""
    if find_missing(connection, migrations):
        raise StorageError(
            f"while reading {str(connection.path)!r}: an older Stationwatch wrote it; start the "
            "service, or 'stationwatch run --once', which brings it up to date"
        )


def create(path: Path, migrations: Migrations, application_id: int) -> None:
    """Make an empty database of the newest schema at `path`; it must not exist.

    `auto_vacuum = INCREMENTAL`, so that what is pruned can be given back to the disk.
    """
    path.touch(mode=0o600, exist_ok=False)
    connection = Connection.open_writer(path, "PRAGMA auto_vacuum = INCREMENTAL")
    try:
        connection.execute(f"PRAGMA application_id = {application_id}")
        migrate(connection, migrations)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
