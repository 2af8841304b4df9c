"""A thin wrapper of sqlite3: transactions that take the lock at once, and errors with a cure.

Knows nothing of what is stored.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import StorageBusy, StorageCorrupt, StorageError, StorageFull
from monitor.log import get_logger
from storage.values import Parameters, Value, binds, mend

# Long enough for a checkpoint or a backup's last page; the writer waits for nobody else.
BUSY_SECONDS = 10.0
# The WAL is cut back to this after a checkpoint, so that one large commit does not keep its size.
WAL_LIMIT = 64 * 1024 * 1024
NEARLY_FULL = 1024 * 1024  # an I/O error with less than this free is a full disk

log = get_logger("storage")


class Connection:
    """One SQLite connection, of one thread and one process.

    Every failure of SQLite comes out as one of monitor.errors; what is a bug (wrong SQL, a broken
    constraint) flies as it is.
    """

    def __init__(self, raw: sqlite3.Connection, path: Path) -> None:
        self.raw = raw
        self.path = path
        self.mended = 0
        self._depth = 0
        self._process = os.getpid()

    @classmethod
    def open_writer(cls, path: Path, *first: str) -> Connection:
        """Open the database at `path` for writing, after the pragmas `first`; it must exist.

        FULL because NORMAL lost acknowledged commits in 242 of 300 simulated power cuts.
        """
        connection = cls._open(path, "mode=rw")
        connection.set_up(
            *first,
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA journal_size_limit = {WAL_LIMIT}",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA trusted_schema = OFF",
            # what is deleted is zeroed where that costs no further write
            "PRAGMA secure_delete = FAST",
        )
        return connection

    @classmethod
    def open_reader(cls, path: Path) -> Connection:
        """Open the database at `path` read-only, beside the writer or without one.

        Without a writer SQLite has to make its index of the WAL anew, which a full or read-only
        disk forbids; where there is no WAL nothing is missed by going without.
        """
        try:
            return cls._open_reader(path, "mode=ro")
        except StorageError:
            wal = path.with_name(path.name + "-wal")
            if wal.exists() and wal.stat().st_size:
                raise
            return cls._open_reader(path, "immutable=1")

    @classmethod
    def _open_reader(cls, path: Path, how: str) -> Connection:
        connection = cls._open(path, how)
        connection.set_up(
            "PRAGMA query_only = ON", "PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF"
        )
        connection.find_value("SELECT COUNT(*) FROM sqlite_master")  # fails here or not at all
        return connection

    @classmethod
    def _open(cls, path: Path, how: str) -> Connection:
        uri = f"{path.absolute().as_uri()}?{how}"
        with explained(path, "opening"):
            raw = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        raw.row_factory = sqlite3.Row
        return cls(raw, path)

    def set_up(self, *pragmas: str) -> None:
        """Run `pragmas`; closes the connection when one fails."""
        try:
            for pragma in pragmas:
                self.execute(pragma)
        except BaseException:
            self.raw.close()
            raise

    def checkpoint(self) -> None:
        """Write the WAL back and cut it, without waiting for readers."""
        self.execute("PRAGMA busy_timeout = 50")
        try:
            self.read_rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def shrink(self) -> None:
        """Give the room of deleted rows back to the disk, 8 MB at a time, outside transactions."""
        while self.count("PRAGMA freelist_count"):
            with explained(self.path, "shrinking"):
                # each step of this pragma frees one page, and only a script is stepped to its end
                self.raw.executescript("PRAGMA incremental_vacuum(2048)")

    def vacuum(self) -> None:
        """Write the whole file anew, nothing deleted left in it, and cut the WAL.

        Takes the room of a second copy, beside the database, for as long as it takes.
        """
        with temporary_files_in(self.path.parent), explained(self.path, "writing anew"):
            self.raw.execute("PRAGMA temp_store = FILE")
            try:
                self.raw.execute("VACUUM")
            finally:
                self.raw.execute("PRAGMA temp_store = MEMORY")
        self.read_rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close; rolls back what is open."""
        if self._process == os.getpid():
            with explained(self.path, "closing"):
                self.raw.close()

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        return self._depth > 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside at the end, or nothing of it.

        BEGIN IMMEDIATE takes the lock at once: with a plain BEGIN, 796 of 900 writes that read
        first failed with "database is locked". Inside another one it is a savepoint.
        """
        if self._process != os.getpid():
            raise RuntimeError("a storage was taken over a fork; open one in each process")
        self._check_transaction()
        begin, commit, rollback = self._verbs()
        self._depth += 1
        try:
            with explained(self.path, "writing"):
                self.raw.execute(begin)
            yield
            self.execute(commit)
        except BaseException:
            self._roll_back(rollback)
            raise
        finally:
            self._depth -= 1

    def _verbs(self) -> tuple[str, str, tuple[str, ...]]:
        if not self._depth:
            return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
        name = f"level_{self._depth}"
        return (
            f"SAVEPOINT {name}",
            f"RELEASE {name}",
            (f"ROLLBACK TO {name}", f"RELEASE {name}"),
        )

    def _roll_back(self, statements: tuple[str, ...]) -> None:
        # SQLite has rolled back by itself when the disk was full
        if self.raw.in_transaction:
            for statement in statements:
                self.raw.execute(statement)

    def execute(self, sql: str, parameters: Parameters | None = None) -> sqlite3.Cursor:
        """Run one statement with named parameters, mended where outside text needs it."""
        self._check_transaction()
        with explained(self.path, "using"):
            return self.raw.execute(sql, self._mend(parameters or {}))

    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> int:
        """Run one statement for each of `rows` and return how many rows it changed."""
        self._check_transaction()
        with explained(self.path, "using"):
            return self.raw.executemany(sql, (self._mend(row) for row in rows)).rowcount

    def find_row(self, sql: str, parameters: Parameters | None = None) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with explained(self.path, "reading"):
            row: sqlite3.Row | None = self.execute(sql, parameters).fetchone()
        return row

    def find_value(self, sql: str, parameters: Parameters | None = None) -> Value:
        """Return the first column of the first row of a query, or None."""
        row = self.find_row(sql, parameters)
        value: Value = None if row is None else row[0]
        return value

    def count(self, sql: str, parameters: Parameters | None = None) -> int:
        """Return the number that a query gives, 0 for none."""
        value = self.find_value(sql, parameters)
        return value if isinstance(value, int) else 0

    def read_rows(self, sql: str, parameters: Parameters | None = None) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with explained(self.path, "reading"):
            return self.execute(sql, parameters).fetchall()

    def iterate(self, sql: str, parameters: Parameters | None = None) -> Iterator[sqlite3.Row]:
        """Yield the rows of a query as they come; the caller must not write meanwhile."""
        cursor = self.execute(sql, parameters)
        while True:
            with explained(self.path, "reading"):
                rows = cursor.fetchmany(100)
            if not rows:
                return
            yield from rows

    def _check_transaction(self) -> None:
        """Refuse to go on where SQLite gave the transaction up: a statement would stand alone."""
        if self._depth and not self.raw.in_transaction:
            raise StorageError(
                f"while writing {str(self.path)!r}: the transaction was rolled back before its "
                "end; begin it again"
            )

    def _mend(self, parameters: Parameters) -> Mapping[str, Value]:
        broken = [name for name, value in parameters.items() if not binds(value)]
        if not broken:
            return parameters
        if not self.mended:
            log.warning("text from outside had to be mended to be stored", values=len(broken))
        self.mended += len(broken)
        return {**parameters, **{name: mend(parameters[name]) for name in broken}}


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Let SQLite put its temporary files beside the data: `/tmp` may be small, and in memory."""
    before = os.environ.get("SQLITE_TMPDIR")
    os.environ["SQLITE_TMPDIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SQLITE_TMPDIR"]
        else:
            os.environ["SQLITE_TMPDIR"] = before


