from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.errors import (
    StorageBusy,
    StorageCorrupt,
    StorageError,
    StorageMissing,
    StorageTooNew,
)
from monitor.model import RunKind
from storage.database import Storage
from storage.files import DATABASE
from storage.lock import find_holder
from tests.storage.building import Desk, HeldClock, make_article

# A forked child only writes its own database and is killed; no thread of ours matters to it.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

HOLDER = """
import sys, time
from pathlib import Path
from monitor.clock import SystemClock
from storage.database import Storage
storage = Storage.open_writer(Path(sys.argv[1]), SystemClock())
print("open", flush=True)
time.sleep(60)
"""


def damage(path: Path, at: int, length: int = 64) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * length)


def fill(folder: Path, clock: HeldClock, articles: int = 50) -> None:
    with Storage.create(folder, clock) as storage:
        desk = Desk(storage, clock)
        for number in range(articles):
            desk.tell(make_article(number, text=f"{number} " + "word " * 500))


def test_missing_database_is_named_and_not_made(folder: Path, clock: HeldClock) -> None:
    """FAULTS A7: a wrong --data must not begin an empty watch."""
    for opening in (Storage.open_writer, Storage.open_reader):
        with pytest.raises(StorageMissing, match="there is no database; check --data"):
            opening(folder, clock)
    assert not folder.exists()


def test_existing_database_is_not_made_again(folder: Path, clock: HeldClock) -> None:
    fill(folder, clock)
    with pytest.raises(StorageError, match="there is one already"):
        Storage.create(folder, clock)
    with Storage.open_reader(folder, clock) as storage:
        assert storage.last_commit() == 50


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="zero length"),
        pytest.param(b"a letter to the editor, not a database\n" * 400, id="another file"),
    ],
)
def test_what_is_no_database_is_refused_and_left_as_it_is(
    folder: Path, clock: HeldClock, content: bytes
) -> None:
    """FAULTS A7."""
    folder.mkdir()
    (folder / DATABASE).write_bytes(content)
    for opening in (Storage.open_writer, Storage.open_reader):
        with pytest.raises(StorageCorrupt, match="stationwatch restore"):
            opening(folder, clock)
    assert (folder / DATABASE).read_bytes() == content


def test_database_of_another_program_is_refused(folder: Path, clock: HeldClock) -> None:
    folder.mkdir()
    other = sqlite3.connect(folder / DATABASE)
    other.execute("CREATE TABLE songs (name TEXT)")
    other.commit()
    other.close()
    with pytest.raises(StorageCorrupt, match="no database of Stationwatch"):
        Storage.open_writer(folder, clock)


