"""The database as the other rooms hold it: opened once, with one object a subject."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from monitor.clock import Clock
from monitor.errors import StorageCorrupt, StorageError, StorageMissing
from monitor.log import get_logger
from monitor.model import StorageHealth
from storage import backups, health
from storage.archive_entries import ArchiveEntries
from storage.archive_lists import ArchiveLists
from storage.articles import Articles
from storage.backfill_requests import BackfillRequests
from storage.blackening import Blackening
from storage.blocks import Blocks
from storage.connection import Connection, explained
from storage.coverage import Coverage
from storage.digests import Digests
from storage.entries import Entries
from storage.evidence import EvidenceChain
from storage.figures import Figures, read_figures
from storage.files import DATABASE, RESTORING, TEXTS, make_private, sync_folder
from storage.grouping import Grouping
from storage.left_out import LeftOutPages
from storage.lock import WriterLock
from storage.matches import Matches
from storage.notices import Notices
from storage.orders import Orders
from storage.outbox import Outbox
from storage.pages import Pages
from storage.parcels import Parcels
from storage.proofs import Proofs
from storage.purging import Purges
from storage.restoring import carry_over
from storage.runs import Runs
from storage.schema import migrations
from storage.search import Search
from storage.source_days import SourceDays
from storage.sources import Sources
from storage.stories import Stories
from storage.texts import Texts
from storage.values import write_moment

# quick_check reads the whole file: half a second for so much on a small server.
CHECKED_AT_OPEN = 256 * 1024 * 1024

log = get_logger("storage")


class Storage:
    """Everything that is kept, for one thread of one process.

    One process at a time writes (and checkpoints); any number read beside it.
    Each public method of a subject is one transaction by itself, and joins `transaction` inside it.
    """

    def __init__(
        self, folder: Path, clock: Clock, *, connection: Connection, lock: WriterLock | None
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._connection = connection
        self._lock = lock
        self._session = str(uuid4())
        self.evidence = EvidenceChain(connection)
        self.sources = Sources(connection, clock)
        self.entries = Entries(connection)
        self.pages = Pages(connection)
        self.runs = Runs(connection, clock)
        self.articles = Articles(connection)
        self.matches = Matches(connection, self.articles)
        self.stories = Stories(connection)
        self.grouping = Grouping(connection)
        self.orders = Orders(connection, clock)
        self.digests = Digests(connection, clock)
        self.outbox = Outbox(connection, clock, session=self._session)
        self.notices = Notices(connection, clock)
        self.proofs = Proofs(connection)
        self.source_days = SourceDays(connection)
        self.coverage = Coverage(connection, clock)
        self.left_out = LeftOutPages(connection)
        self.archive_lists = ArchiveLists(connection, clock)
        self.archive_entries = ArchiveEntries(connection, clock)
        self.backfills = BackfillRequests(connection, clock)
        self.parcels = Parcels(connection, clock)
        self.search = Search(connection)
        self.blocks = Blocks(connection)
        self.purges = Purges(connection)
        self.blackening = Blackening(connection)
        self.texts = Texts(folder / TEXTS, writing=lock is not None)

    @classmethod
    def create(cls, folder: Path, clock: Clock) -> Storage:
        """Make the database in `folder` and open it for writing.

        Only `init`, `demo` and `run --new` may ask for this: a wrong `--data` must not begin an
        empty watch in silence. Refuses with StorageError where there is one already.
        A process killed in here leaves none.
        """
        with explained(folder / DATABASE, "making"), files_explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_private(folder)
            lock = WriterLock.take(folder, clock)
            try:
                _create_files(folder)
            except BaseException:
                lock.release(clean=True)
                raise
        lock.release(clean=True)
        return cls.open_writer(folder, clock)

    @classmethod
    def open_writer(cls, folder: Path, clock: Clock) -> Storage:
        """Open the database in `folder` for writing, and bring its schema up to date.

        Raises StorageMissing, StorageBusy (with who holds it), StorageTooNew, StorageCorrupt; never
        makes a new database in the place of a missing, empty or damaged one (FAULTS A7).
        """
        find_database(folder)
        return cls._open_writer(folder, clock)

    @classmethod
    def _open_writer(cls, folder: Path, clock: Clock) -> Storage:
        with files_explained(folder):
            make_private(folder)
            lock = WriterLock.take(folder, clock)
        try:
            with files_explained(folder):
                migrations.check_ours(folder / DATABASE, migrations.APPLICATION_ID)
            connection = Connection.open_writer(folder / DATABASE)
            try:
                _check_pages(connection, clean_before=lock.clean_before)
                done = migrations.migrate(connection, migrations.MAIN)
                if done:
                    log.info("schema brought up to date", migrations=list(done))
                return cls(folder, clock, connection=connection, lock=lock)
            except BaseException:
                connection.close()
                raise
        except BaseException:
            lock.release(clean=False)
            raise

    @classmethod
    def open_reader(cls, folder: Path, clock: Clock) -> Storage:
        """Open the database in `folder` read-only; works beside the writer and on a full disk."""
        path = find_database(folder)
        connection = migrations.open_reader(path)
        try:
            migrations.check_opened_is_ours(connection, migrations.APPLICATION_ID)
            migrations.check_known(connection, migrations.MAIN)
            migrations.check_current(connection, migrations.MAIN)
        except BaseException:
            connection.close()
            raise
        return cls(folder, clock, connection=connection, lock=None)

    def close(self) -> None:
        """Close; a writer checkpoints first and gives its lock back."""
        self.texts.close()
        try:
            self._connection.close()
        finally:
            if self._lock is not None:
                self._lock.release(clean=True)

    def __enter__(self) -> Storage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that happens inside together, or nothing of it.

        Inside another one it is a savepoint: what fails in it is undone, what surrounds it may go
        on. StorageFull rolls the whole back.
        """
        with self._connection.transaction():
            yield

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        return self._connection.in_transaction

    def next_commit(self, run_id: str | None = None) -> int:
        """Return a new commit sequence number, for what the present transaction will change.

        Refuses outside of `transaction` with StorageError: a number alone means nothing.
        """
        if not self._connection.in_transaction:
            raise StorageError("while numbering a commit: no transaction is open; begin one")
        cursor = self._connection.execute(
            """
            INSERT INTO commits (at, run_id)
            VALUES (:at, :run_id)
            """,
            {"at": write_moment(self._clock.now()), "run_id": run_id},
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def last_commit(self) -> int:
        """Return the newest commit sequence number, 0 before the first."""
        return self._connection.count("SELECT MAX(number) FROM commits")

    def health(self) -> StorageHealth:
        """Return sizes, versions and what a person must mend, for `status` and the log."""
        return health.measure(self._connection, self.folder)

    def read_figures(self, now: datetime) -> Figures:
        """Return counts for whoever watches the server; reads every index of what it counts."""
        return read_figures(self._connection, now)

    def check(self) -> tuple[str, ...]:
        """Return every problem that SQLite, the foreign keys and the ledger find; empty is good.

        Reads the whole database.
        """
        return health.check(self._connection) + self.runs.check_ledger()

    def checkpoint(self) -> None:
        """Write the WAL back into the database and cut it, as far as readers allow (FAULTS A9).

        SQLite does so by itself every 1,000 pages; the service asks for it when it is idle. Does
        not wait for a reader in the way: the next one cuts it.
        """
        self._connection.checkpoint()
        self.texts.checkpoint()

    def shrink(self) -> None:
        """Give the room of what was pruned back to the disk; not inside a transaction."""
        self._connection.shrink()

    def backup(self, path: Path) -> None:
        """Write a copy of the database to the file `path`, checked by reading it back.

        Works beside the writer. The file at `path` is replaced at the end, in one step: a kill or a
        full disk before that leaves the old backup as it was (FAULTS A14). The texts of pages that
        matched nothing are `texts.backup`; the kept bytes are files.
        """
        backups.write(self._connection, path)

    def carry_over(self, replaced: Path) -> int:
        """Take over what was sent after this database was backed up, from the one it replaces.

        Returns how many messages were delivered since; raises StorageError when the other database
        cannot be read, with nothing changed.
        """
        return carry_over(self._connection, replaced)

    @classmethod
    def restore(
        cls,
        folder: Path,
        backup: Path,
        clock: Clock,
        texts: Path | None = None,
        *,
        finish: Callable[[Storage, Path | None], None] | None = None,
    ) -> Path | None:
        """Put `backup` in the place of the database in `folder`; return where the old one now is.

        Refuses while a writer holds it, and when the backup is damaged or too new. Nothing is
        deleted. `texts` is a copy of the texts, put back where there are none. `finish` is given
        the restored database, and where the old one is, before anybody else can open it. A process
        killed in here or in `finish` leaves a folder that refuses to open until `restore` is run
        again, which goes on with the same old database.
        """
        with files_explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_private(folder)
            lock = WriterLock.take(folder, clock)
            try:
                if texts is not None and not (folder / TEXTS).exists():
                    backups.put_back(folder, texts, clock, kind=backups.TEXTS_KIND)
                aside = backups.put_back(folder, backup, clock)
            finally:
                lock.release(clean=True)
        if finish is not None:
            with cls._open_writer(folder, clock) as storage:
                finish(storage, aside)
        with files_explained(folder):
            backups.end_restore(folder)
        return aside


def _create_files(folder: Path) -> None:
    path = folder / DATABASE
    if path.exists():
        raise StorageError(
            f"while making {str(path)!r}: there is one already; do not ask for a new one to go on "
            "with it, or choose another folder (--data)"
        )
    unfinished = folder / f"{DATABASE}.new"
    for name in (unfinished.name, f"{unfinished.name}-wal", f"{unfinished.name}-shm"):
        (folder / name).unlink(missing_ok=True)
    migrations.create(unfinished, migrations.MAIN, migrations.APPLICATION_ID)
    unfinished.rename(path)
    sync_folder(folder)


def find_database(folder: Path) -> Path:
    """Return the file of the database in `folder`; raises StorageMissing, or StorageCorrupt."""
    path = folder / DATABASE
    if (folder / RESTORING).exists():
        raise StorageCorrupt(
            f"while opening {str(path)!r}: putting a backup back was interrupted; run it again "
            "(stationwatch restore)"
        )
    if not path.is_file():
        raise StorageMissing(
            f"while opening {str(path)!r}: there is no database; check --data, or make one "
            "(stationwatch init)"
        )
    return path


def _check_pages(connection: Connection, *, clean_before: bool) -> None:
    """Refuse a damaged database before anything is built on it; a large one only after a crash."""
    if clean_before and connection.path.stat().st_size > CHECKED_AT_OPEN:
        return
    problems = health.quick_check(connection)
    if problems:
        raise StorageCorrupt(
            f"while opening {str(connection.path)!r}: it is damaged ({problems[0]}); stop the "
            "service and put a backup back (stationwatch restore)"
        )


@contextmanager
def files_explained(folder: Path) -> Iterator[None]:
    """Turn what the file system says into one sentence with the cure."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise StorageError(
            f"while opening {str(folder)!r}: {reason.lower()}; give the user of this program a "
            "folder of its own that it may write (--data)"
        ) from error