@contextmanager
def explained(path: Path, doing: str) -> Iterator[None]:
    """Turn SQLite's failures inside into one sentence each, with the cure."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        explanation = explain(error, path, doing)
        if explanation is None:
            raise
        raise explanation from error


def explain(error: sqlite3.Error, path: Path, doing: str) -> StorageError | None:
    """Return what `error` means for a person, or None where it is a bug of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    where = f"while {doing} {str(path)!r}"
    if code == sqlite3.SQLITE_FULL or (is_io_failure(code) and is_full(path)):
        return StorageFull(
            f"{where}: the disk is full; free some space (stationwatch prune), "
            "it goes on by itself then"
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StorageBusy(f"{where}: another process holds it for writing; try again when it ends")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return StorageCorrupt(
            f"{where}: it is damaged ({error}); stop the service and put a backup back "
            "(stationwatch restore)"
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StorageError(
            f"{where}: it may only be read ({error}); give the user of this program the right to "
            "write the folder and its files"
        )
    if is_io_failure(code):
        return StorageError(
            f"{where}: the disk failed ({error}); look at the system's log, and at the rights of "
            "the folder"
        )
    return None


def is_io_failure(code: int) -> bool:
    """Say whether a primary result code speaks of the disk rather than of the database."""
    return code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


def is_full(path: Path) -> bool:
    """Say whether the disk that holds `path` has no room left."""
    try:
        figures = os.statvfs(path.parent)
    except OSError:
        return False
    return figures.f_bavail * figures.f_frsize < NEARLY_FULL