def test_damaged_page_is_refused_by_the_writer(folder: Path, clock: HeldClock) -> None:
    """FAULTS A7: found at the start, before anything is built on it."""
    fill(folder, clock)
    path = folder / DATABASE
    damage(path, at=path.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(StorageCorrupt, match=r"it is damaged .* put a backup back"):
        Storage.open_writer(folder, clock)
    assert find_holder(folder) is None


def test_cut_database_is_refused(folder: Path, clock: HeldClock) -> None:
    """FAULTS A7."""
    fill(folder, clock)
    path = folder / DATABASE
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(StorageCorrupt):
        Storage.open_writer(folder, clock)


def test_cut_wal_leaves_whole_transactions(folder: Path, clock: HeldClock, tmp_path: Path) -> None:
    """FAULTS A7: what the WAL still holds is taken whole, transaction by transaction."""
    with Storage.create(folder, clock) as storage:
        storage.checkpoint()
        desk = Desk(storage, clock)
        for number in range(5):
            desk.tell(make_article(number))
        wal = (folder / f"{DATABASE}-wal").read_bytes()
        database = (folder / DATABASE).read_bytes()
    for share in (0.2, 0.5, 0.9):
        copy = tmp_path / f"cut-{share}"
        copy.mkdir()
        (copy / DATABASE).write_bytes(database)
        (copy / f"{DATABASE}-wal").write_bytes(wal[: int(len(wal) * share)])
        with Storage.open_writer(copy, clock) as storage:
            assert storage.check() == ()
            told = storage.stories.changes_between(0, 100)
            assert [change.commit for change in told] == list(range(1, len(told) + 1))


def test_newer_schema_is_refused(folder: Path, clock: HeldClock) -> None:
    """FAULTS H4: an older program never touches what a newer one wrote."""
    fill(folder, clock, articles=1)
    raw = sqlite3.connect(folder / DATABASE)
    raw.execute(
        """
        INSERT INTO _sqlite_migrations (migration_set, name, applied_at)
        VALUES ('stationwatch', '9999 from the future', '2030-01-01')
        """
    )
    raw.commit()
    raw.close()
    for opening in (Storage.open_writer, Storage.open_reader):
        with pytest.raises(StorageTooNew, match="'9999 from the future'"):
            opening(folder, clock)


def test_second_writer_is_refused_with_the_first_ones_identity(
    folder: Path, clock: HeldClock
) -> None:
    """FAULTS A10."""
    fill(folder, clock, articles=1)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        holder = find_holder(folder)
        assert holder is not None
        assert holder.pid == first.pid
        with pytest.raises(StorageBusy, match=rf"process {first.pid} on .* holds it; stop that"):
            Storage.open_writer(folder, clock)
        with pytest.raises(StorageBusy):
            Storage.create(folder, clock)
        with Storage.open_reader(folder, clock) as reader:
            assert reader.last_commit() == 1
        first.kill()
    assert find_holder(folder) is None
    Storage.open_writer(folder, clock).close()


def test_second_writer_of_the_same_process_is_refused(
    folder: Path, clock: HeldClock, storage: Storage
) -> None:
    with pytest.raises(StorageBusy, match=f"process {os.getpid()}"):
        Storage.open_writer(folder, clock)
    assert storage.last_commit() == 0


def test_worker_that_outlives_a_killed_writer_holds_nothing(folder: Path, clock: HeldClock) -> None:
    """FAULTS A10: a forked worker inherits descriptors, but not the right to write."""
    fill(folder, clock, articles=1)
    read, write = os.pipe()
    writer = os.fork()
    if writer == 0:
        with contextlib.suppress(BaseException):
            opened = Storage.open_writer(folder, clock)
            worker = os.fork()
            if worker:
                os.write(write, json.dumps(worker).encode())
            time.sleep(30)
            opened.close()
        os._exit(0)
    os.close(write)
    worker = json.loads(os.read(read, 100))
    try:
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        assert find_holder(folder) is None
        with Storage.open_writer(folder, clock) as opened:
            assert opened.last_commit() == 1
        os.kill(worker, 0)  # it outlived all of this
    finally:
        os.kill(worker, signal.SIGKILL)
        os.close(read)


def test_storage_taken_over_a_fork_is_refused(storage: Storage) -> None:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with storage.transaction():
                pass
        except RuntimeError:
            status = 0
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_reader_sees_what_the_writer_commits_and_cannot_write(
    folder: Path, clock: HeldClock, desk: Desk
) -> None:
    with Storage.open_reader(folder, clock) as reader:
        assert reader.last_commit() == 0
        desk.tell()
        assert reader.last_commit() == 1
        with pytest.raises(StorageError, match="it may only be read"):
            reader.runs.begin(RunKind.POLL)


def test_reader_works_without_a_writer_in_a_folder_it_may_not_write(
    folder: Path, clock: HeldClock
) -> None:
    """FAULTS A7 (read-only): made real for root too, by a read-only mount of the folder."""
    fill(folder, clock, articles=3)
    script = (
        f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && "
        f"exec {sys.executable} -c '"
        "from pathlib import Path; from monitor.clock import SystemClock; "
        "from storage.database import Storage; "
        f'print(Storage.open_reader(Path("{folder}"), SystemClock()).last_commit()); '
        f'Storage.open_writer(Path("{folder}"), SystemClock())'
        "'"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine allows no mount namespace")
    assert done.stdout == "3\n"
    assert "StorageError: while opening" in done.stderr
    assert "read-only file system" in done.stderr


def test_files_are_for_their_owner_only(folder: Path, clock: HeldClock, desk: Desk) -> None:
    """FAULTS H3."""
    desk.tell()
    desk.storage.texts.count()
    desk.storage.backup(folder / "backups" / "today.db")
    found = list(folder.rglob("*"))
    assert {path.name for path in found} >= {DATABASE, f"{DATABASE}-wal", "texts.db", "today.db"}
    for path in (folder, *found):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert desk.storage.health().rights_problem is None


def test_rights_of_others_are_taken_away_at_the_start(folder: Path, clock: HeldClock) -> None:
    """FAULTS H3."""
    fill(folder, clock, articles=1)
    folder.chmod(0o755)
    (folder / DATABASE).chmod(0o644)
    with Storage.open_reader(folder, clock) as reader:
        problem = reader.health().rights_problem
    assert problem is not None
    assert "chmod" in problem
    with Storage.open_writer(folder, clock) as storage:
        assert storage.health().rights_problem is None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_kill_while_making_leaves_no_database(folder: Path, clock: HeldClock) -> None:
    """A half-made database must not look like an empty watch."""
    folder.mkdir()
    (folder / f"{DATABASE}.new").write_bytes(b"half")
    (folder / f"{DATABASE}.new-wal").write_bytes(b"half")
    with pytest.raises(StorageMissing):
        Storage.open_writer(folder, clock)
    with Storage.create(folder, clock) as storage:
        assert storage.check() == ()


def test_health_says_what_stands(desk: Desk) -> None:
    """FAULTS A8: the warning depends on the SQLite that runs here."""
    desk.tell()
    health = desk.storage.health()
    assert health.database_bytes > 0
    assert health.wal_bytes > 0
    assert health.schema >= 1
    assert health.sqlite_version == sqlite3.sqlite_version
    assert (health.sqlite_problem is None) == (sqlite3.sqlite_version_info >= (3, 51, 3))
